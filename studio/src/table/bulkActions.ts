// What can be done to a column of many rows at once, as words and as the body the API takes.
import type { paths } from "../api/schema";
import type { RowQuestion } from "../grid/model";

type Body = paths["/api/audience/batch-upload/{upload_id}/rows"]["patch"]["requestBody"]["content"]["application/json"];

export const ACTIONS = [
  { value: "set", label: "Set to a value" },
  { value: "clear", label: "Empty" },
  { value: "replace", label: "Find and replace" },
  { value: "trim", label: "Remove blanks around and doubled" },
  { value: "lower", label: "lower case" },
  { value: "upper", label: "UPPER CASE" },
  { value: "suggest", label: "Correct what is likely a typing error" },
] as const;
export type ActionName = (typeof ACTIONS)[number]["value"];

export interface BulkDraft {
  column: string;
  action: ActionName;
  value: string;
  find: string;
  replace: string;
  isPattern: boolean;
}

export function isComplete({ action, value, find }: BulkDraft): boolean {
  return action === "set" ? value !== "" : action !== "replace" || find !== "";
}

export function whatHappens({ column, action, value, find, replace }: BulkDraft): string {
  switch (action) {
    case "set":
      return value === "" ? `“${column}” gets the value you enter.` : `“${column}” becomes “${value}”.`;
    case "clear":
      return `“${column}” is emptied.`;
    case "replace":
      return `in “${column}”, “${find}” becomes ${replace === "" ? "nothing" : `“${replace}”`}.`;
    case "trim":
      return `blanks around and doubled go from “${column}”.`;
    case "lower":
    case "upper":
      return `“${column}” is written in ${action === "lower" ? "lower" : "upper"} case.`;
    case "suggest":
      return `“${column}” is corrected where a correction is known.`;
  }
}

/** if_version: the count was of this version, so a newer one is refused rather than edited unseen. */
export function bodyOf({ column, action, value, find, replace, isPattern }: BulkDraft, { filter, view }: RowQuestion, version: number | null): Body {
  const step = action === "set" ? { action, value } : action === "replace" ? { action, find, replace, regex: isPattern } : { action };
  return {
    ...(filter === null ? {} : { filter: filter as Record<string, unknown> }),
    ...(view === "issues" ? { view } : {}),
    ...(version === null ? {} : { if_version: version }),
    transform: { [column]: step },
  };
}
