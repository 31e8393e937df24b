"""The job that counts a segment."""

from muster.accounts.model import Principal
from muster.db.database import Connection
from muster.jobs.kinds import JobKind, JobRun, StepContext
from muster.jobs.model import Job, JobState, Json, Progress
from muster.segments.count import State, count, discard, look, publish
from muster.segments.model import Cause, Counts, SegmentId, Status, Version, VersionSource
from muster.segments.patience import of_job
from muster.segments.refresh import ATTEMPTS, REFRESH, being_changed
from muster.segments.room import SegmentsRoom
from muster.segments.store import SegmentStore


def refresh_kind(room: SegmentsRoom) -> JobKind:
    """The kind `refresh_segment`; its subject is the segment."""

    def run(run: JobRun) -> None:
        principal = _for(run.job)
        for attempt in range(ATTEMPTS):
            made_by = f"{run.job.id}-{attempt}"

            def counting(context: StepContext, made_by: str = made_by) -> Json:
                return _count(room, principal, run.job.subject, made_by, context)

            counted = run.step(f"count-{attempt}", counting)
            if not counted:
                return  # it is up to date

            def publishing(_context: StepContext, counted: Json = counted, made_by: str = made_by) -> Json:
                return {"is_newest": _publish(room, principal, run.job.subject, made_by, counted)}

            if run.step(f"publish-{attempt}", publishing)["is_newest"]:
                return
        raise being_changed()

    return JobKind(REFRESH, run, _ended)


def _for(job: Job) -> Principal:
    return Principal(job.user_id, frozenset(), "job")


def _count(
    room: SegmentsRoom, principal: Principal, segment_id: str, made_by: str, context: StepContext
) -> Json:
    """What was found, without the definition: what a job remembers holds no personal data."""
    state = look(room, principal, segment_id)
    if state.is_current:
        return {}
    total = sum(rows for _, rows in state.tables.values())

    def alive() -> None:
        context.report(Progress("counting", 0, total, unit="rows"))

    alive()
    version = count(room, principal, state, made_by, of_job(alive))
    counts = version.counts
    return {
        "number": version.number,
        "revision": version.revision,
        "cause": version.cause.value,
        "counts": [counts.members, counts.candidates, counts.joined, counts.departed],
        "sources": [[each.upload_id, each.table_version, each.members] for each in version.sources],
    }


def _publish(room: SegmentsRoom, principal: Principal, segment_id: str, made_by: str, counted: Json) -> bool:
    # Of another revision it is refused, so the definition is the one that was counted.
    version = _version(look(room, principal, segment_id), made_by, counted, room)
    if publish(room, principal, version):
        return True
    discard(room, segment_id, [made_by])
    return False


def _version(state: State, made_by: str, counted: Json, room: SegmentsRoom) -> Version:
    return Version(
        segment_id=SegmentId(state.segment.id),
        number=counted["number"],
        revision=counted["revision"],
        cause=Cause(counted["cause"]),
        at=room.clock(),
        counts=Counts(*counted["counts"]),
        made_by=made_by,
        definition=state.segment.definition,
        sources=tuple(VersionSource(*each) for each in counted["sources"]),
        positions=tuple(range(len(counted["sources"]))),
    )


def _ended(connection: Connection, job: Job, state: JobState) -> None:
    """The segment says why it was not counted, unless it is another one by now."""
    del state
    why = (job.reason_code or "internal_error", job.reason or "This segment could not be counted.")
    revision = int(job.payload["revision"])
    SegmentStore(connection, _for(job)).set_status(job.subject, revision, Status.FAILED, None, why)
