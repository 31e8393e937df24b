// The small picture in a header: a spread of 20 bars, or the frequent values side by side. A click filters.
import type { Filter } from "../filter/ast";
import { count, percent } from "../kit/format";
import { type Bar, bars, distinctWords, hasSpread, topBars } from "./bins";
import type { ColumnProfile } from "./model";

const WIDE = 100;
const HIGH = 26;
const LEAST_HIGH = 1.5; // a bar with few rows must still be seen
const SHOWN_VALUES = 5;
const LEAST_SHARE = 0.01; // a most frequent value rarer than this tells less than the number of values

interface HeaderChartProps {
  profile: ColumnProfile;
  onFilter: (filter: Filter) => void;
}

export function HeaderChart({ profile, onFilter }: HeaderChartProps) {
  if (profile.filled === 0) return <div className="chart-words">no values</div>;
  if (hasSpread(profile)) return <Spread profile={profile} onFilter={onFilter} />;
  const [first] = profile.top;
  if (first === undefined || first.rows < profile.filled * LEAST_SHARE) return <div className="chart-words">{distinctWords(profile)}</div>;
  return <Frequent profile={profile} onFilter={onFilter} />;
}

function Spread({ profile, onFilter }: HeaderChartProps) {
  const shown = bars(profile);
  const most = Math.max(1, ...shown.map((bar) => bar.rows));
  const step = WIDE / shown.length;
  return (
    <svg className="chart-spread" viewBox={`0 0 ${WIDE} ${HIGH}`} preserveAspectRatio="none" role="img" aria-label={`How ${profile.name} is spread; the column's profile lists the numbers.`}>
      {shown.map((bar, at) => (
        <g key={at} className={bar.filter === null ? "bar" : "bar clickable"} onClick={clickOf(bar, onFilter)}>
          <title>{`${bar.label}: ${count(bar.rows)} rows`}</title>
          <rect className="bar-room" x={at * step} width={step} y={0} height={HIGH} />
          <rect className="bar-fill" x={at * step + step * 0.08} width={step * 0.84} {...heightOf(bar.rows, most)} />
        </g>
      ))}
    </svg>
  );
}

function heightOf(rows: number, most: number): { y: number; height: number } {
  const height = rows === 0 ? 0 : Math.max(LEAST_HIGH, (HIGH * rows) / most);
  return { y: HIGH - height, height };
}

function Frequent({ profile, onFilter }: HeaderChartProps) {
  const shown = topBars(profile).slice(0, SHOWN_VALUES);
  const rest = profile.filled - shown.reduce((sum, bar) => sum + bar.rows, 0);
  const [first] = shown;
  return (
    <div className="chart-frequent">
      <div className="segments">
        {shown.map((bar) => (
          <span
            key={bar.label}
            className="segment clickable"
            style={{ flexGrow: bar.rows }}
            title={`${bar.label}: ${count(bar.rows)} rows, ${percent(bar.rows, profile.filled)}`}
            onClick={clickOf(bar, onFilter)}
          />
        ))}
        {rest > 0 && <span className="segment rest" style={{ flexGrow: rest }} title={`Other values: ${count(rest)} rows`} />}
      </div>
      {first !== undefined && (
        <div className="chart-words">
          <span className="truncate clickable" onClick={clickOf(first, onFilter)} title={first.label}>
            {first.label}
          </span>
          <span>{percent(first.rows, profile.filled)}</span>
        </div>
      )}
    </div>
  );
}

function clickOf(bar: Bar, onFilter: (filter: Filter) => void) {
  const { filter } = bar;
  if (filter === null) return undefined;
  return (event: { stopPropagation: () => void }) => {
    event.stopPropagation();
    onFilter(filter);
  };
}
