"""What became of an upload's records, in three parts, each in input order and as Arrow batches."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

import pyarrow as pa

from muster.accounts.model import Principal
from muster.errors import Conflict
from muster.tables.formats.lines import TEXT
from muster.tables.manifest import load_manifest
from muster.tables.model import ROW_NUMBER, Manifest, TableId
from muster.tables.publish import newest
from muster.tables.scan import scan, scan_window
from muster.uploads.decide import stored_decision
from muster.uploads.model import Upload
from muster.uploads.read import Rejects
from muster.uploads.readers.model import FileFormat
from muster.uploads.reject_groups import ChosenRejects, chosen_rejects
from muster.uploads.reject_rows import REMARKS, VALUE, names_in, reject_batches
from muster.uploads.room import UploadsRoom
from muster.uploads.unprocessed import unprocessed_rows

SPARE = " (2)"
_FIXED_COLUMNS = frozenset({FileFormat.CSV, FileFormat.XLSX, FileFormat.PARQUET})


class Part(StrEnum):
    """accepted: rows of the table; rejected: what was kept aside; unprocessed: what was never looked at."""

    ACCEPTED = "accepted"
    REJECTED = "rejected"
    UNPROCESSED = "unprocessed"


@dataclass(frozen=True, slots=True)
class Rows:
    """Rows to be written. open: their schema and batches, each time anew; only then is anything read.

    count: how many there are, None while nobody knows.
    """

    open: Callable[[], tuple[pa.Schema, Iterator[pa.RecordBatch]]]
    count: int | None


def result_rows(room: UploadsRoom, principal: Principal, upload: Upload, part: Part) -> Rows:
    """One part of the result. upload: one this principal may see.

    Raises Conflict (`table_not_ready`), NotFound, Unavailable; so does `open`, and for the unprocessed rows of a
    file nobody can read it raises Conflict (`file_unreadable`).
    """
    match part:
        case Part.ACCEPTED:
            return accepted_rows(room, principal, upload)
        case Part.REJECTED:
            kept = chosen_rejects(room, principal, upload, None, None)
            return rejected_rows(room, principal, upload, kept)
        case Part.UNPROCESSED:
            return _unprocessed(room, principal, upload)


def accepted_rows(room: UploadsRoom, principal: Principal, upload: Upload) -> Rows:
    """The table as it is now, edits included: its columns under the names people know, then `_row`."""
    manifest = table_of(room, principal, upload)
    schema = _schema([column.name for column in manifest.columns], [ROW_NUMBER])
    physical = [*(column.physical for column in manifest.columns), ROW_NUMBER]

    def open() -> tuple[pa.Schema, Iterator[pa.RecordBatch]]:
        return schema, _named(scan(room.tables, manifest, physical, order="_row"), schema)

    return Rows(open, manifest.visible_rows)


def table_rows(
    room: UploadsRoom, principal: Principal, upload: Upload, window: tuple[int, int] | None
) -> Rows:
    """The records of a file as they are in its table. window: offset and limit, None for all."""
    manifest = table_of(room, principal, upload)
    schema = pa.schema([(column.name, TEXT) for column in manifest.columns])
    physical = [column.physical for column in manifest.columns]

    def open() -> tuple[pa.Schema, Iterator[pa.RecordBatch]]:
        if window is None:
            return schema, _named(scan(room.tables, manifest, physical, order="_row"), schema)
        return schema, _named(scan_window(room.tables, manifest, physical, *window), schema)

    return Rows(open, manifest.visible_rows)


def rejected_rows(
    room: UploadsRoom,
    principal: Principal,
    upload: Upload,
    kept: Rejects | ChosenRejects | None,
    window: tuple[int, int] | None = None,
) -> Rows:
    """What was kept aside with the columns as they were sent, then the remarks; what `retry` takes back.

    kept: `reject_groups.chosen_rejects`. window: offset and limit among them, None for all.
    """
    with room.db.read() as connection:
        decision = stored_decision(connection, principal.user_id, upload.id)
    columns: Sequence[str] = ()
    if decision is not None and decision.layout.format in _FIXED_COLUMNS:
        columns = decision.layout.columns

    def chunks() -> Iterator[bytes]:
        if kept is not None:
            yield from kept.chunks()

    def open() -> tuple[pa.Schema, Iterator[pa.RecordBatch]]:
        # Rows that could not be told apart have no columns, others may have more than the layout says.
        names, has_values = names_in(chunks(), columns)
        schema = _schema(names, [*REMARKS, *([VALUE] if has_values else [])])
        return schema, reject_batches(chunks(), schema, names, window)

    return Rows(open, (0 if kept is None else kept.count) if window is None else window[1])


def _unprocessed(room: UploadsRoom, principal: Principal, upload: Upload) -> Rows:
    def open() -> tuple[pa.Schema, Iterator[pa.RecordBatch]]:
        names, batches = unprocessed_rows(room, principal, upload)
        schema = _schema(names, [ROW_NUMBER, VALUE])
        return schema, _named(batches(), schema)

    return Rows(open, None)


def table_of(room: UploadsRoom, principal: Principal, upload: Upload) -> Manifest:
    """The newest version of its table. Raises Conflict (`table_not_ready`)."""
    with room.db.read() as connection:
        pointer = newest(connection, principal.user_id, TableId(upload.id))
    if pointer is None:
        raise Conflict("The table of this upload is not ready yet.", code="table_not_ready")
    return load_manifest(room.tables, pointer.table_id, pointer.version)


def _schema(names: Sequence[str], ours: Sequence[str]) -> pa.Schema:
    """Their columns, then ours; where the names clash, theirs make way."""
    taken = {*names, *ours}
    shown: list[str] = []
    for name in names:
        while name in ours or name in shown:
            name += SPARE  # noqa: PLW2901
            if name not in taken:
                break
        taken.add(name)
        shown.append(name)
    kinds = {ROW_NUMBER: pa.int64(), "_line": pa.int64()}
    return pa.schema([*((name, TEXT) for name in shown), *((name, kinds.get(name, TEXT)) for name in ours)])


def _named(batches: Iterable[pa.RecordBatch], schema: pa.Schema) -> Iterator[pa.RecordBatch]:
    for batch in batches:
        yield pa.RecordBatch.from_arrays(
            [column.cast(field.type) for column, field in zip(batch.columns, schema, strict=True)],
            schema=schema,
        )
