"""What every row of a table gets from a run, in a file that is read once for each thing made of it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc

from muster.enrichments.model import Plan
from muster.tables.model import ROW_ID
from muster.tables.provenance import trace_schema

_AT_ONCE: Final = 64 * 1024
_OF_STEPS: Final = {"c": pa.float32(), "m": pa.int64(), "h": pa.bool_(), "t": pa.int64()}
"""What a step says of an answer: confidence, cost, whether it was in the cache, when it was asked."""


def filled_schema(targets: int, steps: Sequence[int]) -> pa.Schema:
    """What the file holds of `Waves.filled_sql`."""
    fields = [(ROW_ID, pa.int64())]
    for at in range(targets):
        fields += [(f"f{at}", pa.large_string()), (f"p{at}", pa.int8())]
    for step in steps:
        fields += [(f"{name}{step}", kind) for name, kind in _OF_STEPS.items()]
    return pa.schema(fields)


@dataclass(frozen=True, slots=True)
class Filled:
    """An Arrow file with the columns of `Waves.filled_sql`, by ascending row id."""

    path: Path

    def dense(self, targets: Sequence[int], rows: int) -> Iterator[pa.RecordBatch]:
        """The values of some targets for each of `rows` row ids; of rows that are not in the file there are none."""
        schema = pa.schema([(ROW_ID, pa.int64()), *((f"f{at}", pa.large_string()) for at in targets)])
        next_id = 0
        for batch in self._batches(schema.names):
            first, last = batch.column(0)[0].as_py(), batch.column(0)[-1].as_py()
            yield from _nothing(next_id, first, schema)
            if last - first + 1 == batch.num_rows:
                yield batch
            else:
                every = pa.arange(first, last + 1)
                where = pc.index_in(every, batch.column(0))
                columns = [column.take(where) for column in batch.columns[1:]]
                yield pa.RecordBatch.from_arrays([every, *columns], schema=schema)
            next_id = last + 1
        yield from _nothing(next_id, rows, schema)

    def values(self, target: int) -> Iterator[pa.RecordBatch]:
        """The rows that get a value for one target."""
        for batch in self._batches([ROW_ID, f"f{target}"]):
            some = batch.filter(batch.column(1).is_valid())
            if some.num_rows:
                yield some

    def traces(self, plan: Plan) -> Iterator[pa.RecordBatch]:
        """Where the values of all targets came from."""
        targets = len(plan.targets)
        schema = trace_schema(targets)
        for batch in self._batches(None):
            columns = [batch.column(ROW_ID)]
            for at in range(targets):
                which = batch.column(f"p{at}")
                columns.append(which)
                columns += [
                    _of_step(batch, name, which, schema.field(f"{name}{at}").type) for name in _OF_STEPS
                ]
            yield pa.RecordBatch.from_arrays(columns, schema=schema)

    def _batches(self, names: Sequence[str] | None) -> Iterator[pa.RecordBatch]:
        # Read, not mapped: the pages of a mapped file count as memory of this process for as long as it is open.
        with pa.OSFile(str(self.path)) as source, pa.ipc.open_file(source, options=self._only(names)) as file:
            for at in range(file.num_record_batches):
                batch = file.get_batch(at)
                if batch.num_rows:
                    yield batch if names is None else batch.select(list(names))

    def _only(self, names: Sequence[str] | None) -> pa.ipc.IpcReadOptions:
        if names is None:
            return pa.ipc.IpcReadOptions()
        with pa.OSFile(str(self.path)) as source, pa.ipc.open_file(source) as file:
            return pa.ipc.IpcReadOptions(
                included_fields=[file.schema.get_field_index(name) for name in names]
            )


def _of_step(batch: pa.RecordBatch, name: str, which: pa.Array, kind: pa.DataType) -> pa.Array:
    """Of each row what the step number `which` says."""
    found = pa.nulls(batch.num_rows, kind)
    for step in pc.unique(which.drop_null()).to_pylist():
        found = pc.if_else(pc.fill_null(pc.equal(which, step), False), batch.column(f"{name}{step}"), found)
    return found


def _nothing(first: int, stop: int, schema: pa.Schema) -> Iterator[pa.RecordBatch]:
    for start in range(first, stop, _AT_ONCE):
        ids = pa.arange(start, min(start + _AT_ONCE, stop))
        nulls = [pa.nulls(len(ids), field.type) for field in schema][1:]
        yield pa.RecordBatch.from_arrays([ids, *nulls], schema=schema)
