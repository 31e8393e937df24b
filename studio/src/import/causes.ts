// The codes of rows that were set aside or remarked on, as headlines; codes without one are spelled out.
import { labelOfField } from "./fields";
import { DISCARDED, type IssueGroup } from "./rejects";

const TITLES: Record<string, string> = {
  identity_missing: "Nobody can tell who this is",
  identity_blank: "Nobody can tell who this is",
  columns_many: "Too many columns",
  columns_few: "Too few columns",
  [DISCARDED]: "Discarded by you",
};

export function titleOfCause(group: Pick<IssueGroup, "code" | "field">): string {
  const words = TITLES[group.code] ?? sentence(group.code);
  return group.field === null ? words : `${labelOfField(group.field)}: ${words.charAt(0).toLowerCase()}${words.slice(1)}`;
}

function sentence(code: string): string {
  const words = code.replaceAll("_", " ");
  return words.charAt(0).toUpperCase() + words.slice(1);
}
