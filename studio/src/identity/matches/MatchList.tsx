// Matches as a table, or as cards where a table would not fit.
import { Group, Paper, Table, Text } from "@mantine/core";
import { useMediaQuery } from "@mantine/hooks";
import { count, plural } from "../../kit/format";
import { LinkAnchor } from "../../kit/links";
import { When } from "../../kit/When";
import classes from "../identity.module.css";
import type { Match } from "../model";
import { namesLine, useUploadNames } from "../useUploadNames";
import { shareWords } from "../words";
import { MatchState } from "./MatchState";

export function MatchList({ matches }: { matches: readonly Match[] }) {
  const isNarrow = useMediaQuery("(max-width: 60em)", false, { getInitialValueInEffect: false });
  const names = useUploadNames([...new Set(matches.flatMap(({ uploads }) => uploads))]);
  return isNarrow ? <Cards {...{ matches, names }} /> : <Rows {...{ matches, names }} />;
}

interface ShownProps {
  matches: readonly Match[];
  names: ReadonlyMap<string, string>;
}

function Rows({ matches, names }: ShownProps) {
  return (
    <Table layout="fixed" highlightOnHover className={classes.table ?? ""} aria-label="Matches">
      <Table.Thead>
        <Table.Tr>
          <Table.Th>Compared</Table.Th>
          <Table.Th w={130}>Status</Table.Th>
          <Table.Th w={120} ta="right">
            Pairs found
          </Table.Th>
          <Table.Th w={190} ta="right">
            Joined from the threshold
          </Table.Th>
          <Table.Th w={130}>Started</Table.Th>
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {matches.map((match) => (
          <Table.Tr key={match.id}>
            <Table.Td>
              <Name match={match} names={names} />
            </Table.Td>
            <Table.Td>
              <MatchState match={match} />
            </Table.Td>
            <Table.Td ta="right">{match.pairs === null ? "–" : count(match.pairs)}</Table.Td>
            <Table.Td ta="right">
              {match.pairs_above === null ? "–" : count(match.pairs_above)}
              <Text span size="xs" c="dimmed">
                {" "}
                from {shareWords(match.threshold)}
              </Text>
            </Table.Td>
            <Table.Td>
              <Text size="sm" c="dimmed" className="truncate">
                <When at={match.created_at} />
              </Text>
            </Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  );
}

function Cards({ matches, names }: ShownProps) {
  return (
    <ul className={classes.plainList} aria-label="Matches">
      {matches.map((match) => (
        <Paper key={match.id} component="li" withBorder p="sm">
          <Name match={match} names={names} />
          <Group gap="sm" mt={6}>
            <MatchState match={match} />
            <Text size="xs" c="dimmed">
              {match.pairs !== null && `${plural(match.pairs, "pair")} found, ${count(match.pairs_above ?? 0)} from ${shareWords(match.threshold)} · `}
              <When at={match.created_at} />
            </Text>
          </Group>
        </Paper>
      ))}
    </ul>
  );
}

function Name({ match, names }: { match: Match; names: ReadonlyMap<string, string> }) {
  const compared = match.compare.map(({ column }) => column).join(", ");
  const sources = namesLine(match.uploads, names);
  return (
    <div style={{ minWidth: 0 }}>
      <LinkAnchor to="/identity/matches/$matchId" params={{ matchId: match.id }} size="sm" fw={600} c="inherit" className="truncate" display="block" title={compared}>
        {compared}
      </LinkAnchor>
      <Text size="xs" c="dimmed" className="truncate" title={sources}>
        {sources}
      </Text>
      {match.status === "failed" && (
        <Text size="xs" c="var(--bad-text)" lineClamp={2}>
          {match.reason}
        </Text>
      )}
    </div>
  );
}
