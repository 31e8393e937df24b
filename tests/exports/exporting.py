"""What tests ask of a house: make a table, export it, look at what became of it; and destinations made for tests."""

import json
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, ClassVar

from muster.accounts.model import Principal
from muster.app import prepare
from muster.clock import Clock
from muster.errors import Unavailable
from muster.exports.create import create
from muster.exports.destination import (
    Batch,
    BatchRefused,
    Call,
    DestinationManifest,
    Operation,
    Receipt,
    Refusal,
    RowDestination,
    Takes,
)
from muster.exports.download import open_download
from muster.exports.finish import end_export
from muster.exports.model import Export, Outcome
from muster.exports.outcomes import RowOutcome
from muster.exports.read import get_export, list_outcomes
from muster.exports.requests import parse_export
from muster.exports.run import export_kind
from muster.ids import new_upload_id
from muster.jobs import retry, store
from muster.jobs.model import Job, JobState
from muster.jobs.read import newest_job
from muster.settings import Settings
from muster.tables.edit import CellEdits, edit
from muster.tables.model import Manifest
from muster.uploads.model import Source, Upload, UploadStatus
from muster.uploads.store import UploadStore
from muster.wiring import House, build_house
from tests.support.inline_run import Cut, InlineContext, InlineRun
from tests.tables.making import make_table

Cells = Mapping[str, Sequence[str | None]]


class Inbox(RowDestination):
    """Keeps rows by their key, as a database would; refuses what it is told to refuse.

    bad: values of the first column that spoil a batch; picky: those that are refused row by row. outages: how many
    deliveries from now on find nobody there.
    """

    manifest: ClassVar[DestinationManifest] = DestinationManifest(
        id="inbox", title="Inbox", description="For tests.", takes=Takes.ROWS, batch_rows=4
    )

    def __init__(self) -> None:
        self.rows: dict[str, dict[str, Any]] = {}
        self.batches: list[tuple[str, Operation, int]] = []
        self.bad: set[str] = set()
        self.picky: set[str] = set()
        self.outages = 0
        self.names_rows = False
        self.prepared = 0
        self._lock = threading.Lock()

    def probe(self, call: Call) -> str:
        return "It is there."

    def prepare(self, call: Call) -> None:
        self.prepared += 1

    def deliver(self, batch: Batch, call: Call) -> Receipt:
        with self._lock:
            if self.outages:
                self.outages -= 1
                raise Unavailable("Nobody is there.", code="destination_unavailable")
            rows = batch.rows.to_pylist()
            self.batches.append((batch.id, batch.operation, len(rows)))
            key = next((column.name for column in call.columns if column.is_key), call.columns[0].name)
            spoiled = [at for at, row in enumerate(rows) if row[key] in self.bad]
            if spoiled:
                raise BatchRefused(Refusal("bad_row", "This row is bad."), spoiled if self.names_rows else ())
            refused = {}
            for at, row in enumerate(rows):
                if row[key] in self.picky:
                    refused[at] = Refusal("picky", f"Not {row[key]}.")
                elif batch.operation is Operation.REMOVE:
                    self.rows.pop(row[key], None)
                else:
                    self.rows[row[key]] = row
            return Receipt(refused)


@contextmanager
def opened_house(directory: Path, database_url: str, clock: Clock) -> Iterator[House]:
    """A house on its own data, whose exports may go to `out` in the directory and to loopback."""
    settings = Settings(
        data_dir=directory / "data",
        database_url=database_url,
        engine_memory_bytes=512 * 1024**2,
        export_dir=directory / "out",
        allow_private_addresses=True,
    )
    made = build_house(settings, clock)
    prepare(made)
    yield made
    made.close()


