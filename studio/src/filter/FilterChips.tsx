// The conditions that hold now, each as a sentence that can be changed or taken away.
import "./filter.css";
import { ActionIcon, Button, Group, Popover } from "@mantine/core";
import { X } from "lucide-react";
import { useState } from "react";
import { type Filter, isCondition } from "./ast";
import { ConditionForm } from "./ConditionForm";
import { sentence } from "./words";

interface FilterChipsProps {
  filters: Filter[];
  typeOf: (field: string) => string;
  onChange: (filters: Filter[]) => void;
}

export function FilterChips({ filters, typeOf, onChange }: FilterChipsProps) {
  const replace = (at: number, filter: Filter | null) => onChange(filters.flatMap((old, index) => (index !== at ? [old] : filter === null ? [] : [filter])));
  return (
    <>
      {filters.map((filter, at) => (
        <Chip key={JSON.stringify(filter)} filter={filter} typeOf={typeOf} onChange={(changed) => replace(at, changed)} />
      ))}
    </>
  );
}

interface ChipProps {
  filter: Filter;
  typeOf: (field: string) => string;
  onChange: (filter: Filter | null) => void;
}

function Chip({ filter, typeOf, onChange }: ChipProps) {
  const [isOpen, setOpen] = useState(false);
  const text = sentence(filter, typeOf);
  const editable = isCondition(filter) ? filter : null;
  return (
    <Group gap={0} wrap="nowrap" className="filter-chip" maw="100%">
      <Popover opened={isOpen} onChange={setOpen} trapFocus returnFocus withinPortal position="bottom-start" shadow="md">
        <Popover.Target>
          <Button
            size="compact-sm"
            variant="transparent"
            c="inherit"
            fw={500}
            maw={420}
            title={text}
            onClick={() => setOpen(editable !== null && !isOpen)}
            aria-label={editable === null ? text : `Change the filter: ${text}`}
          >
            {text}
          </Button>
        </Popover.Target>
        <Popover.Dropdown>
          {editable !== null && (
            <ConditionForm
              field={editable.field}
              type={typeOf(editable.field)}
              condition={editable}
              onCancel={() => setOpen(false)}
              onDone={(condition) => {
                setOpen(false);
                onChange(condition);
              }}
            />
          )}
        </Popover.Dropdown>
      </Popover>
      <ActionIcon size={24} variant="transparent" c="inherit" aria-label={`Remove the filter: ${text}`} onClick={() => onChange(null)}>
        <X size={14} aria-hidden />
      </ActionIcon>
    </Group>
  );
}
