// Schedules: a page of them, one of them, and what can be done with it.
import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";
import { answer, api } from "../../api/client";
import { queries } from "../../api/queries";
import type { Schedule } from "../model";

const BASE = "/api/audience/exports/schedules";
const ONE = `${BASE}/{schedule_id}` as const;
const PAGE_SCHEDULES = 50;
const MOVING_MS = 1_500;
const QUIET_MS = 15_000;
const SOON_MS = 60_000;

/** What it made last is at work, or it is due any moment: its line changes soon. */
function isMoving({ enabled, next_at, last_status }: Schedule): boolean {
  return last_status === "queued" || last_status === "running" || (enabled && Date.parse(next_at) < Date.now() + SOON_MS);
}

const pause = (schedules: readonly Schedule[]) => (schedules.some(isMoving) ? MOVING_MS : QUIET_MS);

export const schedulesQuery = infiniteQueryOptions({
  queryKey: ["exports", "schedules", "list"],
  queryFn: ({ pageParam, signal }) => answer(api.GET(BASE, { params: { query: { limit: PAGE_SCHEDULES, cursor: pageParam } }, signal })),
  initialPageParam: null as string | null,
  getNextPageParam: (page) => page.next_cursor,
  refetchInterval: ({ state }) => pause(state.data?.pages.flatMap((page) => page.schedules) ?? []),
});

export const scheduleQuery = (id: string) =>
  queryOptions({
    queryKey: ["exports", "schedules", id],
    queryFn: async ({ signal }) => (await answer(api.GET(ONE, { params: { path: { schedule_id: id } }, signal }))).schedule,
    refetchInterval: ({ state }) => pause(state.data === undefined ? [] : [state.data]),
  });

/** Members that are to be another way; those left out stay. */
export interface ScheduleChange {
  name?: string;
  every_minutes?: number;
  starts_at?: string;
  enabled?: boolean;
}

export async function changeSchedule(id: string, change: ScheduleChange): Promise<Schedule> {
  const { schedule } = await answer(api.PATCH(ONE, { params: { path: { schedule_id: id } }, body: change }));
  queries.setQueryData(scheduleQuery(id).queryKey, schedule);
  await queries.invalidateQueries({ queryKey: schedulesQuery.queryKey });
  return schedule;
}

/** The id of the export it made. Pressed twice it is refused: the first one is still at work then. */
export async function runSchedule(id: string): Promise<string> {
  const made = await answer(api.POST(`${ONE}/run`, { params: { path: { schedule_id: id } } }));
  await Promise.all([queries.invalidateQueries({ queryKey: ["exports", "schedules"] }), queries.invalidateQueries({ queryKey: ["exports", "list"] })]);
  return made.export.export_id;
}

/** leave: goes to another page, before this one asks for what is gone. */
export async function deleteSchedule(id: string, leave: () => Promise<void>): Promise<void> {
  await answer(api.DELETE(ONE, { params: { path: { schedule_id: id } } }));
  await leave();
  queries.removeQueries({ queryKey: scheduleQuery(id).queryKey, type: "inactive" });
  await queries.invalidateQueries({ queryKey: schedulesQuery.queryKey });
}
