// What uploads are called, also those that are not among the newest.
import { useQueries, useQuery } from "@tanstack/react-query";
import { readyUploadsQuery, uploadQuery } from "../api/tables";

export function useUploadNames(ids: readonly string[]): ReadonlyMap<string, string> {
  const { data: ready } = useQuery(readyUploadsQuery);
  const names = new Map(ready?.map(({ upload_id, upload_name }) => [upload_id, upload_name]));
  const missing = ready === undefined ? [] : ids.filter((id) => !names.has(id));
  const asked = useQueries({ queries: missing.map((id) => ({ ...uploadQuery(id), retry: false, refetchInterval: false as const })) });
  for (const { data } of asked) if (data !== undefined) names.set(data.upload_id, data.upload_name);
  return names;
}

/** Names on one line: "CRM, Event and 2 more". */
export function namesLine(ids: readonly string[], names: ReadonlyMap<string, string>, most = 3): string {
  const shown = ids.slice(0, most).map((id) => names.get(id) ?? id);
  return ids.length > most ? `${shown.join(", ")} and ${ids.length - most} more` : shown.join(", ");
}
