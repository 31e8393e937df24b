// What could be filled in: every column some source gives, how many rows lack it, and who gives it; pure.
import type { Give } from "../model";
import { byCost, hasInputs, type Source } from "./sources";

/** filled: rows that have it; null when the table has no such column. */
export interface Goal {
  column: string;
  title: string;
  description: string;
  filled: number | null;
  missing: number;
  sources: Source[];
  /** Whether one of the sources finds what it needs in this table. */
  isPossible: boolean;
}

export interface GoalGroup {
  title: string;
  /** Who gives these new columns; null for columns the table has. */
  by: Source | null;
  goals: Goal[];
}

export interface KnownColumn {
  name: string;
  type: string;
  filled: number;
  empty: number;
}

export function goalsOf(sources: readonly Source[], columns: readonly KnownColumn[], rows: number): Goal[] {
  const names = columns.map(({ name }) => name);
  const found = new Map<string, { give: Give; sources: Source[] }>();
  for (const source of [...sources].sort(byCost)) {
    for (const give of source.terms.gives) {
      const known = found.get(give.column);
      if (known === undefined) found.set(give.column, { give, sources: [source] });
      else if (!known.sources.includes(source)) known.sources.push(source);
    }
  }
  return [...found].map(([column, { give, sources: able }]) => {
    const known = columns.find(({ name }) => name === column);
    return {
      column,
      title: give.title,
      description: give.description,
      filled: known?.filled ?? null,
      missing: known?.empty ?? rows,
      sources: able,
      isPossible: able.some((source) => hasInputs(source, names)),
    };
  });
}

/** Gaps in columns that are there first, then new columns by who gives them first. */
export function grouped(goals: readonly Goal[]): GoalGroup[] {
  const gaps = goals.filter((goal) => goal.filled !== null && goal.missing > 0).sort((one, other) => other.missing - one.missing);
  const complete = goals.filter((goal) => goal.filled !== null && goal.missing === 0);
  const added = new Map<Source, Goal[]>();
  for (const goal of goals) {
    const [first] = goal.sources;
    if (goal.filled === null && first !== undefined) added.set(first, [...(added.get(first) ?? []), goal]);
  }
  return [
    { title: "Gaps in columns you have", by: null, goals: gaps },
    ...[...added].map(([source, members]) => ({ title: `New columns: ${source.title}`, by: source, goals: members })),
    { title: "Complete already", by: null, goals: complete },
  ].filter(({ goals: members }) => members.length > 0);
}
