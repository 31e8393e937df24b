// Segments as a table, or as cards where a table would not fit.
import { Group, Paper, Table, Text, UnstyledButton } from "@mantine/core";
import { useMediaQuery } from "@mantine/hooks";
import { count } from "../../kit/format";
import { LinkAnchor } from "../../kit/links";
import { When } from "../../kit/When";
import type { Segment } from "../model";
import { SegmentBadges } from "../SegmentBadges";
import { type SegmentAction, SegmentMenu } from "../SegmentMenu";
import classes from "../segments.module.css";
import { Sparkline } from "../Sparkline";
import { changeShort, changeWords, members, shareWords } from "../words";

interface SegmentListProps {
  segments: readonly Segment[];
  onAction: (action: SegmentAction, segment: Segment) => void;
  onTag: (tag: string) => void;
}

export function SegmentList(props: SegmentListProps) {
  const isNarrow = useMediaQuery("(max-width: 68em)", false, { getInitialValueInEffect: false });
  return isNarrow ? <Cards {...props} /> : <Rows {...props} />;
}

function Rows({ segments, onAction, onTag }: SegmentListProps) {
  return (
    <Table layout="fixed" highlightOnHover className={classes.table ?? ""} aria-label="Segments">
      <Table.Thead>
        <Table.Tr>
          <Table.Th>Segment</Table.Th>
          <Table.Th w={150} ta="right">
            Size
          </Table.Th>
          <Table.Th w={92} ta="right">
            Change
          </Table.Th>
          <Table.Th w={114}>Sizes so far</Table.Th>
          <Table.Th w={112}>Kind</Table.Th>
          <Table.Th w={130}>From</Table.Th>
          <Table.Th w={110}>Counted</Table.Th>
          <Table.Th w={60} aria-label="Actions" />
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {segments.map((segment) => (
          <Table.Tr key={segment.id}>
            <Table.Td>
              <Name segment={segment} onTag={onTag} />
            </Table.Td>
            <Table.Td ta="right">
              <Size segment={segment} />
            </Table.Td>
            <Table.Td ta="right">
              <Text size="sm" title={changeWords(segment)}>
                {changeShort(segment)}
              </Text>
            </Table.Td>
            <Table.Td>
              <Sparkline sizes={segment.sizes} />
            </Table.Td>
            <Table.Td>
              <SegmentBadges segment={segment} />
            </Table.Td>
            <Table.Td>
              <From segment={segment} />
            </Table.Td>
            <Table.Td>
              <Counted segment={segment} />
            </Table.Td>
            <Table.Td>
              <SegmentMenu segment={segment} onAction={onAction} />
            </Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  );
}

function Cards({ segments, onAction, onTag }: SegmentListProps) {
  return (
    <ul className={classes.plainList} aria-label="Segments">
      {segments.map((segment) => (
        <Paper key={segment.id} component="li" withBorder p="sm">
          <Group gap="sm" wrap="nowrap" align="flex-start">
            <div style={{ flex: 1, minWidth: 0 }}>
              <Name segment={segment} onTag={onTag} />
              <Group gap="sm" mt={8} justify="space-between">
                <Size segment={segment} />
                <Sparkline sizes={segment.sizes} />
              </Group>
              <Group gap="sm" mt={8} justify="space-between">
                <SegmentBadges segment={segment} />
                <Text size="xs" c="dimmed">
                  {changeShort(segment)}
                </Text>
              </Group>
              <Text size="xs" c="dimmed" mt={6} component="div">
                <From segment={segment} /> <Counted segment={segment} />
              </Text>
            </div>
            <SegmentMenu segment={segment} onAction={onAction} />
          </Group>
        </Paper>
      ))}
    </ul>
  );
}

function Name({ segment, onTag }: { segment: Segment; onTag: (tag: string) => void }) {
  return (
    <div style={{ minWidth: 0 }}>
      <LinkAnchor to="/segments/$segmentId" params={{ segmentId: segment.id }} size="sm" fw={600} c="inherit" lineClamp={2} title={segment.name} style={{ overflowWrap: "anywhere" }}>
        {segment.name}
      </LinkAnchor>
      <Text size="xs" c="dimmed" className="truncate" title={segment.description || segment.describe}>
        {segment.description || segment.describe}
      </Text>
      {segment.tags.length > 0 && (
        <Group gap={4} mt={4}>
          {segment.tags.map((tag) => (
            <UnstyledButton key={tag} className={classes.tag ?? ""} title={`Only segments tagged ${tag}`} onClick={() => onTag(tag)}>
              {tag}
            </UnstyledButton>
          ))}
        </Group>
      )}
    </div>
  );
}

function Size({ segment }: { segment: Segment }) {
  return (
    <div style={{ minWidth: 0 }}>
      <Text size="sm" fw={600}>
        {segment.count === null ? "–" : members(segment.count, segment)}
      </Text>
      <Text size="xs" c="dimmed">
        {shareWords(segment)}
      </Text>
    </div>
  );
}

function From({ segment }: { segment: Segment }) {
  const [first, ...others] = segment.uploads;
  const names = segment.uploads.map(({ upload_name }) => upload_name).join(", ");
  return (
    <Text size="sm" c="dimmed" className="truncate" title={names} component="span" display="block">
      {first?.upload_name}
      {others.length > 0 && ` and ${count(others.length)} more`}
    </Text>
  );
}

function Counted({ segment }: { segment: Segment }) {
  if (segment.status === "failed") {
    return (
      <Text size="xs" c="var(--bad-text)" lineClamp={2} title={segment.reason ?? ""}>
        {segment.reason}
      </Text>
    );
  }
  return (
    <Text size="sm" c="dimmed" component="span" display="block">
      {segment.counted_at === null ? "not yet" : <When at={segment.counted_at} />}
      {segment.is_stale && (
        <Text size="xs" c="var(--warn-text)" component="span" display="block" title={segment.kind === "live" ? "A table changed since. Opening the segment counts it anew." : "A table changed since. Refresh the snapshot to take that in."}>
          tables changed since
        </Text>
      )}
    </Text>
  );
}
