// Two rows side by side with what each column says of them, and the decision.
import { Button, Group, Paper, Table, Text } from "@mantine/core";
import { Check, Split } from "lucide-react";
import type { KeyboardEvent } from "react";
import { LinkAnchor } from "../../kit/links";
import classes from "../identity.module.css";
import type { MemberRow, Pair } from "../model";
import { rowWords, shareWords, weightWords } from "../words";
import { isJoined } from "./pairView";

interface PairCardProps {
  pair: Pair;
  /** In the order of values. */
  columns: readonly string[];
  threshold: number;
  names: ReadonlyMap<string, string>;
  onDecide: (same: boolean) => void;
  /** by: pairs further down. */
  onMove: (by: 1 | -1) => void;
}

export function PairCard({ pair, columns, threshold, names, onDecide, onMove }: PairCardProps) {
  const { a, b, probability, decision, evidence } = pair;
  const title = `${rowWords(a, names)} and ${rowWords(b, names)}`;
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const key = event.key.toLowerCase();
    if (key === "s" || key === "d") onDecide(key === "s");
    if (key === "s" || key === "d" || key === "u" || key === "arrowdown") onMove(1);
    else if (key === "arrowup") onMove(-1);
    else return;
    event.preventDefault();
  };
  return (
    <Paper component="li" withBorder p="sm" tabIndex={0} aria-label={`${title}: ${verdict(decision)}`} className={classes.pair ?? ""} data-decision={decision === null ? undefined : decision ? "same" : "different"} onKeyDown={onKeyDown}>
      <Group justify="space-between" gap="xs" mb="xs">
        <Text size="sm">
          <Text span fw={650} inherit>
            {shareWords(probability)}
          </Text>{" "}
          likely the same person ·{" "}
          <Text span c="dimmed" inherit>
            {verdict(decision)}, {isJoined(pair, threshold) ? "joined" : "not joined"}
          </Text>
        </Text>
        <Group gap={6} role="group" aria-label="Settle this pair">
          <Button size="xs" variant={decision === true ? "filled" : "default"} aria-pressed={decision === true} leftSection={<Check size={14} aria-hidden />} onClick={() => onDecide(true)}>
            Same person
          </Button>
          <Button size="xs" variant={decision === false ? "filled" : "default"} aria-pressed={decision === false} leftSection={<Split size={14} aria-hidden />} onClick={() => onDecide(false)}>
            Different
          </Button>
        </Group>
      </Group>
      <div className={classes.scroll} role="region" aria-label={`Values of ${title}`} tabIndex={0}>
        <Table className={`${classes.sides ?? ""} ${classes.even ?? ""}`}>
          <Table.Thead>
            <Table.Tr>
              <Table.Th className={classes.field ?? ""}>Field</Table.Th>
              {[a, b].map((row, at) => (
                <Table.Th key={at}>
                  <RowLink row={row} names={names} />
                </Table.Th>
              ))}
              <Table.Th>The values are</Table.Th>
              <Table.Th className={classes.bits ?? ""}>Evidence, bits</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {columns.map((name, at) => {
              const told = evidence.find(({ column }) => column === name);
              return (
                <Table.Tr key={name}>
                  <Table.Th scope="row" className={classes.field ?? ""}>
                    {name}
                  </Table.Th>
                  <Table.Td>{shown(a.values[at])}</Table.Td>
                  <Table.Td>{shown(b.values[at])}</Table.Td>
                  <Table.Td>{told === undefined ? "not compared" : (told.level ?? "one is empty")}</Table.Td>
                  <Table.Td className={classes.bits ?? ""}>{told === undefined ? "" : weightWords(told.weight)}</Table.Td>
                </Table.Tr>
              );
            })}
          </Table.Tbody>
        </Table>
      </div>
    </Paper>
  );
}

function RowLink({ row, names }: { row: MemberRow; names: ReadonlyMap<string, string> }) {
  return (
    <LinkAnchor to="/uploads/$uploadId" params={{ uploadId: row._upload_id }} search={{ row_id: String(row._row_id), panel: "row" }} size="sm" fw={600} c="inherit" underline="always">
      {rowWords(row, names)}
    </LinkAnchor>
  );
}

function shown(value: string | null | undefined) {
  return value === null || value === undefined ? <span className={classes.nothing}>empty</span> : value;
}

function verdict(decision: boolean | null): string {
  if (decision === null) return "not settled";
  return decision ? "you said the same" : "you said different";
}
