// Gives a key another name; what it may do stays.
import { Button, Group, Modal, Stack, TextInput } from "@mantine/core";
import { useState } from "react";
import { answer, api } from "../api/client";
import { ErrorNote } from "../kit/ErrorNote";
import type { ApiKey } from "./queries";

interface RenameKeyModalProps {
  apiKey: ApiKey;
  onRenamed: () => Promise<unknown>;
  onClose: () => void;
}

export function RenameKeyModal({ apiKey, onRenamed, onClose }: RenameKeyModalProps) {
  const [name, setName] = useState(apiKey.name);
  const [isBusy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);

  const rename = async () => {
    setBusy(true);
    setError(null);
    try {
      await answer(api.PATCH("/api/keys/{key_id}", { params: { path: { key_id: apiKey.id } }, body: { name: name.trim() } }));
      await onRenamed();
      onClose();
    } catch (failure) {
      setError(failure);
      setBusy(false);
    }
  };

  return (
    <Modal opened onClose={onClose} title="Rename key" closeButtonProps={{ "aria-label": "Close" }}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (name.trim() !== "") void rename();
        }}
      >
        <Stack gap="md">
          <TextInput label="Name" value={name} onChange={(event) => setName(event.currentTarget.value)} maxLength={100} autoComplete="off" required data-autofocus />
          {error !== null && <ErrorNote error={error} />}
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              Cancel
            </Button>
            <Button type="submit" disabled={name.trim() === ""} loading={isBusy}>
              Rename
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
