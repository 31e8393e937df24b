// An upload and the profile of its table, as several pages ask for them.
import { queryOptions } from "@tanstack/react-query";
import { answer, api, type Schemas } from "./client";

export type Upload = Schemas["SingleUploadJson"];

const PATH = "/api/audience/batch-upload/{upload_id}";

export const AT_WORK: ReadonlySet<string> = new Set(["receiving", "uploaded", "processing"]);
const LOOK_AGAIN_MS = 2_000;

/** Looks again by itself while the table is not there: event streams tell more, but may be cut. */
export function uploadQuery(uploadId: string) {
  return queryOptions({
    queryKey: ["upload", uploadId, "table"],
    queryFn: async ({ signal }) => {
      const asked = api.GET(PATH, { params: { path: { upload_id: uploadId }, query: { include: "none" } }, headers: { Accept: "application/json" }, signal });
      return (await answer(asked)) as Upload; // the description of this route knows CSV and more besides
    },
    refetchInterval: ({ state }) => (AT_WORK.has(state.data?.upload_status ?? "") ? LOOK_AGAIN_MS : false),
  });
}

const MOST_OFFERED = 200;

/** Tables to choose one from, the newest first. */
export const readyUploadsQuery = queryOptions({
  queryKey: ["uploads", "ready"],
  queryFn: async ({ signal }) => (await answer(api.GET("/api/audience/batch-upload", { params: { query: { limit: MOST_OFFERED, status: "ready,ready_with_errors" } }, signal }))).uploads,
  staleTime: 60_000,
});

export function profileQuery(uploadId: string) {
  return queryOptions({
    queryKey: ["upload", uploadId, "profile"],
    queryFn: ({ signal }) => answer(api.GET(`${PATH}/profile`, { params: { path: { upload_id: uploadId } }, signal })),
    staleTime: 60_000,
  });
}
