// A command or a text to copy, scrolling inside its own box.
import { Box, Code } from "@mantine/core";
import { CopyButton } from "./CopyButton";

export function CodeBlock({ code, label }: { code: string; label: string }) {
  return (
    <Box pos="relative">
      <Code block tabIndex={0} role="region" aria-label={label} style={{ overflowX: "auto", paddingRight: 96, background: "var(--head)", border: "1px solid var(--line)" }}>
        {code}
      </Code>
      <Box pos="absolute" top={6} right={6}>
        <CopyButton value={code} />
      </Box>
    </Box>
  );
}
