// A command or a text to copy, scrolling inside its own box, below the button that copies it.
import { Box, Code, Group } from "@mantine/core";
import { CopyButton } from "./CopyButton";

export function CodeBlock({ code, label }: { code: string; label: string }) {
  return (
    <Box bg="var(--head)" style={{ border: "1px solid var(--line)", borderRadius: 8 }}>
      <Group justify="flex-end" p={6} pb={0}>
        <CopyButton value={code} />
      </Group>
      <Code block tabIndex={0} role="region" aria-label={label} bg="transparent" style={{ overflowX: "auto" }}>
        {code}
      </Code>
    </Box>
  );
}
