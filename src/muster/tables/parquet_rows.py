"""Rows straight from Parquet files, by row groups: for windows of tables that have no hot copy yet."""

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import accumulate
from pathlib import Path
from threading import Lock
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from muster.tables.hot import conformed
from muster.tables.model import ROW_ID, Part
from muster.tables.recent import Recent


@dataclass(frozen=True, slots=True)
class _OpenFile:
    file: pq.ParquetFile
    starts: list[int]  # of each row group within the file
    names: frozenset[str]
    turn: Lock = field(default_factory=Lock)  # one reader at a time, the library asks for it


class ParquetFiles:
    """Files with their footers read, the last ones used; thread-safe."""

    def __init__(self, path_of: Callable[[str], Path], *, limit: int = 64) -> None:
        self._path_of = path_of
        self._recent: Recent[str, _OpenFile] = Recent(limit)

    def row_groups(self, parts: Sequence[Part], row_ids: Sequence[int]) -> set[tuple[int, int]]:
        """Which row groups these rows lie in: (number of the part, number of the row group)."""
        firsts = [part.first_row_id for part in parts]
        found = set()
        for row_id in row_ids:
            at = bisect_right(firsts, row_id) - 1
            if 0 <= at < len(parts) and row_id < parts[at].first_row_id + parts[at].rows:
                starts = self._open(parts[at].key).starts
                found.add((at, bisect_right(starts, row_id - firsts[at]) - 1))
        return found

    def read(
        self, parts: Sequence[Part], groups: set[tuple[int, int]], schema: pa.Schema
    ) -> Iterator[tuple[int, pa.RecordBatch]]:
        """The columns of `schema` in each of the row groups, with the id of its first row."""
        for at, number in sorted(groups):
            opened = self._open(parts[at].key)
            present = [ROW_ID, *(name for name in schema.names if name in opened.names)]
            with opened.turn:
                table = opened.file.read_row_group(number, columns=present).combine_chunks()
            first_row_id = parts[at].first_row_id + opened.starts[number]
            yield from ((first_row_id, conformed(batch, schema)) for batch in table.to_batches())

    def row(self, key: str, row_id: int) -> dict[str, Any] | None:
        """One row of a file that is sorted by `_row_id`, its first column, and may lack some; None: it has no such row."""
        opened = self._open(key)
        metadata = opened.file.metadata
        number = bisect_left(
            range(metadata.num_row_groups),
            row_id,
            key=lambda at: metadata.row_group(at).column(0).statistics.max,
        )
        if number == metadata.num_row_groups:
            return None
        with opened.turn:
            table = opened.file.read_row_group(number)
        at = table.column(ROW_ID).index(row_id).as_py()
        found: dict[str, Any] | None = None if at < 0 else table.slice(at, 1).to_pylist()[0]
        return found

    def batches(self, key: str) -> Iterator[pa.RecordBatch]:
        """Everything in one file."""
        with pq.ParquetFile(self._path_of(key), memory_map=True) as file:
            yield from file.iter_batches()

    def forget(self, prefix: str) -> None:
        """Close the files of objects whose keys start with `prefix`."""
        self._recent.forget(lambda key: key.startswith(prefix))

    def _open(self, key: str) -> _OpenFile:
        return self._recent.get(key, lambda: self._read_footer(key))

    def _read_footer(self, key: str) -> _OpenFile:
        file = pq.ParquetFile(self._path_of(key), memory_map=True)
        rows = [file.metadata.row_group(number).num_rows for number in range(file.num_row_groups)]
        return _OpenFile(file, [0, *accumulate(rows)][:-1] or [0], frozenset(file.schema_arrow.names))
