// The name, how much is sent, when; and the start.
import { Button, Checkbox, Group, Paper, Stack, Text, TextInput, Title } from "@mantine/core";
import { useNavigate } from "@tanstack/react-router";
import { CalendarClock, Send } from "lucide-react";
import { useState } from "react";
import { ApiError } from "../../api/errors";
import { tell } from "../../kit/toast";
import { useIdempotencyKey } from "../../kit/useIdempotencyKey";
import { keepSchedule, startExport } from "../queries";
import { everyWords, SCHEDULES } from "../words";
import { draftKey } from "./draft";
import { KeyChoice } from "./KeyChoice";
import { scheduleOf } from "./plan";
import { NO_KEY, type Planning } from "./planning";
import { Refusal } from "./Refusal";
import { WhenChoice, whenFault } from "./WhenChoice";

export function StartExport({ planning }: { planning: Planning }) {
  const { draft, change, source, key, wish, address } = planning;
  const navigate = useNavigate();
  const { keyFor, forget } = useIdempotencyKey(draftKey(source.id));
  const [isBusy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  if (wish === null) return null;
  const name = draft.name?.trim() || planning.name;
  const isScheduled = draft.everyMinutes !== null;
  const fault = draft.isChangesOnly && key.length === 0 ? NO_KEY : whenFault(draft);
  const mistake = (pointer: string) => (error instanceof ApiError ? error.issues.find((issue) => issue.pointer === pointer || issue.pointer.startsWith(`${pointer}/`))?.message : undefined);
  const start = async () => {
    setBusy(true);
    setError(null);
    try {
      if (isScheduled) {
        const body = scheduleOf(wish, draft, name);
        const schedule = await keepSchedule(body, keyFor(body));
        forget();
        tell(`“${schedule.name}” runs ${everyWords(schedule.every_minutes)} from now on.`);
        await navigate({ to: SCHEDULES });
      } else {
        const body = { ...wish, name };
        const made = await startExport(body, keyFor(body));
        forget();
        await navigate({ to: "/exports/$exportId", params: { exportId: made.export_id }, search: {} });
      }
      change(null);
    } catch (failure) {
      setError(failure);
      setBusy(false);
    }
  };
  return (
    <Paper
      withBorder
      p="md"
      component="form"
      aria-label="Start the export"
      onSubmit={(event) => {
        event.preventDefault();
        if (!isBusy && fault === null) void start();
      }}
    >
      <Stack gap="md">
        <Title order={2}>Start it</Title>
        <TextInput label="Name" description="As it is listed; a file is called like this" value={draft.name ?? ""} placeholder={planning.name} maxLength={200} onChange={(event) => change({ name: event.currentTarget.value })} error={mistake("/name")} maw={480} autoComplete="off" />
        <Checkbox
          label="Only what changed since the last export like this"
          description={changesWords(planning)}
          checked={draft.isChangesOnly}
          onChange={(event) => change({ isChangesOnly: event.currentTarget.checked })}
        />
        {draft.isChangesOnly && planning.destination?.needs_key !== true && <KeyChoice planning={planning} />}
        <WhenChoice draft={draft} change={change} />
        {error !== null && <Refusal error={error} onGo={address.go} />}
        <Group justify="flex-end" gap="sm">
          <Text size="sm" c="dimmed" role="status">
            {fault ?? ""}
          </Text>
          <Button type="submit" loading={isBusy} disabled={fault !== null} leftSection={isScheduled ? <CalendarClock size={16} aria-hidden /> : <Send size={16} aria-hidden />}>
            {isScheduled ? "Keep the schedule" : "Start the export"}
          </Button>
        </Group>
      </Stack>
    </Paper>
  );
}

function changesWords({ destination }: Planning): string {
  if (destination?.takes === "file") return "The file says in one more column who joined, changed or left. The first one holds everybody.";
  if (destination?.removes === false) return "Sends who joined and who changed; who left is only counted. The first one sends everybody.";
  return "Sends who joined and who changed, and takes away who left. The first one sends everybody.";
}
