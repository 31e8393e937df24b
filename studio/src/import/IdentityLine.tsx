// The one rule every import keeps: something says who a record is about. Always in sight while columns are matched.
import { Text } from "@mantine/core";
import { CircleCheck, CircleX } from "lucide-react";
import { IDENTITY_FIELDS, labelOfField } from "./fields";
import classes from "./import.module.css";
import { type Choices, identityOf } from "./mapping";

export function IdentityLine({ columns, choices }: { columns: readonly string[]; choices: Choices }) {
  const found = identityOf(columns, choices);
  const isOk = found.length > 0;
  const Icon = isOk ? CircleCheck : CircleX;
  return (
    <div className={classes.identity} data-ok={isOk} role="status">
      <Icon size={18} aria-hidden />
      <Text size="sm" inherit>
        <b>{isOk ? "OK: " : "Not OK: "}</b>
        {isOk
          ? `${found.map(({ field, columns: from }) => `${from.join(" and ")} is the ${labelOfField(field).toLowerCase()}`).join("; ")}. Rows without it will be set aside.`
          : `match at least one column to ${IDENTITY_FIELDS.map((field) => labelOfField(field).toLowerCase()).join(", ")}. It tells who a row is about.`}
      </Text>
    </div>
  );
}
