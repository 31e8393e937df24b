"""What rules found in a table, kept as columns: a million findings are no million objects."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final, overload

import pyarrow as pa

_WORDS: Final = pa.dictionary(pa.int32(), pa.string())
FINDING_SCHEMA: Final = pa.schema(
    [
        pa.field("index", pa.int64()),
        pa.field("field", _WORDS),
        pa.field("code", _WORDS),
        pa.field("severity", _WORDS),
        pa.field("value", pa.large_string()),
        pa.field("fixed", pa.large_string()),
        pa.field("message", _WORDS),
    ]
)
"""One row a finding; few different words in `field`, `code`, `severity` and `message`."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing a rule says of one row.

    index: of the row in the table that was checked. field: None when the whole record is meant.
    severity: `reject`, `warn` or `fix`. value: what stood there when the rule looked, None for an empty cell.
    fixed: what stands there now, under `fix` only; empty when the cell was emptied.
    """

    index: int
    field: str | None
    code: str
    severity: str
    value: str | None
    fixed: str | None
    message: str


class Findings(Sequence[Finding]):
    """Findings by index; a sequence to look into, or an Arrow table of FINDING_SCHEMA to write."""

    def __init__(self, table: pa.Table) -> None:
        self.table = table

    @classmethod
    def empty(cls) -> "Findings":
        return cls(FINDING_SCHEMA.empty_table())

    @classmethod
    def of(cls, batches: Iterable[pa.RecordBatch]) -> "Findings":
        """These batches of FINDING_SCHEMA, put in order of the index; equal indexes keep their order."""
        table = pa.Table.from_batches(batches, FINDING_SCHEMA)
        if table["index"].num_chunks > 1:
            table = table.take(pa.compute.sort_indices(table, [("index", "ascending")]))
        return cls(table)

    def indexes(self) -> list[int]:
        """The row of each finding."""
        found: list[int] = self.table["index"].to_pylist()
        return found

    def __len__(self) -> int:
        rows: int = self.table.num_rows
        return rows

    @overload
    def __getitem__(self, at: int) -> Finding: ...
    @overload
    def __getitem__(self, at: slice) -> "Findings": ...
    def __getitem__(self, at: int | slice) -> "Finding | Findings":
        if isinstance(at, slice):
            start, stop, step = at.indices(len(self))
            if step != 1:
                raise ValueError("findings are cut in steps of one")
            return Findings(self.table.slice(start, max(0, stop - start)))
        where = range(len(self))[at]
        return Finding(**self.table.slice(where, 1).to_pylist()[0])

    def __iter__(self) -> Any:
        for batch in self.table.to_batches(max_chunksize=4096):
            for row in batch.to_pylist():
                yield Finding(**row)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Findings) and list(self) == list(other)

    __hash__ = None  # type: ignore[assignment]  # a table has no hash


def finding_batch(
    index: pa.Array,
    *,
    field: str | None,
    severity: str,
    codes: pa.Array,
    messages: pa.Array,
    values: pa.Array,
    fixed: pa.Array,
) -> pa.RecordBatch:
    """Findings of one rule. codes and messages are dictionary arrays, the others plain, all of one length."""
    length = len(index)
    return pa.record_batch(
        [index, _same(field, length), codes, _same(severity, length), values, fixed, messages],
        schema=FINDING_SCHEMA,
    )


def _same(word: str | None, length: int) -> pa.Array:
    """The same word `length` times."""
    if word is None:
        return pa.nulls(length, _WORDS)
    return pa.DictionaryArray.from_arrays(pa.repeat(pa.scalar(0, pa.int32()), length), pa.array([word]))
