// Runs as a table, or as cards where a table would not fit.
import { Group, Paper, Progress, Table, Text } from "@mantine/core";
import { useMediaQuery } from "@mantine/hooks";
import { count, money } from "../kit/format";
import { LinkAnchor } from "../kit/links";
import { StatusBadge } from "../kit/StatusBadge";
import { When } from "../kit/When";
import classes from "./enrich.module.css";
import type { Run } from "./model";
import { howFar, sum } from "./words";

export function RunList({ runs }: { runs: readonly Run[] }) {
  const isNarrow = useMediaQuery("(max-width: 60em)", false, { getInitialValueInEffect: false });
  return isNarrow ? <Cards runs={runs} /> : <Rows runs={runs} />;
}

function Rows({ runs }: { runs: readonly Run[] }) {
  return (
    <Table layout="fixed" highlightOnHover className={classes.table ?? ""} aria-label="Runs">
      <Table.Thead>
        <Table.Tr>
          <Table.Th>Run</Table.Th>
          <Table.Th w={240}>Status</Table.Th>
          <Table.Th w={110} ta="right">
            Found
          </Table.Th>
          <Table.Th w={150} ta="right">
            Cost
          </Table.Th>
          <Table.Th w={130}>Started</Table.Th>
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {runs.map((run) => (
          <Table.Tr key={run.run_id}>
            <Table.Td>
              <Name run={run} />
            </Table.Td>
            <Table.Td>
              <State run={run} />
            </Table.Td>
            <Table.Td ta="right">{count(sum(run.providers, "found"))}</Table.Td>
            <Table.Td ta="right">
              <Cost run={run} />
            </Table.Td>
            <Table.Td>
              <Text size="sm" c="dimmed" className="truncate">
                <When at={run.created_at} />
              </Text>
            </Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  );
}

function Cards({ runs }: { runs: readonly Run[] }) {
  return (
    <ul className={classes.plainList} aria-label="Runs">
      {runs.map((run) => (
        <Paper key={run.run_id} component="li" withBorder p="sm">
          <Name run={run} />
          <Group gap="sm" mt={6} align="flex-start">
            <State run={run} />
          </Group>
          <Text size="xs" c="dimmed" mt={6}>
            {count(sum(run.providers, "found"))} found · cost <Cost run={run} /> · <When at={run.created_at} />
          </Text>
        </Paper>
      ))}
    </ul>
  );
}

function Name({ run }: { run: Run }) {
  return (
    <div style={{ minWidth: 0 }}>
      <LinkAnchor to="/enrichments/$runId" params={{ runId: run.run_id }} size="sm" fw={600} c="inherit" className="truncate" display="block" title={run.name}>
        {run.name}
      </LinkAnchor>
      <Text size="xs" c="dimmed" className="truncate" title={run.upload_name}>
        {run.upload_name}
      </Text>
    </div>
  );
}

function State({ run }: { run: Run }) {
  const { progress, status } = run;
  const isAtWork = status === "running" || status === "paused";
  const share = isAtWork && progress !== null && progress.total !== null && progress.total > 0 ? (100 * progress.done) / progress.total : null;
  const note = status === "failed" ? run.reason : howFar(run);
  return (
    <div style={{ minWidth: 0, width: "100%" }}>
      <StatusBadge status={status} />
      {share !== null && <Progress value={share} size={4} mt={6} aria-label={`How far “${run.name}” is`} />}
      {note !== null && note !== "" && (
        <Text size="xs" c={status === "failed" ? "var(--bad-text)" : "dimmed"} mt={2} className="truncate" title={note}>
          {note}
        </Text>
      )}
    </div>
  );
}

function Cost({ run }: { run: Run }) {
  return (
    <>
      {money(run.cost)}
      {run.budget !== null && (
        <Text span size="xs" c="dimmed">
          {" "}
          of {money(run.budget)}
        </Text>
      )}
    </>
  );
}
