// The last sizes of a segment as a small line; its words say the same.
import classes from "./segments.module.css";
import { sizesWords } from "./words";

const WIDTH = 96;
const HEIGHT = 24;
const EDGE = 3; // room for the dot and the stroke

export function Sparkline({ sizes }: { sizes: readonly number[] }) {
  if (sizes.length < 2) return <span className={classes.muted}>{sizes.length === 0 ? "–" : "one count"}</span>;
  const low = Math.min(...sizes);
  const high = Math.max(...sizes);
  const x = (at: number) => EDGE + (at * (WIDTH - 2 * EDGE)) / (sizes.length - 1);
  // Sizes that never changed lie in the middle.
  const y = (size: number) => (high === low ? HEIGHT / 2 : HEIGHT - EDGE - ((size - low) * (HEIGHT - 2 * EDGE)) / (high - low));
  const last = sizes.length - 1;
  return (
    <svg role="img" aria-label={sizesWords(sizes)} width={WIDTH} height={HEIGHT} viewBox={`0 0 ${WIDTH} ${HEIGHT}`} className={classes.spark}>
      <title>{sizesWords(sizes)}</title>
      <polyline points={sizes.map((size, at) => `${x(at)},${y(size)}`).join(" ")} />
      <circle cx={x(last)} cy={y(sizes[last] ?? 0)} r={2.5} />
    </svg>
  );
}
