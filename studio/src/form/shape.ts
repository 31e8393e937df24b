// What a JSON Schema asks for, as the few kinds of field a form has; pure.

export type JsonSchema = Record<string, unknown>;
export type Plain = string | number | boolean;

export type Shape =
  | { kind: "text"; isSecret: boolean; isLong: boolean; format: string | null; maxLength: number | null }
  | { kind: "number"; isWhole: boolean; min: number | null; max: number | null }
  | { kind: "flag" }
  | { kind: "choice"; options: Plain[] }
  | { kind: "object"; members: Member[] }
  | { kind: "list"; item: Shape }
  | { kind: "map"; value: Shape }
  | { kind: "variants"; tag: string; variants: { value: Plain; title: string; shape: Shape }[] }
  | { kind: "json" };

export interface Member {
  name: string;
  title: string;
  description: string | null;
  isRequired: boolean;
  /** What holds when nothing is entered; undefined when the schema does not say. */
  initial: unknown;
  shape: Shape;
}

const DEEPEST = 12; // a schema may refer to itself; what lies deeper is written as JSON
const LONG_TEXT = 1000;

export function shapeOf(schema: JsonSchema, root: JsonSchema = schema, depth = 0): Shape {
  const known = resolved(schema, root);
  if (depth > DEEPEST) return { kind: "json" };
  const among = (list(known["anyOf"]) ?? list(known["oneOf"]))?.map((each) => resolved(each, root)).filter((each) => each["type"] !== "null");
  if (among !== undefined) {
    const [only, ...others] = among;
    if (only !== undefined && others.length === 0) return shapeOf({ ...without(known, "anyOf", "oneOf"), ...only }, root, depth + 1);
    return variantsOf(among, root, depth) ?? { kind: "json" };
  }
  const options = Array.isArray(known["enum"]) ? known["enum"] : known["const"] === undefined ? null : [known["const"]];
  if (options !== null) return { kind: "choice", options: options.filter(isPlain) };
  switch (typeOf(known)) {
    case "string":
      return textOf(known);
    case "integer":
    case "number":
      return { kind: "number", isWhole: typeOf(known) === "integer", min: numberIn(known, "minimum", "exclusiveMinimum"), max: numberIn(known, "maximum", "exclusiveMaximum") };
    case "boolean":
      return { kind: "flag" };
    case "array":
      return { kind: "list", item: shapeOf(object(known["items"]) ?? {}, root, depth + 1) };
    case "object":
      return objectOf(known, root, depth);
    default:
      return { kind: "json" };
  }
}

function objectOf(schema: JsonSchema, root: JsonSchema, depth: number): Shape {
  const properties = object(schema["properties"]);
  if (properties !== null) return { kind: "object", members: membersOf(properties, schema, root, depth) };
  const [pattern] = Object.values(object(schema["patternProperties"]) ?? {}); // names that have to match something
  const values = object(schema["additionalProperties"]) ?? object(pattern);
  return values === null ? { kind: "json" } : { kind: "map", value: shapeOf(values, root, depth + 1) };
}

function membersOf(properties: JsonSchema, schema: JsonSchema, root: JsonSchema, depth: number): Member[] {
  const required = Array.isArray(schema["required"]) ? schema["required"] : [];
  return Object.entries(properties).flatMap(([name, property]) => {
    const found = object(property);
    if (found === null) return [];
    const title = text(found["title"]);
    return [
      {
        name,
        title: title === null || title.toLowerCase() === name.replaceAll("_", " ") ? humanised(name) : title,
        description: text(found["description"]),
        isRequired: required.includes(name),
        initial: found["default"],
        shape: shapeOf(found, root, depth + 1),
      },
    ];
  });
}

/** Objects told apart by one member that is constant in each of them. */
function variantsOf(among: readonly JsonSchema[], root: JsonSchema, depth: number): Shape | null {
  const constant = (schema: JsonSchema, name: string) => {
    const property = object(object(schema["properties"])?.[name]);
    const value = property?.["const"] ?? (Array.isArray(property?.["enum"]) && property["enum"].length === 1 ? property["enum"][0] : undefined);
    return isPlain(value) ? value : null;
  };
  const names = Object.keys(object(among[0]?.["properties"]) ?? {});
  const tag = names.find((name) => among.every((schema) => constant(schema, name) !== null));
  if (tag === undefined) return null;
  return {
    kind: "variants",
    tag,
    variants: among.map((schema) => {
      const value = constant(schema, tag) ?? "";
      const properties = without(object(schema["properties"]) ?? {}, tag);
      return { value, title: humanised(String(value)), shape: shapeOf({ ...schema, properties }, root, depth + 1) };
    }),
  };
}

function textOf(schema: JsonSchema): Shape {
  const format = text(schema["format"]);
  const maxLength = typeof schema["maxLength"] === "number" ? schema["maxLength"] : null;
  return { kind: "text", isSecret: format === "password" || schema["writeOnly"] === true, isLong: maxLength !== null && maxLength > LONG_TEXT, format, maxLength };
}

/** With what it refers to, and with the only member of an `allOf`. */
function resolved(schema: JsonSchema, root: JsonSchema): JsonSchema {
  const only = list(schema["allOf"]);
  if (only?.length === 1 && only[0] !== undefined) return resolved({ ...only[0], ...without(schema, "allOf") }, root);
  const path = text(schema["$ref"]);
  if (path === null || !path.startsWith("#/")) return schema;
  const found = path.slice(2).split("/").reduce<unknown>((at, name) => object(at)?.[name.replaceAll("~1", "/").replaceAll("~0", "~")], root);
  return resolved({ ...(object(found) ?? {}), ...without(schema, "$ref") }, root);
}

function typeOf(schema: JsonSchema): string | null {
  const type = schema["type"];
  if (Array.isArray(type)) return text(type.find((each) => each !== "null"));
  return text(type) ?? (schema["properties"] === undefined ? null : "object");
}

function numberIn(schema: JsonSchema, ...names: string[]): number | null {
  const found = names.map((name) => schema[name]).find((value) => typeof value === "number");
  return typeof found === "number" ? found : null;
}

export function humanised(name: string): string {
  const words = name.replaceAll("_", " ");
  return words.charAt(0).toUpperCase() + words.slice(1);
}

const isPlain = (value: unknown): value is Plain => typeof value === "string" || typeof value === "number" || typeof value === "boolean";
const text = (value: unknown) => (typeof value === "string" ? value : null);
const object = (value: unknown) => (typeof value === "object" && value !== null && !Array.isArray(value) ? (value as JsonSchema) : null);
const list = (value: unknown) => (Array.isArray(value) ? value.map((each) => object(each) ?? {}) : undefined);

function without(schema: JsonSchema, ...names: string[]): JsonSchema {
  return Object.fromEntries(Object.entries(schema).filter(([name]) => !names.includes(name)));
}
