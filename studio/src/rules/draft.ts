// A rule while it is being written, and the JSON it becomes.
import type { Schemas } from "../api/client";
import { type Kind, kindOf, KINDS } from "../kit/testKinds";

export interface Draft {
  name: string;
  field: string;
  kind: string;
  members: Record<string, unknown>;
  severity: "reject" | "warn" | "fix";
  otherwise: "reject" | "warn";
  enabled: boolean;
}

export const NEW_DRAFT: Draft = {
  name: "",
  field: "",
  kind: "email",
  members: {},
  severity: "reject",
  otherwise: "reject",
  enabled: true,
};

export function draftOf(rule: Schemas["RuleView"]): Draft {
  const { kind, ...members } = rule.test;
  return { ...rule, field: rule.field ?? "", kind: String(kind), members };
}

export function shapeOf(draft: Draft): Kind {
  const kind = kindOf(draft.kind) ?? KINDS[0];
  if (kind === undefined) throw new Error("There are no tests.");
  return kind;
}

const isGiven = (value: unknown) => value !== undefined && value !== null && value !== "" && value !== false && !(Array.isArray(value) && value.length === 0);

/** The test as the API wants it: only members that this kind takes and that are filled in. */
export function testOf(draft: Draft): Record<string, unknown> {
  const names = shapeOf(draft).members.map((member) => member.name);
  const keeps = (name: string, value: unknown) => names.includes(name) && (isGiven(value) || (name === "day_first" && value === false));
  return { kind: draft.kind, ...Object.fromEntries(Object.entries(draft.members).filter(([name, value]) => keeps(name, value))) };
}

/** What is still missing before the rule can be tried or saved, in words; empty when nothing is. */
export function missing(draft: Draft): string[] {
  const shape = shapeOf(draft);
  const holes = shape.members.filter((member) => "required" in member && member.required === true && !isGiven(draft.members[member.name])).map((member) => member.label);
  return shape.namesFields !== true && draft.field.trim() === "" ? ["Field", ...holes] : holes;
}

/** The body of POST and PATCH. The client's type lists every kind; here the kind is data, so it is named once. */
export function bodyOf(draft: Draft, name: string) {
  const shape = shapeOf(draft);
  return {
    name,
    field: shape.namesFields === true ? null : draft.field.trim(),
    test: testOf(draft) as RuleBody["test"],
    severity: shape.canFix || draft.severity !== "fix" ? draft.severity : ("reject" as const),
    otherwise: draft.otherwise,
    enabled: draft.enabled,
  };
}

type RuleBody = import("../api/schema").operations["createRule"]["requestBody"]["content"]["application/json"];
