"""Parquet: row groups of any type to text columns."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

import pyarrow as pa

from muster.uploads.readers.child import Child, Limits
from muster.uploads.readers.csv_head import column_names
from muster.uploads.readers.json_portions import Cuts
from muster.uploads.readers.model import Detected, Guess, Layout, Portion, RawFile
from muster.uploads.readers.parquet_child import TOO_LARGE, Batch, Message, Opened, Request
from muster.uploads.readers.sources import local_path
from muster.uploads.readers.text_portions import TextBatch, collect_portions

_CHILD: Final[Child[Message]] = Child("muster.uploads.readers.parquet_child", Message, TOO_LARGE)  # type: ignore[arg-type]


class ParquetReader:
    """Reads Parquet in a process of its own. No row is ever a reject; there are no lines."""

    def __init__(self, cuts: Cuts | None = None, limits: Limits | None = None) -> None:
        self._cuts = cuts or Cuts()
        self._limits = limits or Limits()

    def portions(
        self, file: RawFile, layout: Layout, position: Mapping[str, Any] | None, scratch: Path
    ) -> Iterator[Portion]:
        """See `Reader`. The layout's columns count when there are as many as in the file."""
        position = position or {"row_group": 0, "end": 0, "row": 0}
        path = local_path(file, layout, scratch)
        request = Request(str(path), position["row_group"], position["end"], False, self._limits)
        with _CHILD.run(request) as messages:
            opened = _first(messages)
            names = layout.columns
            if len(names) != len(opened.names):
                names = column_names(opened.names)
            yield from collect_portions(
                (_text_batch(message) for message in messages if isinstance(message, Batch)),
                names,
                first_row=position["row"],
                file_bytes=file.size_bytes,
                rows_in_file=opened.rows,
                cuts=self._cuts,
            )


def describe(file: RawFile, layout: Layout, limits: Limits | None = None) -> Detected:
    """Columns and first rows. Raises InputError as the reader does."""
    with TemporaryDirectory(prefix="muster-parquet-") as directory:
        path = local_path(file, layout, Path(directory))
        with _CHILD.run(Request(str(path), 0, 0, True, limits or Limits())) as messages:
            opened = _first(messages)
            batch = next((message for message in messages if isinstance(message, Batch)), None)
    columns = column_names(opened.names)
    layout = replace(layout, columns=columns)
    guesses = {"columns": Guess(columns, 1.0, "The file names its columns.")}
    if batch is None:
        return Detected(layout, guesses, (), (), "file_empty", "The Parquet file has no rows.")
    arrays = _text_batch(batch).columns
    rows = tuple(zip(*(array.to_pylist() for array in arrays), strict=True))
    return Detected(layout, guesses, rows)


def _first(messages: Iterator[Message]) -> Opened:
    first = next(messages)
    if not isinstance(first, Opened):
        raise TypeError("the first message says what the file holds")
    return first


def _text_batch(batch: Batch) -> TextBatch:
    with pa.ipc.open_stream(batch.ipc) as reader:
        texts = reader.read_next_batch()
    kinds = [
        {kind: texts.num_rows - column.null_count, "null": column.null_count}
        for kind, column in zip(batch.kinds, texts.columns, strict=True)
    ]
    return TextBatch(texts.columns, kinds, texts.num_rows, {"row_group": batch.row_group, "end": batch.end})
