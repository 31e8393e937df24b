// Step 1: which rows. A segment is taken as it stands; of an upload all rows, or those that match.
import { Button, Group, Paper, Stack, Text, Title } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { ArrowRight } from "lucide-react";
import { profileQuery } from "../../api/tables";
import { AddFilter } from "../../filter/AddFilter";
import { FilterChips } from "../../filter/FilterChips";
import { ErrorNote } from "../../kit/ErrorNote";
import { count, plural } from "../../kit/format";
import { LinkAnchor } from "../../kit/links";
import { StepFooter } from "../../kit/StepFooter";
import type { Source } from "../model";
import { definitionQuery } from "../queries";
import { rowsWish } from "./plan";
import type { Planning } from "./planning";

export function RowsStep({ planning }: { planning: Planning }) {
  const { source, filter, address, rows, name } = planning;
  const matching = useQuery(definitionQuery(rowsWish(source, filter)));
  const found = matching.data?.rows_total;
  const what = source.kind === "segment" ? "member" : "row";
  return (
    <Stack gap="md">
      <Stack gap={4}>
        <Title order={2}>Which people leave</Title>
        <Text c="dimmed" size="sm">
          {source.kind === "segment"
            ? "The segment as it is when the export starts; a live one is brought up to date first. What changes afterwards changes nothing of the export."
            : "The table as it is when the export starts. What is edited afterwards changes nothing of the export."}
        </Text>
      </Stack>
      <Paper withBorder p="md">
        <Stack gap="sm">
          <Text fw={600}>
            {source.kind === "segment" ? "Segment" : "Upload"}{" "}
            <LinkAnchor to={pathOf(source)} fw={600}>
              {name}
            </LinkAnchor>
          </Text>
          {source.kind === "upload" && <Filters planning={planning} />}
          <Text size="sm" role="status" aria-live="polite">
            {matching.isError ? "" : found === undefined ? "Counting…" : filter === null ? `${plural(found, what)}.` : `${count(found)} of ${plural(rows, what)} match.`}
          </Text>
          {matching.isError && <ErrorNote error={matching.error} onRetry={() => void matching.refetch()} />}
        </Stack>
      </Paper>
      <LinkAnchor to="/exports/new" search={{}} size="sm" w="fit-content">
        Choose another segment or upload
      </LinkAnchor>
      <StepFooter note={found === 0 ? "No row would leave." : ""}>
        <Button disabled={found === undefined || found === 0} rightSection={<ArrowRight size={16} aria-hidden />} onClick={() => address.go("where")}>
          Choose where it goes
        </Button>
      </StepFooter>
    </Stack>
  );
}

/** Segments have rooms of their own; both are led to by their address. */
const pathOf = ({ kind, id }: Source): string => (kind === "segment" ? `/segments/${id}` : `/uploads/${id}`);

function Filters({ planning }: { planning: Planning }) {
  const { address, source } = planning;
  const { filters, filterError, setFilters } = address;
  const profile = useQuery(profileQuery(source.id));
  const columns = profile.data?.columns ?? [];
  const typeOf = (field: string) => columns.find((column) => column.name === field)?.type ?? "text";
  return (
    <>
      {filterError !== null && <ErrorNote error={filterError} onRetry={() => setFilters([])} />}
      {profile.isError && <ErrorNote error={profile.error} onRetry={() => void profile.refetch()} />}
      <Group gap="xs">
        <AddFilter columns={columns} onAdd={(condition) => setFilters([...filters, condition])} />
        <FilterChips filters={filters} typeOf={typeOf} onChange={setFilters} />
      </Group>
    </>
  );
}
