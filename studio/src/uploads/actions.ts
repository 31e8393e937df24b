// What can be done to uploads, each as one request; afterwards the list is asked again.
import { answer, api, type Schemas } from "../api/client";
import { queries } from "../api/queries";
import { LIST_KEY, type UploadView } from "./list";

export type Operation = "delete" | "cancel" | "reprocess";
export type Outcome = Schemas["OutcomeJson"];

const MAX_AT_ONCE = 1000;

export function refreshList(): Promise<void> {
  return queries.invalidateQueries({ queryKey: LIST_KEY });
}

/** Every upload with its own outcome; more than the server takes at once goes out in turns. */
export async function inBulk(operation: Operation, uploads: readonly UploadView[]): Promise<Outcome[]> {
  const ids = uploads.map((one) => one.upload_id);
  const outcomes: Outcome[] = [];
  try {
    for (let from = 0; from < ids.length; from += MAX_AT_ONCE) {
      const body = { operation, upload_ids: ids.slice(from, from + MAX_AT_ONCE) };
      const done = await answer(api.POST("/api/audience/batch-upload/bulk", { body }));
      outcomes.push(...done.results);
    }
  } finally {
    await refreshList();
  }
  return outcomes;
}

export async function rename(uploadId: string, name: string): Promise<void> {
  const params = { path: { upload_id: uploadId } };
  await answer(api.PATCH("/api/audience/batch-upload/{upload_id}", { params, body: { upload_name: name } }));
  await refreshList();
}

/** withDependants: what is made from it goes too. */
export async function erase(uploadId: string, withDependants: boolean): Promise<void> {
  const params = { path: { upload_id: uploadId }, ...(withDependants ? { query: { cascade: true } } : {}) };
  await answer(api.DELETE("/api/audience/batch-upload/{upload_id}", { params }));
  await refreshList();
}

export function rejectsAddress(uploadId: string): string {
  return `/api/audience/batch-upload/${encodeURIComponent(uploadId)}/results?part=rejected&format=csv&formula_safe=true`;
}
