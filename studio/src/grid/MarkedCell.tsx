// A cell with something to say: what a rule found in it, or that it was edited. An icon, a tint and the reason.
import type { ICellRendererParams } from "ag-grid-community";
import { CircleAlert, PencilLine, WandSparkles } from "lucide-react";
import { issuesOf, reasonOf, type Row } from "./model";

export function MarkedCell({ data, value, column }: ICellRendererParams<Row, string | null>) {
  const name = column?.getColId() ?? "";
  const issues = issuesOf(data, name);
  const text = value ?? "";
  if (issues.length === 0) {
    return (
      <span className="marked" title="Edited by hand">
        <span className="truncate">{text}</span>
        <PencilLine size={12} aria-label="edited" className="mark-edited" />
      </span>
    );
  }
  const reason = reasonOf(issues);
  const isFixed = issues.every((issue) => issue.fixed !== null);
  const Icon = isFixed ? WandSparkles : CircleAlert;
  return (
    <span className="marked" title={reason}>
      <Icon size={13} aria-label={reason} role="img" className={isFixed ? "mark-fixed" : "mark-bad"} />
      <span className="truncate">{text}</span>
    </span>
  );
}
