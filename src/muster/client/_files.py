"""Files as records: JSON arrays, NDJSON and CSV, read piece by piece.

Records of JSON and NDJSON files stay the bytes they are in the file. What is wrong with one record is yielded
as a `BadRecord` in its place, so numbers stay true; what is wrong with the file raises InvalidRequest.
"""

import csv
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
from pathlib import Path
from typing import BinaryIO

import msgspec

from ._encode import BadRecord
from ._errors import InvalidRequest
from ._json_stream import records_in_array

SMALL_FILE_BYTES = 64 * 1024 * 1024
"""Up to here a JSON file is read at once (0.1 µs a record); larger ones are streamed (3 µs a record)."""

_BOM = b"\xef\xbb\xbf"
_DELIMITERS = ",;\t|"
_array = msgspec.json.Decoder(list[msgspec.Raw])
_FORMATS = {".json": "json", ".ndjson": "ndjson", ".jsonl": "ndjson", ".csv": "csv"}


class _Envelope(msgspec.Struct):
    records: msgspec.Raw


_envelope = msgspec.json.Decoder(_Envelope)


class FileRecords:
    """The records of one open file. Iterate once. `bytes_read` says how far into the file that has got."""

    def __init__(self, path: Path, *, small_file_bytes: int = SMALL_FILE_BYTES) -> None:
        self.path = path
        self.format = _format_of(path)
        self.bytes_total = path.stat().st_size
        self._small_file_bytes = small_file_bytes
        self._at_bytes = 0

    @property
    def bytes_read(self) -> int:
        return self._at_bytes

    def __iter__(self) -> Iterator[bytes | dict[str, str] | BadRecord]:
        with self.path.open("rb") as file:
            if self.format == "ndjson":
                yield from self._lines(file)
            elif self.format == "csv":
                yield from self._rows(file)
            else:
                yield from self._elements(file)
            self._at_bytes = self.bytes_total

    def _lines(self, file: BinaryIO) -> Iterator[bytes]:
        for number, line in enumerate(file):
            self._at_bytes += len(line)
            record = (line.removeprefix(_BOM) if number == 0 else line).strip(b" \t\r\n")
            if record:
                yield record

    def _elements(self, file: BinaryIO) -> Iterator[bytes]:
        if self.bytes_total > self._small_file_bytes:
            yield from records_in_array(file, self._progressed, name=self.path.name)
            return
        text = file.read().removeprefix(_BOM)
        try:
            text.decode()
            array = text if text.lstrip(b" \t\r\n").startswith(b"[") else _envelope.decode(text).records
            records = _array.decode(array)
        except UnicodeDecodeError as error:
            raise _unusable(self.path.name, f"is not UTF-8 at byte {error.start}") from error
        except msgspec.ValidationError as error:
            raise _unusable(
                self.path.name, "must hold an array of records, or an object with the array in `records`"
            ) from error
        except (msgspec.DecodeError, RecursionError) as error:
            raise _unusable(self.path.name, f"is not valid JSON: {error}") from error
        for record in records:
            raw = bytes(record)
            self._at_bytes += len(raw) + 1
            yield raw

    def _progressed(self, at_bytes: int) -> None:
        self._at_bytes = at_bytes

    def _rows(self, file: BinaryIO) -> Iterator[dict[str, str] | BadRecord]:
        lines = self._text_lines(file)
        first = next((line for line in lines if line.strip()), "")
        taken: list[str] = []
        rows = csv.reader(_noted(chain([first], lines), taken), delimiter=_delimiter(first), strict=True)
        try:
            header = next(rows)
        except (StopIteration, csv.Error) as error:
            raise _unusable(self.path.name, "has no header row that can be read") from error
        _check_header(header, self.path.name)
        while True:
            taken.clear()
            try:
                row = next(rows)
            except StopIteration:
                return
            except csv.Error as error:
                # The reader starts afresh with the next line, so one bad row costs one row.
                yield BadRecord("row_malformed", f"The row is not CSV: {error}.", _original(taken))
                continue
            if row and len(row) != len(header):
                yield BadRecord(
                    "row_ragged",
                    f"The row has {len(row)} values and the header has {len(header)} columns.",
                    _original(taken),
                )
            elif row:
                yield dict(zip(header, row, strict=True))

    def _text_lines(self, file: BinaryIO) -> Iterator[str]:
        for number, line in enumerate(file):
            raw = line.removeprefix(_BOM) if number == 0 else line
            try:
                text = raw.decode()
            except UnicodeDecodeError as error:
                raise _unusable(
                    self.path.name,
                    f"is not UTF-8 at byte {self._at_bytes + error.start}; save it as UTF-8 first",
                ) from error
            self._at_bytes += len(line)
            yield text


def _format_of(path: Path) -> str:
    try:
        return _FORMATS[path.suffix.lower()]
    except KeyError:
        raise InvalidRequest(
            f"{path.name}: which format is this? Name it .json, .ndjson, .jsonl or .csv.",
            code="file_format_unknown",
        ) from None


def _noted(lines: Iterable[str], taken: list[str]) -> Iterator[str]:
    """Pass lines on, keeping those of the current row: a rejected row is shown as it was."""
    for line in lines:
        taken.append(line)
        yield line


def _original(taken: Sequence[str]) -> bytes:
    return "".join(taken).rstrip("\r\n").encode()


def _delimiter(header_line: str) -> str:
    """The delimiter that cuts the header into most columns; a comma when none does."""
    return max(_DELIMITERS, key=lambda one: len(next(csv.reader([header_line], delimiter=one), [])))


def _check_header(header: Sequence[str], name: str) -> None:
    if not header:
        raise _unusable(name, "has no header row")
    if any(not column.strip() for column in header):
        raise _unusable(name, "has a column without a name in its header row")
    doubled = sorted({column for column in header if header.count(column) > 1})
    if doubled:
        raise _unusable(name, f"names a column twice in its header row: {', '.join(doubled)}")


def _unusable(name: str, reason: str) -> InvalidRequest:
    return InvalidRequest(f"{name} {reason}.", code="file_unusable")
