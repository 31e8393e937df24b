// Whose hashes, where the destination does not say so itself, and of which country phones are that do not say it.
import { NativeSelect, Stack, Text, TextInput } from "@mantine/core";
import type { Destination, Platform } from "../model";
import { PLATFORMS } from "../words";
import type { Planning } from "./planning";

const countries = new Intl.DisplayNames("en", { type: "region", fallback: "none" });

export function HashingChoices({ planning, destination }: { planning: Planning; destination: Destination }) {
  const { draft, change, platform, mistakes } = planning;
  const isGiven = destination.hashing !== null;
  return (
    <Stack gap="sm">
      {isGiven ? (
        <Text size="sm">Identifiers leave hashed, as {PLATFORMS[destination.hashing as Platform]?.label ?? destination.hashing} wants them; nobody there sees an address or a number.</Text>
      ) : (
        <NativeSelect
          label="Hashing"
          description="The same person has other hashes for Google than for Meta, so say for whom."
          data={[{ value: "", label: "None: values leave as they are" }, ...Object.entries(PLATFORMS).map(([value, { label }]) => ({ value, label: `For ${label}` }))]}
          value={draft.platform ?? ""}
          onChange={(event) => change({ platform: event.currentTarget.value === "" ? null : (event.currentTarget.value as Platform) })}
          error={mistakes.get("/hashing/platform")}
          maw={420}
        />
      )}
      {platform !== null && (
        <>
          <Text size="sm" c="dimmed">
            {PLATFORMS[platform].text} Values are brought into one form, then hashed with SHA-256. What cannot be brought into it is never hashed: its cell stays empty, and you see how many there are.
          </Text>
          <TextInput
            label="Country of rows that do not say theirs"
            description="Two letters. Phone numbers without a country code need it; without it they stay empty."
            placeholder="US"
            value={draft.region}
            maxLength={2}
            onChange={(event) => change({ region: event.currentTarget.value })}
            error={mistakes.get("/hashing/region") ?? (draft.region.length === 2 && nameOf(draft.region) === undefined ? "No country has these letters." : undefined)}
            rightSection={nameOf(draft.region) === undefined ? undefined : <Text size="sm">{nameOf(draft.region)}</Text>}
            rightSectionWidth={180}
            maw={420}
            autoComplete="off"
            spellCheck={false}
          />
        </>
      )}
    </Stack>
  );
}

function nameOf(region: string): string | undefined {
  return /^[A-Za-z]{2}$/.test(region) ? countries.of(region.toUpperCase()) : undefined;
}
