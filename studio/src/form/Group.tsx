// Fields that belong together, under a name of their own.
import { Stack, Text } from "@mantine/core";
import { type ReactNode, useId } from "react";
import { worded } from "../kit/worded";
import classes from "./form.module.css";

interface GroupProps {
  title: string;
  description: string | null;
  mistake: string | undefined;
  children: ReactNode;
}

export function Group({ title, description, mistake, children }: GroupProps) {
  const name = useId();
  return (
    <div role="group" aria-labelledby={name} className={classes.group}>
      <Text id={name} size="sm" fw={600}>
        {title}
      </Text>
      {description !== null && (
        <Text size="xs" c="dimmed">
          {worded(description)}
        </Text>
      )}
      {mistake !== undefined && (
        <Text size="xs" c="var(--bad-text)" role="alert">
          {worded(mistake)}
        </Text>
      )}
      <Stack gap="sm" mt="xs">
        {children}
      </Stack>
    </div>
  );
}
