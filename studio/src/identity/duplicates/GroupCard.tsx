// One person with all their rows side by side, and at the end the row that joining would make of them.
import { Button, Group, Paper, Table, Text } from "@mantine/core";
import { Check } from "lucide-react";
import { useState } from "react";
import { count, plural } from "../../kit/format";
import { LinkAnchor } from "../../kit/links";
import { policyOf } from "../address";
import classes from "../identity.module.css";
import type { DuplicateGroup, Fields, Policy } from "../model";
import { policyShort, rowWords } from "../words";
import { fieldsOf, type FieldView, shownPlaces } from "./groupView";
import { PolicyMenu } from "./PolicyMenu";

const ROWS_AT_FIRST = 5;

interface GroupCardProps {
  group: DuplicateGroup;
  columns: readonly string[];
  /** Columns the identity is read from: shown first, also when all agree. */
  identity: readonly string[];
  fields: Fields;
  names: ReadonlyMap<string, string>;
  isWhole: boolean;
  onPolicy: (name: string, policy: Policy) => void;
}

export function GroupCard({ group, columns, identity, fields, names, isWhole, onPolicy }: GroupCardProps) {
  const [isOpen, setOpen] = useState(false);
  const places = shownPlaces(group, isOpen ? group.rows.length : ROWS_AT_FIRST);
  const all = fieldsOf(group, columns, places);
  const shown = isWhole ? all : [...all.filter(({ name }) => identity.includes(name)), ...all.filter(({ name, isSame }) => !isSame && !identity.includes(name))];
  const rows = places.flatMap((place) => group.rows[place] ?? []);
  const title = group.identity === "" ? `${rowWords(group.rows[0] ?? { _upload_id: "", _row_id: 0 }, names)} and others` : group.identity;
  const sources = rows.map((row) => rowWords(row, names));
  return (
    <Paper component="li" withBorder p="sm">
      <Group justify="space-between" gap="xs" mb="xs" wrap="nowrap">
        <Text fw={600} className="truncate" title={title}>
          {title}
        </Text>
        <Text size="sm" c="dimmed" style={{ flexShrink: 0 }}>
          {plural(group.size, "row")}
        </Text>
      </Group>
      <div className={classes.scroll} role="region" aria-label={`Rows of ${title}`} tabIndex={0}>
        <Table className={classes.sides ?? ""}>
          <Table.Thead>
            <Table.Tr>
              <Table.Th className={classes.field ?? ""}>Field</Table.Th>
              {rows.map((row, at) => (
                <Table.Th key={`${row._upload_id}:${row._row_id}`}>
                  <LinkAnchor to="/uploads/$uploadId" params={{ uploadId: row._upload_id }} search={{ row_id: String(row._row_id), panel: "row" }} size="sm" fw={600} c="inherit" underline="always">
                    {sources[at]}
                  </LinkAnchor>
                  {places[at] === group.winner && <div className={classes.kept}>stands for them</div>}
                </Table.Th>
              ))}
              <Table.Th className={classes.joined ?? ""}>Joined</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {shown.map((field) => (
              <Field key={field.name} field={field} sources={sources} policy={policyOf(fields, field.name)} onPolicy={(policy) => onPolicy(field.name, policy)} />
            ))}
          </Table.Tbody>
        </Table>
      </div>
      <Group gap="md" mt={6}>
        <Text size="xs" c="dimmed">
          {rows.length < group.size && `${count(rows.length)} of ${plural(group.size, "row")} shown. `}
          {!isWhole && shown.length < all.length && `${plural(all.length - shown.length, "field agrees", "fields agree")}.`}
        </Text>
        {(isOpen || rows.length < group.rows.length) && group.rows.length > ROWS_AT_FIRST && (
          <Button size="compact-xs" variant="subtle" onClick={() => setOpen(!isOpen)}>
            {isOpen ? "Show fewer" : `Show ${count(group.rows.length - rows.length)} more rows`}
          </Button>
        )}
      </Group>
    </Paper>
  );
}

interface FieldProps {
  field: FieldView;
  /** What the rows shown are called. */
  sources: readonly string[];
  policy: Policy;
  onPolicy: (policy: Policy) => void;
}

function Field({ field, sources, policy, onPolicy }: FieldProps) {
  const { name, values, merged, from, isChanged, isSame } = field;
  return (
    <Table.Tr>
      <Table.Th scope="row" className={classes.field ?? ""}>
        {name}
      </Table.Th>
      {values.map((value, at) => (
        <Table.Td key={at} data-taken={(!isSame && from === at) || undefined}>
          <Shown value={value} />
          {!isSame && from === at && <Check size={13} className={classes.tick ?? ""} role="img" aria-label="this value wins" />}
        </Table.Td>
      ))}
      <Table.Td className={classes.joined ?? ""}>
        <Shown value={merged} />
        {!isSame && (
          <div className={classes.why}>
            <span>{isChanged ? `${policyShort(policy)}, from ${from === null ? "another row" : (sources[from] ?? "another row")}` : policyShort(policy)}</span>
            <PolicyMenu field={name} policy={policy} onChange={onPolicy} />
          </div>
        )}
      </Table.Td>
    </Table.Tr>
  );
}

function Shown({ value }: { value: string | null }) {
  return value === null ? <span className={classes.nothing}>empty</span> : <span title={value}>{value}</span>;
}
