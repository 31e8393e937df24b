"""Where the values of a row came from, if not from what was sent: which provider said so when, or that it was edited.

A run writes down every cell it filled: Parquet sorted by row id, in row groups small enough that one row is found in
no time. Of each column `i` of `Added.columns`: `p` the number of the provider in `Added.providers`, `c` its confidence, `m` what the
cell cost in millionths, `h` whether the answer was in the cache, `t` when it was given, in Unix milliseconds.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import reduce
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from muster.errors import NotFound
from muster.objects.keys import table_file
from muster.tables.layout import Layout
from muster.tables.model import ROW_ID, Added, Column, TableId, Traces
from muster.tables.portions import portions
from muster.tables.reading import ReadingRoom, whole
from muster.tables.room import TablesRoom
from muster.tables.write import write_parquet

_MEMBERS = {"p": pa.int8(), "c": pa.float32(), "m": pa.int64(), "h": pa.bool_(), "t": pa.int64()}


@dataclass(frozen=True, slots=True)
class Answer:
    """What a value was taken from. confidence: 0 to 1. cost_micros: millionths of the currency prices are in."""

    provider: str
    run_id: str
    at: datetime
    confidence: float
    cost_micros: int
    is_cached: bool


@dataclass(frozen=True, slots=True)
class CellOrigin:
    """Where the value of one cell came from. column: its display name.

    answer: what a provider said; None: a person edited the cell.
    """

    column: str
    answer: Answer | None


def trace_schema(columns: int) -> pa.Schema:
    """What `write_traces` takes, for so many columns."""
    members = ((f"{name}{at}", kind) for at in range(columns) for name, kind in _MEMBERS.items())
    return pa.schema([(ROW_ID, pa.int64()), *members])


def write_traces(
    room: TablesRoom,
    table_id: TableId,
    run_id: str,
    batches: Iterable[pa.RecordBatch],
    columns: int,
    pause: Callable[[], None] = lambda: None,
) -> tuple[Traces, ...]:
    """Write down where the cells that a run filled came from, in bounded memory.

    batches: of `trace_schema(columns)`, row ids ascending, each once. A `p` that is null: not filled by this run; rows
    without any are left out. A `c` that is null: certain.
    pause: called before each file; what it raises ends the work. Raises StorageFull, Unavailable.
    """
    found = []
    filled = (batch.filter(_is_filled(batch, columns)) for batch in batches)
    for number, table in enumerate(portions(filled, trace_schema(columns))):
        pause()
        key = table_file(table_id, run_id, f"traces/part-{number:05d}.parquet")
        write_parquet(room, key, table)
        row_ids = table.column(ROW_ID)
        found.append(Traces(key, row_ids[0].as_py(), row_ids[-1].as_py()))
    return tuple(found)


def _is_filled(batch: pa.RecordBatch, columns: int) -> pa.Array:
    return reduce(pc.or_, (pc.is_valid(batch.column(f"p{at}")) for at in range(columns)))


def cells_of(reading: ReadingRoom, shape: Layout, row_id: int) -> list[CellOrigin]:
    """The cells of a row that hold something else than what was sent, in the order of columns.

    Raises NotFound (`row_not_found`) for a row that is not there or hidden; Unavailable.
    """
    manifest = shape.manifest
    is_hidden = shape.hidden is not None and whole(reading, shape.hidden).row_ids.find(row_id) is not None
    if is_hidden or not 0 <= row_id < manifest.rows:
        raise NotFound("There is no such row in this table.", code="row_not_found")
    overlays = {overlay.column: overlay for overlay in manifest.overlays}
    runs = {added.number: added for added in manifest.added}
    # Later runs fill the cells of a column in its overlay; what made it comes first.
    makers = {physical: added for added in reversed(manifest.added) for physical in added.columns}
    traces: dict[str, dict[str, Any]] = {}
    found = []
    for column in manifest.columns:
        overlay = overlays.get(column.physical)
        cell = None if overlay is None else reading.files.row(overlay.key, row_id)
        if cell is not None and cell.get("run") is None:  # files of before there were runs lack it
            found.append(CellOrigin(column.name, None))
            continue
        added = None
        if cell is not None:
            added = runs.get(cell["run"])
        elif column.group:
            added = makers.get(column.physical)
        if added is not None:
            if added.run_id not in traces:
                traces[added.run_id] = _traced(reading, added, row_id)
            answer = _answer(added, column, traces[added.run_id])
            if answer is not None:
                found.append(CellOrigin(column.name, answer))
    return found


def _traced(reading: ReadingRoom, added: Added, row_id: int) -> dict[str, Any]:
    """What a run wrote down about a row; nothing when it filled none of its cells."""
    for traces in added.traces:
        if traces.first_row_id <= row_id <= traces.last_row_id:
            return reading.files.row(traces.key, row_id) or {}
    return {}


def _answer(added: Added, column: Column, traced: dict[str, Any]) -> Answer | None:
    at = added.columns.index(column.physical)
    provider = traced.get(f"p{at}")
    if provider is None:
        return None
    confidence = traced[f"c{at}"]
    return Answer(
        provider=added.providers[provider],
        run_id=added.run_id,
        at=datetime.fromtimestamp(traced[f"t{at}"] / 1000, UTC),
        confidence=1.0 if confidence is None else round(confidence, 6),
        cost_micros=traced[f"m{at}"] or 0,
        is_cached=bool(traced[f"h{at}"]),
    )
