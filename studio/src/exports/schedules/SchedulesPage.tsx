// Schedules: exports that are made again and again by themselves.
import { Button, Group, Skeleton, Stack, Text } from "@mantine/core";
import { useInfiniteQuery } from "@tanstack/react-query";
import { CalendarClock } from "lucide-react";
import { EmptyState } from "../../kit/EmptyState";
import { ErrorNote } from "../../kit/ErrorNote";
import { plural } from "../../kit/format";
import { LinkButton } from "../../kit/links";
import { Page } from "../../kit/Page";
import { ExportTabs } from "../ExportTabs";
import { schedulesQuery } from "./queries";
import { ScheduleList } from "./ScheduleList";
import { useScheduleActions } from "./useScheduleActions";
import { zoneWords } from "./words";

export function SchedulesPage() {
  const schedules = useInfiniteQuery(schedulesQuery);
  const { act, question } = useScheduleActions();
  const all = schedules.data?.pages.flatMap((page) => page.schedules) ?? [];
  const total = schedules.data?.pages[0]?.total ?? 0;
  return (
    <Page title="Exports" actions={all.length > 0 && <LinkButton to="/exports/new">New export</LinkButton>}>
      <ExportTabs />
      {schedules.isPending && <Waiting />}
      {schedules.isError && all.length === 0 && <ErrorNote error={schedules.error} onRetry={() => void schedules.refetch()} />}
      {schedules.isSuccess && all.length === 0 && (
        <EmptyState
          icon={<CalendarClock size={32} color="var(--muted)" aria-hidden />}
          title="No schedule yet"
          text="Make an export and choose “On a schedule” in its last step: it is then made again every hour, day or week, if you like with nothing but what changed."
        >
          <LinkButton to="/exports/new">Make an export</LinkButton>
        </EmptyState>
      )}
      {all.length > 0 && (
        <Stack gap="sm">
          <ScheduleList schedules={all} onAction={act} />
          <Group justify="space-between">
            <Text size="sm" c="dimmed" role="status">
              {all.length < total ? `${all.length} of ${plural(total, "schedule")}` : plural(total, "schedule")}. Times are local ({zoneWords()}).
            </Text>
            {schedules.hasNextPage && (
              <Button variant="default" loading={schedules.isFetchingNextPage} onClick={() => void schedules.fetchNextPage()}>
                Show older
              </Button>
            )}
          </Group>
        </Stack>
      )}
      {question}
    </Page>
  );
}

function Waiting() {
  return (
    <Stack gap={8} aria-busy aria-label="Loading the schedules" role="status">
      <Skeleton height={36} />
      {[0, 1, 2].map((row) => (
        <Skeleton key={row} height={56} />
      ))}
    </Stack>
  );
}
