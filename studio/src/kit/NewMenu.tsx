// Makes something new of one of several kinds: a button that opens the menu of them.
import { Button, Menu } from "@mantine/core";
import { Plus } from "lucide-react";
import type { ReactNode } from "react";

interface NewMenuProps {
  label: string;
  isDisabled: boolean;
  /** Stands in an empty state, below the words that invite to it. */
  isQuiet?: boolean;
  /** The kinds, as items of the menu. */
  children: ReactNode;
}

export function NewMenu({ label, isDisabled, isQuiet = false, children }: NewMenuProps) {
  return (
    <Menu position="bottom-end" width={260}>
      <Menu.Target>
        <Button leftSection={<Plus size={16} aria-hidden />} disabled={isDisabled} {...(isQuiet ? { variant: "light" } : {})}>
          {label}
        </Button>
      </Menu.Target>
      <Menu.Dropdown>{children}</Menu.Dropdown>
    </Menu>
  );
}
