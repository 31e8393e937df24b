// The columns of an upload under both names: as they were sent and as the table calls them.
import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { IDENTITY_FIELDS } from "./fields";
import { stepsOf } from "./mapping";
import { isFile, type Preview, previewQuery, type Upload } from "./queries";

export interface Columns {
  /** Names in the file, in its order; empty for records that came without one. */
  sent: readonly string[];
  /** Names in the table. */
  fields: readonly string[];
  delimiter: string | null;
  /** The columns of the file that make a field of the table. */
  sentFor: (field: string) => readonly string[];
  /** The field of the table a column makes, when it has another name. */
  fieldOf: (sent: string) => string | null;
}

export function useColumns(upload: Upload): Columns {
  const { data: preview } = useQuery({ ...previewQuery(upload.upload_id, {}), enabled: isFile(upload) });
  return useMemo(() => columnsOf(upload, preview ?? null), [upload, preview]);
}

function columnsOf(upload: Upload, preview: Preview | null): Columns {
  const decided = preview?.decision ?? null;
  const steps = decided === null ? [] : stepsOf(decided.mapping);
  const decidedColumns = decided?.layout["columns"] as string[] | undefined;
  const sent = decidedColumns !== undefined && decidedColumns.length > 0 ? decidedColumns : (preview?.columns.map((column) => column.name) ?? upload.fields);
  const named = new Map(steps.flatMap((step) => step.from.map((name) => [name, step.to] as const)));
  const made = sent.flatMap((name) => named.get(name) ?? [name]);
  const delimiter = decided?.layout["delimiter"] ?? preview?.layout["delimiter"]?.value;
  return {
    sent,
    fields: [...new Set(made.length > 0 ? made : IDENTITY_FIELDS)],
    delimiter: typeof delimiter === "string" ? delimiter : null,
    sentFor: (field) => {
      const from = steps.filter((step) => step.to.includes(field)).flatMap((step) => step.from);
      return from.length > 0 ? from : [field];
    },
    fieldOf: (name) => {
      const to = named.get(name);
      return to === undefined || to.length !== 1 || to[0] === name ? null : (to[0] ?? null);
    },
  };
}
