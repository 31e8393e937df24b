"""The process that opens a Parquet file; see `child.py`. Sends text columns as Arrow IPC."""

import sys
from collections.abc import Iterator
from typing import Final

import msgspec
import pyarrow as pa
import pyarrow.parquet as pq

from muster.uploads.readers.child import MIB, Failed, Limits, answer
from muster.uploads.readers.parquet_text import kind_of, texts_of

BATCH_BYTES: Final = 8 * MIB
MAX_BATCH_CELLS: Final = 500_000
SAMPLE_ROWS: Final = 50
_MAX_BATCH_ROWS: Final = 50_000
_BOMB_CELLS: Final = 100_000_000
_BOMB_CELLS_A_BYTE: Final = 200

_DAMAGED: Final = Failed(
    "file_damaged", "The Parquet file is damaged or cut off. Write it again and send it again."
)
_ENCRYPTED: Final = Failed("file_encrypted", "The Parquet file is encrypted. Send it without encryption.")
_BOMB: Final = Failed(
    "file_bomb", "The Parquet file holds far more values than its size allows, so it was not read."
)
_NO_COLUMNS: Final = Failed("file_empty", "The Parquet file has no columns; send another one.")
TOO_LARGE: Final = Failed(
    "row_group_too_large",
    "One row group of the Parquet file takes more memory than allowed, or the file is damaged. "
    "Write it with smaller row groups and send it again.",
)


class Request(msgspec.Struct, frozen=True):
    """What to read: from row `skip` of row group `row_group` on; is_sample: the first batch only, of few rows."""

    path: str
    row_group: int
    skip: int
    is_sample: bool
    limits: Limits


class Opened(msgspec.Struct, frozen=True, tag="opened"):
    """The first message: names as in the file, and rows in all."""

    names: list[str]
    rows: int


class Batch(msgspec.Struct, frozen=True, tag="batch"):
    """Some rows as an IPC stream of large_string columns `0`, `1` ...; `end` is how many of its group are done."""

    row_group: int
    end: int
    ipc: bytes
    kinds: list[str]


Message = Opened | Batch


def _answer(request: Request) -> Iterator[Opened | Batch | Failed]:
    try:
        yield from _read(request)
    except (MemoryError, pa.ArrowMemoryError):
        yield TOO_LARGE
    except (pa.ArrowException, OSError, UnicodeDecodeError) as error:
        yield _ENCRYPTED if "encrypt" in str(error).lower() else _DAMAGED


def _read(request: Request) -> Iterator[Opened | Batch | Failed]:
    with open(request.path, "rb") as source:
        magic = source.read(4)
        source.seek(0, 2)
        size = source.tell()
    if magic == b"PARE":
        yield _ENCRYPTED
        return
    with pq.ParquetFile(request.path, pre_buffer=False, page_checksum_verification=True) as file:
        schema = file.schema_arrow
        metadata = file.metadata
        if not schema.names:
            yield _NO_COLUMNS
            return
        cells = metadata.num_rows * metadata.num_columns
        if cells > _BOMB_CELLS and cells > _BOMB_CELLS_A_BYTE * size:
            yield _BOMB
            return
        yield Opened(list(schema.names), metadata.num_rows)
        for number in range(request.row_group, metadata.num_row_groups):
            skip = request.skip if number == request.row_group else 0
            for batch in _batches(file, number, skip, SAMPLE_ROWS if request.is_sample else _MAX_BATCH_ROWS):
                yield batch
                if request.is_sample:
                    return


def _batches(file: pq.ParquetFile, number: int, skip: int, most: int) -> Iterator[Batch]:
    group = file.metadata.row_group(number)
    width = len(file.schema_arrow.names)
    row_bytes = max(group.total_byte_size // max(group.num_rows, 1), 1)
    at_once = max(min(BATCH_BYTES // row_bytes, MAX_BATCH_CELLS // width, most), 1)
    end = 0
    for batch in file.iter_batches(batch_size=at_once, row_groups=[number], use_threads=False):
        end += batch.num_rows
        if end <= skip:
            continue
        rest = batch.slice(max(skip - (end - batch.num_rows), 0))
        columns = [texts_of(column) for column in rest.columns]
        kinds = [kind_of(column.type) for column in rest.columns]
        texts = pa.record_batch(columns, names=[str(index) for index in range(len(columns))])
        sink = pa.BufferOutputStream()
        with pa.ipc.new_stream(sink, texts.schema) as writer:
            writer.write_batch(texts)
        yield Batch(number, end, sink.getvalue().to_pybytes(), kinds)


if __name__ == "__main__":
    pa.set_memory_pool(pa.system_memory_pool())
    asked = msgspec.json.decode(sys.argv[1], type=Request)
    answer(asked.limits, _answer(asked))
