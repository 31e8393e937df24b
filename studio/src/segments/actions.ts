// What can be done to segments, each as one request; afterwards everything known of segments is asked again.
import { answer, api } from "../api/client";
import { queries } from "../api/queries";
import type { ChangeBody, EntriesBody, Segment, SegmentBody } from "./model";
import { BASE, ONE, segmentQuery, SEGMENTS_KEY } from "./queries";

type Told = { data?: { segment: Segment } | undefined };

/** A segment that is still being counted is answered with 202, which has the same body. */
async function segmentOf(pending: Promise<unknown>): Promise<Segment> {
  const { segment } = await answer(pending as Promise<Told>);
  queries.setQueryData(segmentQuery(segment.id).queryKey, segment);
  await refresh();
  return segment;
}

function refresh(): Promise<void> {
  return queries.invalidateQueries({ queryKey: SEGMENTS_KEY });
}

export function create(body: SegmentBody, idempotencyKey: string): Promise<Segment> {
  return segmentOf(api.POST(BASE, { body, params: { header: { "Idempotency-Key": idempotencyKey } } }));
}

export function change(id: string, body: ChangeBody): Promise<Segment> {
  return segmentOf(api.PATCH(ONE, { params: { path: { segment_id: id } }, body }));
}

export function countAnew(id: string): Promise<Segment> {
  return segmentOf(api.POST(`${ONE}/refresh`, { params: { path: { segment_id: id } } }));
}

export function changeMembers(id: string, body: EntriesBody): Promise<Segment> {
  return segmentOf(api.POST(`${ONE}/members`, { params: { path: { segment_id: id } }, body }));
}

/** withDependants: what is made from it goes too. */
export async function erase(id: string, withDependants: boolean): Promise<void> {
  await answer(api.DELETE(ONE, { params: { path: { segment_id: id }, ...(withDependants ? { query: { cascade: true } } : {}) } }));
  queries.removeQueries({ queryKey: segmentQuery(id).queryKey });
  await queries.invalidateQueries({ queryKey: [...SEGMENTS_KEY, "list"] });
}
