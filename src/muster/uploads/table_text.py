"""Records as CSV and NDJSON text, streamed frame by frame."""

import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence

import msgspec

_FORMULA_START = ("=", "+", "-", "@", "\t", "\r", "\n")
_records = msgspec.json.Decoder(list[dict[str, msgspec.Raw]])
_raws = msgspec.json.Decoder(list[msgspec.Raw])
_text = msgspec.json.Decoder(str)
_LINE_BREAKS = re.compile(rb"[\r\n]+")


def ndjson(records: Iterable[bytes | msgspec.Raw]) -> Iterator[bytes]:
    """One record a line, its bytes as sent; line breaks between its tokens become spaces."""
    for record in records:
        # JSON has no raw line break inside a string, so these stand between tokens.
        yield _LINE_BREAKS.sub(b" ", record) + b"\n"


def ndjson_chunks(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """As `ndjson`, for records separated by commas, a chunk at a time."""
    for chunk in chunks:
        yield b"".join(ndjson(_raws.decode(b"".join((b"[", chunk, b"]")))))


def csv_chunks(chunks: Iterable[bytes], columns: Sequence[str], *, formula_safe: bool) -> Iterator[bytes]:
    """RFC 4180 with a header row: text as it is, numbers as sent, nested values as JSON, null empty.

    chunks: records separated by commas. formula_safe: put an apostrophe before text that a spreadsheet
    would run as a formula (OWASP ASVS 1.2.10); changes the value, so only on demand.
    """
    yield _line(columns, formula_safe)
    for chunk in chunks:
        records = _records.decode(b"".join((b"[", chunk, b"]")))
        yield b"".join(
            _line([_cell(record.get(name)) for name in columns], formula_safe) for record in records
        )


def _cell(value: msgspec.Raw | None) -> str:
    if value is None:
        return ""
    raw = bytes(value)
    if raw.startswith(b'"'):
        return _text.decode(raw)
    return "" if raw == b"null" else raw.decode()


def _line(cells: Sequence[str], formula_safe: bool) -> bytes:
    if formula_safe:
        cells = [
            f"'{cell}" if cell.startswith(_FORMULA_START) and not _is_number(cell) else cell for cell in cells
        ]
    out = io.StringIO()
    csv.writer(out, lineterminator="\r\n").writerow(cells)
    return out.getvalue().encode()


def _is_number(cell: str) -> bool:
    return re.fullmatch(r"[+-]?[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?", cell) is not None
