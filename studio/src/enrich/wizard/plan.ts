// From a draft to what is sent, and what keeps it from being sent; pure.
import type { Filter } from "../../filter/ast";
import { shapeOf } from "../../form/shape";
import { cleaned } from "../../form/values";
import type { JsonObject, Provider, RunBody } from "../model";
import { DEFAULT_TARGET, type Draft, type StepDraft } from "./draft";
import type { PlannedStep } from "./usePlannedSteps";

/** The columns that are filled, each with the steps that fill it in their order. */
export function waterfalls<Step extends StepDraft>(steps: readonly Step[]): Map<string, Step[]> {
  const found = new Map<string, Step[]>();
  for (const step of steps) {
    for (const column of Object.values(step.outputs)) {
      if (column !== null) found.set(column, [...(found.get(column) ?? []), step]);
    }
  }
  return found;
}

/** What is wrong with a step, by JSON pointer below the step: `/inputs/email`. */
export function faultsOf({ source, trouble, inputs, outputs, connection }: PlannedStep): Map<string, string> {
  if (source === null) return new Map([["/connection", connection === null ? "Choose a connection." : "This connection does not exist any more. Choose another one."]]);
  if (trouble !== null) return new Map([["/settings", "Its settings are not complete."]]);
  const faults = new Map<string, string>();
  const { needs, needs_one } = source.terms;
  const lacking = needs.filter((need) => (inputs[need.name] ?? null) === null);
  if (needs_one && lacking.length === needs.length && needs[0] !== undefined) faults.set(`/inputs/${needs[0].name}`, "Say which column holds at least one of these.");
  if (!needs_one) for (const need of lacking) if (need.required) faults.set(`/inputs/${need.name}`, "Say which column holds this.");
  const seen = new Set<string>();
  for (const [name, column] of Object.entries(outputs)) {
    if (column === null) continue;
    if (column.trim() === "") faults.set(`/outputs/${name}`, "Give the new column a name.");
    else if (seen.has(column)) faults.set(`/outputs/${name}`, "Another value of this provider goes there already.");
    seen.add(column);
  }
  if (seen.size === 0) faults.set("/outputs", "Every value is left out, so there is nothing to ask for.");
  return faults;
}

/** Columns a step may read: those of the table, and those the steps before it fill. */
export function readable(steps: readonly StepDraft[], at: number, columns: readonly string[]): string[] {
  return [...new Set([...columns, ...waterfalls(steps.slice(0, at)).keys()])].filter((name) => name.trim() !== "");
}

interface Whole {
  uploadId: string;
  draft: Draft;
  steps: readonly StepDraft[];
  filter: Filter | null;
  /** What it is called unless the draft says so. */
  name: string;
  providers: readonly Provider[];
}

export function wishOf({ uploadId, draft, steps, filter, name, providers }: Whole): RunBody {
  const targets = [...waterfalls(steps).keys()].map((column) => ({ column, ...(draft.targets[column] ?? DEFAULT_TARGET) }));
  const wish = {
    upload_id: uploadId,
    name: draft.name?.trim() || name,
    providers: steps.map(({ provider, connection, settings, inputs, outputs }) => ({
      provider,
      ...(connection === null ? {} : { connection }),
      ...settingsOf(settings, providers.find(({ id }) => id === provider)),
      inputs: Object.fromEntries(Object.entries(inputs).filter((entry): entry is [string, string] => entry[1] !== null)),
      outputs,
    })),
    targets: targets.map(({ column, policy, minConfidence, accept }) => ({
      column,
      policy,
      ...(minConfidence > 0 ? { min_confidence: minConfidence } : {}),
      ...(accept === null ? {} : { accept }),
    })),
    ...(filter === null ? {} : { filter }),
    ...(draft.budget === null ? {} : { budget: draft.budget }),
  };
  return wish as unknown as RunBody; // settings and tests are data here; its type spells out every kind of them
}

function settingsOf(entered: JsonObject, provider: Provider | undefined): { settings?: JsonObject } {
  if (provider === undefined || provider.connection) return {};
  const settings = cleaned(shapeOf(provider.settings), entered) as JsonObject | undefined;
  return settings === undefined || Object.keys(settings).length === 0 ? {} : { settings };
}
