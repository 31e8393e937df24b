// Which fields and rows of a group are shown, and where each joined value comes from; pure.
import type { DuplicateGroup } from "../model";

export interface FieldView {
  name: string;
  /** One for each row shown. */
  values: readonly (string | null)[];
  merged: string | null;
  /** Place among the rows shown that the joined value comes from; null where that row is not known. */
  from: number | null;
  /** Whether it is another row's value than that of the row kept. */
  isChanged: boolean;
  isSame: boolean;
}

/** Places of rows: the one kept, those values come from, then others up to `most`. */
export function shownPlaces(group: DuplicateGroup, most: number): number[] {
  const taken = group.changes.flatMap(({ origin }) => (origin === null ? [] : [origin]));
  const places = [...new Set([group.winner, ...taken])];
  for (let at = 0; at < group.rows.length && places.length < most; at++) if (!places.includes(at)) places.push(at);
  return places.sort((one, other) => one - other);
}

/** columns: in the order of values. */
export function fieldsOf(group: DuplicateGroup, columns: readonly string[], places: readonly number[]): FieldView[] {
  const changes = new Map(group.changes.map((change) => [change.field, change]));
  return columns.map((name, at) => {
    const change = changes.get(name);
    const origin = change === undefined ? group.winner : change.origin;
    const everywhere = group.rows.map(({ values }) => values[at] ?? null);
    const shown = origin === null ? -1 : places.indexOf(origin);
    return {
      name,
      values: places.map((place) => everywhere[place] ?? null),
      merged: group.merged[at] ?? null,
      from: shown < 0 ? null : shown,
      isChanged: change !== undefined,
      isSame: change === undefined && everywhere.every((value) => value === everywhere[0]),
    };
  });
}
