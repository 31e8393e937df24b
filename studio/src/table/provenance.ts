// Where the values of a row came from, asked once for each row and version, and how that is said.
import { queryOptions } from "@tanstack/react-query";
import { answer, api, type Schemas } from "../api/client";
import { ago, money } from "../kit/format";

export type CellOrigin = Schemas["CellOriginJson"];

export function provenanceQuery(uploadId: string, rowId: number, version: number | null) {
  return queryOptions({
    queryKey: ["upload", uploadId, "provenance", rowId, version],
    queryFn: async ({ signal }) =>
      (await answer(api.GET("/api/audience/batch-upload/{upload_id}/rows/{row_id}/provenance", { params: { path: { upload_id: uploadId, row_id: rowId } }, signal }))).cells,
    staleTime: Infinity,
  });
}

/** Titles of providers by id, for those who may see the list of them. */
export const providerTitlesQuery = queryOptions({
  queryKey: ["enrichments", "providers"],
  queryFn: async ({ signal }) => (await answer(api.GET("/api/audience/enrichments/providers", { signal }))).providers,
  select: (providers) => new Map(providers.map(({ id, title }) => [id, title])),
  staleTime: 60_000,
});

export function isEnriched(origin: string | undefined): boolean {
  return origin !== undefined && origin.startsWith("enrichment:");
}

export function providerOf(origin: CellOrigin, titles: ReadonlyMap<string, string> | undefined): string {
  const { provider } = origin;
  return provider === null ? "" : (titles?.get(provider) ?? provider.replaceAll("_", " "));
}

/** "just now", "90% sure", "cost 0.002", "from the cache". */
export function factsOf({ at, confidence, cost, cached }: CellOrigin): string[] {
  return [
    ...(at === null ? [] : [ago(at)]),
    ...(confidence === null ? [] : [confidence >= 1 ? "certain" : `${Math.round(100 * confidence)}% sure`]),
    ...(cost === null ? [] : [cost === 0 ? "free" : `cost ${money(cost)}`]),
    ...(cached === true ? ["from the cache"] : []),
  ];
}
