// Where the export is: its bar while it works, and once it has ended what that means, its file, and where to go from here.
import { Button, Group, Paper, Progress, Stack, Text, Title } from "@mantine/core";
import { CircleAlert, CircleCheck, CirclePause, CircleX, type LucideIcon, RotateCcw } from "lucide-react";
import type { Progress as Told } from "../../api/events";
import { bytes, count, duration, percent, plural } from "../../kit/format";
import { LinkButton } from "../../kit/links";
import type { Export } from "../model";
import { isMoving } from "../queries";
import { writtenWord } from "../words";
import { FileOffer } from "./FileOffer";

export function ExportState({ one, told }: { one: Export; told: Partial<Told> }) {
  return (
    <Paper withBorder p="lg">
      {isMoving(one) ? <AtWork one={one} told={told} /> : <Ended one={one} />}
    </Paper>
  );
}

const PHASES: Record<string, string> = { preparing: "Preparing the rows…", writing: "Writing the rows…", storing: "Putting the file where it belongs…", delivering: "Sending…" };

function AtWork({ one, told }: { one: Export; told: Partial<Told> }) {
  const progress = { ...one.progress, ...told };
  const { done = 0, total = null } = progress;
  const share = total === null || total === 0 ? null : Math.min(100, (100 * done) / total);
  const title = one.status === "queued" ? "Waiting for its turn…" : (PHASES[progress.phase ?? ""] ?? "At work…");
  return (
    <Stack gap="md">
      <Title order={2}>{title}</Title>
      <Progress value={share ?? 100} animated={share === null} aria-label="How much of the export is done" size="lg" />
      <Group gap="lg" mih={22}>
        {total !== null && (
          <Text size="sm">
            {progress.unit === "bytes" ? `${bytes(done)} of ${bytes(total)}` : `${count(done)} of ${count(total)} ${progress.unit ?? "rows"}`} ({percent(done, total)})
          </Text>
        )}
        {(told.rows_accepted ?? 0) > 0 && (
          <Text size="sm">
            {count(told.rows_accepted ?? 0)} {writtenWord(one)}
          </Text>
        )}
        {(told.rows_rejected ?? 0) > 0 && <Text size="sm">{count(told.rows_rejected ?? 0)} refused or left out</Text>}
        {typeof progress.rows_per_second === "number" && <Text size="sm">{count(Math.round(progress.rows_per_second))} rows/s</Text>}
        {typeof progress.seconds_left === "number" && <Text size="sm">about {duration(progress.seconds_left)} left</Text>}
      </Group>
      <Text size="sm" c="dimmed">
        You may leave this page; the export goes on. Edits from now on change nothing of it.
      </Text>
    </Stack>
  );
}

const LOOKS: Record<string, { icon: LucideIcon; colour: string }> = {
  done: { icon: CircleCheck, colour: "var(--good-text)" },
  done_with_failures: { icon: CircleAlert, colour: "var(--warn-text)" },
  failed: { icon: CircleX, colour: "var(--bad-line)" },
  cancelled: { icon: CirclePause, colour: "var(--muted)" },
};

function Ended({ one }: { one: Export }) {
  const { icon: Icon, colour } = LOOKS[one.status] ?? { icon: CircleCheck, colour: "var(--muted)" };
  return (
    <Group gap="sm" wrap="nowrap" align="flex-start">
      <Icon size={28} color={colour} aria-hidden style={{ flexShrink: 0 }} />
      <Stack gap="sm" style={{ minWidth: 0 }}>
        <div role={one.status === "failed" ? "alert" : undefined}>
          <Title order={2}>{titleOf(one)}</Title>
          {one.status === "failed" && (
            <Text size="sm">
              {one.reason ?? "There is no more to say about it."} {one.reason_code !== null && <code>{one.reason_code}</code>}
            </Text>
          )}
          <Text size="sm" c="dimmed">
            {endWords(one)}
          </Text>
        </div>
        <Group gap="sm">
          {one.file !== null && (
            <Button component="a" href={one.file.href} download>
              Download {one.file.name}
            </Button>
          )}
          {one.source.name !== null && (
            <LinkButton variant="default" to="/exports/new" search={{ like: one.export_id }} leftSection={<RotateCcw size={16} aria-hidden />}>
              Do it again
            </LinkButton>
          )}
        </Group>
        {one.file !== null && <FileOffer file={one.file} />}
      </Stack>
    </Group>
  );
}

function titleOf(one: Export): string {
  if (one.status === "failed") return "The export failed";
  if (one.status === "cancelled") return "You cancelled the export";
  return `${plural(one.written, "row")} ${writtenWord(one)}`;
}

function endWords(one: Export): string {
  const isFile = writtenWord(one) !== "sent";
  if (one.status === "failed" || one.status === "cancelled") {
    if (isFile) return "There is no file: an unfinished one is dropped.";
    return one.written > 0 ? `${plural(one.written, "row was", "rows were")} delivered before; they stay where they are.` : "No row was delivered.";
  }
  if (one.status === "done_with_failures") return `${plural(one.failed, "row was", "rows were")} refused; below is why. They are tried again by the next export like this one, or now.`;
  if (one.destination === "download" && one.file === null) return "The file was kept for its time and is gone. Do it again to get a new one.";
  return one.left_out > 0 ? `${plural(one.left_out, "row")} stayed here; below is why.` : "No row was left out.";
}
