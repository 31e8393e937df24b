"""The SQL of jobs, their events, and the workers that run them.

`JobStore` is what one user may see and ask for. The functions below it are the workers' side. Every change of
state is a compare-and-set, so two workers, or a worker and a user, never both win; each writes its event in
the same transaction.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Row, and_, delete, exists, func, insert, literal, or_, select, update
from sqlalchemy.exc import IntegrityError

from muster.db.database import Connection
from muster.db.schema import job_events, job_executors, job_schedules, jobs
from muster.errors import NotFound
from muster.ids import UserId
from muster.jobs.model import EventKind, Job, JobEvent, JobState, Progress, Wanted

_FINAL = tuple(state.value for state in JobState if state.is_final)
_PROGRESS = ("phase", "done", "total", "unit", "rows_accepted", "rows_rejected")
_REAPER_LOCK = 0x6D7573747265  # "mustre": the advisory lock of the worker that hands on others' jobs
_LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)
# Made once: putting a statement together costs more than SQLite needs to run it.
_ANY_WAITING = (
    select(jobs.c.id)
    .where(
        or_(
            jobs.c.state == JobState.QUEUED.value,
            and_(jobs.c.state == JobState.PAUSED.value, jobs.c.wanted.is_not(None)),
        )
    )
    .limit(1)
)
_ADD = insert(jobs)
_ADD_EVENT = insert(job_events)


def _job(row: Row[*tuple[Any, ...]]) -> Job:
    values = dict(row._mapping)
    progress = Progress(**{name: values.pop(name) for name in _PROGRESS})
    wanted = values.pop("wanted")
    return Job(
        **{
            **values,
            "user_id": UserId(values["user_id"]),
            "state": JobState(values["state"]),
            "wanted": None if wanted is None else Wanted(wanted),
            "progress": progress,
        }
    )


class JobStore:
    """The jobs of one user, inside the caller's transaction."""

    def __init__(self, connection: Connection, user_id: UserId) -> None:
        self._connection = connection
        self._user_id = user_id

    def _mine(self, job_id: str) -> ColumnElement[bool]:
        return and_(jobs.c.id == job_id, jobs.c.user_id == self._user_id)

    def add(self, job: Job) -> None:
        values = {
            column.name: getattr(job.progress if column.name in _PROGRESS else job, column.name)
            for column in jobs.c
        }
        self._connection.execute(_ADD, {**values, "user_id": self._user_id})
        _tell_state(self._connection, job)

    def get(self, job_id: str) -> Job:
        """Raises NotFound for an unknown id, and for another user's."""
        row = self._connection.execute(select(jobs).where(self._mine(job_id))).one_or_none()
        if row is None:
            raise NotFound("There is no job with this id; it may have been forgotten.", code="job_not_found")
        return _job(row)

    def newest(self, subject: str) -> Job | None:
        found = (
            select(jobs)
            .where(jobs.c.subject == subject, jobs.c.user_id == self._user_id)
            .order_by(jobs.c.created_at.desc(), jobs.c.id.desc())
            .limit(1)
        )
        row = self._connection.execute(found).one_or_none()
        return None if row is None else _job(row)

    def unfinished(self, subjects: Sequence[str]) -> Sequence[Job]:
        """The jobs on these subjects that are not over, oldest first."""
        found = (
            select(jobs)
            .where(jobs.c.subject.in_(subjects), jobs.c.user_id == self._user_id, jobs.c.state.not_in(_FINAL))
            .order_by(jobs.c.created_at, jobs.c.id)
        )
        return [_job(row) for row in self._connection.execute(found)]

    def events_after(self, subject: str, number: int, limit: int) -> Sequence[JobEvent]:
        is_mine = exists().where(jobs.c.subject == subject, jobs.c.user_id == self._user_id)
        found = (
            select(job_events.c.number, job_events.c.at, job_events.c.kind, job_events.c.data)
            .where(job_events.c.subject == subject, job_events.c.number > number, is_mine)
            .order_by(job_events.c.number)
            .limit(limit)
        )
        return [
            JobEvent(row.number, row.at, EventKind(row.kind), row.data)
            for row in self._connection.execute(found)
        ]

    def want(self, job_id: str, wanted: Wanted | None, now: datetime) -> Job | None:
        """Leave a wish for the worker; None when the job is over or gone. A cancel is never taken back."""
        free = and_(self._mine(job_id), jobs.c.state.not_in(_FINAL))
        if wanted is not Wanted.CANCEL:
            free = and_(free, or_(jobs.c.wanted.is_(None), jobs.c.wanted != Wanted.CANCEL.value))
        wish = None if wanted is None else wanted.value
        self._connection.execute(update(jobs).where(free).values(wanted=wish, updated_at=now))
        job = self.get(job_id)
        return None if job.state.is_final else job

    def move(self, job_id: str, from_state: JobState, to_state: JobState, now: datetime) -> Job | None:
        """Change the state of a job nobody wants to cancel; None when it is not in `from_state` (any more)."""
        ready = and_(self._mine(job_id), jobs.c.state == from_state.value, jobs.c.wanted.is_(None))
        return _change(self._connection, ready, job_id, state=to_state.value, updated_at=now)


