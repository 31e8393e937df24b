// Runs of enrichment, the newest first: how far each is, what it found, what it cost.
import { Button, Group, Skeleton, Stack, Text } from "@mantine/core";
import { useInfiniteQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { Sparkles } from "lucide-react";
import { EmptyState } from "../kit/EmptyState";
import { ErrorNote } from "../kit/ErrorNote";
import { plural } from "../kit/format";
import { LinkButton } from "../kit/links";
import { Page } from "../kit/Page";
import { EnrichTabs } from "./EnrichTabs";
import { type RunFilter, runsQuery } from "./queries";
import { RunFilters } from "./RunFilters";
import { RunList } from "./RunList";

export function RunsPage() {
  const search = useSearch({ strict: false });
  const navigate = useNavigate();
  const filter: RunFilter = { status: search.status ?? "", uploadId: search.upload ?? "" };
  const isNarrowed = filter.status !== "" || filter.uploadId !== "";
  const runs = useInfiniteQuery(runsQuery(filter));
  const all = runs.data?.pages.flatMap((page) => page.runs) ?? [];
  const total = runs.data?.pages[0]?.total ?? 0;
  const narrow = ({ status, uploadId }: RunFilter) =>
    void navigate({ to: "/enrichments", search: { status: status || undefined, upload: uploadId || undefined }, replace: true });
  return (
    <Page title="Enrichments">
      <EnrichTabs />
      {(isNarrowed || all.length > 0) && <RunFilters filter={filter} known={all} onChange={narrow} />}
      {runs.isPending && <Waiting />}
      {runs.isError && all.length === 0 && <ErrorNote error={runs.error} onRetry={() => void runs.refetch()} />}
      {runs.isSuccess &&
        all.length === 0 &&
        (isNarrowed ? (
          <EmptyState title="No run matches" text="No run has this status and upload.">
            <Button variant="default" onClick={() => narrow({ status: "", uploadId: "" })}>
              Clear the filters
            </Button>
          </EmptyState>
        ) : (
          <NothingYet />
        ))}
      {all.length > 0 && (
        <>
          <RunList runs={all} />
          <Group justify="space-between" mt="sm">
            <Text size="sm" c="dimmed" role="status">
              {all.length < total ? `${all.length} of ${plural(total, "run")}` : plural(total, "run")}
            </Text>
            {runs.hasNextPage && (
              <Button variant="default" loading={runs.isFetchingNextPage} onClick={() => void runs.fetchNextPage()}>
                Show older
              </Button>
            )}
          </Group>
        </>
      )}
    </Page>
  );
}

function NothingYet() {
  return (
    <EmptyState
      icon={<Sparkles size={32} color="var(--muted)" aria-hidden />}
      title="Fill in what is missing"
      text="Open a table and press “Enrich”: choose what is missing, say who is asked and in which order, and see what it would find and cost before anything is stored."
    >
      <LinkButton to="/uploads">Choose a table</LinkButton>
    </EmptyState>
  );
}

function Waiting() {
  return (
    <Stack gap={8} aria-busy aria-label="Loading the runs" role="status">
      <Skeleton height={36} />
      {Array.from({ length: 6 }, (_, row) => (
        <Skeleton key={row} height={52} />
      ))}
    </Stack>
  );
}
