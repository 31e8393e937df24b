"""Pieces of a JSON file to portions: filled up to a size, and cut so that a table of them stays bounded.

A portion ends where it has enough text or, with very many different keys, enough cells. The position behind
it names the piece that comes next and how many of its records have been used, so that reading on from there
cuts the same pieces.
"""

from bisect import bisect_right
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import pyarrow as pa

from muster.uploads.readers.json_columns import TEXT, Column, columns_of, names_of
from muster.uploads.readers.json_records import Records
from muster.uploads.readers.model import Portion, Reject

PORTION_BYTES: Final = 64 * 1024 * 1024
PIECE_BYTES: Final = 1024 * 1024
MAX_CELLS: Final = 8_000_000
"""Rows times columns of a portion: an Arrow column takes eight bytes for a null, too."""

_SPARSE_ROWS: Final = 512


@dataclass(frozen=True, slots=True)
class Piece:
    """Some consecutive records of a file.

    start: JSON value from which the same piece is read again. size_bytes: of decoded text. done_bytes: of the
    stored file, behind the piece. lines: physical line of each record, None for formats without lines.
    """

    start: Mapping[str, Any]
    records: Records
    size_bytes: int
    done_bytes: int
    lines: Sequence[int] | None = None


@dataclass(frozen=True, slots=True)
class Cuts:
    """Where pieces and portions end; small in tests, so that ends fall everywhere."""

    portion_bytes: int = PORTION_BYTES
    piece_bytes: int = PIECE_BYTES
    max_cells: int = MAX_CELLS


@dataclass(slots=True)
class _Filling:
    """The portion being filled."""

    first_row: int
    received: int = 0
    rows: int = 0
    size_bytes: int = 0
    done_bytes: int = 0
    row_arrays: list[pa.Array] = field(default_factory=list)
    columns: dict[str, list[tuple[int, pa.Array]]] = field(default_factory=dict)
    kinds: dict[str, Counter[str]] = field(default_factory=dict)
    rejects: list[Reject] = field(default_factory=list)
    lines: list[tuple[int, Sequence[int]]] = field(default_factory=list)

    def has_room(self, names: Sequence[str], rows: int, max_cells: int) -> bool:
        width = len(self.columns.keys() | names)
        return width * (self.rows + rows) <= max_cells

    def add(self, records: Records, lines: Sequence[int] | None) -> None:
        base = self.first_row + self.received
        for start in range(0, len(records.good), step := _step(records)):
            good = records.good[start : start + step]
            for column in columns_of(good, may_be_empty=records.may_be_empty):
                self._add_column(column, len(good))
            self.rows += len(good)
        if isinstance(records.indexes, range):
            self.row_arrays.append(pa.arange(base, base + len(records.good)))
        else:
            self.row_arrays.append(pa.array([base + index for index in records.indexes], pa.int64()))
        for bad in records.bad:
            text = None if bad.values else bad.original.decode(errors="backslashreplace")
            line = None if lines is None else lines[bad.index]
            self.rejects.append(Reject(base + bad.index, line, None, bad.code, bad.reason, bad.values, text))
        if lines is not None:
            self.lines.append((base, lines))
        self.received += records.received

    def _add_column(self, column: Column, rows: int) -> None:
        pieces = self.columns.get(column.name)
        if pieces is None:
            pieces = self.columns[column.name] = []
            self.kinds[column.name] = Counter()
        pieces.append((self.rows, column.texts))
        self.kinds[column.name].update(column.kinds)

    def portion(self, position: Mapping[str, Any] | None) -> Portion:
        for kinds in self.kinds.values():
            kinds["missing"] += self.rows - kinds.total()
        # Without columns there are no rows either: a record without values is a reject.
        table = pa.table({name: self._whole(pieces) for name, pieces in self.columns.items()})
        rows = pa.concat_arrays(self.row_arrays) if self.row_arrays else pa.array([], pa.int64())
        return Portion(
            table=table,
            rows=rows,
            rejects=tuple(self.rejects),
            received=self.received,
            first_row=self.first_row,
            position=position,
            done_bytes=self.done_bytes,
            lines_of=_line_finder(self.lines) if self.lines else None,
            kinds={name: dict(+kinds) for name, kinds in self.kinds.items()},
        )

    def _whole(self, pieces: list[tuple[int, pa.Array]]) -> pa.Array:
        arrays: list[pa.Array] = []
        filled = 0
        for start, array in pieces:
            if start > filled:
                arrays.append(pa.nulls(start - filled, TEXT))
            arrays.append(array)
            filled = start + len(array)
        if filled < self.rows:
            arrays.append(pa.nulls(self.rows - filled, TEXT))
        return arrays[0] if len(arrays) == 1 else pa.concat_arrays(arrays)


def fill_portions(
    pieces: Iterator[Piece], *, skip: int, first_row: int, cuts: Cuts, last_done_bytes: int
) -> Iterator[Portion]:
    """Portions of the pieces.

    skip: records of the first piece that an earlier portion used. first_row: index of the first record
    that is not skipped. last_done_bytes: what the last portion says, as the file ends behind it.
    """
    filling = _Filling(first_row)
    for piece in pieces:
        rest, used = piece.records.from_index(skip), skip
        skip = 0
        if filling.size_bytes >= cuts.portion_bytes:
            yield filling.portion(_position(piece, 0, filling))
            filling = _next(filling)
        names = names_of(rest.good)
        while not filling.has_room(names, len(rest.good), cuts.max_cells):
            if filling.received:
                yield filling.portion(_position(piece, used, filling))
                filling = _next(filling)
                continue
            count = _fitting(rest, cuts.max_cells)
            if count >= rest.received:
                break
            lines = piece.lines[used : used + count] if piece.lines is not None else None
            filling.add(rest.up_to(count), lines)
            filling.done_bytes = piece.done_bytes
            rest, used = rest.from_index(count), used + count
            names = names_of(rest.good)
        filling.add(rest, piece.lines[used:] if piece.lines is not None else None)
        filling.size_bytes += piece.size_bytes
        filling.done_bytes = piece.done_bytes
    filling.done_bytes = last_done_bytes
    yield filling.portion(None)


def _next(filled: _Filling) -> _Filling:
    return _Filling(filled.first_row + filled.received, done_bytes=filled.done_bytes)


def _position(piece: Piece, used: int, filling: _Filling) -> dict[str, Any]:
    return {"at": dict(piece.start), "skip": used, "row": filling.first_row + filling.received}


def _fitting(records: Records, max_cells: int) -> int:
    """How many of the records a portion of their own can hold; at least one."""
    count = records.received
    while count > 1:
        some = records.up_to(count).good
        if len(names_of(some)) * len(some) <= max_cells:
            break
        count //= 2
    return max(count, 1)


def _step(records: Records) -> int:
    """Rows turned to columns at once: few when most keys are missing in most records."""
    good = records.good
    if len(good) > _SPARSE_ROWS and len(names_of(good[:_SPARSE_ROWS])) > 8 * len(good[0]):
        return _SPARSE_ROWS
    return max(len(good), 1)


def _line_finder(parts: list[tuple[int, Sequence[int]]]) -> Callable[[Sequence[int]], Sequence[int]]:
    firsts = [first for first, _ in parts]

    def lines_of(rows: Sequence[int]) -> Sequence[int]:
        found = []
        for row in rows:
            first, lines = parts[bisect_right(firsts, row) - 1]
            found.append(lines[row - first])
        return found

    return lines_of
