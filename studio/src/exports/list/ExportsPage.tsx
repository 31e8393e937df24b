// Exports, the newest first: from where, to where, how many rows went and how many did not.
import { Button, Group, Skeleton, Stack, Text } from "@mantine/core";
import { useInfiniteQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { Plus, Send } from "lucide-react";
import { EmptyState } from "../../kit/EmptyState";
import { ErrorNote } from "../../kit/ErrorNote";
import { plural } from "../../kit/format";
import { LinkButton } from "../../kit/links";
import { Page } from "../../kit/Page";
import { ExportTabs } from "../ExportTabs";
import { type ExportFilter, exportsQuery } from "../queries";
import { ExportFilters } from "./ExportFilters";
import { ExportList } from "./ExportList";

const ALL: ExportFilter = { status: "", segmentId: "", uploadId: "", scheduleId: "", destination: "" };

export function ExportsPage() {
  const search = useSearch({ strict: false });
  const navigate = useNavigate();
  const filter: ExportFilter = {
    status: search.status ?? "",
    segmentId: search.segment ?? "",
    uploadId: search.upload ?? "",
    scheduleId: search.schedule ?? "",
    destination: search.destination ?? "",
  };
  const isNarrowed = Object.values(filter).some((value) => value !== "");
  const exports = useInfiniteQuery(exportsQuery(filter));
  const all = exports.data?.pages.flatMap((page) => page.exports) ?? [];
  const total = exports.data?.pages[0]?.total ?? 0;
  const narrow = ({ status, segmentId, uploadId, scheduleId, destination }: ExportFilter) =>
    void navigate({
      to: "/exports",
      search: { status: status || undefined, segment: segmentId || undefined, upload: uploadId || undefined, schedule: scheduleId || undefined, destination: destination || undefined },
      replace: true,
    });
  return (
    <Page
      title="Exports"
      actions={
        <LinkButton to="/exports/new" search={newSearch(filter)} leftSection={<Plus size={16} aria-hidden />}>
          New export
        </LinkButton>
      }
    >
      <ExportTabs />
      {(isNarrowed || all.length > 0) && <ExportFilters filter={filter} known={all} onChange={narrow} />}
      {exports.isPending && <Waiting />}
      {exports.isError && all.length === 0 && <ErrorNote error={exports.error} onRetry={() => void exports.refetch()} />}
      {exports.isSuccess &&
        all.length === 0 &&
        (isNarrowed ? (
          <EmptyState title="No export matches" text="No export has this status, source and destination.">
            <Button variant="default" onClick={() => narrow(ALL)}>
              Clear the filters
            </Button>
          </EmptyState>
        ) : (
          <NothingYet />
        ))}
      {all.length > 0 && (
        <>
          <ExportList exports={all} />
          <Group justify="space-between" mt="sm">
            <Text size="sm" c="dimmed" role="status">
              {all.length < total ? `${all.length} of ${plural(total, "export")}` : plural(total, "export")}
            </Text>
            {exports.hasNextPage && (
              <Button variant="default" loading={exports.isFetchingNextPage} onClick={() => void exports.fetchNextPage()}>
                Show older
              </Button>
            )}
          </Group>
        </>
      )}
    </Page>
  );
}

/** Whoever looks at the exports of one source and wants another means that source. */
function newSearch({ segmentId, uploadId }: ExportFilter): Record<string, string> {
  return segmentId !== "" ? { segment: segmentId } : uploadId !== "" ? { upload: uploadId } : {};
}

function NothingYet() {
  return (
    <EmptyState
      icon={<Send size={32} color="var(--muted)" aria-hidden />}
      title="Take your audience where it is needed"
      text="As a file to download, into a bucket, a database or an endpoint of yours, or hashed to Google and Meta. People on the suppression list never leave."
    >
      <LinkButton to="/exports/new">Make the first export</LinkButton>
    </EmptyState>
  );
}

function Waiting() {
  return (
    <Stack gap={8} aria-busy aria-label="Loading the exports" role="status">
      <Skeleton height={36} />
      {Array.from({ length: 6 }, (_, row) => (
        <Skeleton key={row} height={52} />
      ))}
    </Stack>
  );
}
