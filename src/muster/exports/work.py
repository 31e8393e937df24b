"""What an export's job works with: its source, what prepares its rows, and the objects it writes, named by the export.

Names depend on the export and the number of the portion alone, so a step that runs twice writes the same name again.
"""

import secrets
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import pyarrow as pa
import pyarrow.parquet as pq

from muster.accounts.model import Principal
from muster.errors import StorageFull
from muster.exports.model import Export
from muster.exports.room import ExportsRoom
from muster.exports.store import ExportStore
from muster.ids import UserId
from muster.objects.keys import export_file

_CHUNK_BYTES: Final = 1024 * 1024


def principal_of(user_id: UserId) -> Principal:
    """Whoever an export is made for, as its job acts."""
    return Principal(user_id, frozenset(), "export")


def load_export(room: ExportsRoom, user_id: UserId, export_id: str) -> Export:
    """Raises NotFound."""
    with room.db.read() as connection:
        return ExportStore(connection, user_id).get(export_id)


def digest_secret(room: ExportsRoom, user_id: UserId) -> bytes:
    """What hashes of this user's rows are keyed with."""
    return bytes.fromhex(room.seal.digest(user_id, "export rows"))


def part_key(export_id: str, number: int) -> str:
    """A part of the file."""
    return export_file(export_id, f"file/{number:06d}")


def work_key(export_id: str, name: str) -> str:
    """Something only the job needs; gone when it is over."""
    return export_file(export_id, f"work/{name}")


def rows_key(export_id: str, number: int) -> str:
    """Prepared rows of one portion."""
    return work_key(export_id, f"rows-{number:06d}.parquet")


def write_rows(room: ExportsRoom, key: str, schema: pa.Schema, batches: Iterable[pa.RecordBatch]) -> int:
    """Store batches as one Parquet file; returns its rows. Raises StorageFull, Unavailable, and what `batches` raises."""
    rows = 0
    with scratch_file(room) as path:
        try:
            with pq.ParquetWriter(path, schema, compression="lz4") as writer:
                for batch in batches:
                    writer.write_batch(batch)
                    rows += batch.num_rows
        except OSError as error:
            raise StorageFull("There is no room on the disk for this export. Free some space.") from error
        room.objects.put(key, chunks(path))
    return rows


def local_file(room: ExportsRoom, key: str) -> Path:
    """A local file with the object, to be read. Raises NotFound, Unavailable, StorageFull."""
    return room.reading.tables.cache.path(key)


@contextmanager
def scratch_file(room: ExportsRoom) -> Iterator[Path]:
    """A path for a new file, gone when the block ends; the engine may write there."""
    directory = room.reading.tables.engine.scratch
    directory.mkdir(parents=True, exist_ok=True)
    path = directory / f"export-{secrets.token_hex(8)}.parquet"
    try:
        yield path
    finally:
        path.unlink(missing_ok=True)


def chunks(path: Path) -> Iterator[bytes]:
    """The file's bytes."""
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK_BYTES):
            yield chunk


def drop_work(room: ExportsRoom, export_id: str, *, file: bool = False) -> int:
    """Delete what only the job needed, and the file's parts too if `file`; returns how many objects went."""
    number = 0
    for name in ("work/", "file/") if file else ("work/",):
        prefix = export_file(export_id, name)
        for found in room.objects.list(prefix):
            room.objects.delete(found.key)
            number += 1
        room.reading.tables.cache.forget(prefix)
    return number
