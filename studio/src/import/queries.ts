// What the wizard asks the server for, and what may be done with an upload in its present state.
import { queryOptions } from "@tanstack/react-query";
import { answer, api, type Schemas } from "../api/client";
import type { Step } from "./address";
import { asQuery, type Overrides } from "./layout";

export type Upload = Schemas["SingleUploadJson"];
export type Preview = Schemas["PreviewJson"];
export type KeptMapping = Schemas["KeptMappingJson"];
export type MappingJson = Schemas["MappingJson"];

const WHILE_MOVING_MS = 1_500;

export const uploadKey = (uploadId: string) => ["import", uploadId] as const;

export const uploadQuery = (uploadId: string) =>
  queryOptions({
    queryKey: [...uploadKey(uploadId), "upload"],
    queryFn: async ({ signal }) =>
      // Other forms of the answer are asked for by Accept; this one is JSON.
      (await answer(api.GET("/api/audience/batch-upload/{upload_id}", { params: { path: { upload_id: uploadId }, query: { include: "none" } }, signal }))) as Upload,
    // The event stream tells sooner; this also holds when a proxy does not let streams through.
    refetchInterval: ({ state }) => (state.data !== undefined && isMoving(state.data) ? WHILE_MOVING_MS : false),
  });

export const previewQuery = (uploadId: string, overrides: Overrides) =>
  queryOptions({
    queryKey: [...uploadKey(uploadId), "preview", overrides],
    queryFn: ({ signal }) =>
      answer(api.GET("/api/audience/batch-upload/{upload_id}/preview", { params: { path: { upload_id: uploadId }, query: asQuery(overrides) }, signal })),
    staleTime: 60_000,
  });

export const templatesQuery = queryOptions({
  queryKey: ["mappings"],
  queryFn: async ({ signal }) => (await answer(api.GET("/api/audience/mappings", { params: { query: { limit: 200 } }, signal }))).mappings,
});

export const isFile = (upload: Upload) => upload.source === "file";

/** Nobody decided yet how the columns are named; the upload waits for that. */
export const isUndecided = (upload: Upload) => upload.upload_status === "uploaded" && upload.status_reason === "awaiting_mapping";

export const isWorking = (upload: Upload) => upload.upload_status === "processing" || (upload.upload_status === "uploaded" && !isUndecided(upload));

export const isMoving = (upload: Upload) => upload.upload_status === "receiving" || (isWorking(upload) && (isFile(upload) || upload.progress !== undefined));

export const hasTable = (upload: Upload) => upload.upload_status === "ready" || upload.upload_status === "ready_with_errors";

/** Whether the state of an upload lets a step be opened. */
export function isOpen(step: Step, upload: Upload): boolean {
  if (step === "file") return isFile(upload);
  if (step === "match") return isFile(upload) && upload.upload_status !== "receiving";
  if (step === "check") return upload.upload_status !== "receiving" && !isUndecided(upload);
  return hasTable(upload) || (!isFile(upload) && !isMoving(upload));
}

/** Where somebody goes on who names no step, or one that is not open. */
export function firstStep(upload: Upload): Step {
  if (isOpen("check", upload)) return upload.upload_status === "ready" && isFile(upload) ? "done" : "check";
  return isFile(upload) ? "file" : "check";
}
