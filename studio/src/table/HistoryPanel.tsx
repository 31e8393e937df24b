// What was changed in this table, by whom, and the way back for the newest change.
import { Button, Group, Skeleton, Stack, Text } from "@mantine/core";
import { useInfiniteQuery } from "@tanstack/react-query";
import { Undo2 } from "lucide-react";
import { useState } from "react";
import { EmptyState } from "../kit/EmptyState";
import { ErrorNote } from "../kit/ErrorNote";
import { plural } from "../kit/format";
import { When } from "../kit/When";
import { changesQuery, type TableChange } from "./queries";
import { SidePanel } from "../kit/SidePanel";

interface HistoryPanelProps {
  uploadId: string;
  canEdit: boolean;
  onUndo: (changeId: number) => Promise<void>;
  onClose: () => void;
}

export function HistoryPanel({ uploadId, canEdit, onUndo, onClose }: HistoryPanelProps) {
  const { data, error, isPending, refetch, hasNextPage, fetchNextPage, isFetchingNextPage } = useInfiniteQuery(changesQuery(uploadId));
  const changes = data?.pages.flatMap((page) => page.changes) ?? [];
  const newest = changes.find(isNextBack);
  return (
    <SidePanel title="History" onClose={onClose}>
      {error !== null && <ErrorNote error={error} onRetry={() => void refetch()} />}
      {isPending && <Skeleton height={240} />}
      {data !== undefined && changes.length === 0 && <EmptyState title="Nothing was changed yet" text="Edits of cells are listed here and can be taken back." />}
      <Stack component="ol" gap="md" m={0} p={0} style={{ listStyle: "none" }}>
        {changes.map((change) => (
          <Change key={change.change_id} change={change} undo={canEdit && change === newest ? onUndo : null} />
        ))}
      </Stack>
      {hasNextPage && (
        <Button variant="default" mt="md" loading={isFetchingNextPage} onClick={() => void fetchNextPage()}>
          Older changes
        </Button>
      )}
    </SidePanel>
  );
}

/** Rows that were added stay; the server passes over that change to the one before it. */
function isNextBack({ kind, undone_at: undoneAt }: TableChange): boolean {
  return undoneAt === null && kind !== "retry";
}

const KINDS: Record<string, string> = {
  cells: "Cells edited",
  filter: "All matching rows edited",
  retry: "Corrected rejects added",
  enrichment: "Enriched",
};

function actorWords(actor: string): string {
  if (actor.startsWith("key:")) return "through an API key";
  if (actor === "enrichment") return "by a run";
  return actor === "session" || actor === "oidc" ? "in Studio" : actor;
}

interface ChangeProps {
  change: TableChange;
  undo: ((changeId: number) => Promise<void>) | null;
}

function Change({ change, undo }: ChangeProps) {
  const [isBusy, setBusy] = useState(false);
  const isUndone = change.undone_at !== null;
  const take = async (back: (changeId: number) => Promise<void>) => {
    setBusy(true);
    await back(change.change_id);
    setBusy(false);
  };
  return (
    <Group component="li" justify="space-between" wrap="nowrap" align="flex-start">
      <div style={{ minWidth: 0 }}>
        <Text size="sm" fw={600} td={isUndone ? "line-through" : undefined}>
          {KINDS[change.kind] ?? change.kind}
        </Text>
        <Text size="sm" style={{ overflowWrap: "anywhere" }}>
          {change.columns.join(", ")}
          {change.columns.length > 0 && " in "}
          {plural(change.rows, "row")}
        </Text>
        <Text size="xs" c="dimmed">
          <When at={change.at} />, {actorWords(change.actor)}
          {change.undone_at !== null && (
            <>
              ; taken back <When at={change.undone_at} />
            </>
          )}
        </Text>
      </div>
      {undo !== null && (
        <Button size="xs" variant="default" loading={isBusy} leftSection={<Undo2 size={14} aria-hidden />} onClick={() => void take(undo)}>
          Undo
        </Button>
      )}
    </Group>
  );
}
