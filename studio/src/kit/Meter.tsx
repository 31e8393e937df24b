// How much of something there is, as a thin bar; the words beside it say the same.
import classes from "./Meter.module.css";

export function Meter({ part, all }: { part: number; all: number }) {
  return (
    <span className={classes.room} aria-hidden>
      <span className={classes.fill} style={{ width: `${all === 0 ? 0 : Math.min(100, (100 * part) / all)}%` }} />
    </span>
  );
}
