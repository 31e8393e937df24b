// A run while it is being put together: kept in the tab until it is started; pure but for the keeping.
import { useCallback, useRef } from "react";
import type { Filter } from "../../filter/ast";
import { useKept } from "../../kit/kept";
import type { JsonObject, Policy, Run } from "../model";
import type { Goal } from "./goals";
import { byCost, guessInput, nameOf, type Source } from "./sources";

export interface StepDraft {
  id: string;
  provider: string;
  connection: string | null;
  settings: JsonObject;
  /** Column by need; null: nobody said one. */
  inputs: Record<string, string | null>;
  /** Column by what is given; null: it is left out. */
  outputs: Record<string, string | null>;
}

export interface TargetDraft {
  policy: Policy;
  /** 0 to 1. */
  minConfidence: number;
  accept: JsonObject | null;
}

export interface Draft {
  name: string | null;
  goals: string[];
  steps: StepDraft[];
  targets: Record<string, TargetDraft>;
  budget: number | null;
}

export const EMPTY: Draft = { name: null, goals: [], steps: [], targets: {}, budget: null };
export const DEFAULT_TARGET: TargetDraft = { policy: "fill_empty", minConfidence: 0, accept: null };

export type ChangeDraft = (part: Partial<Draft> | null) => void;

/** Without what is only known while the page is open. */
export function bare({ id, provider, connection, settings, inputs, outputs }: StepDraft): StepDraft {
  return { id, provider, connection, settings, inputs, outputs };
}

/** null forgets it. */
export function useDraft(uploadId: string): [Draft, ChangeDraft] {
  const [kept, keep] = useKept<Draft>(`enrich:${uploadId}`);
  const draft = kept ?? EMPTY;
  const newest = useRef(draft);
  newest.current = draft;
  // Always the same function, also for two changes in a row.
  const change = useCallback(
    (part: Partial<Draft> | null) => {
      newest.current = part === null ? EMPTY : { ...newest.current, ...part };
      keep(part === null ? null : newest.current);
    },
    [keep],
  );
  return [draft, change];
}

/** goals: the columns wanted; null: everything the source gives. */
export function stepOf(source: Source, columns: readonly string[], goals: readonly string[] | null, id: string): StepDraft {
  return {
    id,
    provider: source.provider.id,
    connection: source.connection?.id ?? null,
    settings: {},
    inputs: Object.fromEntries(source.terms.needs.map((need) => [need.name, guessInput(need, columns)])),
    outputs: Object.fromEntries(source.terms.gives.map((give) => [give.name, goals === null || goals.includes(give.column) ? give.column : null])),
  };
}

export function nextId(steps: readonly StepDraft[]): string {
  return String(Math.max(0, ...steps.map(({ id }) => Number(id))) + 1);
}

/** The steps for these goals: those there are keep their order, settings and columns; new ones come behind, the cheapest first. */
export function stepsFor(goals: readonly Goal[], before: readonly StepDraft[], columns: readonly string[]): StepDraft[] {
  const wanted = goals.map(({ column }) => column);
  const able = new Map(goals.flatMap(({ sources }) => sources).map((source) => [nameOf(source), source]));
  const kept = before.map((step) => {
    const source = able.get(step.connection ?? step.provider);
    return source === undefined ? step : { ...step, outputs: withGoals(step, source, wanted) };
  });
  const known = new Set(kept.map((step) => step.connection ?? step.provider));
  const steps = [...kept];
  for (const source of [...able.values()].filter((each) => !known.has(nameOf(each))).sort(byCost)) {
    steps.push(stepOf(source, columns, wanted, nextId(steps)));
  }
  return steps;
}

function withGoals(step: StepDraft, source: Source, wanted: readonly string[]): StepDraft["outputs"] {
  return Object.fromEntries(
    source.terms.gives.map(({ name, column }) => {
      const now = step.outputs[name] ?? null;
      return [name, wanted.includes(column) ? (now ?? column) : now === column ? null : now];
    }),
  );
}

/** The plan of a run as a draft, and the filter it had. */
export function draftOf(run: Run): [Draft, Filter | null] {
  const steps = run.providers.map((step, at): StepDraft => {
    const { provider, connection, settings, inputs, outputs } = step;
    return { id: String(at + 1), provider, connection, settings, inputs: { ...inputs }, outputs: { ...outputs } };
  });
  const targets = run.targets.map(({ column, policy, min_confidence, accept }) => [column, { policy, minConfidence: min_confidence, accept }] as const);
  return [{ ...EMPTY, name: run.name, goals: run.targets.map(({ column }) => column), steps, targets: Object.fromEntries(targets) }, (run.filter ?? null) as Filter | null];
}
