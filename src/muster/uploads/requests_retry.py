"""Corrected rejects as they are sent back: JSON, NDJSON, or the CSV that was downloaded."""

import csv
import io
from collections.abc import Iterator
from typing import Any, Final

import msgspec

from muster.errors import InputError, Issue, UnsupportedMedia
from muster.uploads.readers.json_records import read_record
from muster.uploads.requests import NDJSON_TYPES
from muster.uploads.retry import Corrected
from muster.web.accept import CSV
from muster.web.body import is_json
from muster.web.json_body import decode_json

ROW: Final = "_row"
REMARKS: Final = frozenset({ROW, "_code", "_reason", "_line", "_field", "_value"})
"""Members of a downloaded reject that are about it, not of it."""


class _Rows(msgspec.Struct, forbid_unknown_fields=True):
    rows: list[msgspec.Raw]


def parse_corrected(body: bytes, media_type: str, *, max_rows: int) -> tuple[Corrected, ...]:
    """The corrected rows, each `_row` once. Raises InputError with an issue for each bad one, UnsupportedMedia."""
    if media_type == CSV:
        found = list(_of_csv(body))
    elif media_type in NDJSON_TYPES:
        found = list(_of_texts([line for line in body.split(b"\n") if line.strip()], ""))
    elif is_json(media_type):
        found = list(_of_json(body))
    else:
        raise UnsupportedMedia(
            "Send the corrected rows as `Content-Type: application/json`, `application/x-ndjson` or `text/csv`."
        )
    issues = [each for each in found if isinstance(each, Issue)]
    corrected = [each for each in found if isinstance(each, Corrected)]
    seen: set[int] = set()
    for each in corrected:
        if each.row in seen:
            issues.append(_issue(None, "row_repeated", f"Row {each.row} is sent more than once."))
        seen.add(each.row)
    if not found:
        issues.append(_issue(None, "rows_missing", "Send at least one corrected row."))
    if len(found) > max_rows:
        issues.append(_issue(None, "rows_too_many", f"Send at most {max_rows} rows at a time."))
    if issues:
        raise InputError(issues[0].message, code="rows_invalid", issues=issues)
    return tuple(corrected)


def _of_json(body: bytes) -> Iterator[Corrected | Issue]:
    if body.lstrip()[:1] == b"[":
        yield from _of_texts([bytes(raw) for raw in decode_json(body, list[msgspec.Raw])], "")
    else:
        yield from _of_texts([bytes(raw) for raw in decode_json(body, _Rows).rows], "/rows")


def _of_texts(texts: list[bytes], pointer: str) -> Iterator[Corrected | Issue]:
    for at, text in enumerate(texts):
        record = read_record(text)
        if isinstance(record, dict):
            yield _corrected(_number(record.get(ROW)), record, f"{pointer}/{at}", at)
        else:
            yield _issue(at, "row_malformed", f"Row {at} of what was sent: {record[1]}", f"{pointer}/{at}")


def _of_csv(body: bytes) -> Iterator[Corrected | Issue]:
    try:
        rows = csv.reader(io.StringIO(body.decode("utf-8-sig"), newline=""), strict=True)
        header = next(rows, None)
        if header is None or ROW not in header:
            raise InputError("The first line must name the columns, `_row` among them.", code="rows_invalid")
        place = header.index(ROW)
        for at, row in enumerate(rows):
            if not row:
                continue
            if len(row) != len(header):
                message = f"Line {rows.line_num} has {len(row)} columns, the header has {len(header)}."
                yield _issue(at, "row_malformed", message)
                continue
            # Empty is null, as in any file: a column nobody filled in is none the table must get.
            filled = {name: value for name, value in zip(header, row, strict=True) if value}
            yield _corrected(_number(row[place].encode()), filled, f"/{at}", at)
    except UnicodeDecodeError as error:
        raise InputError("The CSV must be UTF-8.", code="rows_invalid") from error
    except csv.Error as error:
        raise InputError("The CSV is broken; a quote may be missing.", code="rows_invalid") from error


def _number(value: object) -> int | None:
    """What a JSON number or the text of a cell says, when it is a row number."""
    text = bytes(value) if isinstance(value, msgspec.Raw | bytes) else b""
    return int(text) if text.isdigit() and len(text) < 19 else None


def _corrected(row: int | None, record: dict[str, Any], pointer: str, at: int) -> Corrected | Issue:
    if row is None:
        message = "Give `_row`, the number the reject was listed with."
        return _issue(at, "row_number_missing", message, f"{pointer}/{ROW}")
    return Corrected(row, {name: value for name, value in record.items() if name not in REMARKS})


def _issue(row: int | None, code: str, message: str, pointer: str = "") -> Issue:
    return Issue(row, None, pointer, code, message)
