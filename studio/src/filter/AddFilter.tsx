// The button that adds a condition: first the column, then what it should be.
import { Button, Popover, Select, Stack } from "@mantine/core";
import { ListFilter } from "lucide-react";
import { useState } from "react";
import type { Condition } from "./ast";
import { ConditionForm } from "./ConditionForm";

interface AddFilterProps {
  columns: readonly { name: string; type: string }[];
  onAdd: (condition: Condition) => void;
}

export function AddFilter({ columns, onAdd }: AddFilterProps) {
  const [isOpen, setOpen] = useState(false);
  const [field, setField] = useState<string | null>(null);
  const chosen = columns.find((column) => column.name === field);
  const toggle = (open: boolean) => {
    setOpen(open);
    setField(null);
  };
  return (
    <Popover opened={isOpen} onChange={toggle} trapFocus returnFocus position="bottom-start" shadow="md">
      <Popover.Target>
        <Button size="xs" variant="default" leftSection={<ListFilter size={14} aria-hidden />} onClick={() => toggle(!isOpen)} disabled={columns.length === 0}>
          Filter
        </Button>
      </Popover.Target>
      <Popover.Dropdown>
        <Stack gap="xs">
          <Select
            label="Column"
            size="xs"
            w={260}
            maw="80vw"
            searchable
            limit={100}
            data={columns.map((column) => column.name)}
            value={field}
            onChange={setField}
            comboboxProps={{ withinPortal: false }}
            nothingFoundMessage="No such column"
            data-autofocus
          />
          {chosen !== undefined && (
            <ConditionForm
              key={chosen.name}
              field={chosen.name}
              type={chosen.type}
              condition={null}
              onCancel={() => toggle(false)}
              onDone={(condition) => {
                toggle(false);
                onAdd(condition);
              }}
            />
          )}
        </Stack>
      </Popover.Dropdown>
    </Popover>
  );
}
