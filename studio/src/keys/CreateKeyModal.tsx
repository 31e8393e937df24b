// Makes a key: its name, what it may do, when it ends.
import { Button, Group, Modal, NativeSelect, NumberInput, SimpleGrid, Stack, TextInput } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { meQuery } from "../app/session";
import { ErrorNote } from "../kit/ErrorNote";
import { createKey } from "./queries";
import { type PresetName, scopesOf } from "./scopes";
import { ScopePicker } from "./ScopePicker";

type Made = Awaited<ReturnType<typeof createKey>>;

const LIVES = [
  { value: "30", label: "In 30 days" },
  { value: "90", label: "In 90 days" },
  { value: "365", label: "In a year" },
  { value: "", label: "Never" },
];
const MAX_NAME = 100;

export function CreateKeyModal({ onMade, onClose }: { onMade: (made: Made) => void; onClose: () => void }) {
  const { data: me } = useQuery(meQuery);
  const grantable = me?.scopes ?? [];
  const [name, setName] = useState("");
  const [preset, setPreset] = useState<PresetName>("upload");
  const [ticked, setTicked] = useState<string[]>(["uploads:write"]);
  const [life, setLife] = useState("90");
  const [quota, setQuota] = useState<number | string>("");
  const [isBusy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const scopes = preset === "chosen" ? ticked : scopesOf(preset, grantable);
  const isReady = name.trim() !== "" && scopes.length > 0;

  const create = async () => {
    setBusy(true);
    setError(null);
    try {
      onMade(
        await createKey({
          name: name.trim(),
          scopes,
          expiresInDays: life === "" ? null : Number(life),
          rowQuota: typeof quota === "number" ? quota : null,
        }),
      );
    } catch (failure) {
      setError(failure);
      setBusy(false);
    }
  };

  return (
    <Modal opened onClose={onClose} title="New API key" size="lg" closeButtonProps={{ "aria-label": "Close" }}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (isReady) void create();
        }}
      >
        <Stack gap="md">
          <TextInput label="Name" description="Where it will be used, so that you know later what stops when you revoke it" placeholder="Nightly import" value={name} onChange={(event) => setName(event.currentTarget.value)} maxLength={MAX_NAME} autoComplete="off" required data-autofocus />
          <ScopePicker
            preset={preset}
            scopes={scopes}
            grantable={grantable}
            onPreset={(next) => {
              // Choosing starts from what was last shown.
              if (next === "chosen") setTicked(scopes);
              setPreset(next);
            }}
            onScopes={setTicked}
          />
          <SimpleGrid cols={{ base: 1, xs: 2 }}>
            <NativeSelect label="Ends" description="A key that ends by itself cannot be forgotten" data={LIVES} value={life} onChange={(event) => setLife(event.currentTarget.value)} />
            <NumberInput label="Most rows, in all" description="Empty: no limit" value={quota} onChange={setQuota} min={1} max={1e15} allowDecimal={false} allowNegative={false} thousandSeparator="," hideControls />
          </SimpleGrid>
          {error !== null && <ErrorNote error={error} />}
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              Cancel
            </Button>
            <Button type="submit" disabled={!isReady} loading={isBusy}>
              Create key
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
