// One cell of a row that was set aside: shown, marked when it is the wrong one, and edited in place.
import { CircleAlert, Pencil } from "lucide-react";
import { useRef } from "react";
import classes from "./import.module.css";

interface RejectCellProps {
  at: string;
  label: string;
  value: string | null;
  isBad: boolean;
  isEdited: boolean;
  describedBy: string;
  isActive: boolean;
  isEditing: boolean;
  onEdit: () => void;
  onFocus: () => void;
  /** The new value, null when nothing changed, and where the focus goes from here. */
  onDone: (value: string | null, move: [down: number, right: number]) => void;
  onBlurred: (value: string | null) => void;
}

export function RejectCell({ at, label, value, isBad, isEdited, describedBy, isActive, isEditing, onEdit, onFocus, onDone, onBlurred }: RejectCellProps) {
  // Leaving by key takes the input away, which blurs it: only the first of the two counts.
  const isLeft = useRef(false);
  if (isEditing) {
    const changed = (text: string) => (text === (value ?? "") ? null : text);
    return (
      <td className={classes.cell} data-editing data-at={at} tabIndex={-1}>
        <input
          aria-label={label}
          className={classes.cellInput}
          defaultValue={value ?? ""}
          autoFocus
          onFocus={(event) => {
            isLeft.current = false;
            event.currentTarget.select();
          }}
          onBlur={(event) => {
            if (!isLeft.current) onBlurred(changed(event.currentTarget.value));
          }}
          onKeyDown={(event) => {
            if (event.key !== "Enter" && event.key !== "Tab" && event.key !== "Escape") return;
            event.preventDefault();
            isLeft.current = true;
            const text = event.key === "Escape" ? null : changed(event.currentTarget.value);
            onDone(text, event.key === "Tab" ? [0, event.shiftKey ? -1 : 1] : [0, 0]);
          }}
        />
      </td>
    );
  }
  const isWrong = isBad && !isEdited;
  return (
    <td
      className={classes.cell}
      data-at={at}
      data-bad={isWrong}
      data-edited={isEdited}
      tabIndex={isActive ? 0 : -1}
      aria-invalid={isWrong}
      aria-describedby={isWrong ? describedBy : undefined}
      title={value ?? undefined}
      onClick={onEdit}
      onFocus={onFocus}
    >
      <span className={classes.cellInside}>
        {isWrong && <CircleAlert size={13} aria-label="wrong:" role="img" />}
        {isEdited && <Pencil size={12} aria-label="changed:" role="img" />}
        <span className="truncate">{value === null || value === "" ? <span className={classes.empty}>empty</span> : visible(value)}</span>
      </span>
    </td>
  );
}

/** Blanks at the ends would not be seen. */
function visible(value: string): string {
  return value.replace(/^\s+|\s+$/g, (blanks) => "␣".repeat(blanks.length));
}
