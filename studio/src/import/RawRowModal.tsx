// A row whose columns could not be told apart: its text as it came, and a field for every column to put it right.
import { Button, Group, Modal, Stack, Text, TextInput } from "@mantine/core";
import { useState } from "react";
import { CodeBlock } from "../kit/CodeBlock";
import { ErrorNote } from "../kit/ErrorNote";
import type { Columns } from "./columns";
import { inWords } from "./fields";
import type { Reject } from "./rejects";

interface RawRowModalProps {
  reject: Reject;
  columns: Columns;
  onSave: (values: Record<string, string>) => Promise<unknown>;
  onClose: () => void;
}

export function RawRowModal({ reject, columns, onSave, onClose }: RawRowModalProps) {
  const [values, setValues] = useState(() => guessed(reject.text ?? "", columns));
  const [isBusy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const save = async () => {
    setBusy(true);
    setError(null);
    try {
      await onSave(values);
      onClose();
    } catch (failure) {
      setError(failure);
      setBusy(false);
    }
  };
  return (
    <Modal opened onClose={onClose} size="lg" title={`Fill in the columns of row ${reject.row + 1}`} closeButtonProps={{ "aria-label": "Close" }}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          void save();
        }}
      >
        <Stack gap="md">
          <Text size="sm">{inWords(reject.reason)}</Text>
          <CodeBlock code={reject.text ?? ""} label="The row as it came" />
          {columns.sent.map((name) => (
            <TextInput key={name} label={name} value={values[name] ?? ""} onChange={(event) => setValues({ ...values, [name]: event.currentTarget.value })} />
          ))}
          {error !== null && <ErrorNote error={error} />}
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              Cancel
            </Button>
            <Button type="submit" loading={isBusy}>
              Check the row
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}

/** The pieces between separators, in their order: right more often than not, and looked at by a person. */
function guessed(text: string, columns: Columns): Record<string, string> {
  const pieces = text.trimEnd().split(columns.delimiter ?? ",").map((piece) => piece.replace(/^"(.*)"$/s, "$1").trim());
  return Object.fromEntries(columns.sent.map((name, at) => [name, pieces[at] ?? ""]));
}
