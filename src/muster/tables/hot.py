"""Hot copies: columns of a table as uncompressed, memory-mapped Arrow files beside the object store.

A row is found in them by arithmetic, and the engine filters them without decompressing. They are made from
Parquet files that never change, so a copy that exists is right, whichever process wrote it: it comes into
being by rename. They may be lost at any time and are then made again; the least recently used ones go first.
"""

import hashlib
import os
import secrets
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from itertools import accumulate
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import structlog

from muster.errors import MusterError
from muster.tables.model import ROW_ID
from muster.tables.sorted_ids import SortedIds

log = structlog.get_logger("muster.tables")

PathOf = Callable[[str], Path]

_CELLS_PER_BATCH = 4 * 1024 * 1024
_MOST_BATCH_ROWS = 64 * 1024
_LEAST_BATCH_ROWS = 2 * 1024
_MOST_ARRAYS = 400_000  # columns x batches: opening a copy reads a description of each
_TOUCH_SECONDS = 60.0
_FAILED_SECONDS = 300.0
_ABANDONED_SECONDS = 3600.0


@dataclass(frozen=True, slots=True)
class Source:
    """What one copy holds: the rows of these Parquet objects one after the other.

    fields: the columns and their Arrow types in the copy; one that an object lacks is null there.
    rows: how many there are in all. name: the same for the same content, in every process.
    """

    table_id: str
    keys: tuple[str, ...]
    fields: tuple[tuple[str, pa.DataType], ...]
    rows: int
    name: str

    @classmethod
    def of(
        cls, table_id: str, keys: Iterable[str], fields: Iterable[tuple[str, pa.DataType]], rows: int
    ) -> "Source":
        keys, fields = tuple(keys), tuple(fields)
        digest = hashlib.sha256()
        for text in (*keys, *(f"{name} {kind}" for name, kind in fields)):
            digest.update(text.encode() + b"\0")
        return cls(table_id, keys, fields, rows, digest.hexdigest()[:40])

    @property
    def schema(self) -> pa.Schema:
        return pa.schema([pa.field(name, kind) for name, kind in self.fields])

    @property
    def batch_rows(self) -> int:
        """Rows of one batch: bounded memory while building, however many columns there are."""
        wanted = _CELLS_PER_BATCH // max(1, len(self.fields))
        return min(_MOST_BATCH_ROWS, max(_LEAST_BATCH_ROWS, wanted))


class Copy:
    """One mapped copy: its table, and ways into it that are made once."""

    def __init__(self, table: pa.Table) -> None:
        self.table = table
        self._chunks: dict[str, list[pa.Array]] = {}
        self._starts: list[int] | None = None
        self._row_ids: SortedIds | None = None

    def chunks(self, name: str) -> list[pa.Array]:
        """The pieces of one column."""
        chunks = self._chunks.get(name)
        if chunks is None:
            chunks = self._chunks[name] = self.table.column(name).chunks
        return chunks

    @property
    def starts(self) -> list[int]:
        """Where each piece starts, the same in every column."""
        if self._starts is None:
            self._starts = [0, *accumulate(map(len, self.chunks(self.table.column_names[0])))][:-1]
        return self._starts

    @property
    def row_ids(self) -> SortedIds:
        """The sorted `_row_id`s of the copy."""
        if self._row_ids is None:
            self._row_ids = SortedIds(self.table.column(ROW_ID))
        return self._row_ids


