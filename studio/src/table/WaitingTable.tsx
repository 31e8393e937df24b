// An upload that is no table yet: how far the work is; the table comes by itself.
import { Button, Group, Progress as Bar, Stack, Text } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { type Progress, useUploadEvents } from "../api/events";
import { bytes, count, duration } from "../kit/format";
import { Page } from "../kit/Page";
import { StatusBadge } from "../kit/StatusBadge";
import type { Upload } from "./queries";

const PHASES: Record<string, string> = {
  receiving: "The file is still coming in",
  waiting: "Waiting for its turn",
  reading: "Rows are read and checked",
  profiling: "Columns are counted",
  publishing: "The table is being finished",
};

export function WaitingTable({ upload, onDone }: { upload: Upload; onDone: () => void }) {
  const [progress, setProgress] = useState<Partial<Progress> | null>(upload.progress ?? null);
  useUploadEvents(upload.upload_id, { onProgress: (news) => setProgress((known) => ({ ...known, ...news })), onDone });
  return (
    <Page title={upload.upload_name} actions={<StatusBadge status={upload.upload_status} />}>
      <Stack gap="sm" maw={560}>
        <Text>{PHASES[progress?.phase ?? "waiting"] ?? "The table is being made"}. It opens here by itself.</Text>
        <HowFar progress={progress} />
        {upload.upload_status !== "processing" && (
          <Group>
            <Button component={Link} to={`/uploads/${upload.upload_id}/import`} variant="default">
              See how the file is read
            </Button>
          </Group>
        )}
      </Stack>
    </Page>
  );
}

function HowFar({ progress }: { progress: Partial<Progress> | null }) {
  const done = progress?.done ?? 0;
  const total = progress?.total ?? null;
  const share = total === null || total === 0 ? null : Math.min(100, (100 * done) / total);
  const accepted = progress?.rows_accepted ?? 0;
  const left = progress?.seconds_left ?? null;
  const amount = (value: number) => (progress?.unit === "bytes" ? bytes(value) : count(value));
  return (
    <>
      <Bar value={share ?? 100} animated={share === null} aria-label="How far the work is" size="lg" />
      <Group justify="space-between" gap="sm" c="dimmed" mih={22}>
        <Text size="sm">
          {total === null ? "" : `${amount(done)} of ${amount(total)}`}
          {accepted > 0 && `, ${count(accepted)} rows so far`}
        </Text>
        {left !== null && <Text size="sm">about {duration(left)} left</Text>}
      </Group>
    </>
  );
}
