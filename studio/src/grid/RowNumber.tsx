// Where a row stands, and the way into its details.
import type { ICellRendererParams } from "ag-grid-community";
import { CircleAlert } from "lucide-react";
import { count } from "../kit/format";
import type { Row } from "./model";

export function RowNumber({ data, node }: ICellRendererParams<Row>) {
  const whole = data?.issues.filter((issue) => issue.field === null) ?? [];
  return (
    <span className="marked row-number" title={whole.map((issue) => issue.message).join(" ") || "Show all of this row"}>
      {whole.length > 0 && <CircleAlert size={13} className="mark-bad" role="img" aria-label={whole.map((issue) => issue.message).join(" ")} />}
      <span>{count((node.rowIndex ?? 0) + 1)}</span>
    </span>
  );
}
