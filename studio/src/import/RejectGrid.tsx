// A page of rows that were set aside: cells corrected in place, rows checked again one by one or together.
import { Button, Group, Skeleton, Text, Title } from "@mantine/core";
import { keepPreviousData, useQuery, useQueryClient } from "@tanstack/react-query";
import { ChevronLeft, ChevronRight } from "lucide-react";
import { useState } from "react";
import { count, plural } from "../kit/format";
import { ConfirmModal } from "../kit/ConfirmModal";
import { ErrorNote } from "../kit/ErrorNote";
import { useKept } from "../kit/kept";
import { tell, tellError } from "../kit/toast";
import { titleOfCause } from "./causes";
import { useColumns } from "./columns";
import { inWords } from "./fields";
import { discard } from "./fixing";
import { type Upload, uploadKey } from "./queries";
import { RawRowModal } from "./RawRowModal";
import { RejectTable } from "./RejectTable";
import { type Edits, type IssueGroup, PAGE_ROWS, type Reject, rejectsQuery, retry } from "./rejects";

interface RejectGridProps {
  upload: Upload;
  /** null: all causes. */
  group: IssueGroup | null;
  offset: number;
  onPage: (offset: number) => void;
}

export function RejectGrid({ upload, group, offset, onPage }: RejectGridProps) {
  const cache = useQueryClient();
  const columns = useColumns(upload);
  const cause = group === null ? null : { code: group.code, field: group.field ?? "" };
  const { data: page, error, refetch, isPlaceholderData } = useQuery({ ...rejectsQuery(upload.upload_id, cause, offset), placeholderData: keepPreviousData });
  const [kept, keep] = useKept<Edits>(`import:${upload.upload_id}:edits`);
  const [isBusy, setBusy] = useState(false);
  const [raw, setRaw] = useState<Reject | null>(null);
  const [discarding, setDiscarding] = useState<Reject | null>(null);
  const edits = kept ?? {};
  if (error !== null && page === undefined) return <ErrorNote error={error} onRetry={() => void refetch()} />;
  if (page === undefined) return <Skeleton height={320} aria-busy="true" />;
  const refresh = () => cache.invalidateQueries({ queryKey: uploadKey(upload.upload_id) });
  const forget = (rows: readonly number[]) => {
    const left = Object.entries(edits).filter(([row]) => !rows.includes(Number(row)));
    keep(left.length === 0 ? null : Object.fromEntries(left));
  };
  const check = async (rows: readonly { row: number; values: Readonly<Record<string, string | null>> }[]) => {
    setBusy(true);
    try {
      const outcome = await retry(upload.upload_id, rows);
      forget(rows.map(({ row }) => row));
      const [firstFailed] = outcome.results.filter((result) => result.status === "error");
      const joined = outcome.accepted > 0 ? `${plural(outcome.accepted, "row")} joined the table. ` : "";
      if (firstFailed === undefined) tell(joined.trim());
      else tellError(`${joined}${plural(outcome.failed, "row")} still ${outcome.failed === 1 ? "needs" : "need"} fixing`, new Error(`Row ${firstFailed.row + 1}: ${inWords(firstFailed.message ?? "")}`));
    } finally {
      setBusy(false);
      await refresh();
    }
  };
  const checkRejects = (rejects: readonly Reject[]) =>
    void check(rejects.map((reject) => ({ row: reject.row, values: { ...reject.values, ...edits[reject.row] } }))).catch((failure: unknown) => tellError("The rows could not be checked", failure));
  const changed = page.rejects.filter((reject) => reject.row in edits);
  const elsewhere = Object.keys(edits).length - changed.length;
  return (
    <section aria-label="Rows set aside">
      <Group justify="space-between" mb="xs" mih={32} gap="xs">
        <Title order={3}>{group === null ? "All rows set aside" : titleOfCause(group)}</Title>
        <Group gap="xs">
          {changed.length > 0 && (
            <>
              <Text size="sm" c="dimmed" role="status">
                {plural(changed.length, "row")} changed{elsewhere > 0 ? `, ${count(elsewhere)} elsewhere` : ""}
              </Text>
              <Button variant="default" size="compact-sm" onClick={() => forget(changed.map((reject) => reject.row))}>
                Undo changes
              </Button>
              <Button size="compact-sm" loading={isBusy} onClick={() => checkRejects(changed)}>
                Check {plural(changed.length, "changed row")}
              </Button>
            </>
          )}
          {changed.length === 0 && (
            <Text size="sm" c="dimmed">
              Click a cell or press Enter to correct it.
            </Text>
          )}
        </Group>
      </Group>
      <RejectTable
        rejects={page.rejects}
        columns={columns}
        edits={edits}
        hasReasons={group === null}
        isStale={isPlaceholderData}
        isBusy={isBusy}
        onEdit={(row, name, value) => keep({ ...edits, [row]: { ...edits[row], [name]: value } })}
        onCheck={(reject) => checkRejects([reject])}
        onDiscard={setDiscarding}
        onRaw={setRaw}
      />
      {page.total > PAGE_ROWS && <Pages offset={offset} total={page.total} onPage={onPage} />}
      {raw !== null && <RawRowModal reject={raw} columns={columns} onSave={(values) => check([{ row: raw.row, values }])} onClose={() => setRaw(null)} />}
      {discarding !== null && (
        <ConfirmModal
          title={`Discard row ${discarding.row + 1}?`}
          confirmLabel="Discard the row"
          onClose={() => setDiscarding(null)}
          onConfirm={async () => {
            await discard(upload.upload_id, [discarding.row]);
            forget([discarding.row]);
            await refresh();
          }}
        >
          <Text size="sm">It is not brought into the table, and what stood in it is forgotten here. The file you uploaded stays as it is; the row still counts as rejected.</Text>
        </ConfirmModal>
      )}
    </section>
  );
}

function Pages({ offset, total, onPage }: { offset: number; total: number; onPage: (offset: number) => void }) {
  return (
    <Group justify="space-between" mt="xs" component="nav" aria-label="Pages of rows">
      <Button variant="default" size="compact-sm" disabled={offset === 0} leftSection={<ChevronLeft size={14} aria-hidden />} onClick={() => onPage(Math.max(0, offset - PAGE_ROWS))}>
        Before
      </Button>
      <Text size="sm" c="dimmed">
        {count(offset + 1)} to {count(Math.min(total, offset + PAGE_ROWS))} of {count(total)}
      </Text>
      <Button variant="default" size="compact-sm" disabled={offset + PAGE_ROWS >= total} rightSection={<ChevronRight size={14} aria-hidden />} onClick={() => onPage(offset + PAGE_ROWS)}>
        Next
      </Button>
    </Group>
  );
}