@dataclass
class Exports:
    """Make, carry out and look at exports of one person."""

    house: House
    owner: Principal
    manifests: dict[str, Manifest] = field(default_factory=dict)

    def table(self, *portions: Cells, name: str = "leads", **wishes: Any) -> str:
        """An upload whose table has these rows; its id."""
        upload_id = new_upload_id(datetime.now(UTC))
        rows = sum(len(next(iter(portion.values()))) for portion in portions)
        now = self.house.exports.clock()
        upload = Upload(
            id=upload_id,
            name=name,
            source=Source.FILE,
            status=UploadStatus.READY,
            status_reason=None,
            created_at=now,
            rows_received=rows,
            rows_accepted=rows,
            rows_rejected=0,
            fields=None,
            fields_declared=False,
            size_bytes=0,
            stored_bytes=0,
        )
        with self.house.db.begin() as connection:
            UploadStore(connection, self.owner).add(upload)
        self.manifests[upload_id] = make_table(
            self.house.tables, self.owner, portions, table_id=upload_id, **wishes
        )
        return upload_id

    def edit(self, upload_id: str, cells: Mapping[int, Mapping[str, str | None]]) -> None:
        """Change cells of a table, by row id."""
        reading = self.house.reading
        edit(
            reading, self.owner, upload_id, CellEdits([(row, dict(values)) for row, values in cells.items()])
        )

    def make(self, upload_id: str | None = None, **members: Any) -> Export:
        """Make an export, without its job being done."""
        asked = {**({} if upload_id is None else {"upload_id": upload_id}), **members}
        return create(self.house.exports, self.owner, parse_export(json.dumps(asked).encode()))

    def job(self, export_id: str) -> Job:
        with self.house.db.read() as connection:
            job = newest_job(connection, self.owner.user_id, export_id)
        assert job is not None
        return job

    def carry_out(self, export_id: str, context: InlineContext | None = None) -> Export:
        """Do what a worker would, here and now, and return the export as it is then."""
        run = InlineRun(self.job(export_id), context=context or InlineContext())
        self.run(run)
        return self.get(export_id)

    def run(self, run: InlineRun) -> None:
        """Do the job; what a step raises ends it as the runner would, without waiting."""
        kind = export_kind(self.house.exports)
        try:
            kind.run(run)
        except Cut:
            raise
        except Exception as error:  # noqa: BLE001 - as the runner does
            ending = retry.ending(error)
            with self.house.db.begin() as connection:
                reason = (ending.code, ending.sentence)
                ended = store.finish(connection, run.job.id, ending.state, reason, self.house.exports.clock())
                assert ended is not None
                end_export(connection, ended, ending.state, self.house.exports)
            return
        with self.house.db.begin() as connection:
            store.finish(connection, run.job.id, JobState.DONE, None, self.house.exports.clock())

    def done(self, upload_id: str | None = None, **members: Any) -> Export:
        """Make an export and carry it out."""
        export = self.carry_out(self.make(upload_id, **members).id)
        assert_adds_up(export)
        return export

    def get(self, export_id: str) -> Export:
        return get_export(self.house.exports, self.owner, export_id).export

    def file(self, export: Export) -> bytes:
        """The whole file."""
        found = open_download(self.house.exports, self.owner, export.id)
        return b"".join(found.stream(0, found.file.size_bytes))

    def outcomes(
        self, export: Export, outcome: Outcome | None = None, code: str | None = None
    ) -> list[RowOutcome]:
        page = list_outcomes(self.house.exports, self.owner, export.id, outcome, code, 1000, None)
        assert page.total == len(page.rows)
        return list(page.rows)


def assert_adds_up(export: Export) -> None:
    """rows = written + failed + left out + pending."""
    assert export.rows is not None
    counts = export.counts
    assert export.rows == counts.written + counts.failed + counts.left_out_rows + (export.pending or 0)


def numbered(rows: int, start: int = 0) -> Cells:
    """Rows with an address each, and a few columns more."""
    numbers = range(start, start + rows)
    return {
        "email": [f"person{number}@example.com" for number in numbers],
        "first_name": [f"First {number}" for number in numbers],
        "consent": ["yes" if number % 3 else "no" for number in numbers],
    }
