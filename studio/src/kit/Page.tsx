// The outline of a page: its title in the tab, its heading (which takes the focus on arrival), its actions.
import { Box, Group, Title } from "@mantine/core";
import { type ReactNode, useEffect, useRef } from "react";

interface PageProps {
  title: string;
  /** What stands at the right of the heading. */
  actions?: ReactNode;
  /** The page fills the window and scrolls inside (tables). */
  fill?: boolean;
  children: ReactNode;
}

export function Page({ title, actions, fill = false, children }: PageProps) {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    document.title = `${title} - Muster Studio`;
  }, [title]);
  // Only on arrival: a title that changes later must not take the focus from a field.
  useEffect(() => heading.current?.focus({ preventScroll: true }), []);
  return (
    <Box
      px={{ base: "sm", sm: "lg" }}
      py="md"
      style={fill ? { height: "calc(100dvh - 48px)", display: "flex", flexDirection: "column" } : { maxWidth: 1280 }}
    >
      <Group justify="space-between" mb="md" gap="sm" mih={36} style={{ flexShrink: 0 }}>
        <Title order={1} ref={heading} tabIndex={-1} className="truncate" style={{ minWidth: 0 }}>
          {title}
        </Title>
        {actions !== undefined && <Group gap="xs">{actions}</Group>}
      </Group>
      {children}
    </Box>
  );
}
