// The file is being read: how far it is, how fast, how long it takes yet, and a way to stop it.
import { Button, Group, Paper, Progress, Stack, Text, Title } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { answer, api } from "../api/client";
import { ApiError } from "../api/errors";
import { type Progress as Told, useUploadEvents } from "../api/events";
import { bytes, count, duration, percent, plural } from "../kit/format";
import { tellError } from "../kit/toast";
import type { Address } from "./address";
import { type Upload, uploadKey } from "./queries";

const PHASES: Record<string, string> = {
  reading: "Reading and checking rows",
  comparing: "Comparing rows with each other",
  profiling: "Looking over the columns",
  publishing: "Finishing the table",
};

function titleOf(progress: Told | null): string {
  if (progress === null) return "Starting…";
  if (progress.state === "queued") return "Waiting for its turn…";
  if (progress.state === "paused") return "Paused";
  return `${PHASES[progress.phase] ?? "Making the table"}…`;
}

export function Working({ upload, address }: { upload: Upload; address: Address }) {
  const cache = useQueryClient();
  const [told, setTold] = useState<Told | null>(null);
  const [isBusy, setBusy] = useState(false);
  const refresh = () => void cache.invalidateQueries({ queryKey: uploadKey(upload.upload_id) });
  useUploadEvents(upload.upload_id, { onProgress: (news) => setTold((before) => ({ ...before, ...news })), onDone: refresh });
  // A change of state comes without numbers; those known before stay.
  const known = upload.progress ?? null;
  const progress: Told | null = told === null ? known : { ...known, ...told };
  // Told before the work has begun, progress may come without numbers.
  const total = typeof progress?.total === "number" && progress.total > 0 ? progress.total : null;
  const share = progress === null || total === null ? null : Math.min(100, (100 * (progress.done ?? 0)) / total);
  const isPaused = progress?.state === "paused";
  const steer = async (verb: "cancel" | "pause" | "resume") => {
    setBusy(true);
    try {
      await answer(api.POST(`/api/audience/batch-upload/{upload_id}/${verb}`, { params: { path: { upload_id: address.uploadId } } }));
      refresh();
    } catch (failure) {
      // It may have ended on its own meanwhile; what it is now shows next.
      if (failure instanceof ApiError && failure.status === 409) refresh();
      else tellError("This did not work", failure);
    }
    setBusy(false);
  };
  return (
    <Paper withBorder p="lg" radius="md">
      <Stack gap="md">
        <Group justify="space-between">
          <Title order={2}>{titleOf(progress)}</Title>
          <Group gap="xs">
            <Button variant="default" onClick={() => void steer(isPaused ? "resume" : "pause")} disabled={isBusy}>
              {isPaused ? "Go on" : "Pause"}
            </Button>
            <Button variant="default" onClick={() => void steer("cancel")} disabled={isBusy}>
              Stop
            </Button>
          </Group>
        </Group>
        <Progress value={share ?? (isPaused ? 0 : 100)} animated={share === null && !isPaused} aria-label="How much of the file is read" size="lg" />
        <Group gap="lg" mih={22}>
          {progress !== null && total !== null && (
            <Text size="sm">
              {percent(progress.done ?? 0, total)} of {progress.unit === "bytes" ? bytes(total) : `${count(total)} ${progress.unit}`}
            </Text>
          )}
          {progress?.rows_accepted !== undefined && <Text size="sm">{plural(progress.rows_accepted, "row")} in the table</Text>}
          {progress?.rows_rejected !== undefined && progress.rows_rejected > 0 && <Text size="sm">{plural(progress.rows_rejected, "row")} set aside</Text>}
          {typeof progress?.rows_per_second === "number" && <Text size="sm">{count(Math.round(progress.rows_per_second))} rows/s</Text>}
          {typeof progress?.seconds_left === "number" && <Text size="sm">about {duration(progress.seconds_left)} left</Text>}
        </Group>
        <Text size="sm" c="dimmed">
          {isPaused ? "The work rests where it is; nothing is lost." : "You may leave this page; the work goes on, and you find it again in your uploads."}
        </Text>
      </Stack>
    </Paper>
  );
}
