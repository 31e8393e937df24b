// What is about to leave, in one glance.
import { count, plural } from "../../kit/format";
import classes from "../exports.module.css";
import type { Preview } from "../model";
import { FORMATS, PLATFORMS } from "../words";
import { formatOf } from "./plan";
import type { Planning } from "./planning";

const MOST_NAMES = 20;

function namesWords(names: readonly string[]): string {
  const named = names.slice(0, MOST_NAMES).join(", ");
  return names.length > MOST_NAMES ? `${named} and ${count(names.length - MOST_NAMES)} more` : named;
}

export function Summary({ planning, look }: { planning: Planning; look: Preview }) {
  const { source, name, destination, connection, draft, platform } = planning;
  const format = destination === null ? null : formatOf(destination, draft);
  const more = connection?.name ?? (format === null ? null : FORMATS[format].label);
  const facts: [string, string][] = [
    ["From", `${source.kind === "segment" ? "segment" : "upload"} ${name}, ${plural(look.rows_total, source.kind === "segment" ? "member" : "row")}`],
    ["To", `${destination?.title ?? ""}${more === null ? "" : `, ${more}`}`],
    ["Columns", namesWords(look.columns.flatMap(({ outputs }) => outputs))],
    ...(platform === null ? [] : [["Hashed", `for ${PLATFORMS[platform].label}`] as [string, string]]),
    ["Consent", draft.consent === null ? "not asked for" : `${draft.consent.column} says yes`],
  ];
  return (
    <dl className={classes.facts} aria-label="In short">
      {facts.map(([label, value]) => (
        <div key={label} style={{ display: "contents" }}>
          <dt>{label}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}
