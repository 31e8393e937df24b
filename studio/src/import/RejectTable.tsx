// The grid of rows that were set aside: arrows move, Enter or typing edits, the wrong cell is marked.
import { ActionIcon, Button, Group, VisuallyHidden } from "@mantine/core";
import { Trash2 } from "lucide-react";
import { type KeyboardEvent, useMemo, useRef, useState } from "react";
import type { Columns } from "./columns";
import { IDENTITY_FIELDS, inWords, labelOfField } from "./fields";
import classes from "./import.module.css";
import { RejectCell } from "./RejectCell";
import { DISCARDED, type Edits, isAboutIdentity, type Reject } from "./rejects";

interface RejectTableProps {
  rejects: readonly Reject[];
  columns: Columns;
  edits: Edits;
  /** Rows of several causes say each what is wrong with it. */
  hasReasons: boolean;
  isStale: boolean;
  isBusy: boolean;
  onEdit: (row: number, column: string, value: string) => void;
  onCheck: (reject: Reject) => void;
  onDiscard: (reject: Reject) => void;
  onRaw: (reject: Reject) => void;
}

const MOVES: Record<string, [down: number, right: number]> = { ArrowDown: [1, 0], ArrowUp: [-1, 0], ArrowRight: [0, 1], ArrowLeft: [0, -1] };

export function RejectTable({ rejects, columns, edits, hasReasons, isStale, isBusy, onEdit, onCheck, onDiscard, onRaw }: RejectTableProps) {
  const grid = useRef<HTMLTableElement>(null);
  const [active, setActive] = useState<[row: number, column: number]>([0, 0]);
  const [isEditing, setEditing] = useState(false);
  const names = useMemo(() => shownColumns(rejects, columns), [rejects, columns]);
  const focus = (row: number, column: number) => {
    const at: [number, number] = [Math.max(0, Math.min(rejects.length - 1, row)), Math.max(0, Math.min(names.length - 1, column))];
    setActive(at);
    setEditing(false);
    // The cell exists already; only which one takes the Tab key changes with the state.
    grid.current?.querySelector<HTMLElement>(`[data-at="${at[0]}:${at[1]}"]`)?.focus();
  };
  const onKeyDown = (event: KeyboardEvent<HTMLTableElement>) => {
    if (!(event.target instanceof HTMLTableCellElement)) return;
    const move = MOVES[event.key];
    const [row, column] = active;
    if (move !== undefined) focus(row + move[0], column + move[1]);
    else if (event.key === "Home") focus(event.ctrlKey ? 0 : row, 0);
    else if (event.key === "End") focus(event.ctrlKey ? rejects.length - 1 : row, names.length - 1);
    else if (event.key === "Enter" || event.key === "F2") setEditing(true);
    else return;
    event.preventDefault();
  };
  return (
    <div className={classes.scroll} data-stale={isStale} role="region" aria-label="Table of rows set aside" tabIndex={0}>
      <table role="grid" ref={grid} className={classes.rejects} aria-label="Rows set aside" onKeyDown={onKeyDown}>
        <thead>
          <tr>
            <th scope="col" className={classes.rowNumber}>
              Row
            </th>
            {hasReasons && <th scope="col">What is wrong</th>}
            {names.map((name) => (
              <th key={name} scope="col" title={name}>
                {name}
                {columns.fieldOf(name) !== null && <span className={classes.headField}>{labelOfField(columns.fieldOf(name) ?? "")}</span>}
              </th>
            ))}
            <th scope="col" className={classes.rowEnd}>
              <VisuallyHidden>What to do with the row</VisuallyHidden>
            </th>
          </tr>
        </thead>
        <tbody>
          {rejects.map((reject, row) => {
            const edited = edits[reject.row];
            return (
              <tr key={reject.row}>
                <th scope="row" className={classes.rowNumber} title={reject.line === null ? undefined : `Line ${reject.line} of the file`}>
                  {reject.row + 1}
                  {!hasReasons && <VisuallyHidden id={`reason-${reject.row}`}>{inWords(reject.reason)}</VisuallyHidden>}
                </th>
                {hasReasons && (
                  <td className={classes.reason} id={`reason-${reject.row}`}>
                    {inWords(reject.reason)}
                  </td>
                )}
                {reject.text === null && reject.code !== DISCARDED ? (
                  names.map((name, column) => (
                    <RejectCell
                      key={name}
                      at={`${row}:${column}`}
                      label={`${name}, row ${reject.row + 1}`}
                      value={edited?.[name] ?? reject.values[name] ?? null}
                      isBad={isBad(reject, name, columns)}
                      isEdited={edited !== undefined && name in edited}
                      describedBy={`reason-${reject.row}`}
                      isActive={active[0] === row && active[1] === column}
                      isEditing={isEditing && active[0] === row && active[1] === column}
                      onEdit={() => {
                        setActive([row, column]);
                        setEditing(true);
                      }}
                      onFocus={() => setActive([row, column])}
                      onDone={(value, [down, right]) => {
                        if (value !== null) onEdit(reject.row, name, value);
                        focus(row + down, column + right);
                      }}
                      onBlurred={(value) => {
                        if (value !== null) onEdit(reject.row, name, value);
                        setEditing(false);
                      }}
                    />
                  ))
                ) : (
                  <td colSpan={names.length} className={classes.rawText}>
                    {reject.text ?? ""}
                  </td>
                )}
                <td className={classes.rowEnd}>
                  <Group gap={4} wrap="nowrap" justify="flex-end">
                    {reject.text !== null && reject.code !== DISCARDED && (
                      <Button size="compact-xs" variant="default" onClick={() => onRaw(reject)} aria-label={`Fill in the columns of row ${reject.row + 1}`}>
                        Fill in…
                      </Button>
                    )}
                    {edited !== undefined && (
                      <Button size="compact-xs" disabled={isBusy} onClick={() => onCheck(reject)} aria-label={`Check row ${reject.row + 1}`}>
                        Check
                      </Button>
                    )}
                    {reject.code !== DISCARDED && (
                      <ActionIcon size="sm" variant="subtle" color="gray" aria-label={`Discard row ${reject.row + 1}`} onClick={() => onDiscard(reject)}>
                        <Trash2 size={14} aria-hidden />
                      </ActionIcon>
                    )}
                  </Group>
                </td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </div>
  );
}

function isBad(reject: Reject, name: string, columns: Columns): boolean {
  if (isAboutIdentity(reject)) return IDENTITY_FIELDS.some((field) => columns.sentFor(field).includes(name));
  // What is over stands in columns the file does not name.
  if (reject.code === "too_many_columns") return !columns.sent.includes(name) && name in reject.values;
  return reject.field !== null && (name === reject.field || columns.sentFor(reject.field).includes(name));
}

/** Columns in the order of the file, those something is wrong with first; one to say who it is where there is none. */
function shownColumns(rejects: readonly Reject[], columns: Columns): string[] {
  const names = [...new Set([...columns.sent, ...rejects.flatMap((reject) => Object.keys(reject.values))])];
  const isWrong = (name: string) => rejects.some((reject) => reject.text === null && isBad(reject, name, columns));
  const wrong = names.filter(isWrong);
  if (wrong.length === 0 && rejects.some(isAboutIdentity)) wrong.push("email");
  return [...wrong, ...names.filter((name) => !wrong.includes(name))];
}
