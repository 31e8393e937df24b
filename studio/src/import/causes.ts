// The codes of rows that were set aside or remarked on, as headlines; codes without one are spelled out.
import { labelOfField } from "./fields";
import { DISCARDED, type IssueGroup } from "./rejects";

const TITLES: Record<string, string> = {
  identity_missing: "Nobody can tell who this is",
  identity_blank: "Only blanks where somebody should be named",
  identity_not_text: "Something other than text where somebody should be named",
  too_many_columns: "Too many columns in the row",
  too_few_columns: "Too few columns in the row",
  quote_unclosed: "A quote is never closed",
  quote_trailing_text: "Text behind a closing quote",
  encoding_invalid: "Letters that cannot be read",
  record_too_long: "The row is too long",
  record_malformed: "The record is broken",
  blanks_around: "Blanks around the value",
  letter_case: "Upper and lower case",
  duplicate: "The same as an earlier row",
  required: "Empty, but needed",
  too_long: "Too long",
  too_short: "Too short",
  enum_unknown: "Not one of the known values",
  pattern_mismatch: "Not in the expected form",
  email_syntax: "Not an email address",
  email_at_missing: "No @ in the address",
  email_several: "More than one address",
  email_local_missing: "Nothing before the @",
  email_domain_missing: "Nothing behind the @",
  email_domain_invalid: "Not a domain behind the @",
  email_display_name: "A name beside the address",
  domain_no_dot: "No dot in the domain",
  domain_is_email: "An email address instead of a domain",
  domain_is_url: "A web address instead of a domain",
  date_ambiguous: "Day or month first?",
  date_no_such_day: "No such day",
  phone_invalid: "Not a phone number",
  phone_country_unknown: "Phone number without its country",
  number_invalid: "Not a number",
  [DISCARDED]: "Discarded by you",
};

export function titleOfCause(group: Pick<IssueGroup, "code" | "field">): string {
  const words = TITLES[group.code] ?? sentence(group.code);
  return group.field === null || group.code.startsWith("identity") ? words : `${labelOfField(group.field)}: ${words.charAt(0).toLowerCase()}${words.slice(1)}`;
}

function sentence(code: string): string {
  const words = code.replace(/_normalised$/, " put into its usual form").replaceAll("_", " ");
  return words.charAt(0).toUpperCase() + words.slice(1);
}
