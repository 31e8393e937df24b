// A new name for an upload.
import { Button, Group, Modal, Stack, TextInput } from "@mantine/core";
import { useState } from "react";
import { ErrorNote } from "../kit/ErrorNote";
import { tell } from "../kit/toast";
import { rename } from "./actions";
import type { UploadView } from "./list";

const MAX_CHARACTERS = 100;

export function RenameModal({ upload, onClose }: { upload: UploadView; onClose: () => void }) {
  const [name, setName] = useState(upload.upload_name);
  const [isBusy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const wanted = name.trim();
  const save = async () => {
    if (wanted === upload.upload_name) {
      onClose();
      return;
    }
    setBusy(true);
    setError(null);
    try {
      await rename(upload.upload_id, wanted);
      tell(`Renamed to ${wanted}`);
      onClose();
    } catch (failure) {
      setError(failure);
      setBusy(false);
    }
  };
  return (
    <Modal opened onClose={onClose} title="Rename upload" closeButtonProps={{ "aria-label": "Close" }}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (wanted !== "" && !isBusy) void save();
        }}
      >
        <Stack gap="md">
          <TextInput
            label="Name"
            value={name}
            maxLength={MAX_CHARACTERS}
            onChange={(event) => setName(event.currentTarget.value)}
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
