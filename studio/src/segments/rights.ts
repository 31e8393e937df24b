// What the one who looks may do with segments.
import { useQuery } from "@tanstack/react-query";
import { meQuery } from "../app/session";

export function useRights(): { mayWrite: boolean; mayExport: boolean } {
  const { data: me } = useQuery(meQuery);
  return { mayWrite: me?.scopes.includes("segments:write") ?? false, mayExport: me?.scopes.includes("exports:write") ?? false };
}
