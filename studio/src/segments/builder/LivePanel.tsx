// What the definition comes to now: the count, the sentence, what each condition costs.
import { Loader, Paper, Stack, Text, Title } from "@mantine/core";
import { ErrorNote } from "../../kit/ErrorNote";
import { count, percent, plural } from "../../kit/format";
import { Meter } from "../../kit/Meter";
import type { Preview } from "../model";
import classes from "./builder.module.css";
import { Funnel } from "./Funnel";
import type { Previewing } from "./usePreview";

interface LivePanelProps {
  preview: Previewing;
  /** Nothing can be asked yet, and why. */
  lack: string | null;
  /** Conditions that do not count yet. */
  unfinished: number;
  /** The refusal is told where it belongs. */
  isTold: boolean;
}

export function LivePanel({ preview, lack, unfinished, isTold }: LivePanelProps) {
  const { found, isOld, isAsking, error, retry } = preview;
  const isBusy = lack === null && isAsking;
  return (
    <Paper component="section" withBorder p="md" aria-label="Live count" className={classes.live ?? ""}>
      <div className={classes.liveHead}>
        <Title order={2}>Who is in it</Title>
        {isBusy && <Loader size={16} aria-label="Counting" />}
      </div>
      {lack !== null && (
        <Text size="sm" c="dimmed">
          {lack}
        </Text>
      )}
      {lack === null && found === null && error === null && (
        <Text size="sm" c="dimmed">
          Counting…
        </Text>
      )}
      {error !== null && !isTold && <ErrorNote error={error} onRetry={retry} />}
      {error !== null && isTold && (
        <Text size="sm" c="var(--bad-text)">
          Not counted: see what is marked{found === null ? "." : ". The number is of before."}
        </Text>
      )}
      {found !== null && lack === null && <Found found={found} isOld={isOld} isBusy={isBusy} />}
      {unfinished > 0 && (
        <Text size="xs" c="dimmed" mt="xs">
          {plural(unfinished, "condition is", "conditions are")} not finished and {unfinished === 1 ? "does" : "do"} not count yet.
        </Text>
      )}
    </Paper>
  );
}

function Found({ found, isOld, isBusy }: { found: Preview; isOld: boolean; isBusy: boolean }) {
  const isPeople = found.dedupe !== null;
  const unit = isPeople ? "people" : "rows";
  const number = isPeople ? plural(found.count, "person", "people") : plural(found.count, "row");
  const byHand = [...(found.included > 0 ? [`${count(found.included)} added`] : []), ...(found.excluded > 0 ? [`${count(found.excluded)} left out`] : [])];
  return (
    <Stack gap="sm" data-old={isOld || undefined} className={classes.found ?? ""}>
      <div>
        <p className={classes.count} data-testid="segment-count" aria-busy={isBusy}>
          {number}
        </p>
        <Text size="sm" c="dimmed">
          {percent(found.count, found.of)} of {count(found.of)} {unit}
        </Text>
      </div>
      <Meter part={found.count} all={found.of} />
      {isPeople && (
        <Text size="sm">
          {plural(found.rows, "row")}, of which {count(found.duplicates)} {found.duplicates === 1 ? "is" : "are"} of people who are there already.
        </Text>
      )}
      {byHand.length > 0 && <Text size="sm">{byHand.join(" and ")} by hand are in the count, not in the steps below.</Text>}
      <Text size="sm" className={classes.sentence ?? ""}>
        {found.describe}.
      </Text>
      <Funnel found={found} unit={unit} />
    </Stack>
  );
}
