// Search and filters above the list.
import { Button, Checkbox, CloseButton, Group, NativeSelect, Popover, Stack, TextInput } from "@mantine/core";
import { useDebouncedCallback, useHotkeys } from "@mantine/hooks";
import { ListFilter, Search } from "lucide-react";
import { useEffect, useRef, useState } from "react";
import { statusLabel } from "../kit/StatusBadge";
import { ORDERS } from "./columns";
import type { ListWish } from "./urlState";

const STATUSES = ["receiving", "uploaded", "processing", "ready", "ready_with_errors", "failed", "cancelled"];
const TYPING_MS = 300;

interface ToolbarProps {
  wish: ListWish;
  onChange: (changes: Partial<ListWish>) => void;
  /** Cards have no headers to sort by. */
  hasSort: boolean;
}

export function Toolbar({ wish, onChange, hasSort }: ToolbarProps) {
  const field = useRef<HTMLInputElement>(null);
  const [typed, setTyped] = useState(wish.q);
  const apply = useDebouncedCallback((q: string) => onChange({ q: q.trim() }), TYPING_MS);
  // The address can change from outside: back, a link, "clear filters".
  useEffect(() => setTyped((text) => (text.trim() === wish.q ? text : wish.q)), [wish.q]);
  useHotkeys([["/", () => field.current?.focus()]]);
  const type = (text: string) => {
    setTyped(text);
    apply(text);
  };
  const chosen = wish.statuses.length;
  return (
    <Group gap="xs" mb="sm" role="search" aria-label="Uploads">
      <TextInput
        ref={field}
        aria-label="Search uploads by name"
        placeholder="Search by name"
        leftSection={<Search size={16} aria-hidden />}
        rightSection={typed === "" ? null : <CloseButton size="sm" aria-label="Clear the search" onClick={() => type("")} />}
        value={typed}
        onChange={(event) => type(event.currentTarget.value)}
        w={{ base: "100%", xs: 280 }}
      />
      <Popover position="bottom-start" trapFocus returnFocus shadow="md">
        <Popover.Target>
          <Button variant="default" leftSection={<ListFilter size={16} aria-hidden />}>
            {chosen === 0 ? "Status" : chosen === 1 ? statusLabel(wish.statuses[0] ?? "") : `${chosen} statuses`}
          </Button>
        </Popover.Target>
        <Popover.Dropdown aria-label="Filter by status">
          <Checkbox.Group label="Show only" value={[...wish.statuses]} onChange={(statuses) => onChange({ statuses })}>
            <Stack gap="xs" mt="xs">
              {STATUSES.map((status) => (
                <Checkbox key={status} value={status} label={statusLabel(status)} />
              ))}
            </Stack>
          </Checkbox.Group>
          <Button mt="sm" size="xs" variant="subtle" fullWidth disabled={chosen === 0} onClick={() => onChange({ statuses: [] })}>
            Show all
          </Button>
        </Popover.Dropdown>
      </Popover>
      {hasSort && (
        <NativeSelect
          aria-label="Sort by"
          value={wish.sort}
          onChange={(event) => onChange({ sort: event.currentTarget.value })}
          data={ORDERS}
        />
      )}
    </Group>
  );
}
