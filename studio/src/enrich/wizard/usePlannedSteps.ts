// The steps of the draft with who is asked and on which terms; where settings decide these, the server is asked for them.
import { useDebouncedValue } from "@mantine/hooks";
import { useQueries } from "@tanstack/react-query";
import { useMemo } from "react";
import { ApiError } from "../../api/errors";
import { humanised, shapeOf } from "../../form/shape";
import { cleaned, lackingIn } from "../../form/values";
import type { JsonObject, Provider } from "../model";
import { termsQuery } from "../queries";
import type { StepDraft } from "./draft";
import { guessInput, nameOf, type Source } from "./sources";

export interface PlannedStep extends StepDraft {
  /** null: its connection is not chosen, or gone. */
  source: Source | null;
  /** Why its terms are not known: what is wrong with its settings, or still lacking. */
  trouble: string | null;
}

const TYPING_MS = 400;

export function usePlannedSteps(drafts: readonly StepDraft[], sources: readonly Source[], columns: readonly string[]): PlannedStep[] {
  const [rested] = useDebouncedValue(drafts, TYPING_MS);
  const asking = rested.flatMap((step) => {
    const provider = sources.find((source) => source.connection === null && source.provider.id === step.provider)?.provider;
    const settings = provider === undefined ? null : decisive(provider, step.settings);
    return provider === undefined || settings === null ? [] : [{ id: step.id, provider: provider.id, ...settings }];
  });
  const questions = asking.filter(({ lacking }) => lacking.length === 0);
  const answers = useQueries({ queries: questions.map(({ provider, settings }) => termsQuery(provider, settings)) });
  const known = answers.map(({ dataUpdatedAt, errorUpdatedAt }, at) => `${questions[at]?.id}:${dataUpdatedAt}:${errorUpdatedAt}`).join();
  return useMemo(
    () =>
      drafts.map((step) => {
        const base = sources.find((source) => nameOf(source) === (step.connection ?? step.provider)) ?? null;
        const asked = answers[questions.findIndex(({ id }) => id === step.id)];
        const source = base !== null && asked?.data !== undefined ? { ...base, terms: asked.data } : base;
        return { ...completed(step, source, columns), source, trouble: troubleOf(asking.find(({ id }) => id === step.id)?.lacking ?? [], asked?.error ?? null) };
      }),
    // The answers are made anew in every rendering; what they say is in `known`.
    [drafts, rested, sources, columns, known],
  );
}

/** The settings to ask with; null where they change nothing: there are none, or the provider says all without them. */
function decisive(provider: Provider, entered: JsonObject): { settings: JsonObject; lacking: string[] } | null {
  const shape = shapeOf(provider.settings);
  if (shape.kind !== "object" || shape.members.length === 0) return null;
  const settings = (cleaned(shape, entered) ?? {}) as JsonObject;
  return Object.keys(settings).length > 0 || provider.gives.length === 0 ? { settings, lacking: lackingIn(shape, settings) } : null;
}

/** With what nobody has said yet: columns by their names for inputs, the usual ones for outputs. */
function completed(step: StepDraft, source: Source | null, columns: readonly string[]): StepDraft {
  if (source === null) return step;
  const { needs, gives } = source.terms;
  return {
    ...step,
    inputs: Object.fromEntries(needs.map((need) => [need.name, step.inputs[need.name] === undefined ? guessInput(need, columns) : step.inputs[need.name]])) as StepDraft["inputs"],
    outputs: Object.fromEntries(gives.map((give) => [give.name, step.outputs[give.name] === undefined ? give.column : step.outputs[give.name]])) as StepDraft["outputs"],
  };
}

function troubleOf(lacking: readonly string[], error: unknown): string | null {
  if (lacking.length > 0) return `Still needed: ${lacking.join(", ")}.`;
  if (error === null) return null;
  if (!(error instanceof ApiError) || error.issues.length === 0) return error instanceof Error ? error.message : String(error);
  return error.issues.map(({ field, message }) => (field === null ? message : `${humanised(field)}: ${message}`)).join(" ");
}
