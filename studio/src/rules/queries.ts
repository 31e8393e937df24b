// Rules of the person, and the field names to offer while writing one.
import { queryOptions } from "@tanstack/react-query";
import { answer, api, type Schemas } from "../api/client";
import { queries } from "../api/queries";

export type Rule = Schemas["RuleView"];
export type Tried = Schemas["TriedView"];
export type TriedUpload = Schemas["TriedUploadView"];

export const rulesQuery = queryOptions({
  queryKey: ["rules"],
  queryFn: async () => (await answer(api.GET("/api/audience/rules"))).rules,
});

const USUAL = ["business_email", "personal_email", "email", "first_name", "last_name", "company", "domain", "phone", "job_title", "country"];

export const uploadsToTryQuery = queryOptions({
  queryKey: ["rules", "uploads"],
  queryFn: async () => (await answer(api.GET("/api/audience/batch-upload", { params: { query: { limit: 50 } } }))).uploads,
  staleTime: 60_000,
});

/** Fields of the newest uploads first, then the usual ones. */
export function fieldNames(uploads: readonly { fields: string[] }[] | undefined): string[] {
  return [...new Set([...(uploads ?? []).flatMap((upload) => upload.fields), ...USUAL])].slice(0, 200);
}

export function refreshRules(): Promise<void> {
  return queries.invalidateQueries({ queryKey: rulesQuery.queryKey });
}
