"""The job that makes a table of an upload, portion after portion; killed anywhere, it goes on from there.

Every file it writes has a name that depends only on the job and the number of the portion, and bytes that
depend only on the upload: a step that runs twice writes the same thing twice.
"""

import shutil
from collections.abc import Iterable
from contextlib import closing
from functools import partial

import pyarrow as pa

from muster.db.database import Connection
from muster.errors import InputError
from muster.jobs.kinds import JobKind, JobRun, StepContext
from muster.jobs.model import Job, JobState, Json, Progress
from muster.tables.columns import ColumnState
from muster.tables.issues import write_issues
from muster.tables.model import TableId
from muster.tables.profile_counts import ValueCounts
from muster.tables.rejects import write_rejects
from muster.tables.write import load_part, write_part
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
from muster.uploads.build_source import Portions
from muster.uploads.decide import local_copies
from muster.uploads.job_state import BUILD
from muster.uploads.readers.model import Portion
from muster.uploads.refine import refine
from muster.uploads.room import UploadsRoom

MAX_COLUMNS = 10_000
_AT_ONCE_BYTES = 4 * 1024 * 1024
"""Up to here the whole work is one step: noting four of them takes longer than doing it again."""


def build_kind(room: UploadsRoom) -> JobKind:
    """How jobs of this kind are run, and what becomes of the upload when one does not end well."""

    def ended(connection: Connection, job: Job, state: JobState) -> None:
        end_upload(room, connection, job, state)

    return JobKind(BUILD, partial(build_table, room), ended)


def build_table(room: UploadsRoom, run: JobRun) -> None:
    """Read, refine and write every portion, then profile the table and make it the upload's own."""
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


class _Building:
    """Portions of one run; the reader stays open between steps, so a compressed file is unpacked once."""

    def __init__(self, room: UploadsRoom, job: Job) -> None:
        self._room = room
        self._job = job
        self._plan: BuildPlan | None = None
        self._portions: Portions | None = None
        self._next: int | None = 0
        self._before: PortionNote | None = None
        self._state = ColumnState()
        self.counts: ValueCounts | None = None
        """Of all rows, if this run wrote them all; else those who need counts read the files."""

    def close(self) -> None:
        if self._portions is not None:
            self._portions.close()
            self._portions = None

    def portion(self, number: int, context: StepContext) -> Json:
        """Read portion `number` and write what it gives; returns its counts and whether there are more."""
        if self._plan is None:
            self._plan = load_plan(self._room, self._job)
        portions = self._at(number, self._plan)
        # Until it is written there is no going on from here: a second try opens the file again, where this one began.
        self._next = None
        self._report(context, self._before)  # the first portion of a large file takes a second or two
        portion = portions.next() or _nothing(self._plan)
        note = self._write(number, self._plan, portion, context)
        self._before, self._next = note, number + 1
        self._report(context, note)
        return {"more": note.position is not None, "accepted": note.accepted, "rejected": note.rejected}

    def _at(self, number: int, plan: BuildPlan) -> Portions:
        """The portions from `number` on: those already open, or opened where the note before it says."""
        if self._portions is None or self._next != number:
            self.close()
            self._before, self._state, position = None, ColumnState(), None
            self.counts = None if number else ValueCounts()
            if number:
                self._before = load_note(self._room, self._job, number - 1)
                self._state = load_part(
                    self._room.tables, TableId(self._job.subject), self._job.id, number - 1
                ).state
                position = self._before.position
            self._portions = Portions(self._room, self._job, plan, position)
        return self._portions

    def _write(self, number: int, plan: BuildPlan, portion: Portion, context: StepContext) -> PortionNote:
        room, job, before = self._room, self._job, self._before
        refined = refine(
            portion,
            plan.mapping,
            plan.rules,
            is_identified=plan.layout is None,
            pause=lambda: self._report(context, before),
        )
        self._report(context, before)
        self._refuse_too_many_columns(refined.table.column_names)
        first_row_id = 0 if before is None else before.total_accepted
        self._state = write_part(
            room.tables,
            TableId(job.subject),
            job.id,
            number,
            first_row_id,
            refined.table,
            refined.rows,
            self._state,
            kinds=portion.kinds if plan.mapping.is_identity() else None,
            decimal_comma=plan.layout is not None and plan.layout.decimal_comma,
            counts=self.counts,
        ).state
        if refined.rejected:
            write_rejects(room.tables, rejects_key(job, number), refined.rejects())
        if len(refined.findings):
            write_issues(room.tables, issues_key(job, number), refined.issues(first_row_id))
        accepted = refined.table.num_rows
        note = PortionNote(
            number,
            portion.position,
            portion.done_bytes,
            accepted,
            refined.rejected,
            len(refined.findings),
            first_row_id + accepted,
            (0 if before is None else before.total_rejected) + refined.rejected,
        )
        keep_note(room, job, note)
        return note

    def _refuse_too_many_columns(self, names: Iterable[str]) -> None:
        if len({column.name for column in self._state.columns} | set(names)) > MAX_COLUMNS:
            raise InputError(
                f"This upload has more than {MAX_COLUMNS} different columns. Leave some out, or turn keys that "
                "differ from record to record into values.",
                code="columns_too_many",
            )

    def _report(self, context: StepContext, note: PortionNote | None) -> None:
        total = None if self._plan is None else self._plan.total_bytes
        if note is None:
            context.report(Progress("reading", 0, total))
        else:
            context.report(
                Progress("reading", note.done_bytes, total, "bytes", note.total_accepted, note.total_rejected)
            )


def _nothing(plan: BuildPlan) -> Portion:
    """What stands for the portions of a file without a single record."""
    names = () if plan.layout is None else plan.layout.columns
    empty = pa.table({name: pa.array([], pa.large_string()) for name in names})
    return Portion(empty, pa.array([], pa.int64()), (), 0, 0, None, plan.total_bytes)
