"""What became of single rows, kept as Parquet beside the export: one file for each portion that has something to tell.

Rows of a file that are simply in it are told of by the file; rows left out because nothing changed are only counted.
"""

import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import pyarrow as pa
import pyarrow.parquet as pq

from muster.exports.model import Change, Outcome, OutcomePart, Reason
from muster.objects.keys import export_file
from muster.objects.store import ObjectStore, read_whole

MAX_MESSAGE_CHARACTERS: Final = 300

SCHEMA: Final = pa.schema(
    [
        ("position", pa.int64()),  # in the frozen set; null for a row that left
        ("upload_id", pa.string()),
        ("row_id", pa.int64()),
        ("outcome", pa.string()),
        ("code", pa.string()),
        ("message", pa.string()),
        ("column", pa.string()),
        ("change", pa.string()),
        ("digest", pa.string()),  # of failed rows: how they are dismissed
        ("key", pa.string()),  # of failed rows since the last export: how they come again
    ]
)


@dataclass(frozen=True, slots=True)
class RowOutcome:
    """What became of one row."""

    position: int | None
    upload_id: str | None
    row_id: int | None
    outcome: Outcome
    code: str | None = None
    message: str | None = None
    column: str | None = None
    change: Change | None = None
    digest: str | None = None
    key: str | None = None


@dataclass(slots=True)
class OutcomeRows:
    """Outcomes being collected."""

    rows: list[RowOutcome] = field(default_factory=list)

    def add(self, outcome: RowOutcome) -> None:
        self.rows.append(outcome)

    def leave_out(self, batch: pa.RecordBatch, reason: Reason) -> None:
        """Rows of the source, with their `_position`, that were left out."""
        places = zip(
            batch.column("_position").to_pylist(),
            batch.column("_upload_id").to_pylist(),
            batch.column("_row_id").to_pylist(),
            strict=True,
        )
        self.rows.extend(
            RowOutcome(position, upload_id, row_id, Outcome.LEFT_OUT, reason)
            for position, upload_id, row_id in places
        )

    def note(self, batch: pa.RecordBatch, row: int, code: str, column: str) -> None:
        """A cell of a row that leaves without it."""
        self.rows.append(
            RowOutcome(
                batch.column("_position")[row].as_py(),
                batch.column("_upload_id")[row].as_py(),
                batch.column("_row_id")[row].as_py(),
                Outcome.WRITTEN,
                code,
                column=column,
            )
        )

    def extend(self, other: "OutcomeRows") -> None:
        self.rows.extend(other.rows)


def outcomes_key(export_id: str, number: int) -> str:
    """The object of one portion's outcomes."""
    return export_file(export_id, f"outcomes/{number:06d}.parquet")


def keep_outcomes(objects: ObjectStore, export_id: str, number: int, told: OutcomeRows) -> OutcomePart | None:
    """Store what is told of a portion's rows, in their order; None when there is nothing to tell.

    The same rows give the same bytes under the same name, so it may happen twice. Raises StorageFull, Unavailable.
    """
    if not told.rows:
        return None
    rows = sorted(told.rows, key=lambda row: (row.position is None, row.position or 0, row.column or ""))
    columns: dict[str, list[Any]] = {name: [getattr(row, name) for row in rows] for name in SCHEMA.names}
    for name in ("outcome", "code", "change"):
        columns[name] = [None if value is None else str(value) for value in columns[name]]
    sink = io.BytesIO()
    pq.write_table(pa.table(columns, schema=SCHEMA), sink, compression="zstd")
    objects.put(outcomes_key(export_id, number), [sink.getbuffer()])
    counts = [sum(row.outcome is outcome for row in rows) for outcome in Outcome]
    return OutcomePart(number, *counts)


def read_outcomes(objects: ObjectStore, export_id: str, number: int) -> list[RowOutcome]:
    """The rows of one portion that something is told of. Raises NotFound, Unavailable."""
    table = pq.read_table(pa.BufferReader(read_whole(objects, outcomes_key(export_id, number))))
    return [
        RowOutcome(
            **{
                **row,
                "outcome": Outcome(row["outcome"]),
                "change": None if row["change"] is None else Change(row["change"]),
            }
        )
        for row in table.to_pylist()
    ]


def every_outcome(
    objects: ObjectStore, export_id: str, parts: Sequence[OutcomePart], outcome: Outcome | None
) -> Iterator[RowOutcome]:
    """All rows something is told of, in the order of the export; only one kind of them, if that is asked."""
    for part in parts:
        if part.of(outcome):
            for row in read_outcomes(objects, export_id, part.number):
                if outcome is None or row.outcome is outcome:
                    yield row


def shortened(message: str) -> str:
    """What a destination says, as long as anybody reads it."""
    text = " ".join(message.split())
    return text if len(text) <= MAX_MESSAGE_CHARACTERS else text[: MAX_MESSAGE_CHARACTERS - 1] + "\u2026"
