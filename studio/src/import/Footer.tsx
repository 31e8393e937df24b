// Back and onward at the foot of a step, with the reason when onward is not possible.
import { Group, Text } from "@mantine/core";
import type { ReactNode } from "react";
import classes from "./import.module.css";

interface FooterProps {
  /** Why the main button does not work, or what it will do. */
  note?: ReactNode;
  children: ReactNode;
}

export function Footer({ note, children }: FooterProps) {
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
