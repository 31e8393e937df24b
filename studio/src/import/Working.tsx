// The file is being read: how far it is, how fast, how long it takes yet, and a way to stop it.
import { Button, Group, Paper, Progress, Stack, Text, Title } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { answer, api } from "../api/client";
import { type Progress as Told, useUploadEvents } from "../api/events";
import { bytes, count, duration, percent, plural } from "../kit/format";
import { tellError } from "../kit/toast";
import type { Address } from "./address";
import { type Upload, uploadKey } from "./queries";

const PHASES: Record<string, string> = {
  waiting: "Waiting for its turn",
  reading: "Reading and checking rows",
  joining: "Putting the table together",
  finishing: "Finishing the table",
};

export function Working({ upload, address }: { upload: Upload; address: Address }) {
  const cache = useQueryClient();
  const [told, setTold] = useState<Told | null>(null);
  const [isStopping, setStopping] = useState(false);
  const refresh = () => void cache.invalidateQueries({ queryKey: uploadKey(upload.upload_id) });
  useUploadEvents(upload.upload_id, { onProgress: setTold, onDone: refresh });
  const progress = told ?? upload.progress ?? null;
  const share = progress === null || progress.total === null || progress.total === 0 ? null : Math.min(100, (100 * progress.done) / progress.total);
  const cancel = async () => {
    setStopping(true);
    try {
      await answer(api.POST("/api/audience/batch-upload/{upload_id}/cancel", { params: { path: { upload_id: address.uploadId } } }));
      refresh();
    } catch (failure) {
      setStopping(false);
      tellError("This could not be stopped", failure);
    }
  };
  return (
    <Paper withBorder p="lg" radius="md">
      <Stack gap="md">
        <Group justify="space-between">
          <Title order={2}>{progress === null ? "Starting" : (PHASES[progress.phase] ?? "Reading and checking rows")}…</Title>
          <Button variant="default" onClick={() => void cancel()} loading={isStopping}>
            Stop
          </Button>
        </Group>
        <Progress value={share ?? 100} animated={share === null} aria-label="How much of the file is read" size="lg" />
        <Group gap="lg" mih={22}>
          {progress !== null && progress.total !== null && (
            <Text size="sm">
              {percent(progress.done, progress.total)} of {progress.unit === "bytes" ? bytes(progress.total) : `${count(progress.total)} ${progress.unit}`}
            </Text>
          )}
          {progress?.rows_accepted !== undefined && <Text size="sm">{plural(progress.rows_accepted, "row")} in the table</Text>}
          {progress?.rows_rejected !== undefined && progress.rows_rejected > 0 && <Text size="sm">{plural(progress.rows_rejected, "row")} set aside</Text>}
          {typeof progress?.rows_per_second === "number" && <Text size="sm">{count(Math.round(progress.rows_per_second))} rows/s</Text>}
          {typeof progress?.seconds_left === "number" && <Text size="sm">about {duration(progress.seconds_left)} left</Text>}
        </Group>
        <Text size="sm" c="dimmed">
          You may leave this page; the work goes on, and you find it again in your uploads.
        </Text>
      </Stack>
    </Paper>
  );
}
