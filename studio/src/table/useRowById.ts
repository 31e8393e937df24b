// An address that names a row by its id (`?row_id=7`), as links from elsewhere do: ids stay what they are, places do not.
import { useQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useEffect } from "react";
import { askRows } from "../grid/askRows";
import { count } from "../kit/format";
import { tell, tellError } from "../kit/toast";

/** Puts the row's place into the address, and goes there; says so when the row is no longer in the table. */
export function useRowById(uploadId: string): void {
  const { row_id: text } = useSearch({ strict: false });
  const navigate = useNavigate();
  const id = text === undefined || !/^\d{1,12}$/.test(text) ? null : Number(text);
  const { data: place, error } = useQuery({
    queryKey: ["upload", uploadId, "place", id],
    queryFn: ({ signal }) => placeOf(id ?? 0, (at) => idAt(uploadId, at, signal)),
    enabled: id !== null,
  });
  useEffect(() => {
    if (id === null || (place === undefined && error === null)) return;
    const row = place === undefined || place === null ? undefined : String(place + 1);
    if (error !== null) tellError("The row cannot be found now", error);
    else if (row === undefined) tell(`Row ${count(id + 1)} is no longer in this table.`);
    void navigate({ to: ".", search: ({ row_id: _id, panel, ...rest }: Record<string, string | undefined>) => ({ ...rest, row, panel: row === undefined ? undefined : panel }), replace: true });
  }, [id, place, error, navigate]);
}

async function idAt(uploadId: string, place: number, signal: AbortSignal): Promise<number | null> {
  const question = { uploadId, filter: null, sort: [], columns: null, view: "all" as const };
  const { rows } = await askRows(question, { offset: place, limit: 1, signal });
  return rows[0]?._row_id ?? null;
}

/**
 * Where the row with this id stands among all rows, from 0; null when it is gone.
 *
 * idAt: the id at a place, null behind the last one. Ids ascend and only rows that are gone leave gaps, so a row stands at
 * its id or before it: mostly one question, and never more than the digits of the table's size in base two.
 */
export async function placeOf(id: number, idAt: (place: number) => Promise<number | null>): Promise<number | null> {
  let low = 0;
  let high = id;
  let at = id;
  while (low <= high) {
    const found = await idAt(at);
    if (found === id) return at;
    if (found === null || found > id) high = at - 1;
    else low = at + 1;
    // As many gaps as were seen lie somewhere before it: it is no nearer to the start than this.
    if (found !== null && found > id) low = Math.max(low, at - (found - id));
    at = Math.floor((low + high) / 2);
  }
  return null;
}
