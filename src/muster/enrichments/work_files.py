"""What a run writes while it works: beside the table it works on, under its own id, so a step that runs twice
writes the same names again, and what is left behind is swept with the table's other leftovers."""

import secrets
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import pyarrow as pa
import pyarrow.parquet as pq

from muster.errors import StorageFull
from muster.objects.keys import table_file
from muster.objects.store import read_whole
from muster.tables.room import TablesRoom
from muster.tables.write import ROW_GROUP_ROWS

_CHUNK_BYTES: Final = 1024 * 1024


class WorkFiles:
    """The files of one run."""

    def __init__(self, room: TablesRoom, table_id: str, run_id: str) -> None:
        self._room = room
        self._table_id = table_id
        self._run_id = run_id

    def key(self, name: str) -> str:
        return table_file(self._table_id, self._run_id, name)

    def inputs(self, step: int) -> str:
        """The different inputs of a step."""
        return self.key(f"inputs-{step:02d}.parquet")

    def answers(self, step: int, offset: int) -> str:
        """What became of the inputs of a step from number `offset` on."""
        return self.key(f"answers-{step:02d}/from-{offset:010d}.parquet")

    def path(self, key: str) -> Path:
        """A local file with the object. Raises NotFound, Unavailable, StorageFull."""
        return self._room.cache.path(key)

    def relation(self, keys: Iterable[str]) -> str:
        """These files as something a query can select from."""
        listed = ", ".join("'" + str(self.path(key)).replace("'", "''") + "'" for key in keys)
        return f"read_parquet([{listed}])"

    def write(self, key: str, schema: pa.Schema, batches: Iterable[pa.RecordBatch]) -> int:
        """Store batches as one Parquet file, durably; returns the number of rows. Raises StorageFull, Unavailable."""
        rows = 0
        with self.scratch() as path:
            try:
                with pq.ParquetWriter(path, schema, compression="lz4") as writer:
                    for batch in batches:
                        writer.write_batch(batch.cast(schema), row_group_size=ROW_GROUP_ROWS)
                        rows += batch.num_rows
            except OSError as error:
                raise StorageFull("There is no room on the disk for this run. Free some space.") from error
            self._room.objects.put(key, _chunks(path))
        return rows

    def put(self, key: str, content: bytes) -> None:
        """Store a small object, durably."""
        self._room.objects.put(key, [content])

    def get(self, key: str) -> bytes:
        """Raises NotFound, Unavailable."""
        return read_whole(self._room.objects, key)

    def slice(self, key: str, offset: int, rows: int) -> pa.Table:
        """Some rows of a file, by the row groups they lie in."""
        with pq.ParquetFile(self.path(key), memory_map=True) as file:
            first, start, groups = None, 0, []
            for at in range(file.num_row_groups):
                stop = start + file.metadata.row_group(at).num_rows
                if start < offset + rows and stop > offset:
                    first = start if first is None else first
                    groups.append(at)
                start = stop
            if first is None:
                return file.schema_arrow.empty_table()
            return file.read_row_groups(groups).slice(offset - first, rows)

    @contextmanager
    def scratch(self) -> Iterator[Path]:
        """A file of this machine, gone when the block ends."""
        directory = self._room.engine.scratch
        directory.mkdir(parents=True, exist_ok=True)
        path = directory / f"enrichment-{secrets.token_hex(8)}"
        try:
            yield path
        finally:
            path.unlink(missing_ok=True)


def _chunks(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK_BYTES):
            yield chunk
