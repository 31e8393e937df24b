// The name, how much is sent, when; and the start.
import { Button, Checkbox, Group, MultiSelect, Paper, Stack, Text, TextInput, Title } from "@mantine/core";
import { useNavigate } from "@tanstack/react-router";
import { CalendarClock, Send } from "lucide-react";
import { useState } from "react";
import { ApiError } from "../../api/errors";
import { tell } from "../../kit/toast";
import { useIdempotencyKey } from "../../kit/useIdempotencyKey";
import type { Preview } from "../model";
import { keepSchedule, startExport } from "../queries";
import { everyWords, SCHEDULES } from "../words";
import { draftKey } from "./draft";
import { scheduleOf, wishOf } from "./plan";
import type { Planning } from "./planning";
import { Refusal } from "./Refusal";
import { WhenChoice, whenFault } from "./WhenChoice";

export function StartExport({ planning, look }: { planning: Planning; look: Preview }) {
  const { draft, change, source, filter, destination, connection, columns, platform, address } = planning;
  const navigate = useNavigate();
  const { keyFor, forget } = useIdempotencyKey(draftKey(source.id));
  const [isBusy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  if (destination === null) return null;
  const name = draft.name?.trim() || planning.name;
  const isKeyed = draft.isChangesOnly || destination.needs_key;
  // Columns were chosen; a key names them as they are called outside.
  const key = isKeyed ? (draft.key?.flatMap((column) => look.columns.find((each) => each.column === column)?.outputs ?? []) ?? look.key) : null;
  const isScheduled = draft.everyMinutes !== null;
  const fault = isKeyed && (key === null || key.length === 0) ? "Say which columns tell people apart." : whenFault(draft);
  const mistake = (pointer: string) => (error instanceof ApiError ? error.issues.find((issue) => issue.pointer === pointer || issue.pointer.startsWith(`${pointer}/`))?.message : undefined);
  const start = async () => {
    setBusy(true);
    setError(null);
    const wish = wishOf({ source, filter, draft, destination, connection, columns, platform }, key);
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
        {isKeyed && (
          <MultiSelect
            label="Columns that tell people apart"
            description="A person keeps its place there by these; rows that have them in common count as one."
            data={look.columns.map(({ column }) => column)}
            value={draft.key ?? look.columns.filter(({ outputs }) => outputs.some((output) => look.key.includes(output))).map(({ column }) => column)}
            onChange={(next) => change({ key: next })}
            error={mistake("/key")}
            searchable
            maw={480}
          />
        )}
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
