// Another name for something that keeps everything else.
import { Button, Group, Modal, Stack, TextInput } from "@mantine/core";
import { useState } from "react";
import { ErrorNote } from "./ErrorNote";
import { tell } from "./toast";

const MAX_CHARACTERS = 100;

interface RenameModalProps {
  /** What is renamed, as in "Rename key". */
  what: string;
  name: string;
  onRename: (name: string) => Promise<unknown>;
  onClose: () => void;
}

export function RenameModal({ what, name, onRename, onClose }: RenameModalProps) {
  const [typed, setTyped] = useState(name);
  const [isBusy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const wanted = typed.trim();
  const rename = async () => {
    if (wanted === name) {
      onClose();
      return;
    }
    setBusy(true);
    setError(null);
    try {
      await onRename(wanted);
      tell(`Renamed to ${wanted}`);
      onClose();
    } catch (failure) {
      setError(failure);
      setBusy(false);
    }
  };
  return (
    <Modal opened onClose={onClose} title={`Rename ${what}`} closeButtonProps={{ "aria-label": "Close" }}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (wanted !== "" && !isBusy) void rename();
        }}
      >
        <Stack gap="md">
          <TextInput
            label="Name"
            value={typed}
            maxLength={MAX_CHARACTERS}
            onChange={(event) => setTyped(event.currentTarget.value)}
            onFocus={(event) => event.currentTarget.select()}
            error={wanted === "" ? "A name needs at least one character." : undefined}
            autoComplete="off"
            data-autofocus
          />
          {error !== null && <ErrorNote error={error} />}
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              Cancel
            </Button>
            <Button type="submit" loading={isBusy} disabled={wanted === ""}>
              Rename
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
