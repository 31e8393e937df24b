// One correction for all rows of a cause: chosen, tried at once without changing anything, then applied.
import { Button, Group, NativeSelect, Paper, Stack, Text, TextInput, Title } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { keepPreviousData, useQuery, useQueryClient } from "@tanstack/react-query";
import { Wand2 } from "lucide-react";
import { useState } from "react";
import { count, plural } from "../kit/format";
import { ConfirmModal } from "../kit/ConfirmModal";
import { ErrorNote } from "../kit/ErrorNote";
import { tell } from "../kit/toast";
import { ACTION_LABELS, ACTIONS, type ActionName, applyFix, type Fix, isComplete, tryFix } from "./fixing";
import { IDENTITY_FIELDS, inWords, labelOfField } from "./fields";
import { type Upload, uploadKey } from "./queries";
import type { IssueGroup } from "./rejects";
import { TryResult } from "./TryResult";
import { useColumns } from "./columns";

const TYPING_MS = 300;

export function FixAll({ upload, group }: { upload: Upload; group: IssueGroup }) {
  const cache = useQueryClient();
  const columns = useColumns(upload);
  const [first] = group.fixes;
  const offered = [...group.fixes, ...ACTIONS.filter((action) => !group.fixes.includes(action) && !(action === "suggest" && group.suggestion === null))] as ActionName[];
  const identity = columns.fields.find((field) => (IDENTITY_FIELDS as readonly string[]).includes(field)) ?? "email";
  const [chosen, setFix] = useState<Partial<Fix>>({});
  const fix: Fix = { action: (first ?? "set") as ActionName, field: group.field ?? identity, find: "", replace: "", value: "", ...chosen };
  const [tried] = useDebouncedValue(fix, TYPING_MS);
  const [isAsking, setAsking] = useState(false);
  const [done, setDone] = useState<number | null>(null);
  const [error, setError] = useState<unknown>(null);
  const cause = { code: group.code, field: group.field ?? "" };
  const trial = useQuery({
    // Not under the upload's own key: after it was applied there is nothing left to try on until the causes are known anew.
    queryKey: ["import-try", upload.upload_id, cause, tried, group.rows],
    queryFn: ({ signal }) => tryFix({ uploadId: upload.upload_id, cause, fix: tried }, signal),
    enabled: isComplete(tried),
    placeholderData: keepPreviousData,
  });
  const isStale = trial.isPlaceholderData || JSON.stringify(tried) !== JSON.stringify(fix);
  const apply = async () => {
    setError(null);
    setDone(0);
    try {
      const outcome = await applyFix({ uploadId: upload.upload_id, cause, fix }, setDone);
      tell(outcome.discarded > 0 ? `${plural(outcome.discarded, "row")} discarded.` : `${plural(outcome.accepted, "row")} joined the table${outcome.failed > 0 ? `; ${count(outcome.failed)} still need fixing` : ""}.`);
    } finally {
      setDone(null);
      await cache.invalidateQueries({ queryKey: uploadKey(upload.upload_id) });
    }
  };
  const change = (changes: Partial<Fix>) => setFix({ ...chosen, ...changes });
  const isDrop = fix.action === "drop";
  const mends = trial.data === undefined ? 0 : trial.data.accepted + trial.data.failed + trial.data.discarded;
  return (
    <Paper withBorder radius="md" p="md" component="section" aria-label="Fix all alike">
      <Stack gap="sm">
        <Group gap="xs">
          <Wand2 size={16} aria-hidden />
          <Title order={3}>{group.rows === 1 ? "Fix it" : `Fix all ${count(group.rows)} alike`}</Title>
        </Group>
        <Text size="sm">{inWords(group.message)}</Text>
        <Group gap="sm" align="flex-end">
          <NativeSelect label="What to do" value={fix.action} onChange={(event) => change({ action: event.currentTarget.value as ActionName })} data={offered.map((action) => ({ value: action, label: ACTION_LABELS[action] }))} />
          {!isDrop && (
            <NativeSelect
              label="In the column"
              value={fix.field}
              onChange={(event) => change({ field: event.currentTarget.value })}
              data={[...new Set([fix.field, ...columns.fields])].map((field) => ({ value: field, label: labelOfField(field) }))}
            />
          )}
          {fix.action === "replace" && (
            <>
              <TextInput label="Find" value={fix.find} maxLength={1000} onChange={(event) => change({ find: event.currentTarget.value })} />
              <TextInput label="Replace with" value={fix.replace} maxLength={1000} onChange={(event) => change({ replace: event.currentTarget.value })} />
            </>
          )}
          {fix.action === "set" && <TextInput label="Value for every row" value={fix.value} onChange={(event) => change({ value: event.currentTarget.value })} />}
          <Button
            color={isDrop ? "red" : "indigo"}
            variant={isDrop ? "outline" : "filled"}
            disabled={!isComplete(fix) || isStale || trial.data === undefined || mends === 0}
            loading={done !== null}
            onClick={() => (isDrop ? setAsking(true) : void apply().catch(setError))}
          >
            {isDrop ? "Discard…" : group.rows === 1 ? "Apply" : "Apply to all"}
          </Button>
        </Group>
        <TryResult trial={isComplete(fix) ? (trial.data ?? null) : null} isStale={isStale || trial.isFetching} field={fix.field} done={done} />
        {trial.error !== null && isComplete(fix) && <ErrorNote error={trial.error} />}
        {error !== null && <ErrorNote error={error} />}
      </Stack>
      {isAsking && (
        <ConfirmModal title="Discard these rows?" confirmLabel={`Discard ${plural(group.rows, "row")}`} onConfirm={apply} onClose={() => setAsking(false)}>
          <Text size="sm">
            {plural(group.rows, "row")} with this cause will not be in the table, and the values in question are forgotten here. The file you uploaded stays as it is. Discarded rows still count as rejected, so the numbers add up.
          </Text>
        </ConfirmModal>
      )}
    </Paper>
  );
}
