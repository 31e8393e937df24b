// The keys as a table, or as cards where a table would not fit.
import { Card, Group, SimpleGrid, Stack, Table, Text } from "@mantine/core";
import { useMediaQuery } from "@mantine/hooks";
import type { ReactNode } from "react";
import { KeyEnd, KeyName, KeyScopes, KeyUse } from "./KeyFacts";
import { type KeyAction, KeyMenu } from "./KeyMenu";
import { KeyState } from "./KeyState";
import type { ApiKey } from "./queries";

interface KeyListProps {
  keys: ApiKey[];
  onAction: (action: KeyAction, key: ApiKey) => void;
}

export function KeyList({ keys, onAction }: KeyListProps) {
  const isNarrow = useMediaQuery("(max-width: 56em)", false, { getInitialValueInEffect: false });
  return isNarrow ? <KeyCards keys={keys} onAction={onAction} /> : <KeyTable keys={keys} onAction={onAction} />;
}

function KeyTable({ keys, onAction }: KeyListProps) {
  return (
    <Card withBorder padding={0}>
      <Table highlightOnHover>
        <Table.Thead bg="var(--head)">
          <Table.Tr>
            <Table.Th>Name</Table.Th>
            <Table.Th w={160}>May do</Table.Th>
            <Table.Th w={120}>State</Table.Th>
            <Table.Th w={150}>Last used</Table.Th>
            <Table.Th w={140}>Ends</Table.Th>
            <Table.Th w={56} aria-label="Actions" />
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {keys.map((key) => (
            <Table.Tr key={key.id}>
              <Table.Td><KeyName apiKey={key} /></Table.Td>
              <Table.Td><KeyScopes apiKey={key} /></Table.Td>
              <Table.Td><KeyState apiKey={key} /></Table.Td>
              <Table.Td><KeyUse apiKey={key} /></Table.Td>
              <Table.Td><KeyEnd apiKey={key} /></Table.Td>
              <Table.Td><KeyMenu apiKey={key} onAction={(action) => onAction(action, key)} /></Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Card>
  );
}

function KeyCards({ keys, onAction }: KeyListProps) {
  return (
    <Stack gap="sm" component="ul" p={0} m={0} style={{ listStyle: "none" }}>
      {keys.map((key) => (
        <Card key={key.id} withBorder padding="sm" component="li">
          <Group justify="space-between" wrap="nowrap" align="flex-start" mb="xs">
            <div style={{ minWidth: 0 }}><KeyName apiKey={key} /></div>
            <Group gap={4} wrap="nowrap" style={{ flexShrink: 0 }}>
              <KeyState apiKey={key} />
              <KeyMenu apiKey={key} onAction={(action) => onAction(action, key)} />
            </Group>
          </Group>
          <SimpleGrid cols={3} spacing="xs">
            <Fact label="May do"><KeyScopes apiKey={key} /></Fact>
            <Fact label="Last used"><KeyUse apiKey={key} /></Fact>
            <Fact label="Ends"><KeyEnd apiKey={key} /></Fact>
          </SimpleGrid>
        </Card>
      ))}
    </Stack>
  );
}

function Fact({ label, children }: { label: string; children: ReactNode }) {
  return (
    <div style={{ minWidth: 0 }}>
      <Text size="xs" c="dimmed">{label}</Text>
      {children}
    </div>
  );
}
