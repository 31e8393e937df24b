// Before the first step: which segment, or which upload.
import { Group, Paper, Select, Skeleton, Stack, Text, Title } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Users } from "lucide-react";
import { readyUploadsQuery } from "../../api/tables";
import { EmptyState } from "../../kit/EmptyState";
import { ErrorNote } from "../../kit/ErrorNote";
import { plural } from "../../kit/format";
import { LinkButton } from "../../kit/links";
import { offeredSegmentsQuery } from "../queries";
import type { Address } from "./address";

export function ChooseSource({ address }: { address: Address }) {
  const segments = useQuery(offeredSegmentsQuery);
  const uploads = useQuery(readyUploadsQuery);
  const error = segments.error ?? uploads.error;
  if (error !== null) return <ErrorNote error={error} onRetry={() => void (segments.isError ? segments.refetch() : uploads.refetch())} />;
  if (segments.data === undefined || uploads.data === undefined) return <Skeleton height={180} aria-busy="true" />;
  if (segments.data.length === 0 && uploads.data.length === 0) {
    return (
      <EmptyState icon={<Users size={32} color="var(--muted)" aria-hidden />} title="There is nothing to export yet" text="Bring a file in first. Its rows can be exported as soon as they are in a table, all of them or a segment.">
        <LinkButton to="/uploads">Bring a file in</LinkButton>
      </EmptyState>
    );
  }
  return (
    <Paper withBorder p="lg" maw={720}>
      <Stack gap="md">
        <Stack gap={4}>
          <Title order={2}>Whom do you want to export?</Title>
          <Text c="dimmed" size="sm">
            A segment is a choice of people that can follow its tables. An upload is one table, whole or filtered.
          </Text>
        </Stack>
        <Group align="flex-start" gap="md" grow preventGrowOverflow={false}>
          <Select
            label="A segment"
            placeholder={segments.data.length === 0 ? "There is none yet" : "Choose one"}
            disabled={segments.data.length === 0}
            searchable
            miw={220}
            data={segments.data.map(({ id, name, count }) => ({ value: id, label: count === null ? name : `${name} (${plural(count, "member")})` }))}
            value={null}
            onChange={(id) => id !== null && address.setSource({ kind: "segment", id })}
            nothingFoundMessage="No such segment"
          />
          <Select
            label="Or an upload"
            placeholder={uploads.data.length === 0 ? "None is ready yet" : "Choose one"}
            disabled={uploads.data.length === 0}
            searchable
            miw={220}
            data={uploads.data.map(({ upload_id, upload_name, rows_accepted }) => ({ value: upload_id, label: `${upload_name} (${plural(rows_accepted, "row")})` }))}
            value={null}
            onChange={(id) => id !== null && address.setSource({ kind: "upload", id })}
            nothingFoundMessage="No such upload"
          />
        </Group>
      </Stack>
    </Paper>
  );
}
