// Once, now; or again and again from a moment on.
import { Group, NativeSelect, NumberInput, SegmentedControl, Stack, Text, TextInput } from "@mantine/core";
import type { ChangeDraft, Draft } from "./draft";

const MOST_MINUTES = 44_640;
const LEAST_MINUTES = 5;
const DAY_MINUTES = 1_440;
const UNITS = [
  { value: "1", label: "minutes" },
  { value: "60", label: "hours" },
  { value: "1440", label: "days" },
  { value: "10080", label: "weeks" },
];

/** Why the time cannot be kept; null when it can. */
export function whenFault({ everyMinutes, startsAt }: Draft): string | null {
  if (everyMinutes === null) return null;
  if (!Number.isInteger(everyMinutes) || everyMinutes < LEAST_MINUTES || everyMinutes > MOST_MINUTES) return "A schedule runs every 5 minutes to every 31 days.";
  return startsAt !== "" && Number.isNaN(Date.parse(startsAt)) ? "Say when it runs first." : null;
}

export function WhenChoice({ draft, change }: { draft: Draft; change: ChangeDraft }) {
  const { everyMinutes, startsAt } = draft;
  const unit = Number([...UNITS].reverse().find(({ value }) => everyMinutes !== null && everyMinutes > 0 && everyMinutes % Number(value) === 0)?.value ?? 1);
  return (
    <Stack gap="sm">
      <div>
        <SegmentedControl
          aria-label="When"
          value={everyMinutes === null ? "once" : "again"}
          onChange={(value) => change({ everyMinutes: value === "once" ? null : DAY_MINUTES })}
          data={[
            { value: "once", label: "Once, now" },
            { value: "again", label: "On a schedule" },
          ]}
        />
      </div>
      {everyMinutes !== null && (
        <>
          <Group gap="sm" align="flex-end">
            <NumberInput label="Every" value={everyMinutes / unit} onChange={(next) => change({ everyMinutes: Math.round(Number(next) * unit) })} min={1} allowDecimal={false} hideControls w={90} />
            <NativeSelect aria-label="Unit of time" data={UNITS} value={String(unit)} onChange={(event) => change({ everyMinutes: Math.round((everyMinutes / unit) * Number(event.currentTarget.value)) })} />
            <TextInput type="datetime-local" label="First at" description="Your own time; empty for as soon as it is due" value={startsAt} onChange={(event) => change({ startsAt: event.currentTarget.value })} />
          </Group>
          <Text size="sm" c="dimmed">
            A live segment is brought up to date before each run. A run that is due while the last one still works is skipped.
          </Text>
        </>
      )}
    </Stack>
  );
}
