// One change to a column in every row that is shown now; says how many before it does it.
import { Alert, Button, Checkbox, Group, Modal, NativeSelect, Skeleton, Stack, TextInput } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { answer, api } from "../api/client";
import type { Column, RowQuestion } from "../grid/model";
import { ErrorNote } from "../kit/ErrorNote";
import { plural } from "../kit/format";
import { ACTIONS, type ActionName, bodyOf, type BulkDraft, isComplete, whatHappens } from "./bulkActions";
import type { Made } from "./edits";
import { countQuery } from "./queries";

interface BulkEditProps {
  question: RowQuestion;
  version: number | null;
  columns: readonly Column[];
  column: string;
  onDone: (made: Made, words: string) => void;
  onClose: () => void;
}

const EMPTY: Omit<BulkDraft, "column"> = { action: "set", value: "", find: "", replace: "", isPattern: false };

export function BulkEdit({ question, version, columns, column, onDone, onClose }: BulkEditProps) {
  const [draft, setDraft] = useState<BulkDraft>({ ...EMPTY, column });
  const [isBusy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const { data: rows, error: uncounted, refetch } = useQuery(countQuery(question));
  const change = (part: Partial<BulkDraft>) => setDraft((now) => ({ ...now, ...part }));
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    setBusy(true);
    setError(null);
    try {
      const path = { upload_id: question.uploadId };
      const made = await answer(api.PATCH("/api/audience/batch-upload/{upload_id}/rows", { params: { path }, body: bodyOf(draft, question, version) }));
      onDone(made, `“${draft.column}” changed in ${plural(made.rows_changed, "row")}`);
      onClose();
    } catch (failure) {
      setError(failure);
      setBusy(false);
      void refetch();
    }
  };
  const isAll = question.filter === null && question.view === "all";
  return (
    <Modal opened onClose={onClose} title="Edit all matching rows" closeButtonProps={{ "aria-label": "Close" }}>
      <form onSubmit={(event) => void submit(event)}>
        <Stack gap="sm">
          <NativeSelect label="Column" data={columns.map(({ name }) => name)} value={draft.column} onChange={(event) => change({ column: event.currentTarget.value })} />
          <NativeSelect
            label="Change"
            data={ACTIONS}
            value={draft.action}
            onChange={(event) => change({ action: ACTIONS.find(({ value }) => value === event.currentTarget.value)?.value ?? ("set" satisfies ActionName) })}
          />
          <ActionFields draft={draft} onChange={change} />
          {uncounted !== null && <ErrorNote error={uncounted} onRetry={() => void refetch()} />}
          {rows === undefined ? (
            <Skeleton height={46} />
          ) : (
            <Alert variant="default" py="xs">
              <strong>{isAll ? `All ${plural(rows, "row")} of this table` : plural(rows, "matching row")}</strong>: {whatHappens(draft)} You can undo this.
            </Alert>
          )}
          {error !== null && <ErrorNote error={error} />}
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              Cancel
            </Button>
            <Button type="submit" loading={isBusy} disabled={rows === undefined || rows === 0 || !isComplete(draft)}>
              Edit {rows === undefined ? "rows" : plural(rows, "row")}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}

function ActionFields({ draft, onChange }: { draft: BulkDraft; onChange: (part: Partial<BulkDraft>) => void }) {
  if (draft.action === "set") {
    return <TextInput label="New value" value={draft.value} onChange={(event) => onChange({ value: event.currentTarget.value })} data-autofocus />;
  }
  if (draft.action !== "replace") return null;
  return (
    <>
      <TextInput label="Find" value={draft.find} onChange={(event) => onChange({ find: event.currentTarget.value })} data-autofocus />
      <TextInput label="Replace with" value={draft.replace} onChange={(event) => onChange({ replace: event.currentTarget.value })} />
      <Checkbox label="This is a pattern (RE2)" checked={draft.isPattern} onChange={(event) => onChange({ isPattern: event.currentTarget.checked })} />
    </>
  );
}