@dataclass(frozen=True, slots=True)
class Waiting:
    """A queued job, as the dispatcher sees it."""

    id: str
    user_id: str
    created_at: datetime


def find(connection: Connection, job_id: str) -> Job | None:
    """A job, whoever's it is."""
    row = connection.execute(select(jobs).where(jobs.c.id == job_id)).one_or_none()
    return None if row is None else _job(row)


def is_anything_waiting(connection: Connection) -> bool:
    """Whether there is a job to start or to end; asked ten times a second, so it is one look at an index."""
    return connection.execute(_ANY_WAITING).first() is not None


def waiting(connection: Connection, most_per_user: int) -> list[Waiting]:
    """Queued jobs nobody wants to cancel: of each user the oldest `most_per_user`."""
    place = func.row_number().over(partition_by=jobs.c.user_id, order_by=(jobs.c.created_at, jobs.c.id))
    queued = (
        select(jobs.c.id, jobs.c.user_id, jobs.c.created_at, place.label("place"))
        .where(jobs.c.state == JobState.QUEUED.value, jobs.c.wanted.is_(None))
        .subquery()
    )
    rows = connection.execute(
        select(queued.c.id, queued.c.user_id, queued.c.created_at).where(queued.c.place <= most_per_user)
    )
    return [Waiting(*row) for row in rows]


def running_by_user(connection: Connection) -> dict[str, int]:
    """How many jobs of each user run at the moment, in all workers."""
    rows = connection.execute(
        select(jobs.c.user_id, func.count())
        .where(jobs.c.state == JobState.RUNNING.value)
        .group_by(jobs.c.user_id)
    )
    return {row[0]: row[1] for row in rows}


def to_cancel(connection: Connection, limit: int = 100) -> list[str]:
    """Jobs that wait or rest and are to be cancelled; a running one sees to that itself."""
    resting = jobs.c.state.in_([JobState.QUEUED.value, JobState.PAUSED.value])
    rows = connection.execute(
        select(jobs.c.id).where(resting, jobs.c.wanted == Wanted.CANCEL.value).limit(limit)
    )
    return [row[0] for row in rows]


def running(connection: Connection) -> list[Job]:
    rows = connection.execute(select(jobs).where(jobs.c.state == JobState.RUNNING.value))
    return [_job(row) for row in rows]


def claim(connection: Connection, job_id: str, now: datetime) -> Job | None:
    """Take a queued job for the engine; None when somebody else was faster, or it is to be cancelled."""
    ready = and_(jobs.c.id == job_id, jobs.c.state == JobState.QUEUED.value, jobs.c.wanted.is_(None))
    return _change(
        connection,
        ready,
        job_id,
        state=JobState.RUNNING.value,
        dispatched=jobs.c.dispatched + 1,
        started_at=func.coalesce(jobs.c.started_at, literal(now, jobs.c.started_at.type)),
        updated_at=now,
    )