class HotCopies:
    """The copies of one process, in a directory that processes may share; thread-safe.

    max_bytes: about how much they may take on disk together. path_of: the local file of an object.
    """

    def __init__(self, directory: Path, max_bytes: int, path_of: PathOf) -> None:
        self._directory = Path(directory).absolute()
        self._max_bytes = max_bytes
        self._path_of = path_of
        self._lock = threading.Lock()
        self._open: dict[Path, tuple[Copy, float]] = {}
        self._building: dict[Path, Future[Copy | None]] = {}
        self._failed_at: dict[Path, float] = {}
        self._builder = ThreadPoolExecutor(1, thread_name_prefix="hot-copies")

    def ready(self, source: Source) -> Copy | None:
        """The copy if there is one by now."""
        path = self._path(source)
        now = time.monotonic()
        with self._lock:
            known = self._open.get(path)
            if known is not None and now - known[1] < _TOUCH_SECONDS:
                return known[0]
        if not _touch(path):
            with self._lock:
                self._open.pop(path, None)
            return None
        table = known[0] if known is not None else _mapped(path, source)
        if table is not None:
            with self._lock:
                self._open[path] = (table, now)
        return table

    def get(self, source: Source) -> Copy | None:
        """The copy, made now if there is none; None when it would not fit or the disk takes no more."""
        table = self.ready(source)
        if table is not None:
            return table
        path = self._path(source)
        future, is_ours = self._claim(path)
        if is_ours:
            self._build(source, path, future)
        return future.result()

    def start(self, source: Source) -> None:
        """Make the copy in the background unless it is there or on its way."""
        if self.ready(source) is not None:
            return
        path = self._path(source)
        future, is_ours = self._claim(path)
        if is_ours:
            self._builder.submit(self._build, source, path, future)

    def forget(self, table_id: str) -> None:
        """Remove every copy of a table."""
        directory = self._directory / table_id
        with self._lock:
            for path in [path for path in self._open if path.parent == directory]:
                del self._open[path]
        forget_copies(self._directory, table_id)

    def close(self) -> None:
        """Wait for what is being built; drop what is mapped."""
        self._builder.shutdown(wait=True, cancel_futures=True)
        with self._lock:
            self._open.clear()

    def _path(self, source: Source) -> Path:
        return self._directory / source.table_id / f"{source.name}.arrow"

    def _claim(self, path: Path) -> tuple[Future[Copy | None], bool]:
        """The future of a copy, and whether the caller has to build it."""
        with self._lock:
            failed_at = self._failed_at.get(path)
            if failed_at is not None and time.monotonic() - failed_at < _FAILED_SECONDS:
                nothing: Future[Copy | None] = Future()
                nothing.set_result(None)
                return nothing, False
            known = self._building.get(path)
            if known is not None:
                return known, False
            future: Future[Copy | None] = Future()
            self._building[path] = future
            return future, True

    def _build(self, source: Source, path: Path, future: Future[Copy | None]) -> None:
        table = None
        try:
            table = self._written(source, path)
        except (OSError, pa.ArrowException, MusterError) as error:
            # Pages are served without it, only slower.
            log.warning("table.hot_copy_failed", table_id=source.table_id, error=type(error).__name__)
        finally:
            with self._lock:
                self._building.pop(path, None)
                if table is None:
                    self._failed_at[path] = time.monotonic()
                else:
                    self._failed_at.pop(path, None)
                    self._open[path] = (table, time.monotonic())
            future.set_result(table)

    def _written(self, source: Source, path: Path) -> Copy | None:
        batches = -(-source.rows // source.batch_rows) + len(source.keys)
        if batches * len(source.fields) > _MOST_ARRAYS:
            return None
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary = path.with_name(f".{secrets.token_hex(8)}.tmp")
        try:
            with temporary.open("xb") as file:
                if not self._write(source, file):
                    return None
                file.flush()
                os.fsync(file.fileno())  # a rename that outlives its bytes would be taken for a copy
            self._make_room(temporary.stat().st_size)
            temporary.rename(path)
        finally:
            temporary.unlink(missing_ok=True)
        return _mapped(path, source)

    def _write(self, source: Source, file: object) -> bool:
        """Whether it fitted."""
        with pa.ipc.new_file(file, source.schema) as writer:
            for batch in _batches(source, self._path_of):
                writer.write_batch(batch)
                if file.tell() > self._max_bytes:  # type: ignore[attr-defined]
                    return False
        return True

    def _make_room(self, size_bytes: int) -> None:
        """Remove the copies used longest ago until `size_bytes` more fit, and what crashes left."""
        for path in self._directory.glob("*/.*.tmp"):
            with suppress(FileNotFoundError):
                if time.time() - path.stat().st_mtime > _ABANDONED_SECONDS:
                    path.unlink()
        found = sorted(_files(self._directory))
        total = sum(size for _, size, _ in found) + size_bytes
        for _, size, path in found:
            if total <= self._max_bytes:
                break
            path.unlink(missing_ok=True)  # who has it mapped keeps its bytes
            total -= size
        with self._lock:
            for path in [path for path in self._open if not path.exists()]:
                del self._open[path]


def forget_copies(directory: Path, table_id: str) -> None:
    """Remove every copy of a table, whichever process made it; none is no mistake."""
    with suppress(FileNotFoundError):
        for path in list((directory / table_id).iterdir()):
            path.unlink(missing_ok=True)
        with suppress(OSError):  # somebody builds into it again
            (directory / table_id).rmdir()


def copied_tables(directory: Path) -> list[str]:
    """The tables that have copies."""
    with suppress(FileNotFoundError):
        return sorted(path.name for path in directory.iterdir() if path.is_dir())
    return []


def _touch(path: Path) -> bool:
    """Mark as used now; False when it is not there."""
    try:
        os.utime(path)
    except FileNotFoundError:
        return False
    return True


def _mapped(path: Path, source: Source) -> Copy | None:
    """The copy, memory-mapped; None when it is not there or is damaged, which makes it be built again."""
    try:
        with pa.memory_map(str(path)) as file:
            table = pa.ipc.open_file(file).read_all()
    except FileNotFoundError:
        return None
    except (OSError, pa.ArrowException):
        path.unlink(missing_ok=True)
        return None
    if table.num_rows != source.rows:
        path.unlink(missing_ok=True)
        return None
    return Copy(table)


def _batches(source: Source, path_of: PathOf) -> Iterator[pa.RecordBatch]:
    schema = source.schema
    for key in source.keys:
        with pq.ParquetFile(path_of(key), memory_map=True) as file:
            there = set(file.schema_arrow.names)
            present = [name for name in schema.names if name in there]
            for batch in file.iter_batches(source.batch_rows, columns=present):
                yield conformed(batch, schema)


def conformed(batch: pa.RecordBatch, schema: pa.Schema) -> pa.RecordBatch:
    """The columns of `schema` in its order and types; null where the batch lacks one."""
    there = {name: at for at, name in enumerate(batch.schema.names)}
    arrays = [
        batch.column(there[field.name]).cast(field.type)
        if field.name in there
        else pa.nulls(batch.num_rows, field.type)
        for field in schema
    ]
    return pa.RecordBatch.from_arrays(arrays, schema=schema)


def _files(directory: Path) -> Sequence[tuple[float, int, Path]]:
    """When each copy was used last, its bytes, its path."""
    found = []
    for path in directory.glob("*/*.arrow"):
        with suppress(FileNotFoundError):
            status = path.stat()
            found.append((status.st_mtime, status.st_size, path))
    return found
