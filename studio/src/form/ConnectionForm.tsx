// Writes settings that are kept under a name; what the server finds wrong stands beside the field it is about.
import { Button, Group, Paper, Stack, Text, TextInput } from "@mantine/core";
import { type FormEvent, type ReactNode, useEffect, useMemo, useRef, useState } from "react";
import { ApiError } from "../api/errors";
import { ErrorNote } from "../kit/ErrorNote";
import { tell } from "../kit/toast";
import classes from "./form.module.css";
import { SchemaForm } from "./SchemaForm";
import { type JsonSchema, shapeOf } from "./shape";
import { cleaned, mistakesIn, type Values } from "./values";

const SETTINGS = "/settings";
const MAX_CHARACTERS = 100;

interface Kept {
  name: string;
  settings: Values;
}

interface ConnectionFormProps<K extends Kept> {
  /** What is connected, in a sentence. */
  about: string;
  schema: JsonSchema;
  /** null for a new one. */
  kept: K | null;
  onSave: (wish: Kept) => Promise<K>;
  onSaved: (saved: K) => void;
  /** What stands beside the form. isDirty: there is something in it that is not saved. */
  children: (isDirty: boolean) => ReactNode;
}

export function ConnectionForm<K extends Kept>({ about, schema, kept, onSave, onSaved, children }: ConnectionFormProps<K>) {
  const shape = useMemo(() => shapeOf(schema), [schema]);
  const [name, setName] = useState(kept?.name ?? "");
  const [settings, setSettings] = useState<Values>(kept?.settings ?? {});
  const [isDirty, setDirty] = useState(kept === null);
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
      const saved = await onSave({ name: name.trim(), settings: (cleaned(shape, settings) ?? {}) as Values });
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
              {about}
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
              maxLength={MAX_CHARACTERS}
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
                {kept === null ? "Save connection" : "Save changes"}
              </Button>
            </Group>
          </Stack>
        </form>
      </Paper>
      {children(isDirty)}
    </div>
  );
}
