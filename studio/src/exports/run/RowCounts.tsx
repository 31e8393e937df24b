// What became of every row: the four counts that add up, why rows were left out, what changed since the last export.
import { Paper, Stack, Text, Title } from "@mantine/core";
import { count, plural } from "../../kit/format";
import { LinkAnchor } from "../../kit/links";
import classes from "../exports.module.css";
import type { Export } from "../model";
import { isMoving } from "../queries";
import { reasonWords, unhashedWords, writtenWord } from "../words";
import run from "./run.module.css";

const LISTED_BY_NAME = (reason: string) => reason !== "unchanged"; // those are only counted

export function RowCounts({ one }: { one: Export }) {
  // Rows are counted part after part; before the end of the first one nothing is known but how many there are.
  if (one.rows === null || (isMoving(one) && one.written + one.failed + one.left_out === 0)) return null;
  const word = writtenWord(one);
  const counts = [
    ["written", word.charAt(0).toUpperCase() + word.slice(1), one.written],
    ["failed", "Refused", one.failed],
    ["left_out", "Left out", one.left_out],
    ["pending", isMoving(one) ? "Not reached yet" : "Never reached", one.pending ?? 0],
  ] as const;
  const reasons = Object.entries(one.reasons).filter(([, rows]) => rows > 0);
  return (
    <section aria-label="What became of the rows">
      <Title order={2} mb="sm">
        {plural(one.rows, "row")}
      </Title>
      <Paper withBorder p="md">
        <div className={run.bar} aria-hidden>
          {counts.map(([name, , rows]) => rows > 0 && <span key={name} data-became={name} style={{ width: `${(100 * rows) / Math.max(one.rows ?? 0, 1)}%` }} />)}
        </div>
        <dl className={run.legend}>
          {counts
            .filter(([name, , rows]) => rows > 0 || name === "written")
            .map(([name, label, rows]) => (
              <div key={name}>
                <dt>
                  <span data-became={name} aria-hidden /> {label}
                </dt>
                <dd>{count(rows)}</dd>
              </div>
            ))}
        </dl>
        <Stack gap="md" mt={reasons.length > 0 || one.changes !== null || one.unhashed.length > 0 ? "md" : 0}>
          {one.changes !== null && <Changes changes={one.changes} />}
          {reasons.length > 0 && (
            <div>
              <Title order={3} mb={4}>
                Left out
              </Title>
              <ul className={run.reasons} aria-label="Why rows were left out">
                {reasons.map(([reason, rows]) => (
                  <li key={reason}>
                    {plural(rows, "row")} {reasonWords(reason)} {LISTED_BY_NAME(reason) && !isMoving(one) && <Show outcome="left_out" code={reason} what={reasonWords(reason)} />}
                  </li>
                ))}
              </ul>
            </div>
          )}
          {one.unhashed.length > 0 && (
            <div>
              <Title order={3} mb={4}>
                Cells that could not be hashed
              </Title>
              <Text size="sm" c="dimmed" mb={4}>
                Such a value is never hashed as it stands: its cell stays empty, and the row leaves with what else it has.
              </Text>
              <ul className={run.reasons} aria-label="Cells that could not be hashed">
                {one.unhashed.map(({ column, code, cells }) => (
                  <li key={`${column} ${code}`}>
                    {plural(cells, "cell")} of <strong>{column}</strong>: {unhashedWords(code)} {!isMoving(one) && <Show outcome="written" code={code} what={`${column} ${unhashedWords(code)}`} />}
                  </li>
                ))}
              </ul>
            </div>
          )}
        </Stack>
      </Paper>
    </section>
  );
}

function Show({ outcome, code, what }: { outcome: string; code: string; what: string }) {
  return (
    <LinkAnchor to="." search={(before: Record<string, string | undefined>) => ({ ...before, outcome, code })} replace resetScroll={false} size="sm" underline="always" aria-label={`Show them: ${what}`}>
      show them
    </LinkAnchor>
  );
}

function Changes({ changes }: { changes: NonNullable<Export["changes"]> }) {
  const shown: [string, number][] = [
    ["Joined", changes.joined],
    ["Changed", changes.changed],
    ["Left", changes.left],
    ["Unchanged", changes.unchanged],
  ];
  return (
    <div>
      <Title order={3} mb={6}>
        Since the last export like this
      </Title>
      <dl className={classes.numbers}>
        {shown.map(([label, value]) => (
          <div key={label}>
            <dt>{label}</dt>
            <dd>{count(value)}</dd>
          </div>
        ))}
      </dl>
    </div>
  );
}
