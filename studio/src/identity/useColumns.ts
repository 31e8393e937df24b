// The columns of several uploads together, by their names.
import { useQueries } from "@tanstack/react-query";
import { profileQuery } from "../api/tables";

export function useColumns(uploads: readonly string[]): readonly string[] {
  const profiles = useQueries({ queries: uploads.map((id) => ({ ...profileQuery(id), retry: false })) });
  return [...new Set(profiles.flatMap(({ data }) => data?.columns.map(({ name }) => name) ?? []))];
}
