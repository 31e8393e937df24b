// One correction for many rows: what can be done, in words, and how it is tried and applied.
import { answer, api } from "../api/client";
import type { Cause } from "./rejects";

export const ACTIONS = ["suggest", "trim", "lower", "upper", "replace", "set", "clear", "drop"] as const;
export type ActionName = (typeof ACTIONS)[number];

export const ACTION_LABELS: Record<ActionName, string> = {
  suggest: "Accept the suggestions",
  trim: "Remove blanks around values",
  lower: "Make lower case",
  upper: "Make upper case",
  replace: "Replace a text",
  set: "Set one value",
  clear: "Empty the cells",
  drop: "Discard the rows",
};

export interface Fix {
  action: ActionName;
  field: string;
  find: string;
  replace: string;
  value: string;
}

/** Whether everything an action needs is given. */
export function isComplete(fix: Fix): boolean {
  if (fix.action === "drop") return true;
  if (fix.field === "") return false;
  if (fix.action === "replace") return fix.find !== "";
  return fix.action !== "set" || fix.value !== "";
}

function actionOf(fix: Fix) {
  if (fix.action === "drop") return { action: fix.action };
  const on = { action: fix.action, field: fix.field };
  if (fix.action === "replace") return { ...on, find: fix.find, replace: fix.replace };
  return fix.action === "set" ? { ...on, value: fix.value } : on;
}

interface Sent {
  uploadId: string;
  cause: Cause;
  fix: Fix;
}

/** What a fix would do; nothing is changed. */
export function tryFix({ uploadId, cause, fix }: Sent, signal?: AbortSignal) {
  return answer(
    api.POST("/api/audience/batch-upload/{upload_id}/rejects/fix", {
      params: { path: { upload_id: uploadId } },
      body: { ...cause, actions: [actionOf(fix)], dry_run: true },
      ...(signal === undefined ? {} : { signal }),
    }),
  );
}

export interface Outcome {
  accepted: number;
  failed: number;
  discarded: number;
}

/** Applies a fix to every row of a cause, in as many calls as it takes. onPart: how many rows are done. */
export async function applyFix({ uploadId, cause, fix }: Sent, onPart: (rows: number) => void): Promise<Outcome> {
  const outcome: Outcome = { accepted: 0, failed: 0, discarded: 0 };
  let afterRow: number | null = null;
  do {
    const part: Awaited<ReturnType<typeof tryFix>> = await answer(
      api.POST("/api/audience/batch-upload/{upload_id}/rejects/fix", {
        params: { path: { upload_id: uploadId } },
        body: { ...cause, actions: [actionOf(fix)], after_row: afterRow },
      }),
    );
    outcome.accepted += part.accepted;
    outcome.failed += part.failed;
    outcome.discarded += part.discarded;
    onPart(outcome.accepted + outcome.failed + outcome.discarded);
    afterRow = part.next_after_row;
  } while (afterRow !== null);
  return outcome;
}

/** Discards single rows: they still count as rejected, their values are gone. */
export function discard(uploadId: string, rows: number[]) {
  return answer(
    api.POST("/api/audience/batch-upload/{upload_id}/rejects/fix", {
      params: { path: { upload_id: uploadId } },
      body: { rows, actions: [{ action: "drop" }] },
    }),
  );
}
