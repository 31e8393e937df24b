// One schedule: when it runs, what its last run came to, what it exports.
import { Button, Group, Paper, Skeleton, Stack, Text, Title } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useNavigate, useParams } from "@tanstack/react-router";
import { CirclePause, CirclePlay, Play, Trash2 } from "lucide-react";
import { ErrorNote } from "../../kit/ErrorNote";
import { LinkAnchor } from "../../kit/links";
import { Page } from "../../kit/Page";
import { StatusBadge } from "../../kit/StatusBadge";
import { When } from "../../kit/When";
import formClasses from "../../form/form.module.css";
import classes from "../exports.module.css";
import type { Schedule } from "../model";
import { Settings } from "../run/Settings";
import { everyWords } from "../words";
import { scheduleQuery } from "./queries";
import { LastRun, NextRun } from "./ScheduleFacts";
import { TimesForm } from "./TimesForm";
import { useNames } from "./useNames";
import { type Action, useScheduleActions } from "./useScheduleActions";
import { askedOf } from "./words";

export function SchedulePage() {
  const { scheduleId = "" } = useParams({ strict: false });
  const navigate = useNavigate();
  const schedule = useQuery(scheduleQuery(scheduleId));
  const { act, question } = useScheduleActions(() => navigate({ to: "/exports/schedules" }));
  const one = schedule.data;
  return (
    <Page title={one?.name ?? "Schedule"} actions={one !== undefined && <Actions schedule={one} onAction={(action) => act(action, one)} />}>
      <Stack gap="md">
        <LinkAnchor to="/exports/schedules" size="sm" w="fit-content">
          All schedules
        </LinkAnchor>
        {schedule.isPending && <Skeleton height={420} aria-busy="true" />}
        {schedule.isError && one === undefined && <ErrorNote error={schedule.error} onRetry={() => void schedule.refetch()} />}
        {one !== undefined && (
          <>
            <div className={formClasses.sideBySide}>
              <TimesForm schedule={one} />
              <Runs schedule={one} />
            </div>
            <What schedule={one} />
          </>
        )}
      </Stack>
      {question}
    </Page>
  );
}

function Actions({ schedule, onAction }: { schedule: Schedule; onAction: (action: Action) => void }) {
  return (
    <>
      <Button variant="default" leftSection={<Play size={16} aria-hidden />} onClick={() => onAction("run")}>
        Run now
      </Button>
      {schedule.enabled ? (
        <Button variant="default" leftSection={<CirclePause size={16} aria-hidden />} onClick={() => onAction("pause")}>
          Pause
        </Button>
      ) : (
        <Button leftSection={<CirclePlay size={16} aria-hidden />} onClick={() => onAction("resume")}>
          Resume
        </Button>
      )}
      <Button variant="default" leftSection={<Trash2 size={16} aria-hidden />} onClick={() => onAction("delete")}>
        Delete
      </Button>
    </>
  );
}

function Runs({ schedule }: { schedule: Schedule }) {
  return (
    <Paper withBorder p="md" component="section" aria-label="Runs">
      <Stack gap="sm">
        <Group gap="xs">
          <Title order={2}>Runs</Title>
          {!schedule.enabled && <StatusBadge status="paused" />}
        </Group>
        <dl className={classes.facts}>
          <dt>How often</dt>
          <dd>{everyWords(schedule.every_minutes)}</dd>
          <dt>Next</dt>
          <dd>{schedule.enabled ? <NextRun schedule={schedule} /> : "none while it is paused"}</dd>
          <dt>Last</dt>
          <dd>
            <LastRun schedule={schedule} />
          </dd>
          <dt>Made</dt>
          <dd>
            <When at={schedule.created_at} />
          </dd>
        </dl>
        <LinkAnchor to="/exports" search={{ schedule: schedule.schedule_id }} size="sm" w="fit-content">
          All exports it made
        </LinkAnchor>
        <Text size="xs" c="dimmed">
          A run that is due while the last one still works is left out. Times missed while the server was off are made up for by one run.
        </Text>
      </Stack>
    </Paper>
  );
}

function What({ schedule }: { schedule: Schedule }) {
  const asked = askedOf(schedule);
  const { kind, source, sourcePath, destinationTitle, connectionName } = useNames()(asked);
  const { segment_id, upload_id, filter } = asked;
  return (
    <Stack gap="sm">
      <Settings
        title="What it exports"
        one={{ ...asked, source: { segment_id, upload_id, filter, name: source, version: null }, destination_title: destinationTitle, connection_name: connectionName }}
      />
      <Text size="sm" c="dimmed">
        {kind}{" "}
        <LinkAnchor to={sourcePath} underline="always">
          {source ?? "it is made from"}
        </LinkAnchor>
        , as it is at each run. To export something else, make another schedule and delete this one.
      </Text>
    </Stack>
  );
}
