// Everything the profile tells about a column; each line is a filter.
import { Group, Stack, Table, Text, Title, UnstyledButton } from "@mantine/core";
import type { Filter } from "../filter/ast";
import { type Bar, bars, distinctWords, hasSpread, topBars } from "../grid/bins";
import { TYPE_WORDS } from "../grid/HeaderCell";
import type { ColumnProfile } from "../grid/model";
import { count, percent } from "../kit/format";
import { SidePanel } from "../kit/SidePanel";

interface ColumnPanelProps {
  profile: ColumnProfile;
  /** The table holds edits that the profile has not counted. */
  isOld: boolean;
  onFilter: (filter: Filter) => void;
  onClose: () => void;
}

export function ColumnPanel({ profile, isOld, onFilter, onClose }: ColumnPanelProps) {
  const { name, filled, empty, length_min, length_max, length_mean } = profile;
  const facts: [string, string][] = [
    ["Type", TYPE_WORDS[profile.type] ?? profile.type],
    ["Filled", `${count(filled)} (${percent(filled, filled + empty)})`],
    ["Different values", distinctWords(profile)],
    ...edge("Smallest", profile.minimum),
    ...edge("Largest", profile.maximum),
    ...(length_min === null || length_max === null ? [] : [["Characters", `${count(length_min)} to ${count(length_max)}, ${(length_mean ?? 0).toFixed(1)} on average`] as [string, string]]),
    ...(profile.rows_with_issues === 0 ? [] : [["Rows with issues", count(profile.rows_with_issues)] as [string, string]]),
  ];
  return (
    <SidePanel title={name} onClose={onClose}>
      <Stack gap="lg">
        <Table verticalSpacing={5} horizontalSpacing={0}>
          <Table.Tbody>
            {facts.map(([label, value]) => (
              <Table.Tr key={label}>
                <Table.Th scope="row" fw={400} c="dimmed">
                  {label}
                </Table.Th>
                <Table.Td style={{ overflowWrap: "anywhere" }}>{value}</Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
        <Group gap="sm">
          <Whole label={`Rows with a value (${count(filled)})`} onClick={() => onFilter({ field: name, op: "is_not_empty" })} />
          {empty > 0 && <Whole label={`Rows without (${count(empty)})`} onClick={() => onFilter({ field: name, op: "is_empty" })} />}
        </Group>
        <Bars title={profile.top_exact ? "Most frequent values" : "Frequent values"} bars={topBars(profile)} of={filled} onFilter={onFilter} />
        {hasSpread(profile) && <Bars title="Spread" bars={bars(profile)} of={filled} onFilter={onFilter} />}
        {isOld && (
          <Text size="xs" c="dimmed">
            Counted when the table was made; edits since then are not in these numbers.
          </Text>
        )}
      </Stack>
    </SidePanel>
  );
}

function edge(label: string, value: string | number | null): [string, string][] {
  if (value === null) return [];
  return [[label, typeof value === "number" ? value.toLocaleString("en", { maximumFractionDigits: 6 }) : value.replace("T", " ").replace(/Z$/, "")]];
}

function Whole({ label, onClick }: { label: string; onClick: () => void }) {
  return (
    <UnstyledButton className="value-bar" onClick={onClick} fz="sm">
      {label}
    </UnstyledButton>
  );
}

interface BarsProps {
  title: string;
  bars: Bar[];
  of: number;
  onFilter: (filter: Filter) => void;
}

function Bars({ title, bars: shown, of, onFilter }: BarsProps) {
  if (shown.length === 0) return null;
  const most = Math.max(1, ...shown.map((bar) => bar.rows));
  return (
    <section aria-label={title}>
      <Title order={3} mb={6}>
        {title}
      </Title>
      <Stack gap={4}>
        {shown.map(({ label, rows, filter }) => (
          <UnstyledButton key={label} className="value-bar" disabled={filter === null} onClick={() => filter !== null && onFilter(filter)} title={`Only rows with ${label}`}>
            <span className="value-fill" style={{ width: `${(100 * rows) / most}%` }} />
            <span className="value-name truncate">{label}</span>
            <span className="value-rows">
              {count(rows)} · {percent(rows, of)}
            </span>
          </UnstyledButton>
        ))}
      </Stack>
    </section>
  );
}
