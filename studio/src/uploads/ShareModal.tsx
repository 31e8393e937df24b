// A link that opens one upload, read-only, without an account.
import { Alert, Button, Group, Modal, Stack, Text, TextInput } from "@mantine/core";
import { Eye } from "lucide-react";
import { useState } from "react";
import { answer, api } from "../api/client";
import { CopyButton } from "../kit/CopyButton";
import { ErrorNote } from "../kit/ErrorNote";
import { exactTime } from "../kit/format";
import type { UploadView } from "./list";

interface Made {
  address: string;
  expiresAt: string;
}

export function ShareModal({ upload, onClose }: { upload: UploadView; onClose: () => void }) {
  const [made, setMade] = useState<Made | null>(null);
  const [isBusy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const make = async () => {
    setBusy(true);
    setError(null);
    try {
      const params = { path: { upload_id: upload.upload_id } };
      const told = await answer(api.POST("/api/audience/batch-upload/{upload_id}/session-token", { params }));
      // In the fragment: it never reaches a server's log, nor a Referer header.
      setMade({ address: `${window.location.origin}${told.path}`, expiresAt: told.expires_at });
    } catch (failure) {
      setError(failure);
    } finally {
      setBusy(false);
    }
  };
  return (
    <Modal opened onClose={onClose} title={`Share ${upload.upload_name}`} closeButtonProps={{ "aria-label": "Close" }}>
      <Stack gap="md">
        <Alert variant="default" icon={<Eye size={16} aria-hidden />}>
          <Text size="sm">Whoever has the link sees this one upload, all its rows included, for 24 hours. They can change nothing, and see nothing else of yours.</Text>
        </Alert>
        {error !== null && <ErrorNote error={error} />}
        {made === null ? (
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              Cancel
            </Button>
            <Button loading={isBusy} onClick={() => void make()} data-autofocus>
              Make a link
            </Button>
          </Group>
        ) : (
          <>
            <TextInput
              label="Read-only link"
              description={`Shown only now; works until ${exactTime(made.expiresAt)}.`}
              value={made.address}
              readOnly
              onFocus={(event) => event.currentTarget.select()}
            />
            <Group justify="flex-end">
              <CopyButton value={made.address} label="Copy the link" />
            </Group>
          </>
        )}
      </Stack>
    </Modal>
  );
}
