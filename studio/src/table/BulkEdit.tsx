// One value into a column of every row that the filter now finds; says how many before it does it.
import { Alert, NativeSelect, Skeleton, Stack, Text, TextInput } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { answer, api } from "../api/client";
import type { Filter } from "../filter/ast";
import type { Column, RowQuestion } from "../grid/model";
import { ConfirmModal } from "../kit/ConfirmModal";
import { plural } from "../kit/format";
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

/** Every row there is, for an edit without a filter: the API wants one said. */
function everyRow(column: string): Filter {
  return { any: [{ field: column, op: "is_empty" }, { field: column, op: "is_not_empty" }] };
}

export function BulkEdit({ question, version, columns, column, onDone, onClose }: BulkEditProps) {
  const [name, setName] = useState(column);
  const [value, setValue] = useState("");
  const [isEmptying, setEmptying] = useState(false);
  const { data: rows } = useQuery(countQuery(question));
  const words = rows === undefined ? "all matching rows" : plural(rows, "row");
  const edit = async () => {
    const filter = (question.filter ?? everyRow(name)) as Record<string, unknown>;
    const set = { [name]: isEmptying || value === "" ? null : value };
    const body = { filter, set, ...(version === null ? {} : { if_version: version }) };
    const made = await answer(api.PATCH("/api/audience/batch-upload/{upload_id}/rows", { params: { path: { upload_id: question.uploadId } }, body }));
    onDone(made, `“${name}” ${isEmptying || value === "" ? "emptied" : "set"} in ${plural(made.rows_changed, "row")}`);
  };
  if (question.view === "issues") {
    return (
      <ConfirmModal title="Edit all matching rows" confirmLabel="Edit" onConfirm={() => Promise.resolve()} onClose={onClose}>
        <Text>Leave the view of rows with issues first: many rows are edited by a filter, which that view is not.</Text>
      </ConfirmModal>
    );
  }
  return (
    <ConfirmModal title="Edit all matching rows" confirmLabel={`Edit ${words}`} onConfirm={edit} onClose={onClose}>
      <Stack gap="sm">
        <NativeSelect label="Column" data={columns.map((one) => one.name)} value={name} onChange={(event) => setName(event.currentTarget.value)} />
        <NativeSelect
          label="Change"
          data={[
            { value: "set", label: "Set to a value" },
            { value: "empty", label: "Empty it" },
          ]}
          value={isEmptying ? "empty" : "set"}
          onChange={(event) => setEmptying(event.currentTarget.value === "empty")}
        />
        {!isEmptying && <TextInput label="New value" description="Nothing empties the cells" value={value} onChange={(event) => setValue(event.currentTarget.value)} data-autofocus />}
        {rows === undefined ? (
          <Skeleton height={44} />
        ) : (
          <Alert variant="default" py="xs">
            “{name}” of {question.filter === null ? <strong>all {plural(rows, "row")} of this table</strong> : <strong>{plural(rows, "matching row")}</strong>} will be{" "}
            {isEmptying || value === "" ? "emptied" : `“${value}”`}. You can undo this.
          </Alert>
        )}
      </Stack>
    </ConfirmModal>
  );
}
