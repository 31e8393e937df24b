"""Rows as the bytes of a file: formats whose pieces can simply lie one behind the other, and those made in one go."""

from collections.abc import Iterable, Iterator
from typing import Final

import pyarrow as pa

from muster.exports.model import Definition, FileOptions
from muster.tables.formats import csv, ndjson
from muster.tables.formats.write import MEDIA_TYPES, TableFormat, write

PIECED: Final = frozenset({TableFormat.CSV, TableFormat.NDJSON})
"""Formats whose file is a head and then lines: a cut-off export goes on behind the last line that was kept."""

_BYTE_ORDER_MARK: Final = b"\xef\xbb\xbf"


def head(format: TableFormat, schema: pa.Schema, options: FileOptions) -> bytes:
    """What stands before the first line."""
    if format is not TableFormat.CSV:
        return b""
    mark = _BYTE_ORDER_MARK if options.bom else b""
    return mark + csv.header(schema, formula_safe=options.formula_safe)


def lines(format: TableFormat, batch: pa.RecordBatch, options: FileOptions) -> bytes:
    """The lines of some rows; format: one of PIECED."""
    if format is TableFormat.CSV:
        return csv.lines(batch, formula_safe=options.formula_safe)
    return b"".join(ndjson.write(batch.schema, [batch]))


def whole(
    format: TableFormat, schema: pa.Schema, batches: Iterable[pa.RecordBatch], rows: int, options: FileOptions
) -> Iterator[bytes]:
    """A file from its first byte to its last. Raises PayloadTooLarge at once for what no workbook can hold."""
    written = write(format, schema, batches, rows=rows, formula_safe=options.formula_safe)
    return _marked(written) if format is TableFormat.CSV and options.bom else written


def media_type(format: TableFormat) -> str:
    """As a download says it."""
    name = MEDIA_TYPES[format]
    return f"{name}; charset=utf-8; header=present" if format is TableFormat.CSV else name


def file_name(definition: Definition) -> str:
    """What the file is called: the export's name as file systems and shells like it, and the ending of its format."""
    kept = "".join(
        letter if letter.isalnum() or letter in "._" else "-" for letter in definition.name.lower()
    )
    stem = "-".join(part for part in kept.split("-") if part).strip("._-")[:100]
    return f"{stem or 'export'}.{definition.format}"


def _marked(pieces: Iterator[bytes]) -> Iterator[bytes]:
    yield _BYTE_ORDER_MARK
    yield from pieces
