// Schedules as a table, or as cards where a table would not fit.
import { Group, Paper, Table, Text } from "@mantine/core";
import { useMediaQuery } from "@mantine/hooks";
import { LinkAnchor } from "../../kit/links";
import classes from "../exports.module.css";
import type { Schedule } from "../model";
import { everyWords } from "../words";
import { LastRun, NextRun } from "./ScheduleFacts";
import { ScheduleMenu } from "./ScheduleMenu";
import { useNames } from "./useNames";
import type { Action } from "./useScheduleActions";
import { askedOf } from "./words";

interface ScheduleListProps {
  schedules: readonly Schedule[];
  onAction: (action: Action, schedule: Schedule) => void;
}

export function ScheduleList(props: ScheduleListProps) {
  const isNarrow = useMediaQuery("(max-width: 60em)", false, { getInitialValueInEffect: false });
  return isNarrow ? <Cards {...props} /> : <Rows {...props} />;
}

function Rows({ schedules, onAction }: ScheduleListProps) {
  return (
    <Table layout="fixed" highlightOnHover className={classes.table ?? ""} aria-label="Schedules">
      <Table.Thead>
        <Table.Tr>
          <Table.Th>Schedule</Table.Th>
          <Table.Th w={150}>How often</Table.Th>
          <Table.Th w={190}>Next run</Table.Th>
          <Table.Th w={220}>Last run</Table.Th>
          <Table.Th w={68} aria-label="Actions" />
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {schedules.map((schedule) => (
          <Table.Tr key={schedule.schedule_id}>
            <Table.Td>
              <Name schedule={schedule} />
            </Table.Td>
            <Table.Td>{everyWords(schedule.every_minutes)}</Table.Td>
            <Table.Td>
              <NextRun schedule={schedule} />
            </Table.Td>
            <Table.Td>
              <LastRun schedule={schedule} />
            </Table.Td>
            <Table.Td>
              <ScheduleMenu schedule={schedule} onAction={(action) => onAction(action, schedule)} />
            </Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  );
}

function Cards({ schedules, onAction }: ScheduleListProps) {
  return (
    <ul className={classes.plainList} aria-label="Schedules">
      {schedules.map((schedule) => (
        <Paper key={schedule.schedule_id} component="li" withBorder p="sm">
          <Group wrap="nowrap" justify="space-between" align="flex-start">
            <Name schedule={schedule} />
            <ScheduleMenu schedule={schedule} onAction={(action) => onAction(action, schedule)} />
          </Group>
          <dl className={classes.facts} style={{ marginTop: 8 }}>
            <dt>How often</dt>
            <dd>{everyWords(schedule.every_minutes)}</dd>
            <dt>Next run</dt>
            <dd>
              <NextRun schedule={schedule} />
            </dd>
            <dt>Last run</dt>
            <dd>
              <LastRun schedule={schedule} />
            </dd>
          </dl>
        </Paper>
      ))}
    </ul>
  );
}

function Name({ schedule }: { schedule: Schedule }) {
  const asked = askedOf(schedule);
  const { kind, source, where } = useNames()(asked);
  const what = `${source ?? kind} → ${where}${asked.since === "last" ? ", only what changed" : ""}`;
  return (
    <div style={{ minWidth: 0 }}>
      <LinkAnchor to="/exports/schedules/$scheduleId" params={{ scheduleId: schedule.schedule_id }} size="sm" fw={600} c="inherit" className="truncate" display="block" title={schedule.name}>
        {schedule.name}
      </LinkAnchor>
      <Text size="xs" c="dimmed" className="truncate" title={what}>
        {what}
      </Text>
    </div>
  );
}
