"""Stored rejects as Arrow batches: the columns as they were sent, then what is wrong with each row."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Any, Final

import msgspec
import pyarrow as pa

REMARKS: Final = ("_row", "_line", "_field", "_code", "_reason")
VALUE: Final = "_value"
"""The text of a record whose columns could not be told apart."""
_BATCH_ROWS: Final = 4096
_BATCH_CELLS: Final = 1_000_000


class StoredReject(msgspec.Struct):
    """One reject as it is kept (tables/rejects.py)."""

    row: int
    code: str
    reason: str
    line_number: int | None = None
    field: str | None = None
    record: msgspec.Raw = msgspec.Raw(b"")
    line: str | None = None


_rejects = msgspec.json.Decoder(list[StoredReject])
_record = msgspec.json.Decoder(dict[str, msgspec.Raw])
_text = msgspec.json.Decoder(str)


def names_in(chunks: Iterable[bytes], names: Sequence[str]) -> tuple[list[str], bool]:
    """`names` and the columns these rejects have beside them; whether any has no columns at all.

    chunks: stored rejects separated by commas.
    """
    found = dict.fromkeys(names)
    has_values = False
    for reject in _read(chunks):
        record = bytes(reject.record)
        if record.startswith(b"{"):
            found.update(dict.fromkeys(_record.decode(record)))
        else:
            has_values = True
    return list(found), has_values


def reject_batches(
    chunks: Iterable[bytes], schema: pa.Schema, names: Sequence[str], window: tuple[int, int] | None = None
) -> Iterator[pa.RecordBatch]:
    """The rejects in their order. schema: a column for each of `names`, then REMARKS, then perhaps VALUE."""
    rejects: Iterator[StoredReject] = _read(chunks)
    if window is not None:
        rejects = islice(rejects, window[0], window[0] + window[1])
    at_once = max(1, min(_BATCH_ROWS, _BATCH_CELLS // len(schema)))
    while held := list(islice(rejects, at_once)):
        rows = [_cells(reject, names, len(schema)) for reject in held]
        columns = zip(*rows, strict=True)
        arrays = [pa.array(column, field.type) for column, field in zip(columns, schema, strict=True)]
        yield pa.RecordBatch.from_arrays(arrays, schema=schema)


def _read(chunks: Iterable[bytes]) -> Iterator[StoredReject]:
    for chunk in chunks:
        yield from _rejects.decode(b"".join((b"[", chunk, b"]")))


def _cells(reject: StoredReject, names: Sequence[str], width: int) -> list[Any]:
    raw = bytes(reject.record)
    is_object = raw.startswith(b"{")
    record = _record.decode(raw) if is_object else {}
    cells: list[Any] = [text_of(record.get(name)) for name in names]
    cells += [reject.row, reject.line_number, reject.field, reject.code, reject.reason]
    if len(cells) < width:
        cells.append(None if is_object else (reject.line if reject.line is not None else raw.decode()))
    return cells


def text_of(value: msgspec.Raw | None) -> str | None:
    """One value as text: text as it is, numbers as sent, nested values as JSON, null as nothing."""
    if value is None:
        return None
    raw = bytes(value)
    if raw.startswith(b'"'):
        return _text.decode(raw)
    return None if raw == b"null" else raw.decode()
