// What a rule says of each pasted value.
import { Badge, Code, ScrollArea, Table, Text } from "@mantine/core";
import { CircleAlert, CircleCheck, CircleX, WandSparkles } from "lucide-react";
import type { Tried } from "./queries";

const LOOKS = {
  good: { label: "passes", icon: CircleCheck },
  info: { label: "fixed", icon: WandSparkles },
  warn: { label: "marked", icon: CircleAlert },
  bad: { label: "rejected", icon: CircleX },
} as const;

function toneOf(tried: Tried): keyof typeof LOOKS {
  if (tried.outcome === "rejected") return "bad";
  if (tried.findings.some((finding) => finding.severity === "fix")) return "info";
  return tried.outcome === "accepted_with_warnings" ? "warn" : "good";
}

export function TriedValues({ tried, values, field }: { tried: Tried[]; values: string[]; field: string }) {
  return (
    <ScrollArea.Autosize mah={280} type="auto" viewportProps={{ tabIndex: 0, role: "region", "aria-label": "What the rule says of each value" }}>
      <Table>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>Value</Table.Th>
            <Table.Th>Result</Table.Th>
            <Table.Th>Why</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {tried.map((one) => {
            const tone = toneOf(one);
            const { label, icon: Icon } = LOOKS[tone];
            return (
              <Table.Tr key={one.row}>
                <Table.Td style={{ wordBreak: "break-word" }}>{values[one.row] || <Text c="dimmed" span>(empty)</Text>}</Table.Td>
                <Table.Td>
                  <Badge leftSection={<Icon size={12} aria-hidden />} styles={{ root: { background: `var(--${tone}-fill)`, color: `var(--${tone}-text)` } }}>
                    {label}
                  </Badge>
                </Table.Td>
                <Table.Td>{tone === "info" ? <Code>{one.record[field] ?? ""}</Code> : one.findings.map((finding) => finding.message).join(" ")}</Table.Td>
              </Table.Tr>
            );
          })}
        </Table.Tbody>
      </Table>
    </ScrollArea.Autosize>
  );
}
