// An upload that is no table yet: how far the work is; the table comes by itself.
import { Button, Group, Progress as Bar, Stack, Text } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { type Progress, useUploadEvents } from "../api/events";
import type { Upload } from "../api/tables";
import { EmptyState } from "../kit/EmptyState";
import { bytes, count, duration } from "../kit/format";
import { Page } from "../kit/Page";
import { StatusBadge } from "../kit/StatusBadge";

const PHASES: Record<string, string> = {
  receiving: "The file is still coming in",
  waiting: "Waiting for its turn",
  reading: "Rows are read and checked",
  profiling: "Columns are counted",
  publishing: "The table is being finished",
};

export function WaitingTable({ upload, onDone }: { upload: Upload; onDone: () => void }) {
  const [news, setNews] = useState<Partial<Progress>>({});
  const isIdle = upload.upload_status === "uploaded" && upload.progress === undefined;
  useUploadEvents(isIdle ? null : upload.upload_id, { onProgress: (more) => setNews((known) => ({ ...known, ...more })), onDone });
  const progress = { ...upload.progress, ...news };
  return (
    <Page title={upload.upload_name} actions={<StatusBadge status={upload.upload_status} />}>
      {isIdle ? (
        <EmptyState title="The columns are not matched yet" text="Say how the file is read and which column is which; then it becomes a table.">
          <Button component={Link} to={`/uploads/${upload.upload_id}/import`}>
            Go on with the import
          </Button>
        </EmptyState>
      ) : (
        <Stack gap="sm" maw={560}>
          <Text>{PHASES[progress.phase ?? "waiting"] ?? "The table is being made"}. It opens here by itself.</Text>
          <HowFar progress={progress} />
        </Stack>
      )}
    </Page>
  );
}

function HowFar({ progress }: { progress: Partial<Progress> }) {
  const done = progress.done ?? 0;
  const total = progress.total ?? null;
  const share = total === null || total === 0 ? null : Math.min(100, (100 * done) / total);
  const accepted = progress.rows_accepted ?? 0;
  const left = progress.seconds_left ?? null;
  const amount = (value: number) => (progress.unit === "bytes" ? bytes(value) : count(value));
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
