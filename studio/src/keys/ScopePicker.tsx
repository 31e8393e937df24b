// What a new key may do: a ready set, or exactly the ticked scopes.
import { Checkbox, Code, Fieldset, Group, Radio, SimpleGrid, Stack, Text } from "@mantine/core";
import { PRESETS, type PresetName, SCOPE_GROUPS } from "./scopes";

interface ScopePickerProps {
  preset: PresetName;
  scopes: string[];
  /** The scopes the person may hand on. */
  grantable: readonly string[];
  onPreset: (preset: PresetName) => void;
  onScopes: (scopes: string[]) => void;
}

export function ScopePicker({ preset, scopes, grantable, onPreset, onScopes }: ScopePickerProps) {
  return (
    <Stack gap="sm">
      <Radio.Group label="What it may do" value={preset} onChange={(value) => onPreset(value as PresetName)}>
        <SimpleGrid cols={{ base: 1, xs: 2 }} spacing="xs" mt={4}>
          {PRESETS.map(({ name, label, text }) => (
            <Radio.Card key={name} value={name} p="xs" aria-label={`${label}. ${text}`} style={name === preset ? { borderColor: "var(--accent)", background: "var(--accent-soft)" } : {}}>
              <Group wrap="nowrap" align="flex-start" gap="xs">
                <Radio.Indicator mt={2} />
                <div>
                  <Text size="sm" fw={600}>{label}</Text>
                  <Text size="xs" c="dimmed">{text}</Text>
                </div>
              </Group>
            </Radio.Card>
          ))}
        </SimpleGrid>
      </Radio.Group>
      {preset === "chosen" ? (
        <Checkbox.Group value={scopes} onChange={onScopes} aria-label="Scopes">
          <SimpleGrid cols={{ base: 1, xs: 2 }} spacing="xs">
            {SCOPE_GROUPS.map((group) => ({ ...group, scopes: group.scopes.filter(({ scope }) => grantable.includes(scope)) }))
              .filter((group) => group.scopes.length > 0)
              .map((group) => (
                <Fieldset key={group.label} legend={group.label} p="xs">
                  <Stack gap={8}>
                    {group.scopes.map(({ scope, label }) => (
                      <Checkbox key={scope} value={scope} label={label} description={scope} size="xs" />
                    ))}
                  </Stack>
                </Fieldset>
              ))}
          </SimpleGrid>
        </Checkbox.Group>
      ) : (
        <Group gap={4}>
          {scopes.map((scope) => (
            <Code key={scope}>{scope}</Code>
          ))}
        </Group>
      )}
    </Stack>
  );
}
