// Step 3: which columns leave, in which order, under which names; for hashes, what each of them holds.
import { Button, Group, Stack, Text, TextInput, Title, VisuallyHidden } from "@mantine/core";
import { ArrowLeft, ArrowRight } from "lucide-react";
import { useEffect, useRef, useState } from "react";
import { ErrorNote } from "../../kit/ErrorNote";
import { count, plural } from "../../kit/format";
import { StepFooter } from "../../kit/StepFooter";
import { useReorder } from "../../kit/useReorder";
import type { Platform } from "../model";
import { PLATFORMS } from "../words";
import { ColumnRow } from "./ColumnRow";
import type { ColumnDraft } from "./draft";
import { KeyChoice } from "./KeyChoice";
import { isInByItself, type PlannedColumn } from "./plan";
import { chosen, columnsFault, type Planning } from "./planning";
import classes from "./wizard.module.css";

const SHOWN_AT_ONCE = 100;

export function ColumnsStep({ planning }: { planning: Planning }) {
  const { columns, change, platform, faults, address, mistakes, outputs, outputsError, destination } = planning;
  const [find, setFind] = useState("");
  const [shown, setShown] = useState(SHOWN_AT_ONCE);
  const [said, setSaid] = useState("");
  const list = useRef<HTMLUListElement>(null);
  const focusNext = useRef<string | null>(null);
  const taken = chosen(planning);
  const fault = columnsFault(planning);
  const keep = (next: readonly PlannedColumn[]) => change({ columns: next.map((column) => bare(column, platform)) });
  const replace = (changed: PlannedColumn) => keep(columns.map((old) => (old.column === changed.column ? changed : old)));
  const move = (from: number, to: number) => {
    const moved = [...columns];
    const [column] = moved.splice(from, 1);
    if (column === undefined || to < 0 || to > moved.length) return;
    moved.splice(to, 0, column);
    keep(moved);
    setSaid(`“${column.column}” is now number ${to + 1} of ${columns.length}.`);
  };
  const reorder = useReorder(move);
  useEffect(() => {
    // A line that changes its place loses the focus; the button that moved it gets it back.
    if (focusNext.current === null) return;
    list.current?.querySelector<HTMLElement>(focusNext.current)?.focus();
    focusNext.current = null;
  }, [columns]);
  const found = columns.map((column, at) => ({ column, at })).filter(({ column }) => find.trim() === "" || column.column.toLowerCase().includes(find.trim().toLowerCase()));
  const wrong = [...mistakes].find(([pointer]) => pointer === "/columns");
  return (
    <Stack gap="md">
      <Stack gap={4}>
        <Title order={2}>Which columns</Title>
        <Text c="dimmed" size="sm">
          {platform === null
            ? "They leave in this order. A name beside one is what it is called outside."
            : `Only what ${PLATFORMS[platform].label} knows can leave. What a column holds is guessed from its name; say it where the guess is wrong or missing.`}
        </Text>
      </Stack>
      <Group gap="sm">
        <TextInput size="xs" aria-label="Find a column" placeholder="Find a column" value={find} onChange={(event) => setFind(event.currentTarget.value)} w={220} />
        <Button size="xs" variant="default" onClick={() => keep(columns.map((column) => ({ ...column, isIn: column.isIn || isInByItself(platform, column.field) })))}>
          {platform === null ? "Take all" : "Take all that are known"}
        </Button>
        <Button size="xs" variant="default" onClick={() => keep(columns.map((column) => ({ ...column, isIn: false })))}>
          Take none
        </Button>
        <Text size="sm" c="dimmed" role="status">
          {count(taken.length)} of {plural(columns.length, "column")} leave
        </Text>
      </Group>
      {wrong !== undefined && <Text c="var(--bad-text)">{wrong[1]}</Text>}
      {outputsError !== null && <ErrorNote error={outputsError} />}
      <div className={classes.head} data-hashed={platform !== null} aria-hidden>
        <span>Column here</span>
        {platform !== null && <span>Holds</span>}
        <span>Name outside</span>
      </div>
      <ul className={classes.lines} ref={list} aria-label="Columns in order">
        {found.slice(0, shown).map(({ column, at }) => (
          <ColumnRow
            key={column.column}
            column={column}
            at={at}
            count={columns.length}
            platform={platform}
            outputs={outputs.get(column.column)?.join(", ") ?? null}
            fault={faults.get(column.column) ?? mistakeOf(mistakes, taken, column)}
            mayMove={find.trim() === ""}
            line={reorder.line(at)}
            handle={reorder.handle(at)}
            onChange={replace}
            onMove={(by) => {
              const isEdge = at + by === 0 || at + by === columns.length - 1;
              focusNext.current = `[data-move="${CSS.escape(column.column)}:${isEdge ? -by : by}"]`;
              move(at, at + by);
            }}
          />
        ))}
      </ul>
      {found.length === 0 && <Text c="dimmed">No column is called like this.</Text>}
      {found.length > shown && (
        <Button variant="subtle" onClick={() => setShown(shown + SHOWN_AT_ONCE)}>
          Show {count(Math.min(SHOWN_AT_ONCE, found.length - shown))} more of {plural(found.length, "column")}
        </Button>
      )}
      <VisuallyHidden aria-live="polite">{said}</VisuallyHidden>
      {destination?.needs_key === true && taken.length > 0 && <KeyChoice planning={planning} />}
      <StepFooter note={fault ?? ""}>
        <Button variant="default" leftSection={<ArrowLeft size={16} aria-hidden />} onClick={() => address.go("where")}>
          Back
        </Button>
        <Button disabled={fault !== null} rightSection={<ArrowRight size={16} aria-hidden />} onClick={() => address.go("people")}>
          Say who may leave
        </Button>
      </StepFooter>
    </Stack>
  );
}

/** What is as it would be guessed is left to the guess, so that it fits another destination, too. */
function bare({ column, as, field, guess, isIn }: PlannedColumn, platform: Platform | null): ColumnDraft {
  return { column, as, field: field === guess ? null : field, isIn: isIn === isInByItself(platform, field) ? null : isIn };
}

function mistakeOf(mistakes: Planning["mistakes"], taken: readonly PlannedColumn[], { column }: PlannedColumn): string | undefined {
  const at = taken.findIndex((each) => each.column === column);
  return at < 0 ? undefined : [...mistakes].find(([pointer]) => pointer === `/columns/${at}` || pointer.startsWith(`/columns/${at}/`))?.[1];
}
