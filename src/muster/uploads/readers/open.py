"""MAP: which reader reads which format."""

from typing import Final

from muster.uploads.readers.csv import CsvReader
from muster.uploads.readers.excel import ExcelReader
from muster.uploads.readers.json import JsonReader
from muster.uploads.readers.model import FileFormat, Reader
from muster.uploads.readers.ndjson import NdjsonReader
from muster.uploads.readers.parquet import ParquetReader

_READERS: Final[dict[FileFormat, Reader]] = {
    FileFormat.CSV: CsvReader(),
    FileFormat.NDJSON: NdjsonReader(),
    FileFormat.JSON: JsonReader(),
    FileFormat.XLSX: ExcelReader(),
    FileFormat.PARQUET: ParquetReader(),
}


def reader_of(format: FileFormat) -> Reader:
    """The reader of a file format. Batches are no files: see `batch.batch_portions`."""
    return _READERS[format]
