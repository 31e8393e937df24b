// What became of each line, narrowed by result, a hundred at a time.
import { Badge, Button, Group, Stack, Table, Text } from "@mantine/core";
import { useState } from "react";
import { count, plural } from "../../kit/format";
import { saveBlob } from "../../kit/saveBlob";
import classes from "../exports.module.css";
import { counted, csvOf, type Outcome, type Result } from "./outcomes";
import { KINDS, RESULTS } from "./words";

const AT_ONCE = 100;
const ORDER: readonly Result[] = ["added", "already", "repeated", "refused"];

export function OutcomeList({ outcomes }: { outcomes: readonly Outcome[] }) {
  const [only, setOnly] = useState<Result | null>(null);
  const [most, setMost] = useState(AT_ONCE);
  const counts = counted(outcomes);
  const wanted = only === null ? outcomes : outcomes.filter(({ result }) => result === only);
  const choose = (result: Result | null) => {
    setOnly(result);
    setMost(AT_ONCE);
  };
  const save = () => saveBlob(new Blob(["\uFEFF", csvOf(outcomes)], { type: "text/csv" }), "suppression outcomes.csv");
  return (
    <Stack gap="sm">
      <Group gap="xs" role="group" aria-label="Narrow the lines">
        <Choice isChosen={only === null} onClick={() => choose(null)} label={`All ${plural(outcomes.length, "value")}`} />
        {ORDER.filter((result) => counts[result] > 0).map((result) => (
          <Choice key={result} isChosen={only === result} onClick={() => choose(result)} label={`${RESULTS[result].label} ${count(counts[result])}`} />
        ))}
        <Button size="xs" variant="subtle" ml="auto" onClick={save}>
          Save as CSV
        </Button>
      </Group>
      <div className={classes.scroll} role="region" aria-label="What became of each line" tabIndex={0}>
        <Table className={classes.table ?? ""} aria-label="Lines">
          <Table.Thead>
            <Table.Tr>
              <Table.Th w={64} ta="right">
                Line
              </Table.Th>
              <Table.Th>Value</Table.Th>
              <Table.Th>What became of it</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {wanted.slice(0, most).map((outcome, at) => (
              <Table.Tr key={`${outcome.number} ${at}`}>
                <Table.Td ta="right">{count(outcome.number)}</Table.Td>
                <Table.Th scope="row" className={classes.cell ?? ""}>
                  <Text lineClamp={2} inherit title={outcome.value}>
                    {outcome.value}
                  </Text>
                </Table.Th>
                <Table.Td className={classes.cell ?? ""}>
                  <Told outcome={outcome} />
                </Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </div>
      {wanted.length > most && (
        <Group justify="space-between">
          <Text size="sm" c="dimmed">
            {count(most)} of {plural(wanted.length, "value")}
          </Text>
          <Button variant="default" onClick={() => setMost(most + AT_ONCE)}>
            Show more
          </Button>
        </Group>
      )}
    </Stack>
  );
}

function Choice({ label, isChosen, onClick }: { label: string; isChosen: boolean; onClick: () => void }) {
  return (
    <Button size="xs" variant={isChosen ? "light" : "default"} aria-pressed={isChosen} onClick={onClick}>
      {label}
    </Button>
  );
}

function Told({ outcome: { result, kind, note } }: { outcome: Outcome }) {
  const { label, tone } = RESULTS[result];
  return (
    <Group gap={8}>
      <Badge styles={{ root: { background: `var(--${tone}-fill)`, color: `var(--${tone}-text)` } }}>{label}</Badge>
      <span>
        {kind !== null && KINDS[kind].label}
        {kind !== null && note !== null && ". "}
        {note}
      </span>
    </Group>
  );
}
