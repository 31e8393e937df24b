// The list of people who must not leave: a page of it, and what can be done with it.
import { infiniteQueryOptions } from "@tanstack/react-query";
import { answer, api, type Schemas } from "../../api/client";
import { queries } from "../../api/queries";

const BASE = "/api/audience/suppressions";
const PAGE_ENTRIES = 50;

export type Entry = Schemas["SuppressionJson"];
export type Kind = Schemas["SuppressionKind"];
export type Checked = Schemas["CheckedValueJson"];

export const MOST_AT_ONCE = 1000; // values in one request, as the API has it

/** kind: "" for all. */
export const suppressionsQuery = (kind: Kind | "") =>
  infiniteQueryOptions({
    queryKey: ["suppressions", kind],
    queryFn: ({ pageParam, signal }) => answer(api.GET(BASE, { params: { query: { limit: PAGE_ENTRIES, cursor: pageParam, ...(kind === "" ? {} : { kind }) } }, signal })),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next_cursor,
  });

/** region: two letters, of phone numbers without a country code; null for none. */
export async function checkValues(values: string[], region: string | null): Promise<Checked[]> {
  return (await answer(api.POST(`${BASE}/check`, { body: { values, region } }))).results;
}

export function suppress(values: string[], { region, reason }: { region: string | null; reason: string | null }) {
  return answer(api.POST(BASE, { body: { values, region, reason } }));
}

export async function removeEntry(id: string): Promise<void> {
  await answer(api.DELETE(`${BASE}/{suppression_id}`, { params: { path: { suppression_id: id } } }));
  await refresh();
}

/** How many entries went: 0 when the value is only covered by another one. */
export async function removeValue(value: string): Promise<number> {
  const { removed } = await answer(api.DELETE(BASE, { body: { values: [value] } }));
  await refresh();
  return removed;
}

export function refresh(): Promise<void> {
  return queries.invalidateQueries({ queryKey: ["suppressions"] });
}
