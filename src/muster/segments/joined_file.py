"""The joined values of one source's rows, worked out once into a file and read beside a scan of the rows."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from muster.errors import StorageFull
from muster.ids import random_text
from muster.segments.base import Base
from muster.segments.groups import Groups
from muster.segments.merge import joined_values
from muster.segments.model import Policy
from muster.segments.patience import of_job
from muster.segments.room import SegmentsRoom
from muster.segments.sources import PLACE_BITS

_SECONDS: Final = 3600.0
_BATCH_ROWS: Final = 16 * 1024


class JoinedFile:
    """Gives batches of rows that come in order their joined values; `close` when done.

    Nothing is worked out where no field of `names` is joined.
    """

    def __init__(self, room: SegmentsRoom, base: Base, position: int, names: Sequence[str]) -> None:
        self._first = base.sources.ranks[position] << PLACE_BITS
        self._numbers: dict[int, str] = {}
        self._path: Path | None = None
        self._left: Iterator[pa.RecordBatch] = iter(())
        self._ahead: list[pa.RecordBatch] = []
        groups = _of_rank(base.groups, base.sources.ranks[position])
        if base.dedupe is None or groups is None:
            return
        policies = {name: base.dedupe.policy(name) for name in names}
        fields = {name: policy for name, policy in policies.items() if policy is not Policy.WINNER}
        if fields:
            self._numbers = {names.index(name): f"v{at}" for at, name in enumerate(fields)}
            sql, tables = joined_values(room, base.sources, groups, fields, of_job())
            self._path = room.reading.tables.engine.scratch / f"joined-{random_text(22)}.parquet"
            self._write(room, sql, tables, self._path)
            self._left = _batches(self._path)

    def _write(self, room: SegmentsRoom, sql: str, tables: dict[str, pa.Table], path: Path) -> None:
        shown = ", ".join(["winner", *self._numbers.values()])
        wanted = f"SELECT {shown} FROM ({sql}) ORDER BY winner"  # noqa: S608
        writer = None
        try:
            with room.reading.queries.stream(wanted, tables, seconds=_SECONDS) as batches:
                for batch in batches:
                    writer = writer or pq.ParquetWriter(path, batch.schema, compression="lz4")
                    writer.write_batch(batch)
        except OSError as error:
            raise StorageFull("There is no room on the disk for joined values. Free some space.") from error
        finally:
            if writer is not None:
                writer.close()

    def over(self, row_ids: pa.Array, values: Sequence[pa.Array]) -> list[pa.Array]:
        """The values of these rows, with the joined ones in their place. row_ids: behind those of the call before."""
        if not self._numbers:
            return list(values)
        places = pc.add(row_ids, self._first)
        joined = self._up_to(places[-1].as_py())
        at = pc.index_in(places, value_set=joined.column("winner").combine_chunks())
        is_joined = at.is_valid()
        return [
            pc.if_else(
                is_joined,
                joined.column(self._numbers[number]).combine_chunks().cast(own.type).take(at),
                own,
            )
            if number in self._numbers
            else own
            for number, own in enumerate(values)
        ]

    def _up_to(self, place: int) -> pa.Table:
        """What is joined for rows up to a place; what lies before the rows asked for is dropped the next time."""
        while not self._ahead or self._ahead[-1].column(0)[-1].as_py() < place:
            batch = next(self._left, None)
            if batch is None:
                break
            self._ahead.append(batch)
        found = pa.Table.from_batches(self._ahead) if self._ahead else self._nothing()
        self._ahead = [batch for batch in self._ahead if batch.column(0)[-1].as_py() > place]
        return found

    def _nothing(self) -> pa.Table:
        text = pa.array([], pa.large_string())
        return pa.table({"winner": pa.array([], pa.int64()), **dict.fromkeys(self._numbers.values(), text)})

    def close(self) -> None:
        self._left = iter(())
        if self._path is not None:
            self._path.unlink(missing_ok=True)


def _batches(path: Path) -> Iterator[pa.RecordBatch]:
    if path.exists():  # no group, no file
        with pq.ParquetFile(path, memory_map=True) as file:
            yield from (batch for batch in file.iter_batches(_BATCH_ROWS) if batch.num_rows)


def _of_rank(groups: Groups | None, rank: int) -> Groups | None:
    """The groups whose winner is a row of this source."""
    if groups is None:
        return None
    mine = groups.places.filter(pc.equal(pc.shift_right(groups.places.column("winner"), PLACE_BITS), rank))
    return Groups((groups.key, rank), mine.combine_chunks(), ()) if mine.num_rows else None
