// MAP: every test a value can be put to, in words, with what it takes; docs/api/rules.md says what each means.

export type Member =
  | { type: "number"; name: string; label: string; step?: number }
  | { type: "text"; name: string; label: string; description?: string; placeholder?: string; required?: boolean }
  | { type: "words"; name: string; label: string; description?: string; required?: boolean }
  | { type: "flag"; name: string; label: string }
  | { type: "choice"; name: string; label: string; options: { value: string; label: string }[]; required?: boolean }
  | { type: "order"; name: string; label: string }
  | { type: "date"; name: string; label: string }
  | { type: "field"; name: string; label: string; required?: boolean }
  | { type: "fields"; name: string; label: string; description?: string; required?: boolean };

export interface Kind {
  kind: string;
  /** Ends the sentence "this field must ...". */
  must: string;
  group: "One field" | "Several fields";
  /** Whether values can be put right, so that severity `fix` makes sense. */
  canFix: boolean;
  /** Tests of several fields may name all their fields themselves. */
  namesFields?: boolean;
  members: Member[];
}

const min = (label: string): Member => ({ type: "number", name: "min", label });
const max = (label: string): Member => ({ type: "number", name: "max", label });
const ignoreCase: Member = { type: "flag", name: "ignore_case", label: "Capitals do not matter" };
const other: Member = { type: "field", name: "other", label: "Other field", required: true };
const orEqual: Member = { type: "flag", name: "or_equal", label: "Equal is fine too" };
const decimalComma: Member = { type: "flag", name: "decimal_comma", label: "Decimal comma (1.234,5)" };
const dayFirst: Member = { type: "order", name: "day_first", label: "03/04/2025 means" };

export const KINDS: readonly Kind[] = [
  { kind: "required", must: "be filled in", group: "One field", canFix: false, members: [] },
  { kind: "email", must: "be an e-mail address", group: "One field", canFix: true, members: [] },
  { kind: "domain", must: "be a domain name", group: "One field", canFix: true, members: [] },
  {
    kind: "phone",
    must: "be a phone number",
    group: "One field",
    canFix: true,
    members: [{ type: "text", name: "region", label: "Country of numbers without +…", description: "Two letters, such as DE or US", placeholder: "DE" }],
  },
  {
    kind: "date",
    must: "be a date",
    group: "One field",
    canFix: true,
    members: [
      dayFirst,
      { type: "words", name: "formats", label: "Only these forms", description: "Such as DD.MM.YYYY; empty: the usual ones" },
      { type: "flag", name: "with_time", label: "May have a time of day" },
      { type: "date", name: "min", label: "Not before" },
      { type: "date", name: "max", label: "Not after" },
    ],
  },
  {
    kind: "number",
    must: "be a number",
    group: "One field",
    canFix: true,
    members: [min("At least"), max("At most"), { type: "flag", name: "integer", label: "Whole numbers only" }, decimalComma],
  },
  { kind: "boolean", must: "be yes or no", group: "One field", canFix: true, members: [] },
  {
    kind: "url",
    must: "be a web address",
    group: "One field",
    canFix: true,
    members: [{ type: "words", name: "schemes", label: "Schemes", description: "Empty: http and https" }],
  },
  {
    kind: "enum",
    must: "be one of a list",
    group: "One field",
    canFix: true,
    members: [{ type: "words", name: "values", label: "Allowed values", description: "Enter after each", required: true }, ignoreCase],
  },
  {
    kind: "pattern",
    must: "match a pattern",
    group: "One field",
    canFix: false,
    members: [
      { type: "text", name: "pattern", label: "Pattern (RE2)", placeholder: "[A-Z]{2}[0-9]{4}", required: true },
      {
        type: "choice",
        name: "match",
        label: "Match",
        options: [
          { value: "full", label: "the whole value" },
          { value: "part", label: "any part of it" },
        ],
      },
      ignoreCase,
    ],
  },
  { kind: "length", must: "have a certain length", group: "One field", canFix: false, members: [min("At least (characters)"), max("At most (characters)")] },
  { kind: "trim", must: "have no stray blanks", group: "One field", canFix: true, members: [] },
  {
    kind: "case",
    must: "be written in a certain case",
    group: "One field",
    canFix: true,
    members: [
      {
        type: "choice",
        name: "case",
        label: "Case",
        required: true,
        options: [
          { value: "lower", label: "all small" },
          { value: "upper", label: "ALL CAPITALS" },
          { value: "title", label: "Each Word" },
        ],
      },
    ],
  },
  { kind: "equal", must: "be the same as another field", group: "Several fields", canFix: false, members: [other, ignoreCase] },
  { kind: "different", must: "differ from another field", group: "Several fields", canFix: false, members: [other, ignoreCase] },
  { kind: "before", must: "be a date before another one", group: "Several fields", canFix: false, members: [other, orEqual, dayFirst] },
  { kind: "greater", must: "be greater than another number", group: "Several fields", canFix: false, members: [other, orEqual, decimalComma] },
  {
    kind: "required_if",
    must: "be filled in whenever another field is",
    group: "Several fields",
    canFix: false,
    members: [other, { type: "text", name: "equals", label: "Only when it holds", description: "Empty: whenever it is filled in" }],
  },
  {
    kind: "any_of",
    must: "have at least one of several fields",
    group: "Several fields",
    canFix: false,
    namesFields: true,
    members: [{ type: "fields", name: "fields", label: "Fields", description: "Enter after each", required: true }],
  },
  {
    kind: "unique",
    must: "be unique in the upload",
    group: "Several fields",
    canFix: false,
    namesFields: true,
    members: [{ type: "fields", name: "fields", label: "Fields that together must be unique", description: "Enter after each", required: true }, ignoreCase],
  },
];

export function kindOf(kind: string): Kind | undefined {
  return KINDS.find((known) => known.kind === kind);
}
