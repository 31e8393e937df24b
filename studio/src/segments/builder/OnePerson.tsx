// Whether the same person counts once, and if so what is the same and whose values hold.
import { Stack, Switch, Text } from "@mantine/core";
import { type Change, textsOf } from "../../identity/address";
import { Identity } from "../../identity/duplicates/Identity";
import { LinkAnchor } from "../../kit/links";
import { worded } from "../../kit/worded";
import type { Dedupe } from "../model";

interface OnePersonProps {
  uploads: readonly string[];
  dedupe: Dedupe | null;
  /** What the server says of it. */
  problem: string | null;
  onChange: (dedupe: Dedupe | null) => void;
}

export function OnePerson({ uploads, dedupe, problem, onChange }: OnePersonProps) {
  return (
    <Stack gap="sm">
      <Switch label="Count each person once" description="Rows of the same person become one member; the tables stay as they are." checked={dedupe !== null} onChange={(event) => onChange(event.currentTarget.checked ? { by: "email", keep: "newest" } : null)} />
      {dedupe !== null && (
        <>
          <Identity wish={{ uploads, dedupe: { keep: "newest", ...dedupe }, page: 1, isWhole: false }} onChange={(change) => onChange(dedupeAfter(dedupe, change))} />
          {problem !== null && (
            <Text size="sm" c="var(--bad-text)" role="alert">
              {worded(problem)}
            </Text>
          )}
          {uploads.length > 0 && (
            <Text size="sm">
              <LinkAnchor to="/identity/duplicates" search={addressOf(uploads, dedupe)} underline="always" inherit>
                See who would be joined
              </LinkAnchor>
            </Text>
          )}
        </>
      )}
    </Stack>
  );
}

/** Another kind of identity begins anew: its columns are not those of the one before. */
function dedupeAfter(dedupe: Dedupe, { by, columns, names, region, match, threshold, keep, fields }: Change): Dedupe {
  const kept = { ...(dedupe.keep === undefined ? {} : { keep: dedupe.keep }), ...(dedupe.fields === undefined ? {} : { fields: dedupe.fields }) };
  const next: Dedupe = by !== undefined && by !== dedupe.by ? { ...kept, by } : { ...dedupe };
  if (columns !== undefined) set(next, "columns", columns.length > 0 ? columns : undefined);
  if (names !== undefined) set(next, "names", names.length > 0 ? names : undefined);
  if (region !== undefined) set(next, "region", region || undefined);
  if (match !== undefined) {
    set(next, "match", match || undefined);
    delete next.threshold;
  }
  if (threshold !== undefined) next.threshold = threshold;
  if (keep !== undefined) next.keep = keep;
  if (fields !== undefined) next.fields = fields;
  return next;
}

function set<Name extends keyof Dedupe>(dedupe: Dedupe, name: Name, value: Dedupe[Name] | undefined): void {
  if (value === undefined) delete dedupe[name];
  else dedupe[name] = value;
}

function addressOf(uploads: readonly string[], dedupe: Dedupe): Record<string, string | undefined> {
  return textsOf({ uploads, ...dedupe } as Change);
}
