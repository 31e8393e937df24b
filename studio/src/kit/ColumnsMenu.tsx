// Which columns are shown, to be searched and ticked.
import { Button, Checkbox, Group, Popover, ScrollArea, Stack, Text, TextInput } from "@mantine/core";
import { Columns3 } from "lucide-react";
import { useState } from "react";

interface ColumnsMenuProps {
  all: readonly string[];
  shown: readonly string[];
  /** null: all, in their own order. */
  onChange: (shown: readonly string[] | null) => void;
}

const MOST_LISTED = 200;

export function ColumnsMenu({ all, shown, onChange }: ColumnsMenuProps) {
  const [text, setText] = useState("");
  const ticked = new Set(shown);
  const found = all.filter((name) => name.toLowerCase().includes(text.toLowerCase()));
  const toggle = (name: string) => {
    const next = ticked.has(name) ? shown.filter((other) => other !== name) : [...shown, name];
    if (next.length > 0) onChange(next.length === all.length && next.every((other, at) => other === all[at]) ? null : next);
  };
  return (
    <Popover trapFocus returnFocus position="bottom-end" shadow="md" width={280}>
      <Popover.Target>
        <Button size="xs" variant="default" leftSection={<Columns3 size={14} aria-hidden />}>
          {shown.length === all.length ? "Columns" : `${shown.length} of ${all.length} columns`}
        </Button>
      </Popover.Target>
      <Popover.Dropdown>
        <Stack gap="xs">
          <TextInput size="xs" aria-label="Search columns" placeholder="Search columns" value={text} onChange={(event) => setText(event.currentTarget.value)} data-autofocus />
          <ScrollArea.Autosize mah={320} type="auto">
            <Stack gap={8} py={2}>
              {found.slice(0, MOST_LISTED).map((name) => (
                <Checkbox key={name} size="xs" label={name} checked={ticked.has(name)} disabled={ticked.has(name) && shown.length === 1} onChange={() => toggle(name)} />
              ))}
              {found.length === 0 && (
                <Text size="sm" c="dimmed">
                  No such column
                </Text>
              )}
              {found.length > MOST_LISTED && (
                <Text size="xs" c="dimmed">
                  And {found.length - MOST_LISTED} more: search to find them.
                </Text>
              )}
            </Stack>
          </ScrollArea.Autosize>
          <Group justify="space-between">
            <Button size="compact-xs" variant="subtle" onClick={() => onChange(null)}>
              All, as they came
            </Button>
          </Group>
        </Stack>
      </Popover.Dropdown>
    </Popover>
  );
}
