// What is entered in a form, free of what was left empty, and where in it a mistake is (RFC 6901); pure.
import type { Issue } from "../api/errors";
import type { Shape } from "./shape";

export type Values = Record<string, unknown>;
/** What is wrong, by JSON pointer. */
export type Mistakes = ReadonlyMap<string, string>;

export function isValues(value: unknown): value is Values {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

export function pointerTo(base: string, name: string | number): string {
  return `${base}/${String(name).replaceAll("~", "~0").replaceAll("/", "~1")}`;
}

/** The value to send: members nobody filled in are left out. A secret that is `null` is one that is kept. */
export function cleaned(shape: Shape, value: unknown): unknown {
  switch (shape.kind) {
    case "object":
      return isValues(value) ? cleanedMembers(shape.members.map(({ name, shape: inner }) => [name, inner] as const), value) : undefined;
    case "map":
      return isValues(value) ? cleanedMembers(Object.keys(value).map((name) => [name, shape.value] as const), value) : undefined;
    case "variants": {
      const tag = isValues(value) ? value[shape.tag] : undefined;
      const chosen = shape.variants.find((variant) => variant.value === tag);
      return chosen === undefined ? undefined : { ...(cleaned(chosen.shape, value) as Values), [shape.tag]: chosen.value };
    }
    case "list":
      return Array.isArray(value) ? value.map((item) => cleaned(shape.item, item)).filter((item) => item !== undefined) : undefined;
    case "text":
      if (value === null) return shape.isSecret ? null : undefined;
      return value === "" ? undefined : value;
    default:
      return value === "" || value === null ? undefined : value;
  }
}

function cleanedMembers(members: readonly (readonly [string, Shape])[], values: Values): Values {
  const entries = members.map(([name, shape]) => [name, cleaned(shape, values[name])] as const);
  return Object.fromEntries(entries.filter(([, value]) => value !== undefined));
}

/** Titles of what is required and not filled in yet. */
export function lackingIn(shape: Shape, value: unknown): string[] {
  if (shape.kind === "list") return Array.isArray(value) ? value.flatMap((item) => lackingIn(shape.item, item)) : [];
  if (shape.kind !== "object") return [];
  const values = isValues(value) ? value : {};
  return shape.members.flatMap((member) => {
    const entered = cleaned(member.shape, values[member.name]);
    const isEmpty = entered === undefined || (Array.isArray(entered) && entered.length === 0) || (member.shape.kind === "map" && isValues(entered) && Object.keys(entered).length === 0);
    if (isEmpty) return member.isRequired ? [member.title] : [];
    return lackingIn(member.shape, values[member.name]);
  });
}

/** By the field each belongs to: the nearest one there is. shape, base: of the form and where it stands in the body. */
export function mistakesIn(shape: Shape, base: string, issues: readonly Pick<Issue, "pointer" | "message">[]): Mistakes {
  const found = new Map<string, string>();
  for (const { pointer, message } of issues) {
    const inside = pointer === base || pointer.startsWith(`${base}/`);
    const at = inside ? nearest(shape, base, pointer.slice(base.length).split("/").slice(1)) : pointer;
    const before = found.get(at);
    found.set(at, before === undefined ? message : `${before} ${message}`);
  }
  return found;
}

/** Mistakes at or below a pointer, for parts of a form that are folded away. */
export function below(mistakes: Mistakes, pointer: string): string[] {
  return [...mistakes.entries()].filter(([at]) => at === pointer || at.startsWith(`${pointer}/`)).map(([, message]) => message);
}

function nearest(shape: Shape, base: string, path: readonly string[]): string {
  const [name, ...rest] = path;
  if (name === undefined) return base;
  const next = `${base}/${name}`;
  switch (shape.kind) {
    case "object": {
      const member = shape.members.find((each) => pointerTo(base, each.name) === next);
      return member === undefined ? base : nearest(member.shape, next, rest);
    }
    case "map":
      return nearest(shape.value, next, rest);
    case "list":
      return /^\d+$/.test(name) ? nearest(shape.item, next, rest) : base;
    case "variants": {
      // Validators name the chosen kind on the way to its member.
      const chosen = shape.variants.find((variant) => String(variant.value) === name);
      if (chosen !== undefined) return nearest(chosen.shape, base, rest);
      const able = shape.variants.find((variant) => variant.shape.kind === "object" && variant.shape.members.some((member) => member.name === name));
      return able === undefined ? base : nearest(able.shape, base, path);
    }
    default:
      return base;
  }
}
