"""Batches of text columns, all with the same columns, to portions."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from muster.uploads.readers.json_columns import TEXT
from muster.uploads.readers.json_portions import Cuts
from muster.uploads.readers.model import Portion


@dataclass(frozen=True, slots=True)
class TextBatch:
    """Some rows. columns: as many as there are, names may be more. next: where the file goes on behind it.

    lines: physical row of each row, None for formats without.
    """

    columns: Sequence[pa.Array]
    kinds: Sequence[Mapping[str, int]]
    rows: int
    next: Mapping[str, Any]
    lines: Sequence[int] | None = None


def collect_portions(
    batches: Iterator[TextBatch],
    names: Sequence[str],
    *,
    first_row: int,
    file_bytes: int,
    rows_in_file: int | None,
    cuts: Cuts,
) -> Iterator[Portion]:
    """Portions of whole batches; the last one has no position.

    Positions are those of the batches, and `row`. rows_in_file: to tell how much of the file is done.
    """
    held: list[TextBatch] = []
    size = 0
    for batch in batches:
        if held and size >= cuts.portion_bytes:
            count = sum(each.rows for each in held)
            position = {**held[-1].next, "row": first_row + count}
            done = file_bytes * (first_row + count) // rows_in_file if rows_in_file else 0
            yield _portion(held, names, first_row, position, min(done, file_bytes))
            first_row += count
            held, size = [], 0
        held.append(batch)
        size += sum(column.nbytes for column in batch.columns)
    yield _portion(held, names, first_row, None, file_bytes)


def _portion(
    batches: Sequence[TextBatch],
    names: Sequence[str],
    first_row: int,
    position: Mapping[str, Any] | None,
    done_bytes: int,
) -> Portion:
    count = sum(batch.rows for batch in batches)
    width = len(batches[0].columns) if batches else 0
    columns: dict[str, pa.Array] = {}
    kinds: dict[str, dict[str, int]] = {}
    for index, name in enumerate(names):
        if index < width:
            columns[name] = pa.concat_arrays([batch.columns[index] for batch in batches])
            total: Counter[str] = Counter()
            for batch in batches:
                total.update(batch.kinds[index])
            kinds[name] = dict(+total)
        else:
            columns[name] = pa.nulls(count, TEXT)
            kinds[name] = {"missing": count}
    lines = [line for batch in batches if batch.lines is not None for line in batch.lines]
    return Portion(
        table=pa.table(columns),
        rows=pa.arange(first_row, first_row + count),
        rejects=(),
        received=count,
        first_row=first_row,
        position=position,
        done_bytes=done_bytes,
        lines_of=(lambda rows: [lines[row - first_row] for row in rows]) if lines else None,
        kinds=kinds,
    )
