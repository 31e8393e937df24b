"""What reading tables needs on top of the tables room: queries, hot copies, id vectors; one per process."""

from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock

import pyarrow as pa

from muster.predicates import compile as predicates
from muster.tables.hot import Copy, HotCopies, Source, conformed
from muster.tables.layout import Layout, layout_of
from muster.tables.manifest import load_manifest
from muster.tables.model import Manifest, TableId
from muster.tables.parquet_rows import ParquetFiles
from muster.tables.queries import Queries
from muster.tables.recent import Recent
from muster.tables.room import TablesRoom
from muster.tables.vectors import IdVector, VectorCache

SMALL_CELLS = 3_000_000
"""Rows times columns up to which a copy is made while somebody waits for the first window."""

_TURNS = 64


@dataclass(frozen=True, slots=True)
class ReadingRoom:
    """The tables room and what one process keeps to read tables fast; `close` when done."""

    tables: TablesRoom
    queries: Queries
    copies: HotCopies
    vectors: VectorCache[IdVector]
    files: ParquetFiles
    layouts: Recent[tuple[str, int], Layout] = field(default_factory=lambda: Recent(64))
    turns: tuple[Lock, ...] = field(default_factory=lambda: tuple(Lock() for _ in range(_TURNS)))

    def turn(self, table_id: str) -> Lock:
        """Whoever edits a table in this process holds it: only other processes can then be faster."""
        return self.turns[hash(table_id) % len(self.turns)]

    def close(self) -> None:
        self.vectors.close()
        self.copies.close()
        self.queries.close()


def open_reading(
    room: TablesRoom,
    directory: Path,
    *,
    max_copy_bytes: int = 8 * 1024**3,
    max_vector_bytes: int = 256 * 1024**2,
) -> ReadingRoom:
    """A reading room; nothing is opened yet. directory: where hot copies lie, shared by processes or not."""
    return ReadingRoom(
        tables=room,
        queries=Queries(room.engine),
        copies=HotCopies(directory, max_copy_bytes, room.cache.path),
        vectors=VectorCache(max_vector_bytes),
        files=ParquetFiles(room.cache.path),
    )


def warm_up(reading: ReadingRoom) -> None:
    """Open the engine and the compiler before the first request needs them."""
    predicates.warm_up()
    # The first scan of an Arrow table imports a good part of pyarrow.
    reading.queries.run("SELECT * FROM nothing", {"nothing": pa.table({"_row_id": pa.array([], pa.int64())})})


def load_layout(reading: ReadingRoom, table_id: TableId, version: int) -> Layout:
    """One version of a table. Raises NotFound, Unavailable."""
    return reading.layouts.get(
        (table_id, version), lambda: layout_of(load_manifest(reading.tables, table_id, version))
    )


def layout(reading: ReadingRoom, manifest: Manifest) -> Layout:
    """The layout of a manifest at hand."""
    return reading.layouts.get((manifest.table_id, manifest.version), lambda: layout_of(manifest))


def hot_groups(reading: ReadingRoom, shape: Layout) -> list[Copy] | None:
    """The copies of all column groups if they are there; otherwise they are started.

    Those of a small table are made at once. A table no copy can be made of gives None for ever.
    """
    is_small = shape.cells <= SMALL_CELLS
    found = [reading.copies.get(group) if is_small else reading.copies.ready(group) for group in shape.groups]
    if None not in found:
        return [copy for copy in found if copy is not None]
    for group, copy in zip(shape.groups, found, strict=True):
        if copy is None and not is_small:
            reading.copies.start(group)
    return None


def whole(reading: ReadingRoom, source: Source) -> Copy:
    """A copy of something that every read needs: an overlay, the hidden ids. In memory if it must be.

    Raises NotFound, Unavailable.
    """
    copy = reading.copies.get(source)
    if copy is not None:
        return copy
    batches = [conformed(batch, source.schema) for key in source.keys for batch in reading.files.batches(key)]
    return Copy(pa.Table.from_batches(batches, schema=source.schema))
