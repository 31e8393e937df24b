// Sizes over time as a line; the table below it has the same numbers.
import { useElementSize } from "@mantine/hooks";
import { count, exactTime } from "../../kit/format";
import type { Version } from "../model";
import { sizesWords } from "../words";
import own from "./one.module.css";

const HEIGHT = 180;
const TOP = 18;
const BOTTOM = 30;
const SIDE = 14;
const MOST_DOTS = 40;

const day = new Intl.DateTimeFormat("en", { day: "numeric", month: "short", hour: "2-digit", minute: "2-digit" });

/** versions: the newest first, two at least. */
export function SizeChart({ versions }: { versions: readonly Version[] }) {
  const { ref, width } = useElementSize<HTMLDivElement>();
  const shown = [...versions].reverse();
  const sizes = shown.map((version) => version.count);
  const times = shown.map(({ at }) => Date.parse(at));
  const [first = 0, last = 0] = [times[0], times.at(-1)];
  const high = Math.max(...sizes, 1);
  // Small changes of a large segment would not be seen from zero; both ends are named.
  const spread = high - Math.min(...sizes);
  const low = spread > high / 3 ? 0 : Math.max(0, Math.floor(high - Math.max(3 * spread, 4)));
  const axis = 8 + 8 * count(high).length; // room for the numbers
  const x = (time: number) => axis + (last === first ? 0.5 : (time - first) / (last - first)) * (width - axis - SIDE);
  const y = (size: number) => HEIGHT - BOTTOM - ((size - low) / Math.max(1, high - low)) * (HEIGHT - TOP - BOTTOM);
  const places = shown.map((version, at) => ({ version, x: x(times[at] ?? first), y: y(version.count) }));
  return (
    <div ref={ref}>
      <svg role="img" aria-label={`${sizesWords(sizes)}. The table below has them with their times.`} className={own.chart}>
        {width > 0 && (
          <>
            {[low, high].map((size) => (
              <g key={size}>
                <line x1={axis} x2={width - SIDE} y1={y(size)} y2={y(size)} />
                <text x={axis - 6} y={y(size) + 4} textAnchor="end">
                  {count(size)}
                </text>
              </g>
            ))}
            <polyline points={places.map((place) => `${place.x},${place.y}`).join(" ")} />
            {places.length <= MOST_DOTS &&
              places.map((place) => (
                <circle key={place.version.version} cx={place.x} cy={place.y} r={3.5}>
                  <title>{`Version ${place.version.version}: ${count(place.version.count)}, ${exactTime(place.version.at)}`}</title>
                </circle>
              ))}
            <text x={axis} y={HEIGHT - 8}>
              {day.format(first)}
            </text>
            <text x={width - SIDE} y={HEIGHT - 8} textAnchor="end">
              {day.format(last)}
            </text>
          </>
        )}
      </svg>
    </div>
  );
}
