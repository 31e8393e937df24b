// Replaces a key by a new one, while the old one goes on for as long as its users need to change over.
import { Button, Group, Modal, NativeSelect, Stack, Text } from "@mantine/core";
import { useState } from "react";
import { answer, api } from "../api/client";
import { ErrorNote } from "../kit/ErrorNote";
import type { createKey, ApiKey } from "./queries";

type Made = Awaited<ReturnType<typeof createKey>>;

const OVERLAPS = [
  { value: "0", label: "At once" },
  { value: "3600", label: "In 1 hour" },
  { value: "86400", label: "In 24 hours" },
  { value: "604800", label: "In 7 days" },
];

interface RollKeyModalProps {
  apiKey: ApiKey;
  onMade: (made: Made) => void;
  onClose: () => void;
}

export function RollKeyModal({ apiKey, onMade, onClose }: RollKeyModalProps) {
  const hasQuota = apiKey.row_quota !== null;
  const [overlap, setOverlap] = useState(hasQuota ? "0" : "86400");
  const [isBusy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);

  const roll = async () => {
    setBusy(true);
    setError(null);
    const params = { path: { key_id: apiKey.id } };
    try {
      onMade(await answer(api.POST("/api/keys/{key_id}/roll", { params, body: { overlap_seconds: Number(overlap) } })));
    } catch (failure) {
      setError(failure);
      setBusy(false);
    }
  };

  return (
    <Modal opened onClose={onClose} title={`Roll “${apiKey.name}”`} closeButtonProps={{ "aria-label": "Close" }}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          void roll();
        }}
      >
        <Stack gap="md">
          <Text size="sm">You get a new key that may do the same. Put it where the old one is used before the old one stops.</Text>
          <NativeSelect
            label="The old key stops"
            {...(hasQuota && { description: "A key with a limit of rows stops at once: two keys would spend the limit twice" })}
            data={hasQuota ? OVERLAPS.slice(0, 1) : OVERLAPS}
            value={overlap}
            onChange={(event) => setOverlap(event.currentTarget.value)}
            data-autofocus
          />
          {error !== null && <ErrorNote error={error} />}
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              Cancel
            </Button>
            <Button type="submit" loading={isBusy}>
              Roll key
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
