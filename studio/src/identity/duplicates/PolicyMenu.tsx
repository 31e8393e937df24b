// Another policy for one field, chosen beside the value it would change.
import { ActionIcon, Menu, Text } from "@mantine/core";
import { ChevronDown } from "lucide-react";
import type { Policy } from "../model";
import { POLICIES } from "../words";

interface PolicyMenuProps {
  field: string;
  policy: Policy;
  onChange: (policy: Policy) => void;
}

export function PolicyMenu({ field, policy, onChange }: PolicyMenuProps) {
  const choose = (wanted: string) => {
    const next = POLICIES.find(({ value }) => value === wanted);
    if (next !== undefined) onChange(next.value);
  };
  return (
    <Menu position="bottom-end" withinPortal>
      <Menu.Target>
        <ActionIcon size="xs" variant="subtle" color="gray" aria-label={`Which value wins in ${field}`}>
          <ChevronDown size={14} aria-hidden />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>Which value wins in {field}</Menu.Label>
        <Menu.RadioGroup value={policy} onChange={choose}>
          {POLICIES.map(({ value, label, hint }) => (
            <Menu.RadioItem key={value} value={value} closeMenuOnClick>
              {label}
              <Text size="xs" c="dimmed">
                {hint}
              </Text>
            </Menu.RadioItem>
          ))}
        </Menu.RadioGroup>
      </Menu.Dropdown>
    </Menu>
  );
}
