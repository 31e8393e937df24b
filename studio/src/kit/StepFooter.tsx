// Back and onward at the foot of a step, with the reason when onward is not possible.
import { Group, Text } from "@mantine/core";
import type { ReactNode } from "react";
import classes from "./Steps.module.css";

interface StepFooterProps {
  /** Why the main button does not work, or what it will do. */
  note?: ReactNode;
  children: ReactNode;
}

export function StepFooter({ note, children }: StepFooterProps) {
  return (
    <div className={classes.footer}>
      <Text size="sm" c="dimmed" className={classes.footerNote} role="status">
        {note}
      </Text>
      <Group gap="sm" className={classes.footerButtons}>
        {children}
      </Group>
    </div>
  );
}
