// One rule in the list: its sentence, on or off, its place among the others.
import { ActionIcon, Badge, Group, Menu, Paper, Stack, Switch, Text, Tooltip } from "@mantine/core";
import { ArrowDown, ArrowUp, Ellipsis, Pencil, Trash2 } from "lucide-react";
import type { Rule } from "./queries";
import { condition, consequence } from "./sentence";

const SEVERITIES = {
  reject: { label: "Reject", tone: "bad" },
  warn: { label: "Mark", tone: "warn" },
  fix: { label: "Fix", tone: "info" },
} as const;

interface RuleRowProps {
  rule: Rule;
  isFirst: boolean;
  isLast: boolean;
  isReadOnly: boolean;
  onMove: (steps: -1 | 1) => void;
  onToggle: (enabled: boolean) => void;
  onEdit: () => void;
  onDelete: () => void;
}

export function RuleRow({ rule, isFirst, isLast, isReadOnly, onMove, onToggle, onEdit, onDelete }: RuleRowProps) {
  const severity = SEVERITIES[rule.severity];
  const sentence = condition(rule);
  return (
    <Paper component="li" withBorder p="sm" style={{ opacity: 1 }}>
      <Group wrap="nowrap" gap="sm" align="center">
        <Stack gap={0}>
          <Tooltip label="Earlier">
            <ActionIcon variant="subtle" color="gray" size="sm" disabled={isFirst || isReadOnly} onClick={() => onMove(-1)} aria-label={`Move “${rule.name}” earlier`}>
              <ArrowUp size={14} aria-hidden />
            </ActionIcon>
          </Tooltip>
          <Tooltip label="Later">
            <ActionIcon variant="subtle" color="gray" size="sm" disabled={isLast || isReadOnly} onClick={() => onMove(1)} aria-label={`Move “${rule.name}” later`}>
              <ArrowDown size={14} aria-hidden />
            </ActionIcon>
          </Tooltip>
        </Stack>
        <Stack gap={2} style={{ flex: 1, minWidth: 0 }}>
          <Group gap="xs">
            <Text fw={650}>{sentence}</Text>
            <Badge styles={{ root: { background: `var(--${severity.tone}-fill)`, color: `var(--${severity.tone}-text)` } }}>{severity.label}</Badge>
            {!rule.enabled && <Badge color="gray" styles={{ root: { background: "var(--quiet-fill)", color: "var(--quiet-text)" } }}>Off</Badge>}
          </Group>
          <Text size="sm" c="dimmed">
            {rule.name === sentence ? consequence(rule) : `${rule.name} · ${consequence(rule)}`}
          </Text>
        </Stack>
        <Switch checked={rule.enabled} disabled={isReadOnly} onChange={(event) => onToggle(event.currentTarget.checked)} aria-label={`“${rule.name}” is on`} />
        <Menu position="bottom-end">
          <Menu.Target>
            <ActionIcon variant="subtle" color="gray" disabled={isReadOnly} aria-label={`More about “${rule.name}”`}>
              <Ellipsis size={18} aria-hidden />
            </ActionIcon>
          </Menu.Target>
          <Menu.Dropdown>
            <Menu.Item leftSection={<Pencil size={16} aria-hidden />} onClick={onEdit}>
              Edit and try
            </Menu.Item>
            <Menu.Item color="red" leftSection={<Trash2 size={16} aria-hidden />} onClick={onDelete}>
              Delete
            </Menu.Item>
          </Menu.Dropdown>
        </Menu>
      </Group>
    </Paper>
  );
}
