// The work ended before there was a table: why, and how to go on.
import { Alert, Button, Group, Stack, Text } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { CircleX, PauseCircle } from "lucide-react";
import { useState } from "react";
import { answer, api } from "../api/client";
import { ErrorNote } from "../kit/ErrorNote";
import type { Address } from "./address";
import { type Upload, uploadKey } from "./queries";

export function Stopped({ upload, address }: { upload: Upload; address: Address }) {
  const cache = useQueryClient();
  const [error, setError] = useState<unknown>(null);
  const [isBusy, setBusy] = useState(false);
  const isFailed = upload.upload_status === "failed";
  const Icon = isFailed ? CircleX : PauseCircle;
  const again = async () => {
    setBusy(true);
    setError(null);
    try {
      await answer(api.POST("/api/audience/batch-upload/{upload_id}/reprocess", { params: { path: { upload_id: upload.upload_id } } }));
      await cache.invalidateQueries({ queryKey: uploadKey(upload.upload_id) });
    } catch (failure) {
      setError(failure);
    }
    setBusy(false);
  };
  return (
    <Stack align="flex-start">
      <Alert
        role="alert"
        variant="default"
        maw={720}
        icon={<Icon size={18} aria-hidden color={isFailed ? "var(--bad-line)" : "var(--muted)"} />}
        title={isFailed ? "The file could not be read" : "You stopped the import"}
      >
        <Stack gap="sm">
          <Text size="sm">{isFailed ? (upload.status_reason ?? "There is no more to say about it.") : "The file is kept as it is. Nothing was lost; start again when you like."}</Text>
          <Group gap="sm">
            <Button onClick={() => void again()} loading={isBusy}>
              Start again
            </Button>
            <Button variant="default" onClick={() => address.go("file")}>
              Look at how the file is read
            </Button>
          </Group>
        </Stack>
      </Alert>
      {error !== null && <ErrorNote error={error} />}
    </Stack>
  );
}
