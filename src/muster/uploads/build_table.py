"""The job that makes a table of an upload, portion after portion; killed anywhere, it goes on from there.

Every file it writes has a name that depends only on the job and the number of the portion, and bytes that
depend only on the upload: a step that runs twice writes the same thing twice.
"""

import shutil
from collections.abc import Callable, Generator, Iterator
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from threading import Event

from muster.db.database import Connection
from muster.jobs.kinds import JobKind, JobRun, StepContext
from muster.jobs.model import Job, JobState, Json, Progress
from muster.tables.columns import ColumnState
from muster.tables.issues import write_issues
from muster.tables.model import TableId
from muster.tables.profile_counts import ValueCounts
from muster.tables.write import WrittenPart, load_part, note_part, store_part
from muster.uploads.build_ahead import Ahead
from muster.uploads.build_finish import end_upload, profile_table, publish_table, settle_duplicates
from muster.uploads.build_plan import (
    BuildPlan,
    PortionNote,
    issues_key,
    keep_note,
    load_note,
    load_plan,
    make_plan,
    rejects_key,
)
from muster.uploads.build_prepare import Prepared, prepared
from muster.uploads.build_source import open_portions
from muster.uploads.decide import local_copies
from muster.uploads.job_state import BUILD
from muster.uploads.room import UploadsRoom

_AT_ONCE_BYTES = 4 * 1024 * 1024
"""Up to here the whole work is one step: noting four of them takes longer than doing it again."""
_WAITING = 2
"""Portions whose files may be stored before they are noted, so that the one does not wait for the other."""


def build_kind(room: UploadsRoom) -> JobKind:
    """How jobs of this kind are run, and what becomes of the upload when one does not end well."""

    def ended(connection: Connection, job: Job, state: JobState) -> None:
        end_upload(room, connection, job, state)

    return JobKind(BUILD, partial(build_table, room), ended)


def build_table(room: UploadsRoom, run: JobRun) -> None:
    """Read, refine and store every portion, then profile the table and make it the upload's own."""
    try:
        _build(room, run)
    finally:
        for directory in (room.scratch / run.job.id, local_copies(room, run.job.subject)):
            shutil.rmtree(directory, ignore_errors=True)


def _build(room: UploadsRoom, run: JobRun) -> None:
    job = run.job
    if job.payload.get("size_bytes", 0) <= _AT_ONCE_BYTES:
        run.step("build", partial(_build_at_once, room, job))
        return
    run.step("plan", lambda _context: {"total_bytes": make_plan(room, job).total_bytes})
    with closing(_Building(room, job)) as building:
        number = 0
        while run.step(f"portion-{number}", partial(building.portion, number))["more"]:
            number += 1
    run.step("duplicates", partial(settle_duplicates, room, job))
    run.step("profile", partial(profile_table, room, job, building.counts))
    run.step("publish", partial(publish_table, room, job))


def _build_at_once(room: UploadsRoom, job: Job, context: StepContext) -> Json:
    make_plan(room, job)
    with closing(_Building(room, job)) as building:
        number = 0
        while building.portion(number, context)["more"]:
            number += 1
    settle_duplicates(room, job, context)
    profile_table(room, job, building.counts, context)
    return publish_table(room, job, context)


class _Closed(Exception):
    """Nobody wants what is being prepared any more."""


@dataclass(frozen=True, slots=True)
class _Stored:
    """One portion whose files lie in the object store and which is not noted yet."""

    note: PortionNote
    part: WrittenPart


class _Building:
    """Portions of one run: one is noted while others behind it are stored, prepared and read.

    All of this stays open between steps, so a compressed file is unpacked once.
    """

    def __init__(self, room: UploadsRoom, job: Job) -> None:
        self._room = room
        self._job = job
        self._plan: BuildPlan | None = None
        self._ahead: Ahead[_Stored] | None = None
        self._is_closed = Event()
        self._next: int | None = 0
        self._before: PortionNote | None = None
        self.counts: ValueCounts | None = None
        """Of all rows, if this run wrote them all; else those who need counts read the files."""

    def close(self) -> None:
        if self._ahead is not None:
            self._is_closed.set()
            self._ahead.close()
            self._ahead = None

    def portion(self, number: int, context: StepContext) -> Json:
        """Note what portion `number` gave, once it is stored; returns its counts and whether there are more."""
        if self._plan is None:
            self._plan = load_plan(self._room, self._job)
        ahead = self._at(number, self._plan)
        # Until it is noted there is no going on from here: a second try opens the file again, where this one began.
        self._next = None

        def report() -> None:
            self._report(context, self._before)

        report()  # the first portion of a large file takes a second or two
        coming = ahead.next(report)
        assert coming is not None  # noqa: S101 - there are more as long as the note before has a position
        report()
        note_part(self._room.tables, TableId(self._job.subject), self._job.id, coming.part)
        note = self._before = coming.note
        keep_note(self._room, self._job, note)
        self._next = number + 1
        self._report(context, note)
        return {"more": note.position is not None, "accepted": note.accepted, "rejected": note.rejected}

    def _at(self, number: int, plan: BuildPlan) -> Ahead[_Stored]:
        """The portions from `number` on: those already open, or opened where the note before it says."""
        if self._ahead is not None and self._next == number:
            return self._ahead
        self.close()
        room, job = self._room, self._job
        self._before, state, position = None, ColumnState(), None
        self.counts = None if number else ValueCounts()
        if number:
            self._before = load_note(room, job, number - 1)
            state = load_part(room.tables, TableId(job.subject), job.id, number - 1).state
            position = self._before.position
        is_closed = self._is_closed = Event()

        def pause() -> None:
            if is_closed.is_set():
                raise _Closed

        portions = Ahead(open_portions(room, job, plan, position), f"read-{job.id}")
        made = prepared(portions, plan, self._before, state, self.counts, pause)
        self._ahead = Ahead(_stored(room, job, made, pause), f"store-{job.id}", most=_WAITING)
        return self._ahead

    def _report(self, context: StepContext, note: PortionNote | None) -> None:
        total = None if self._plan is None else self._plan.total_bytes
        if note is None:
            context.report(Progress("reading", 0, total))
        else:
            context.report(
                Progress("reading", note.done_bytes, total, "bytes", note.total_accepted, note.total_rejected)
            )


def _stored(
    room: UploadsRoom, job: Job, made: Generator[Prepared], pause: Callable[[], None]
) -> Iterator[_Stored]:
    """Everything of each portion but its notes, durably. pause: called before each; what it raises ends the work."""
    with closing(made):
        for portion in made:
            pause()
            number = portion.note.number
            part = store_part(room.tables, TableId(job.subject), job.id, number, portion.part)
            if portion.rejects is not None:
                room.objects.put(rejects_key(job, number), portion.rejects)
            if portion.issues is not None:
                write_issues(room.tables, issues_key(job, number), portion.issues)
            stored = _Stored(portion.note, part)
            del portion  # some 30 MiB
            yield stored
