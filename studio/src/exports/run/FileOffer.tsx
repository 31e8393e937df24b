// About the file: how large it is, how long it is kept, and how a script gets it, also one that broke off.
import { Button, Collapse, Text } from "@mantine/core";
import { ChevronDown, ChevronRight } from "lucide-react";
import { useId, useState } from "react";
import { CodeBlock } from "../../kit/CodeBlock";
import { bytes, exactTime } from "../../kit/format";
import type { Export } from "../model";

export function FileOffer({ file }: { file: NonNullable<Export["file"]> }) {
  const [isOpen, setOpen] = useState(false);
  const id = useId();
  const Icon = isOpen ? ChevronDown : ChevronRight;
  return (
    <div>
      <Text size="sm" c="dimmed">
        {bytes(file.size_bytes)}
        {file.expires_at !== null && `, kept until ${exactTime(file.expires_at)}`}. A download that breaks off can go on where it stopped.
      </Text>
      <Button size="compact-sm" variant="subtle" color="gray" ml={-8} mt={4} leftSection={<Icon size={14} aria-hidden />} aria-expanded={isOpen} aria-controls={id} onClick={() => setOpen(!isOpen)}>
        Download it by a script
      </Button>
      <Collapse expanded={isOpen} id={id} mt="xs">
        <CodeBlock label="Command that downloads the file" code={command(file)} />
      </Collapse>
    </div>
  );
}

function command({ name, href }: NonNullable<Export["file"]>): string {
  return ["curl -C - \\", `  -o ${quoted(name)} \\`, `  -H "Authorization: Bearer YOUR_API_KEY" \\`, `  "${window.location.origin}${href}"`].join("\n");
}

/** For a shell. */
const quoted = (name: string) => (/^[\w.-]+$/.test(name) ? name : `'${name.replaceAll("'", `'\\''`)}'`);
