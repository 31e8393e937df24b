// Where the run is: its bar while it works, and once it has ended what that means and where to go from here.
import { Group, Paper, Progress, Stack, Text, Title } from "@mantine/core";
import { CircleCheck, CirclePause, CircleX, Coins, type LucideIcon, Table2, Undo2 } from "lucide-react";
import type { Progress as Told } from "../../api/events";
import { namesText } from "../../grid/names";
import { count, duration, money, percent, plural } from "../../kit/format";
import { LinkButton } from "../../kit/links";
import { isOver } from "../queries";
import type { Run } from "../model";
import { sum } from "../words";

export function RunState({ run, told }: { run: Run; told: Partial<Told> }) {
  return (
    <Paper withBorder p="lg">
      {isOver(run) ? <Ended run={run} /> : <AtWork run={run} told={told} />}
    </Paper>
  );
}

const TITLES: Record<string, string> = { queued: "Waiting for its turn…", running: "Asking…", paused: "Paused" };

function AtWork({ run, told }: { run: Run; told: Partial<Told> }) {
  const progress = { ...run.progress, ...told };
  const { done = 0, total = null } = progress;
  const share = total === null || total === 0 ? null : Math.min(100, (100 * done) / total);
  const isPaused = run.status === "paused";
  const asked = run.providers.find(({ provider }) => provider === progress.phase);
  const title = run.status === "running" && asked !== undefined ? `Asking ${asked.title}…` : (TITLES[run.status] ?? run.status);
  return (
    <Stack gap="md">
      <Title order={2}>{title}</Title>
      <Progress value={share ?? (isPaused ? 0 : 100)} animated={share === null && !isPaused} aria-label="How much of the run is done" size="lg" />
      <Group gap="lg" mih={22}>
        {total !== null && (
          <Text size="sm">
            {count(done)} of {count(total)} {progress.unit ?? "rows"} ({percent(done, total)})
          </Text>
        )}
        <Text size="sm">{count(sum(run.providers, "found"))} found</Text>
        {typeof progress.rows_per_second === "number" && !isPaused && <Text size="sm">{count(Math.round(progress.rows_per_second))} rows/s</Text>}
        {typeof progress.seconds_left === "number" && !isPaused && <Text size="sm">about {duration(progress.seconds_left)} left</Text>}
        <Money run={run} />
      </Group>
      <Text size="sm" c="dimmed">
        {isPaused ? "The run rests where it is; nothing is lost." : "You may leave this page; the run goes on. Its results come into the table when it is done."}
      </Text>
    </Stack>
  );
}

function Money({ run }: { run: Run }) {
  if (run.budget === null && run.cost === 0) return null;
  return (
    <Text size="sm">
      cost {money(run.cost)}
      {run.budget !== null && ` of ${money(run.budget)}, ${money(Math.max(0, run.budget - run.cost))} left`}
    </Text>
  );
}

const ENDS: Record<string, { icon: LucideIcon; colour: string; text: string }> = {
  done: { icon: CircleCheck, colour: "var(--good-text)", text: "" },
  stopped: { icon: Coins, colour: "var(--warn-text)", text: "" },
  failed: { icon: CircleX, colour: "var(--bad-line)", text: "Nothing was stored. What providers answered is kept, so another run does not pay for it again." },
  cancelled: { icon: CirclePause, colour: "var(--muted)", text: "No column was stored. What providers answered is kept, so the next run does not pay for it again." },
  undone: { icon: Undo2, colour: "var(--muted)", text: "The table is as it was before. What providers answered is kept, so the next run does not pay for it again." },
};

function Ended({ run }: { run: Run }) {
  const end = ENDS[run.status] ?? { icon: CircleCheck, colour: "var(--muted)", text: "" };
  const Icon = end.icon;
  const isStored = run.status === "done" || run.status === "stopped";
  return (
    <Group gap="sm" wrap="nowrap" align="flex-start">
      <Icon size={28} color={end.colour} aria-hidden style={{ flexShrink: 0 }} />
      <Stack gap="sm" style={{ minWidth: 0 }}>
        <div role={run.status === "failed" ? "alert" : undefined}>
          <Title order={2}>{titleOf(run)}</Title>
          {run.status === "failed" && (
            <Text size="sm">
              {run.reason ?? "There is no more to say about it."} {run.reason_code !== null && <code>{run.reason_code}</code>}
            </Text>
          )}
          <Text size="sm" c="dimmed">
            {isStored ? endWords(run) : end.text}
          </Text>
        </div>
        <Group gap="sm">
          {isStored && (
            <LinkButton to="/uploads/$uploadId" params={{ uploadId: run.upload_id }} search={{ columns: namesText(columnsOf(run)) }} leftSection={<Table2 size={16} aria-hidden />}>
              Open the table
            </LinkButton>
          )}
          <LinkButton variant="default" to="/uploads/$uploadId/enrich" params={{ uploadId: run.upload_id }} search={{ like: run.run_id }}>
            Plan another like this
          </LinkButton>
        </Group>
      </Stack>
    </Group>
  );
}

function titleOf(run: Run): string {
  const filled = run.targets.reduce((total, target) => total + (target.filled ?? 0), 0);
  if (run.status === "done") return `${plural(filled, "cell")} filled`;
  if (run.status === "stopped") return "Stopped at the budget";
  if (run.status === "failed") return "The run failed";
  return run.status === "cancelled" ? "You cancelled the run" : "Taken back";
}

function endWords(run: Run): string {
  const filled = run.targets.reduce((total, target) => total + (target.filled ?? 0), 0);
  const cost = run.cost > 0 ? ` It cost ${money(run.cost)}${run.budget === null ? "" : ` of ${money(run.budget)}`}.` : " It cost nothing.";
  const left = sum(run.providers, "left");
  if (run.status === "stopped") return `What was found until then is in the table: ${plural(filled, "cell")} filled. ${plural(left, "question was", "questions were")} not asked.${cost}`;
  return `In ${plural(run.targets.length, "column")} of a new version of the table; one undo drops them.${cost}`;
}

/** What was read, and beside it what was filled. */
function columnsOf(run: Run): string[] {
  return [...new Set([...run.providers.flatMap((step) => Object.values(step.inputs)), ...run.targets.map(({ column }) => column)])];
}
