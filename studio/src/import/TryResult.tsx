// What a correction would do, before it is applied: how many rows it mends, and the first of them before and after.
import { Stack, Text } from "@mantine/core";
import { ArrowRight } from "lucide-react";
import { count } from "../kit/format";
import { inWords } from "./fields";
import type { tryFix } from "./fixing";
import classes from "./import.module.css";

const SHOWN = 4;

interface TryResultProps {
  trial: Awaited<ReturnType<typeof tryFix>> | null;
  isStale: boolean;
  field: string;
  /** Rows that are fixed so far, while it is applied. */
  done: number | null;
}

export function TryResult({ trial, isStale, field, done }: TryResultProps) {
  return (
    <Stack gap={6} mih={44} data-stale={isStale} className={classes.trial}>
      <Text size="sm" fw={600} role="status">
        {done !== null ? `${count(done)} rows done…` : trial === null ? "Say what to do to see what it would mend." : sentenceOf(trial)}
      </Text>
      {trial !== null &&
        trial.discarded === 0 &&
        trial.samples.slice(0, SHOWN).map((sample) => (
          <div key={sample.row} className={classes.trialSample}>
            <span className={classes.sampleValue}>{sample.before[field] ?? "empty"}</span>
            <ArrowRight size={13} aria-label="becomes" />
            <span className={classes.sampleValue} data-ok={sample.code === undefined}>
              {sample.after[field] ?? "empty"}
            </span>
            {sample.message !== undefined && (
              <Text span size="xs" c="dimmed">
                still wrong: {inWords(sample.message)}
              </Text>
            )}
          </div>
        ))}
    </Stack>
  );
}

function sentenceOf(trial: NonNullable<TryResultProps["trial"]>): string {
  const looked = trial.accepted + trial.failed + trial.discarded;
  const of = trial.remaining > 0 ? `the first ${count(looked)} of ${count(trial.matched)}` : count(trial.matched);
  if (trial.discarded > 0) return `Would discard ${count(trial.matched)} ${trial.matched === 1 ? "row" : "rows"}.`;
  return `Would mend ${trial.exact ? "" : "up to "}${count(trial.accepted)} of ${of} ${trial.matched === 1 ? "row" : "rows"}.`;
}
