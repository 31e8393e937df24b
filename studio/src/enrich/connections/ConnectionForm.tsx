// Writes the settings of a connection; what the server finds wrong stands beside the field it is about.
import { Button, Group, Paper, Stack, Text, TextInput } from "@mantine/core";
import { type FormEvent, useEffect, useMemo, useRef, useState } from "react";
import { ApiError } from "../../api/errors";
import { SchemaForm } from "../../form/SchemaForm";
import { shapeOf } from "../../form/shape";
import { cleaned, mistakesIn, type Values } from "../../form/values";
import { ErrorNote } from "../../kit/ErrorNote";
import { tell } from "../../kit/toast";
import classes from "../enrich.module.css";
import { saveConnection } from "../queries";
import type { Connection, Provider } from "../model";
import { TryConnection } from "./TryConnection";

const SETTINGS = "/settings";

interface ConnectionFormProps {
  provider: Provider;
  /** null for a new one. */
  connection: Connection | null;
  onSaved: (connection: Connection) => void;
}

export function ConnectionForm({ provider, connection, onSaved }: ConnectionFormProps) {
  const shape = useMemo(() => shapeOf(provider.settings), [provider]);
  const [name, setName] = useState(connection?.name ?? "");
  const [settings, setSettings] = useState<Values>(connection?.settings ?? {});
  const [isDirty, setDirty] = useState(connection === null);
  const [isBusy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const form = useRef<HTMLFormElement>(null);
  const mistakes = mistakesIn(shape, SETTINGS, error instanceof ApiError ? error.issues : []);
  const whole = mistakes.get(SETTINGS);

  useEffect(() => {
    if (error !== null) form.current?.querySelector<HTMLElement>("[aria-invalid='true'], [data-error='true'] input")?.focus();
  }, [error]);

  const save = async (event: FormEvent) => {
    event.preventDefault();
    if (isBusy) return;
    setBusy(true);
    setError(null);
    try {
      const saved = await saveConnection(connection?.id ?? null, { provider: provider.id, name: name.trim(), settings: (cleaned(shape, settings) ?? {}) as Values });
      setSettings(saved.settings);
      setDirty(false);
      tell(`“${saved.name}” is saved.`);
      onSaved(saved);
    } catch (failure) {
      setError(failure);
    }
    setBusy(false);
  };
  return (
    <div className={classes.sideBySide}>
      <Paper withBorder p="md">
        <form ref={form} onSubmit={(event) => void save(event)} aria-label="Connection">
          <Stack gap="md">
            <Text size="sm" c="dimmed">
              {provider.title}: {provider.description}
            </Text>
            <TextInput
              label="Name"
              description="As it is called in Studio and in the log"
              value={name}
              onChange={(event) => {
                setName(event.currentTarget.value);
                setDirty(true);
              }}
              error={mistakes.get("/name")}
              maxLength={100}
              required
              withAsterisk
              autoComplete="off"
            />
            <SchemaForm
              shape={shape}
              value={settings}
              onChange={(next) => {
                setSettings(next);
                setDirty(true);
              }}
              pointer={SETTINGS}
              mistakes={mistakes}
            />
            {error !== null && <ErrorNote error={error} />}
            {whole !== undefined && (
              <Text size="sm" c="var(--bad-text)">
                {whole}
              </Text>
            )}
            <Group justify="flex-end">
              <Button type="submit" loading={isBusy}>
                {connection === null ? "Save connection" : "Save changes"}
              </Button>
            </Group>
          </Stack>
        </form>
      </Paper>
      <TryConnection connection={connection} isDirty={isDirty} />
    </div>
  );
}
