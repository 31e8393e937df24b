"""The records that did not become rows, kept as framed JSON with their reasons (objects/frames.py)."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any, Protocol

import msgspec

from muster.objects.frames import frame_chunks, read_index, stream_frames
from muster.objects.store import ObjectStore
from muster.records.chunks import join_records
from muster.tables.room import TablesRoom


class RejectedRow(Protocol):
    """A record that cannot be used, as readers and rules give it.

    row: its index in what was sent. line: where it starts in the file, 1-based. values: its columns where
    they could be told apart; original: its text as received where they could not.
    """

    @property
    def row(self) -> int: ...
    @property
    def line(self) -> int | None: ...
    @property
    def field(self) -> str | None: ...
    @property
    def code(self) -> str: ...
    @property
    def reason(self) -> str: ...
    @property
    def values(self) -> Mapping[str, str | None] | None: ...
    @property
    def original(self) -> str | None: ...


def write_rejects(room: TablesRoom, key: str, rejects: Iterable[RejectedRow]) -> int:
    """Store rejects in the order given; returns how many. Raises StorageFull, Unavailable."""
    counted = _Counted(reject_json(reject) for reject in rejects)
    room.objects.put(key, stream_frames(join_records(counted)))
    return counted.count


def pack_rejects(rejects: Iterable[RejectedRow]) -> Sequence[bytes]:
    """The pieces of the object that `write_rejects` would store; compressed, they take little room."""
    return list(stream_frames(join_records(reject_json(reject) for reject in rejects)))


def concatenate(room: TablesRoom, keys: Sequence[str], target: str) -> int:
    """Join files of rejects into one, in the order of `keys`, a frame at a time; returns how many they are.

    Raises NotFound when one is missing, Unavailable when one is damaged.
    """
    counts: list[int] = []
    room.objects.put(target, stream_frames(_frames(room.objects, keys, counts)))
    return sum(counts)


def reject_json(reject: RejectedRow) -> bytes:
    """`{"row", "code", "reason"}`, `"line_number"` and `"field"` where known, then `"record"` or `"line"`."""
    members: dict[str, Any] = {"row": reject.row, "code": str(reject.code), "reason": reject.reason}
    if reject.line is not None:
        members["line_number"] = reject.line
    if reject.field is not None:
        members["field"] = reject.field
    if reject.values is not None:
        members["record"] = reject.values
    else:
        members["line"] = reject.original or ""
    return msgspec.json.encode(members)


class _Counted(Iterator[bytes]):
    def __init__(self, values: Iterator[bytes]) -> None:
        self._values = values
        self.count = 0

    def __next__(self) -> bytes:
        value = next(self._values)
        self.count += 1
        return value


def _frames(store: ObjectStore, keys: Sequence[str], counts: list[int]) -> Iterator[tuple[bytes, int]]:
    for key in keys:
        index = read_index(store, key)
        rows = [stop - start for start, stop in pairwise(index.first_rows)]
        counts.append(index.records)
        yield from zip(frame_chunks(store, key, index), rows, strict=False)
