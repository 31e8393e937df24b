"""MAP: the formats a table can be written in.

Each module has `write(schema, batches) -> Iterator[bytes]`: columns of large_string or int64 under their
display names come in, pieces of the file go out, in constant memory.
"""

from collections.abc import Iterable, Iterator
from enum import StrEnum
from typing import Final

import pyarrow as pa

from muster.tables.formats import csv, ndjson, parquet, xlsx


class TableFormat(StrEnum):
    """What a table can be written as; the value is the ending of the file's name."""

    CSV = "csv"
    NDJSON = "ndjson"
    XLSX = "xlsx"
    PARQUET = "parquet"


MEDIA_TYPES: Final = {
    TableFormat.CSV: "text/csv",
    TableFormat.NDJSON: "application/x-ndjson",
    TableFormat.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    TableFormat.PARQUET: "application/vnd.apache.parquet",
}


def write(
    format: TableFormat,
    schema: pa.Schema,
    batches: Iterable[pa.RecordBatch],
    *,
    rows: int | None = None,
    formula_safe: bool = False,
) -> Iterator[bytes]:
    """The file, piece by piece; the first one is asked for when the caller does.

    rows: how many there will be, where that is known. formula_safe: CSV only, see `formulas.py`.
    Raises PayloadTooLarge at once for what no workbook can hold.
    """
    match format:
        case TableFormat.CSV:
            return csv.write(schema, batches, formula_safe=formula_safe)
        case TableFormat.NDJSON:
            return ndjson.write(schema, batches)
        case TableFormat.XLSX:
            xlsx.check_fits(rows or 0, len(schema))
            return xlsx.write(schema, batches)
        case TableFormat.PARQUET:
            return parquet.write(schema, batches)
