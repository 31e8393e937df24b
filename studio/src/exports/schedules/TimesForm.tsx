// Changes the name of a schedule and when it runs; what the server finds wrong stands beside the field it is about.
import { Button, Group, NativeSelect, NumberInput, Paper, Stack, Text, TextInput, Title } from "@mantine/core";
import { type FormEvent, useId, useRef, useState } from "react";
import { ApiError } from "../../api/errors";
import { ErrorNote } from "../../kit/ErrorNote";
import { tell } from "../../kit/toast";
import type { Schedule } from "../model";
import { changeSchedule, type ScheduleChange } from "./queries";
import { localText, minutesOf, momentOf, spanOf, type Unit, UNITS, zoneWords } from "./words";

const MAX_CHARACTERS = 200;
const LEAST_MINUTES = 5;
const MOST_MINUTES = 44_640;

export function TimesForm({ schedule }: { schedule: Schedule }) {
  const [name, setName] = useState(schedule.name);
  const [span, setSpan] = useState<{ times: number | null; unit: Unit }>(() => spanOf(schedule.every_minutes));
  // null: as the server has it, which moves on with every run.
  const [typed, setTyped] = useState<string | null>(null);
  const [isBusy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const [isSpanWrong, setSpanWrong] = useState(false);
  const times = useRef<HTMLInputElement>(null);
  const hint = useId();
  const next = typed ?? localText(schedule.next_at);
  const issue = (pointer: string) => (error instanceof ApiError ? error.issues.find((each) => each.pointer === pointer)?.message : undefined);
  const change = changeOf(schedule, name.trim(), span, typed);
  const isChanged = Object.keys(change).length > 0;

  const save = async (event: FormEvent) => {
    event.preventDefault();
    if (isBusy || !isChanged) return;
    const isWrong = change.every_minutes !== undefined && (change.every_minutes < LEAST_MINUTES || change.every_minutes > MOST_MINUTES);
    setSpanWrong(isWrong);
    if (isWrong) {
      times.current?.focus();
      return;
    }
    setBusy(true);
    setError(null);
    try {
      const saved = await changeSchedule(schedule.schedule_id, change);
      setName(saved.name);
      setSpan(spanOf(saved.every_minutes));
      setTyped(null);
      tell(`“${saved.name}” is saved.`);
    } catch (failure) {
      setError(failure);
    }
    setBusy(false);
  };
  return (
    <Paper withBorder p="md">
      <form onSubmit={(event) => void save(event)} aria-label="Schedule">
        <Stack gap="md">
          <Title order={2}>When it runs</Title>
          <TextInput label="Name" value={name} onChange={(event) => setName(event.currentTarget.value)} error={issue("/name")} maxLength={MAX_CHARACTERS} required withAsterisk autoComplete="off" />
          <Group gap="sm" align="flex-start" wrap="nowrap" grow>
            <NumberInput
              ref={times}
              label="Every"
              value={span.times ?? ""}
              onChange={(value) => setSpan({ ...span, times: value === "" ? null : Number(value) })}
              error={isSpanWrong}
              aria-invalid={isSpanWrong}
              aria-describedby={hint}
              allowDecimal={false}
              min={1}
              required
              withAsterisk
              hideControls
            />
            <NativeSelect label="Unit" value={span.unit} onChange={(event) => setSpan({ ...span, unit: event.currentTarget.value as Unit })} data={UNITS.map(({ value, label }) => ({ value, label }))} />
          </Group>
          <Text id={hint} size="xs" c={isSpanWrong ? "var(--bad-text)" : "dimmed"} mt={-8} role={isSpanWrong ? "alert" : undefined}>
            From 5 minutes to 31 days.
          </Text>
          <TextInput
            type="datetime-local"
            label="Next run"
            description={`Local time (${zoneWords()}). Later runs follow from it.`}
            value={next}
            onChange={(event) => setTyped(event.currentTarget.value)}
            error={issue("/starts_at")}
            required
            withAsterisk
          />
          {error !== null && <ErrorNote error={error} />}
          <Group justify="flex-end">
            <Button type="submit" loading={isBusy} disabled={!isChanged}>
              Save changes
            </Button>
          </Group>
        </Stack>
      </form>
    </Paper>
  );
}

/** What is another way than the server has it. */
function changeOf(schedule: Schedule, name: string, { times, unit }: { times: number | null; unit: Unit }, next: string | null): ScheduleChange {
  const minutes = times === null ? null : minutesOf(times, unit);
  const moment = next === null || next === localText(schedule.next_at) ? null : momentOf(next);
  return {
    ...(name !== schedule.name ? { name } : {}),
    ...(minutes !== null && minutes !== schedule.every_minutes ? { every_minutes: minutes } : {}),
    ...(moment !== null ? { starts_at: moment } : {}),
  };
}
