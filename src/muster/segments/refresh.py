"""Bring a segment up to date: at once where that is quick, otherwise by a job."""

from collections.abc import Callable
from typing import Final

from muster.accounts.model import Principal
from muster.db.database import Connection
from muster.errors import Conflict
from muster.ids import random_text
from muster.jobs.enqueue import enqueue
from muster.jobs.read import unfinished_jobs
from muster.segments.count import count, discard, look, publish
from muster.segments.model import Kind, Segment, Status
from muster.segments.patience import of_job, of_request
from muster.segments.room import SegmentsRoom
from muster.segments.store import SegmentStore

REFRESH: Final = "refresh_segment"
ATTEMPTS: Final = 4
"""How often a count begins anew because the segment changed while it was made."""

Also = Callable[[Connection, Segment], None]


def nothing_else(_connection: Connection, _segment: Segment) -> None:
    """Nothing else belongs into the transaction."""


def current(room: SegmentsRoom, principal: Principal, segment_id: str, *, inline: bool = True) -> Segment:
    """The segment; a live one is brought up to date first.

    inline: where counting takes long a job is enqueued, and the segment comes back as it was before, with the
    status COMPUTING. Without it, for jobs, it is counted however long that takes. A count that failed in the
    background is not tried again until somebody asks for it.
    Raises NotFound, Forbidden, Conflict (`table_not_ready`, `identity_unfit`), Overloaded, Unavailable.
    """
    state = look(room, principal, segment_id)
    if state.segment.kind is Kind.SNAPSHOT or state.is_current:
        return state.segment
    if inline and state.segment.status is Status.FAILED and state.takes_long(room.inline_rows):
        return state.segment
    return refreshed(room, principal, segment_id, by_job=None if inline else False)


def refreshed(
    room: SegmentsRoom, principal: Principal, segment_id: str, *, by_job: bool | None = None
) -> Segment:
    """The segment, counted anew if anything it is made from changed since.

    by_job: None: where it takes long; True: always; False: never. Raises as `current`.
    """
    state = look(room, principal, segment_id)
    if state.is_current:
        return state.segment
    if by_job or (by_job is None and state.takes_long(room.inline_rows)):
        return enqueued(room, principal, segment_id)
    patience = of_request() if by_job is None else of_job()
    with room.reading.turn(segment_id):  # who comes second finds it done
        for _ in range(ATTEMPTS):
            state = look(room, principal, segment_id)
            if state.is_current:
                return state.segment
            version = count(room, principal, state, f"count-{random_text(22)}", patience)
            if publish(room, principal, version):
                return look(room, principal, segment_id).segment
            discard(room, segment_id, [version.made_by or ""])  # somebody else was faster
    raise being_changed()


def enqueued(room: SegmentsRoom, principal: Principal, segment_id: str, also: Also = nothing_else) -> Segment:
    """Let a job count it, unless one is about to; the segment with the status COMPUTING.

    also: what else belongs into the transaction. Raises NotFound, Forbidden.
    """
    with room.db.begin() as connection:
        segment = enqueue_count(room, connection, principal, segment_id)
        also(connection, segment)
    return segment


def enqueue_count(
    room: SegmentsRoom, connection: Connection, principal: Principal, segment_id: str
) -> Segment:
    """As `enqueued`, in the caller's transaction."""
    store = SegmentStore(connection, principal)
    segment = store.get(segment_id)
    running = unfinished_jobs(connection, principal.user_id, [segment_id]).get(segment_id)
    if running is not None and running.payload.get("revision") == segment.revision:
        return segment
    job_id = enqueue(
        connection,
        REFRESH,
        principal.user_id,
        segment_id,
        {"revision": segment.revision},
        room.clock(),
        unit="rows",
    )
    store.set_status(segment_id, segment.revision, Status.COMPUTING, job_id, None)
    return store.get(segment_id)


def being_changed() -> Conflict:
    return Conflict(
        "This segment is being changed at the moment. Ask again shortly.",
        code="segment_changed",
        retry_after_seconds=1,
    )
