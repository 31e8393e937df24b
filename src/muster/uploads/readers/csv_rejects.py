"""Says what is wrong with a row of a CSV file, in words that tell what to do; pure."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from muster.uploads.readers.csv_records import MAX_RECORD_BYTES, CsvCode
from muster.uploads.readers.model import Reject
from muster.uploads.readers.transcode import shown

MAX_ORIGINAL_CHARS = 64 * 1024
_MAX_EXTRA_COLUMNS = 100


@dataclass(slots=True)
class Fault:
    """A record that cannot be used: its bytes from `start` to `end`.

    seen: how many fields were read up to the fault; values: those of a record of the wrong width.
    row, line: counted from 0 at the start of the scan.
    """

    code: CsvCode
    start: int
    end: int
    seen: int
    values: list[bytes]
    bad_byte: int | None = None
    row: int = 0
    line: int = 0

    def moved(self, rows: int, lines: int, offset: int) -> "Fault":
        """The same fault behind so many other records."""
        return replace(
            self,
            start=self.start + offset,
            end=self.end + offset,
            bad_byte=None if self.bad_byte is None else self.bad_byte + offset,
            row=self.row + rows,
            line=self.line + lines,
        )


def reject_of(
    fault: Fault, data: bytes, columns: Sequence[str], *, row: int, line: int, encoding: str, transcoded: bool
) -> Reject:
    """The reject of a fault whose row and line count from `row` and `line`."""
    seen, expected = fault.seen, len(columns)
    column = None
    values = None
    match fault.code:
        case CsvCode.TOO_FEW_COLUMNS:
            reason = (
                f"This row has {_columns(seen)}, {expected} are expected. Add the missing ones, empty if need be; "
                "a value that holds a line break needs quotes around it."
            )
        case CsvCode.TOO_MANY_COLUMNS:
            reason = (
                f"This row has {_columns(seen)}, {expected} are expected. "
                "Put quotes around a value that holds the delimiter."
            )
        case CsvCode.QUOTE_UNCLOSED:
            column = seen
            reason = "A quote is opened and never closed. Close it, or write a quote inside a value twice."
        case CsvCode.QUOTE_TRAILING_TEXT:
            column = seen - 1
            reason = "Text follows a closing quote. Write each quote inside a quoted value twice."
        case CsvCode.ENCODING_INVALID:
            at = (fault.bad_byte or fault.start) - fault.start + 1
            place = "" if transcoded else f", from its byte {at} on"
            reason = f"This row is not {encoding} text{place}. Name the file's encoding, or send it as UTF-8."
        case CsvCode.RECORD_TOO_LONG:
            reason = (
                f"This row is longer than {MAX_RECORD_BYTES // 1024**2} MiB. Shorten it, or check the delimiter "
                "and quotes before it."
            )
    if fault.code in {CsvCode.TOO_FEW_COLUMNS, CsvCode.TOO_MANY_COLUMNS}:
        values = _values(fault.values, columns)
    return Reject(
        row=row + fault.row,
        line=line + fault.line,
        field=columns[column] if column is not None and 0 <= column < expected else None,
        code=fault.code,
        reason=reason,
        values=values,
        original=None if values else _original(data, fault, transcoded),
    )


def _columns(count: int) -> str:
    return "1 column" if count == 1 else f"{count} columns"


def _values(fields: Sequence[bytes], columns: Sequence[str]) -> dict[str, str | None]:
    extra = range(len(columns) + 1, min(len(fields), len(columns) + _MAX_EXTRA_COLUMNS) + 1)
    names = [*columns, *(f"column {number}" for number in extra)]
    return {name: value.decode() or None for name, value in zip(names, fields, strict=False)}


def _original(data: bytes, fault: Fault, transcoded: bool) -> str:
    text = data[fault.start : min(fault.end, fault.start + 4 * MAX_ORIGINAL_CHARS)].rstrip(b"\r\n")
    return shown(text, transcoded=transcoded)[:MAX_ORIGINAL_CHARS]
