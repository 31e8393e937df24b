// The frame of a trial of what is saved: what it is tried with, one button, and what came of it.
import { Button, Group, Paper, Stack, Text, Title } from "@mantine/core";
import type { ReactNode } from "react";
import { ErrorNote } from "../kit/ErrorNote";

interface TryFrameProps {
  /** Only what is saved can be tried. */
  isSaved: boolean;
  /** There is something in the form that is not saved: what is saved is tried. */
  isDirty: boolean;
  /** What a trial does and costs, in a sentence. */
  does: string;
  trial: { isPending: boolean; error: unknown };
  onTry: () => void;
  /** What it is tried with. */
  fields: ReactNode;
  /** What came of it. */
  children: ReactNode;
}

export function TryFrame({ isSaved, isDirty, does, trial, onTry, fields, children }: TryFrameProps) {
  return (
    <Paper withBorder p="md" component="section" aria-label="Try it">
      <Stack gap="sm">
        <Title order={2}>Try it</Title>
        {isSaved ? (
          <form
            onSubmit={(event) => {
              event.preventDefault();
              onTry();
            }}
          >
            <Stack gap="sm">
              {fields}
              <Text size="xs" c="dimmed">
                {isDirty && "Tries what is saved; your changes are not yet. "}
                {does}
              </Text>
              <Group>
                <Button type="submit" variant="default" loading={trial.isPending}>
                  Try it
                </Button>
              </Group>
            </Stack>
          </form>
        ) : (
          <Text size="sm" c="dimmed">
            Save the connection first. Then one call shows whether it works.
          </Text>
        )}
        <div aria-live="polite">
          {trial.error !== null && <ErrorNote error={trial.error} />}
          {children}
        </div>
      </Stack>
    </Paper>
  );
}
