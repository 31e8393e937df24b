// What a key may be allowed to do, in groups and in words, and the three sets most people want.

export interface ScopeGroup {
  label: string;
  scopes: { scope: string; label: string }[];
}

export const SCOPE_GROUPS: ScopeGroup[] = [
  {
    label: "Uploads",
    scopes: [
      { scope: "uploads:read", label: "Read uploads, rows and rejects" },
      { scope: "uploads:write", label: "Send, change and delete uploads" },
    ],
  },
  {
    label: "Segments",
    scopes: [
      { scope: "segments:read", label: "Read segments" },
      { scope: "segments:write", label: "Make and change segments" },
    ],
  },
  {
    label: "Enrichments",
    scopes: [
      { scope: "enrichments:read", label: "Read runs and results" },
      { scope: "enrichments:write", label: "Start and stop runs" },
    ],
  },
  {
    label: "Exports",
    scopes: [
      { scope: "exports:read", label: "Read exports" },
      { scope: "exports:write", label: "Send data to destinations" },
    ],
  },
  {
    label: "Account",
    scopes: [
      { scope: "usage:read", label: "Read usage, requests and the audit log" },
      { scope: "keys:manage", label: "Make and revoke API keys" },
      { scope: "admin", label: "Run this installation" },
    ],
  },
];

/** Never part of a preset: a leaked key with these could make itself successors. */
const BEYOND: Record<string, string> = { "keys:manage": "keys", admin: "administration" };
const NOT_BY_PRESET = new Set(Object.keys(BEYOND));

export type PresetName = "upload" | "read" | "everything" | "chosen";

export const PRESETS: { name: PresetName; label: string; text: string }[] = [
  { name: "upload", label: "Upload only", text: "Sends data, sees none of it. For forms and scripts." },
  { name: "read", label: "Read only", text: "Reads everything, changes nothing. For reports." },
  { name: "everything", label: "Everything", text: "All data, both ways. Makes no keys." },
  { name: "chosen", label: "Choose", text: "Tick exactly what it may do." },
];

/** The scopes of a preset, among those that may be granted at all. */
export function scopesOf(preset: PresetName, grantable: readonly string[]): string[] {
  if (preset === "upload") return grantable.filter((scope) => scope === "uploads:write");
  if (preset === "read") return grantable.filter((scope) => scope.endsWith(":read"));
  return grantable.filter((scope) => !NOT_BY_PRESET.has(scope));
}

/** "Upload only", "Read only", "Everything", or how many. */
export function nameOfScopes(scopes: readonly string[]): string {
  const has = new Set(scopes);
  const all = SCOPE_GROUPS.flatMap((group) => group.scopes.map(({ scope }) => scope));
  for (const { name, label } of PRESETS) {
    if (name === "chosen") continue;
    const wanted = scopesOf(name, all);
    if (wanted.length === has.size && wanted.every((scope) => has.has(scope))) return label;
  }
  const beyond = all.filter((scope) => NOT_BY_PRESET.has(scope) && has.has(scope)).map((scope) => BEYOND[scope] ?? scope);
  if (all.every((scope) => NOT_BY_PRESET.has(scope) || has.has(scope))) return `Everything, and ${beyond.join(" and ")}`;
  return has.size === 1 ? (scopes[0] ?? "") : `${has.size} scopes`;
}
