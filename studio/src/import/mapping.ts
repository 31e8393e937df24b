// What becomes of each column, as people choose it and as the server stores it; pure.
import { IDENTITY_FIELDS } from "./fields";
import type { KeptMapping, MappingJson } from "./queries";

export type Choice =
  | { kind: "own" }
  | { kind: "skip" }
  | { kind: "to"; name: string }
  | { kind: "split"; into: string[]; separator: string };

export interface Choices {
  byColumn: Record<string, Choice>;
  /** Targets that several columns make together, and what is put between their values. */
  joins: Record<string, string>;
}

interface Step {
  from: string[];
  to: string[];
  separator?: string;
}

const MAX_NAME_CHARACTERS = 200;

/** Column names of the table that a column makes. */
export function targetsOf(column: string, choice: Choice): string[] {
  if (choice.kind === "own") return [column];
  if (choice.kind === "skip") return [];
  return choice.kind === "to" ? [choice.name] : choice.into;
}

export function choiceOf(choices: Choices, column: string): Choice {
  return choices.byColumn[column] ?? { kind: "own" };
}

/** Every name in the table, and the columns of the file that make it. */
export function makersOf(columns: readonly string[], choices: Choices): Map<string, string[]> {
  const makers = new Map<string, string[]>();
  for (const column of columns) {
    for (const target of targetsOf(column, choiceOf(choices, column))) makers.set(target, [...(makers.get(target) ?? []), column]);
  }
  return makers;
}

export interface Fault {
  message: string;
  /** The name that several columns make, where they could be joined instead. */
  joinable: string | null;
}

/** What keeps the choices from being used, by column. */
export function faultsOf(columns: readonly string[], choices: Choices): Map<string, Fault> {
  const makers = makersOf(columns, choices);
  const faults = new Map<string, Fault>();
  for (const column of columns) {
    const choice = choiceOf(choices, column);
    for (const target of targetsOf(column, choice)) {
      if (target.trim() === "") faults.set(column, { message: "Give the field a name.", joinable: null });
      else if (target.length > MAX_NAME_CHARACTERS) faults.set(column, { message: `A name has at most ${MAX_NAME_CHARACTERS} characters.`, joinable: null });
      const others = (makers.get(target) ?? []).filter((other) => other !== column);
      const isTwice = choice.kind === "split" && choice.into.filter((name) => name === target).length > 1;
      if (isTwice) faults.set(column, { message: `“${target}” stands twice in the split.`, joinable: null });
      else if (others.length > 0 && !(target in choices.joins)) {
        const areWhole = [column, ...others].every((each) => choiceOf(choices, each).kind !== "split");
        faults.set(column, { message: `Duplicate: “${others[0] ?? ""}” becomes this field too.`, joinable: areWhole ? target : null });
      }
    }
  }
  return faults;
}

/** Which identity fields the table will have, and from which columns. */
export function identityOf(columns: readonly string[], choices: Choices): { field: string; columns: string[] }[] {
  const makers = makersOf(columns, choices);
  return IDENTITY_FIELDS.flatMap((field) => {
    const from = makers.get(field);
    return from === undefined ? [] : [{ field, columns: from }];
  });
}

/** The mapping to send: only what differs from keeping every column as it is. */
export function toMapping(columns: readonly string[], choices: Choices): MappingJson {
  const steps: Step[] = [];
  const joined = new Set<string>();
  const makers = makersOf(columns, choices);
  for (const column of columns) {
    const choice = choiceOf(choices, column);
    const [target] = targetsOf(column, choice);
    const together = target === undefined ? [] : (makers.get(target) ?? []);
    if (choice.kind === "skip") steps.push({ from: [column], to: [] });
    else if (choice.kind === "split") steps.push({ from: [column], to: choice.into, separator: choice.separator });
    else if (target !== undefined && together.length > 1) {
      if (!joined.has(target)) steps.push({ from: together, to: [target], separator: choices.joins[target] ?? " " });
      joined.add(target);
    } else if (target !== undefined && target !== column) steps.push({ from: [column], to: [target] });
  }
  return { columns: steps as unknown as MappingJson["columns"], keep_others: true };
}

/** A stored mapping as choices for these columns. spelled: how a column it names is called in this file, null when it is not there. */
export function fromMapping(mapping: MappingJson, columns: readonly string[], spelled: (name: string) => string | null = (name) => name): Choices {
  const choices: Choices = { byColumn: {}, joins: {} };
  if (!mapping.keep_others) for (const column of columns) choices.byColumn[column] = { kind: "skip" };
  for (const step of stepsOf(mapping)) {
    const from = step.from.map(spelled).filter((name) => name !== null);
    const [target] = step.to;
    for (const column of from) {
      if (target === undefined) choices.byColumn[column] = { kind: "skip" };
      else if (step.to.length > 1) choices.byColumn[column] = { kind: "split", into: step.to, separator: step.separator ?? " " };
      else choices.byColumn[column] = target === column ? { kind: "own" } : { kind: "to", name: target };
    }
    if (target !== undefined && from.length > 1) choices.joins[target] = step.separator ?? " ";
  }
  return choices;
}

/** The steps of a mapping as it comes from the server, where names are always lists. */
export function stepsOf(mapping: MappingJson): Step[] {
  return mapping.columns as unknown as Step[];
}

const plain = (name: string) => name.normalize("NFKD").replace(/[\u0300-\u036f]/g, "").toLowerCase().replace(/[^\p{L}\p{N}]+/gu, " ").trim();

/** How headers known from elsewhere are spelled in this file: the same, or alike but for case and punctuation. */
export function respelling(columns: readonly string[]): (name: string) => string | null {
  const alike = new Map<string, string[]>();
  for (const column of columns) alike.set(plain(column), [...(alike.get(plain(column)) ?? []), column]);
  return (name) => {
    if (columns.includes(name)) return name;
    const found = alike.get(plain(name)) ?? [];
    return found.length === 1 ? (found[0] ?? null) : null;
  };
}

/** Columns a mapping reads that this file does not have. */
export function missingIn(mapping: MappingJson, columns: readonly string[]): string[] {
  const spelled = respelling(columns);
  return [...new Set(stepsOf(mapping).flatMap((step) => step.from))].filter((name) => spelled(name) === null);
}

/** Where a mapping is kept: under a name rather than only remembered. */
export function keptAs(kept: readonly KeptMapping[], mapping: MappingJson): KeptMapping | undefined {
  const text = JSON.stringify(mapping);
  const same = kept.filter((each) => JSON.stringify(each.mapping) === text);
  return same.find((each) => typeof each.name === "string") ?? same[0];
}
