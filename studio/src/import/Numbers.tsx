// What became of the rows of the file; accepted and set aside always make up all that was received.
import { count } from "../kit/format";
import classes from "./import.module.css";
import type { Issues } from "./rejects";

export function Numbers({ issues }: { issues: Issues }) {
  const open = issues.rows_rejected - issues.rows_discarded;
  const numbers: [label: string, value: number, tone: string, sign: string][] = [
    ["Received", issues.rows_received, "quiet", ""],
    ["In the table", issues.rows_accepted, "good", "="],
    ["Set aside", open, open > 0 ? "bad" : "quiet", "+"],
    ...(issues.rows_discarded > 0 ? [["Discarded", issues.rows_discarded, "quiet", "+"] as [string, number, string, string]] : []),
  ];
  return (
    <div className={classes.numbers}>
      <dl className={classes.sum}>
        {numbers.map(([label, value, tone, sign]) => (
          <div key={label} className={classes.numberBox} data-tone={tone} data-sign={sign}>
            <dt>{label}</dt>
            <dd>{count(value)}</dd>
          </div>
        ))}
      </dl>
      <dl className={classes.beside}>
        <div>
          <dt>with warnings</dt>
          <dd>{count(issues.rows_warned)}</dd>
        </div>
        <div>
          <dt>put into usual form</dt>
          <dd>{count(issues.rows_fixed)}</dd>
        </div>
      </dl>
    </div>
  );
}
