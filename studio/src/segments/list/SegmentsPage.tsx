// Segments: how large each is, how that changed, what it is made from.
import { Alert, Button, Group, Skeleton, Stack, Text } from "@mantine/core";
import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { Plus, Users } from "lucide-react";
import { readyUploadsQuery } from "../../api/tables";
import { EmptyState } from "../../kit/EmptyState";
import { ErrorNote } from "../../kit/ErrorNote";
import { plural } from "../../kit/format";
import { LinkButton } from "../../kit/links";
import { Page } from "../../kit/Page";
import { segmentsQuery } from "../queries";
import { useRights } from "../rights";
import { useSegmentActions } from "../useSegmentActions";
import { isNarrowed, useListWish } from "./address";
import { SegmentFilters } from "./SegmentFilters";
import { SegmentList } from "./SegmentList";

export function SegmentsPage() {
  const [wish, change] = useListWish();
  const { mayWrite } = useRights();
  const list = useInfiniteQuery({ ...segmentsQuery(wish), placeholderData: (before) => before });
  const segments = list.data?.pages.flatMap((page) => page.segments) ?? [];
  const total = list.data?.pages[0]?.total ?? 0;
  const actions = useSegmentActions();
  const isStale = list.isPlaceholderData;
  return (
    <Page
      title="Segments"
      actions={
        mayWrite && (
          <LinkButton to="/segments/new" leftSection={<Plus size={16} aria-hidden />}>
            New segment
          </LinkButton>
        )
      }
    >
      {(isNarrowed(wish) || segments.length > 0) && <SegmentFilters wish={wish} known={segments} onChange={change} />}
      {list.isPending && <Waiting />}
      {list.error !== null && list.data === undefined && <ErrorNote error={list.error} onRetry={() => void list.refetch()} />}
      {list.error !== null && list.data !== undefined && (
        <Alert variant="default" role="status" mb="sm">
          The list may be old: {list.error.message}
        </Alert>
      )}
      {list.isSuccess && !isStale && segments.length === 0 && (isNarrowed(wish) ? <NoMatch onClear={() => change({ q: "", tag: "", kind: "", uploadId: "" })} /> : <NothingYet mayWrite={mayWrite} />)}
      {segments.length > 0 && (
        <div style={isStale ? { opacity: 0.55 } : undefined} aria-busy={isStale}>
          <SegmentList segments={segments} onAction={actions.run} onTag={(tag) => change({ tag })} />
          <Group justify="space-between" mt="sm">
            <Text size="sm" c="dimmed" role="status">
              {segments.length < total ? `${segments.length} of ${plural(total, "segment")}` : plural(total, "segment")}
            </Text>
            {list.hasNextPage && (
              <Button variant="default" loading={list.isFetchingNextPage} onClick={() => void list.fetchNextPage()}>
                Load more
              </Button>
            )}
          </Group>
        </div>
      )}
      {actions.shown}
    </Page>
  );
}

function NoMatch({ onClear }: { onClear: () => void }) {
  return (
    <EmptyState title="No segment matches" text="Nothing has this name, tag, kind and upload.">
      <Button variant="default" onClick={onClear}>
        Clear the filters
      </Button>
    </EmptyState>
  );
}

function NothingYet({ mayWrite }: { mayWrite: boolean }) {
  const { data: ready } = useQuery(readyUploadsQuery);
  return (
    <EmptyState
      icon={<Users size={32} color="var(--muted)" aria-hidden />}
      title="Choose whom you speak to"
      text="A segment is a named choice of people from one upload or several: by conditions, each person once, with those you add or leave out by hand. A live one follows its tables; a snapshot keeps what it found."
    >
      <Group gap="sm" justify="center">
        {mayWrite && ready !== undefined && ready.length > 0 && <LinkButton to="/segments/new">Build the first segment</LinkButton>}
        <LinkButton to="/uploads" variant="default">
          {ready?.length === 0 ? "Bring a file in first" : "Go to your uploads"}
        </LinkButton>
      </Group>
    </EmptyState>
  );
}

function Waiting() {
  return (
    <Stack gap={8} aria-busy aria-label="Loading the segments" role="status">
      <Skeleton height={36} />
      {Array.from({ length: 6 }, (_, row) => (
        <Skeleton key={row} height={60} />
      ))}
    </Stack>
  );
}
