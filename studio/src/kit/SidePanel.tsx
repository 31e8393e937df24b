// A panel at the right edge; takes the focus, gives it back.
import { Drawer } from "@mantine/core";
import type { ReactNode } from "react";

interface SidePanelProps {
  title: string;
  onClose: () => void;
  children: ReactNode;
}

export function SidePanel({ title, onClose, children }: SidePanelProps) {
  return (
    <Drawer
      opened
      onClose={onClose}
      position="right"
      size={420}
      title={title}
      overlayProps={{ backgroundOpacity: 0.15 }}
      closeButtonProps={{ "aria-label": "Close the panel" }}
      styles={{ title: { fontWeight: 650, fontSize: "1.0625rem", minWidth: 0, overflowWrap: "anywhere" } }}
    >
      {children}
    </Drawer>
  );
}