def put_back(connection: Connection, job_id: str, state: JobState, now: datetime) -> Job | None:
    """A running job becomes QUEUED or PAUSED; None when it is not running (any more).

    What somebody wants of it wins: a job to be paused is PAUSED, one to be cancelled QUEUED, so that whoever
    looks at the queue next ends it.
    """
    is_running = and_(jobs.c.id == job_id, jobs.c.state == JobState.RUNNING.value)
    found = connection.execute(select(jobs.c.wanted).where(is_running).with_for_update()).one_or_none()
    if found is None:
        return None
    if found.wanted is not None:
        state = JobState.QUEUED if found.wanted == Wanted.CANCEL.value else JobState.PAUSED
    wanted = None if state is JobState.PAUSED else found.wanted
    return _change(connection, is_running, job_id, state=state.value, wanted=wanted, updated_at=now)


def finish(
    connection: Connection, job_id: str, state: JobState, reason: tuple[str, str] | None, now: datetime
) -> Job | None:
    """Make a state final, with the code and the sentence of why; None when it was final already."""
    open_still = and_(jobs.c.id == job_id, jobs.c.state.not_in(_FINAL))
    code, sentence = reason or (None, None)
    job = _change(
        connection,
        open_still,
        job_id,
        state=state.value,
        wanted=None,
        reason_code=code,
        reason=sentence,
        updated_at=now,
        finished_at=now,
    )
    if job is not None:
        _tell(connection, job.subject, EventKind.DONE, {"state": job.state.value}, now)
    return job


def note_progress(
    connection: Connection, job_id: str, progress: Progress, event: Mapping[str, Any] | None, now: datetime
) -> Job | None:
    """Store how far a job is, with an event when given; the job as it is now, None when it is gone."""
    values = {name: getattr(progress, name) for name in _PROGRESS}
    connection.execute(
        update(jobs)
        .where(jobs.c.id == job_id, jobs.c.state == JobState.RUNNING.value)
        .values(**values, updated_at=now)
    )
    job = find(connection, job_id)
    if job is not None and job.state is JobState.RUNNING and event is not None:
        _tell(connection, job.subject, EventKind.PROGRESS, event, now)
    return job


def subjects_in_work(connection: Connection, subjects: Sequence[str]) -> set[str]:
    """Those of these subjects some unfinished job works on, whoever owns it."""
    found = select(jobs.c.subject).where(jobs.c.subject.in_(subjects), jobs.c.state.not_in(_FINAL)).distinct()
    return set(connection.execute(found).scalars())


def count_by_state(connection: Connection) -> dict[JobState, int]:
    """How many jobs are in each state, of all users; 0 where there is none."""
    rows = connection.execute(select(jobs.c.state, func.count()).group_by(jobs.c.state))
    return dict.fromkeys(JobState, 0) | {JobState(row[0]): row[1] for row in rows}


def oldest_queued_at(connection: Connection) -> datetime | None:
    """When the job that has waited longest was made, of all users; None when none waits."""
    queued = select(func.min(jobs.c.created_at)).where(jobs.c.state == JobState.QUEUED.value)
    oldest: datetime | None = connection.execute(queued).scalar_one()
    return oldest


def finished_before(connection: Connection, before: datetime, limit: int) -> list[str]:
    """The ids of at most `limit` jobs that ended before then."""
    old = and_(jobs.c.state.in_(_FINAL), jobs.c.finished_at < before)
    return [row[0] for row in connection.execute(select(jobs.c.id).where(old).limit(limit))]


def remove(connection: Connection, job_ids: Sequence[str]) -> int:
    return connection.execute(delete(jobs).where(jobs.c.id.in_(job_ids))).rowcount


def purge_events(connection: Connection, before: datetime) -> int:
    """Forget events older than that; returns how many."""
    return connection.execute(delete(job_events).where(job_events.c.at < before)).rowcount


def show_life(connection: Connection, executor_id: str) -> None:
    """Note that this worker lives; by the clock of the database, which all workers share (PostgreSQL)."""
    fresh = {"seen_at": connection.execute(select(func.now())).scalar_one()}
    known = update(job_executors).where(job_executors.c.id == executor_id).values(fresh)
    if connection.execute(known).rowcount == 0:
        connection.execute(insert(job_executors).values({"id": executor_id, **fresh}))


