// What every step of the wizard works on: the rows, where they go, the columns, and the draft.
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useEffect, useMemo, useState } from "react";
import { ApiError } from "../../api/errors";
import { allOf, type Filter } from "../../filter/ast";
import type { Mistakes } from "../../form/values";
import { plural } from "../../kit/format";
import { remember } from "../../kit/kept";
import type { Connection, Destination, ExportBody, LeavingColumn, Platform, Source } from "../model";
import { connectionsQuery, definitionQuery, destinationsQuery, exportQuery } from "../queries";
import { type Address, type Step, useAddress } from "./address";
import { type ChangeDraft, type Draft, draftKey, draftOf, useDraft } from "./draft";
import { columnFaults, guessedKey, namesOutside, type PlannedColumn, plannedColumns, platformOf, rowsWish, shapeWish, whereFault, wishOf } from "./plan";

export interface Planning {
  address: Address;
  source: Source;
  /** Of the segment or the upload. */
  name: string;
  /** All of them, whatever is filtered. */
  rows: number;
  known: readonly LeavingColumn[];
  filter: Filter | null;
  draft: Draft;
  change: ChangeDraft;
  destinations: readonly Destination[];
  connections: readonly Connection[];
  destination: Destination | null;
  connection: Connection | null;
  platform: Platform | null;
  columns: readonly PlannedColumn[];
  /** What keeps the columns from being sent, by name. */
  faults: ReadonlyMap<string, string>;
  /** What columns are called outside where a platform has names of its own, numbered by the server. */
  outputs: ReadonlyMap<string, readonly string[]>;
  outputsError: unknown;
  /** Columns that tell people apart, of those that leave. */
  key: readonly string[];
  /** Everything but name and when; null while it is not settled where it goes. */
  wish: ExportBody | null;
  /** What the server found wrong with what was sent last, by JSON pointer. */
  mistakes: Mistakes;
  refused: (error: unknown) => void;
}

interface Asked {
  address: Address;
  planning: Planning | null;
  error: unknown;
  retry: () => void;
}

export function usePlanning(): Asked {
  const address = useAddress();
  const { source, filters, like, taken } = address;
  const [draft, changeDraft] = useDraft(like !== null ? "" : (source?.id ?? ""));
  const facts = useQuery(definitionQuery(source === null ? null : rowsWish(source, null)));
  const destinations = useQuery(destinationsQuery);
  const connections = useQuery(connectionsQuery);
  const model = useQuery({ ...exportQuery(like ?? ""), enabled: like !== null });
  const [refusal, setRefusal] = useState<unknown>(null);

  useEffect(() => {
    if (model.data === undefined || like === null) return;
    const before = draftOf(model.data);
    if (before === null) return;
    // The draft belongs to its source, which the address does not name yet.
    remember(draftKey(before.source.id), before.draft);
    taken("send", before.source, before.filter, model.data.destination, model.data.connection);
  }, [model.data, like, taken]);

  const known = facts.data?.definition.columns ?? NONE;
  const connection = connections.data?.find(({ id }) => id === address.connectionId) ?? null;
  const destination = destinations.data?.find(({ id }) => id === (address.to ?? connection?.destination)) ?? null;
  const platform = platformOf(destination, draft);
  const fitting = connection !== null && connection.destination === destination?.id ? connection : null;
  const columns = useMemo(() => plannedColumns(known, draft.columns, platform), [known, draft.columns, platform]);
  const faults = useMemo(() => columnFaults(columns, platform), [columns, platform]);
  const filter = useMemo(() => (source?.kind === "upload" ? allOf(filters) : null), [source, filters]);
  const isShaped = source !== null && platform !== null && faults.size === 0 && columns.some(({ isIn }) => isIn);
  const shape = useQuery({ ...definitionQuery(isShaped ? shapeWish({ source, filter, columns, platform, draft }) : null), placeholderData: keepPreviousData });
  const outputs = useMemo(() => new Map(platform === null ? [] : shape.data?.definition.columns.map((column) => [column.column, column.outputs])), [platform, shape.data]);
  const key = useMemo(() => (draft.key ?? guessedKey(columns)).filter((name) => columns.some(({ column, isIn }) => isIn && column === name)), [draft.key, columns]);
  const wish = useMemo(() => {
    if (source === null || destination === null || whereFault(destination, fitting, draft) !== null) return null;
    const isKeyed = draft.isChangesOnly || destination.needs_key;
    return wishOf({ source, filter, draft, destination, connection: fitting, columns, platform }, isKeyed ? namesOutside(key, columns, platform, outputs) : null);
  }, [source, filter, draft, destination, fitting, columns, platform, key, outputs]);

  const asked = [facts, destinations, connections, model];
  const failed = asked.find((query) => query.error !== null && query.data === undefined);
  return {
    address,
    error: failed?.error ?? null,
    retry: () => void failed?.refetch(),
    planning:
      source === null || facts.data === undefined || destinations.data === undefined || connections.data === undefined || like !== null
        ? null
        : {
            address,
            source,
            name: facts.data.definition.name,
            rows: facts.data.rows_total,
            known,
            filter,
            draft,
            change: (part) => {
              setRefusal(null);
              changeDraft(part);
            },
            destinations: destinations.data,
            connections: connections.data,
            destination,
            connection: fitting,
            platform,
            columns,
            faults,
            outputs,
            outputsError: isShaped ? shape.error : null,
            key,
            wish,
            mistakes: new Map(refusal instanceof ApiError ? refusal.issues.map(({ pointer, message }) => [pointer, message]) : []),
            refused: setRefusal,
          },
  };
}

const NONE: readonly LeavingColumn[] = [];

export const chosen = ({ columns }: Pick<Planning, "columns">) => columns.filter(({ isIn }) => isIn);

export function isOpen(step: Step, planning: Planning): boolean {
  if (step === "rows" || step === "where") return true;
  if (planning.wish === null) return false;
  if (step === "columns") return true;
  return columnsFault(planning) === null && (step === "people" || !isConsentUnsaid(planning));
}

/** Consent is asked for, and nobody said which column holds it. */
export const isConsentUnsaid = ({ draft }: Planning) => draft.consent !== null && draft.consent.column === "";

/** Why the columns are not settled yet; null when they are. */
export function columnsFault(planning: Planning): string | null {
  if (chosen(planning).length === 0) return "At least one column is needed.";
  if (planning.faults.size > 0) return `${plural(planning.faults.size, "column needs", "columns need")} a word more.`;
  return planning.destination?.needs_key === true && planning.key.length === 0 ? NO_KEY : null;
}

export const NO_KEY = "Say which columns tell people apart.";
