"""The job of an export: freeze the source, then portion after portion to a file or a destination, and note the end.

    a file of lines         freeze, portions of the file, store, finish
    another file            freeze, portions of prepared rows, the file, store, finish
    a file since the last   freeze, portions of prepared rows, comparing, the file, store, the state, finish
    rows                    freeze, prepare, portions delivered, finish
    rows since the last     freeze, portions of prepared rows, comparing, prepare, changes delivered, the state, finish

Killed anywhere, it goes on behind the last step that was noted; a file is the same to the last byte.
"""

from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from functools import partial
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from muster.db.database import Connection
from muster.exports import changes
from muster.exports.deliver_rows import DeliveredChanges, DeliveredSource
from muster.exports.finish import end_export, finish, store_outside, tidy
from muster.exports.freeze import freeze
from muster.exports.model import JOB_KIND, Counts, Reason
from muster.exports.opened import OpenExport
from muster.exports.room import ExportsRoom
from muster.exports.store import ExportStore
from muster.exports.tally import added
from muster.exports.work import local_file, rows_key
from muster.exports.write_file import PiecedFile, StagedRows, write_whole
from muster.jobs.kinds import JobKind, JobRun, StepContext
from muster.jobs.model import Job, JobState, Json

PortionWork = Callable[[int, Counts, StepContext], Json]


def export_kind(room: ExportsRoom) -> JobKind:
    """The kind `export`; its subject is the export."""

    def run(run: JobRun) -> None:
        with closing(OpenExport(room, run.job.user_id, run.job.subject)) as opened:
            _Run(room, run, opened).work()

    def ended(connection: Connection, job: Job, state: JobState) -> None:
        end_export(connection, job, state, room)

    return JobKind(JOB_KIND, run, ended)


class _Run:
    """One run of the job. Whatever is not in a step depends on what steps returned alone."""

    def __init__(self, room: ExportsRoom, run: JobRun, opened: OpenExport) -> None:
        self._room = room
        self._run = run
        self._opened = opened
        self._frozen: Json = {}
        self._counts = Counts()
        self._portions = 0
        self._staged: list[int] = []

    def work(self) -> None:
        frozen = self._frozen = self._run.step("freeze", lambda _context: freeze(self._room, self._run.job))
        self._opened.freeze(frozen["version"])
        if frozen["gone"]:
            self._counts = Counts(left_out={Reason.GONE: frozen["gone"]})
        if frozen["since_last"]:
            state = self._since_last()
        else:
            state = None
            if frozen["takes_rows"]:
                self._deliver_source()
            elif frozen["is_pieced"]:
                self._write_pieces()
            else:
                self._stage()
                self._write_whole(sum(self._staged), self._prepared)
        self._finish(state)

    def _since_last(self) -> Json:
        self._stage()
        found = self._compare()
        rows = found["joined"] + found["changed"] + found["left"]
        if self._frozen["takes_rows"]:
            self._deliver_changes(rows)
        else:
            self._write_whole(rows, lambda: changes.file_batches(self._room, self._opened.export))
        return self._run.step("state", lambda _context: self._settle())

    def _settle(self) -> Json:
        return changes.keep_state(self._room, self._opened.export, self._frozen["before"], self._counts)

    def _write_pieces(self) -> None:
        with closing(PiecedFile(self._room, self._opened, self._frozen["rows"])) as file:
            self._store([note["size_bytes"] for note in self._each("file", file.portion)])

    def _write_whole(self, rows: int, batches: Callable[[], Iterator[pa.RecordBatch]]) -> None:
        def write(context: StepContext) -> Json:
            export = self._opened.export
            schema = self._opened.preparer.schema
            if self._frozen["since_last"]:
                schema = changes.file_schema(export.definition)
            note = write_whole(self._room, export, schema, batches(), rows, context)
            self._keep(replace(self._counts, written=rows))
            return note

        written = self._run.step("file", write)
        self._counts = replace(self._counts, written=rows)
        self._store([written["size_bytes"]])

    def _store(self, sizes: list[int]) -> None:
        self._sizes = sizes
        self._stays = self._run.step("store", partial(store_outside, self._room, self._opened, sizes))[
            "stays"
        ]

    _sizes: list[int] = []
    _stays = True

    def _deliver_source(self) -> None:
        self._prepare()
        with closing(DeliveredSource(self._room, self._opened, self._frozen["rows"])) as delivering:
            for _ in self._each("portion", delivering.portion):
                pass
        self._run.step("end", lambda _context: self._opened.finish_delivery())

    def _deliver_changes(self, rows: int) -> None:
        self._prepare()
        delivering = DeliveredChanges(self._room, self._opened, rows)
        offset, more = 0, True
        while more:

            def portion(context: StepContext, at: int = offset, number: int = self._portions) -> Json:
                note = delivering.portion(number, at, self._counts, context)
                self._keep(added(self._counts, note))
                return note

            note = self._run.step(f"change-{self._portions}", portion)
            self._counts = added(self._counts, note)
            self._portions += 1
            offset, more = note["offset"], note["more"]
        self._run.step("end", lambda _context: self._opened.finish_delivery())

    def _prepare(self) -> None:
        self._run.step("prepare", lambda _context: self._opened.prepare_delivery())

    def _stage(self) -> None:
        with closing(StagedRows(self._room, self._opened, self._frozen["rows"])) as staged:
            self._staged = [
                note["seen"] - sum(note["left_out"].values()) for note in self._each("rows", staged.portion)
            ]

    def _compare(self) -> Json:
        def compare(_context: StepContext) -> Json:
            before, number = self._frozen["before"], self._portions
            found = changes.find_changes(self._room, self._opened.export, len(self._staged), before, number)
            rows = self._frozen["rows"] + self._frozen["gone"] + found["left"]
            self._keep(changes.with_changes(self._counts, found), rows=rows)
            return found

        found = self._run.step("compare", compare)
        self._counts = changes.with_changes(self._counts, found)
        self._portions += 1
        return found

    def _finish(self, state: Json | None) -> None:
        job, counts, sizes, stays = self._run.job, self._counts, self._sizes, self._stays
        self._run.step("finish", lambda _context: finish(self._room, job, counts, sizes, state, stays=stays))
        self._run.step("tidy", lambda _context: tidy(self._room, job.subject, stays=stays and bool(sizes)))

    def _each(self, name: str, work: PortionWork) -> Iterator[Json]:
        """The portions of one phase, one step each, until there are no more; the counts go on with each."""
        number = 0
        more = True
        while more:

            def portion(context: StepContext, number: int = number) -> Json:
                note = work(number, self._counts, context)
                self._keep(added(self._counts, note))
                return note

            note = self._run.step(f"{name}-{number}", portion)
            self._counts = added(self._counts, note)
            self._portions += 1
            number += 1
            more = note["more"]
            yield note

    def _keep(self, counts: Counts, **cells: Any) -> None:
        """Let whoever looks see how far it is; may happen twice."""
        job = self._run.job
        with self._room.db.begin() as connection:
            store = ExportStore(connection, job.user_id)
            store.change(job.subject, self._room.clock(), counts=counts, **cells)

    def _prepared(self) -> Iterator[pa.RecordBatch]:
        """The rows that were kept for later, under their names outside."""
        schema = self._opened.preparer.schema
        names = [f"c{at}" for at in range(len(schema))]
        for number in range(len(self._staged)):
            path = local_file(self._room, rows_key(self._run.job.subject, number))
            with pq.ParquetFile(path, memory_map=True) as file:
                for batch in file.iter_batches(columns=names):
                    yield pa.RecordBatch.from_arrays(batch.columns, schema=schema)