def executors(connection: Connection, silent_for: timedelta | None = None) -> set[str]:
    """Workers that have a row; with `silent_for` only those whose row is older than that (PostgreSQL)."""
    found = select(job_executors.c.id)
    if silent_for is not None:
        now: datetime = connection.execute(select(func.now())).scalar_one()
        found = found.where(job_executors.c.seen_at < now - silent_for)
    return {row[0] for row in connection.execute(found)}


def remove_executors(connection: Connection, executor_ids: Sequence[str]) -> None:
    connection.execute(delete(job_executors).where(job_executors.c.id.in_(executor_ids)))


def take_reaper_turn(connection: Connection) -> bool:
    """Whether this transaction alone may hand on dead workers' jobs (PostgreSQL)."""
    taken: bool = connection.execute(select(func.pg_try_advisory_xact_lock(_REAPER_LOCK))).scalar_one()
    return taken


def due(connection: Connection, names: Sequence[str]) -> dict[str, datetime]:
    """When each of these schedules is due; those never seen are missing."""
    found = select(job_schedules.c.name, job_schedules.c.due_at).where(job_schedules.c.name.in_(names))
    return {row.name: row.due_at for row in connection.execute(found)}


def move_due(connection: Connection, name: str, from_at: datetime | None, to_at: datetime) -> bool:
    """Change when a schedule is due, unless somebody else did first; from_at None: it had no row."""
    if from_at is not None:
        same = and_(job_schedules.c.name == name, job_schedules.c.due_at == from_at)
        return connection.execute(update(job_schedules).where(same).values(due_at=to_at)).rowcount == 1
    try:
        with connection.begin_nested():
            connection.execute(insert(job_schedules).values({"name": name, "due_at": to_at}))
    except IntegrityError:
        return False
    return True


def abandon(connection: Connection, subject: str) -> list[tuple[str, str]]:
    """Let go of every job of a subject that is gone; (user, job) of those a worker still has to end.

    One that was never handed to the engine goes at once, one that is over at the next purge, which also
    knows what the engine stored of it; of neither any word stays.
    """
    of_subject = jobs.c.subject == subject
    connection.execute(delete(job_events).where(job_events.c.subject == subject))
    untouched = and_(jobs.c.state == JobState.QUEUED.value, jobs.c.dispatched == 0)
    connection.execute(delete(jobs).where(of_subject, untouched))
    over = and_(of_subject, jobs.c.state.in_(_FINAL))
    connection.execute(update(jobs).where(over).values(reason=None, finished_at=_LONG_AGO))
    left = select(jobs.c.user_id, jobs.c.id).where(of_subject, jobs.c.state.not_in(_FINAL))
    return [(row[0], row[1]) for row in connection.execute(left)]


def _change(connection: Connection, condition: ColumnElement[bool], job_id: str, **values: Any) -> Job | None:
    """Change one job if it is as `condition` says, and tell of its new state."""
    if connection.execute(update(jobs).where(condition).values(**values)).rowcount != 1:
        return None
    job = find(connection, job_id)
    if job is not None:
        _tell_state(connection, job)
    return job


def _tell_state(connection: Connection, job: Job) -> None:
    data = {
        "job_id": job.id,
        "state": job.state.value,
        "reason_code": job.reason_code,
        "reason": job.reason,
    }
    _tell(connection, job.subject, EventKind.STATE, data, job.updated_at)


def _tell(
    connection: Connection, subject: str, kind: EventKind, data: Mapping[str, Any], at: datetime
) -> None:
    if connection.dialect.name == "postgresql":
        # Two transactions that tell of one subject would both take the same number.
        connection.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(subject, 0))))
    newest = select(func.coalesce(func.max(job_events.c.number), 0)).where(job_events.c.subject == subject)
    number = connection.execute(newest).scalar_one() + 1
    connection.execute(
        _ADD_EVENT, {"subject": subject, "number": number, "at": at, "kind": kind.value, "data": dict(data)}
    )
