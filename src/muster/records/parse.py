"""Bytes of a batch in, a value that cannot be wrong out."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import msgspec

from muster.errors import InputError, Issue
from muster.records.chunks import Checked, Chunk, RejectedRecord, check_array, check_lines
from muster.records.envelope import Envelope, open_read, open_unread, refusal
from muster.records.issues import BatchCode, member_issue
from muster.records.syntax import MAX_DEPTH, TooDeep, invalid_utf8_at, too_deep_at

MAX_NAME_CHARACTERS = 100
_BOM = b"\xef\xbb\xbf"
_Taken = tuple[list[Chunk], list[RejectedRecord], int]


class OnInvalid(StrEnum):
    """What to do with a batch that holds bad records."""

    REJECT = "reject"
    SKIP = "skip"


@dataclass(frozen=True, slots=True)
class BatchQuery:
    """What the query string may say, where the body cannot (bare array, NDJSON) or does not."""

    upload_name: str | None = None
    fields: tuple[str, ...] | None = None
    on_invalid: str | None = None


@dataclass(frozen=True, slots=True)
class ParsedBatch:
    """A checked batch. rows_received = rows_accepted + len(rejected), always.

    chunks: the accepted records in input order. rejected: empty unless on_invalid is SKIP or all were to be kept.
    size_bytes: the decoded body.
    """

    upload_name: str
    fields: tuple[str, ...] | None
    on_invalid: OnInvalid
    chunks: tuple[Chunk, ...]
    rejected: tuple[RejectedRecord, ...]
    rows_received: int
    size_bytes: int

    @property
    def rows_accepted(self) -> int:
        return self.rows_received - len(self.rejected)


def parse_batch(
    body: bytes, *, max_records: int, query: BatchQuery, ndjson: bool = False, keep_all: bool = False
) -> ParsedBatch:
    """Check every record of a batch and keep each one's exact bytes.

    body: the decoded (uncompressed) request body: an object with `records`, a bare array of records, or,
    with `ndjson`, one record a line. `query` fills in what the body does not say.
    Raises InputError with an issue for every member and record that is wrong (rows count from 0 as sent;
    the first 100 issues, all counted); bad records are no error under `on_invalid=skip`, nor with
    `keep_all`, which serves reports.
    Pure and deterministic. Source of the rules: API.md, section 3 (docs/api/batch-upload.md).
    """
    body = body.removeprefix(_BOM)
    if not body or body.isspace():
        raise refusal(BatchCode.EMPTY_BODY)
    members = _query_members(query)
    try:
        if ndjson:
            chunks, rejected, received = _take(check_lines(body), max_records)
            records_problems = list(_count_problems(received, max_records))
        else:
            envelope, (chunks, rejected, received) = _take_json(body, max_records)
            members |= envelope.members
            records_problems = (
                [member_issue("records", envelope.records)]
                if isinstance(envelope.records, BatchCode)
                else list(_count_problems(received, max_records))
            )
    except TooDeep as error:
        raise _too_deep(body) from error
    name, fields, on_invalid, problems = _typed(members)
    problems += records_problems
    if problems or (rejected and on_invalid is OnInvalid.REJECT and not keep_all):
        raise _report(problems, rejected, received)
    return ParsedBatch(name, fields, on_invalid, tuple(chunks), tuple(rejected), received, len(body))


def name_problem(name: str) -> Issue | None:
    """What is wrong with an upload's name: it has 1 to 100 characters (code points) and no NUL."""
    if not name:
        return member_issue("upload_name", BatchCode.NAME_EMPTY)
    if len(name) > MAX_NAME_CHARACTERS:
        return member_issue(
            "upload_name",
            BatchCode.NAME_TOO_LONG,
            f"The upload's name has {len(name)} characters; the limit is {MAX_NAME_CHARACTERS}.",
        )
    if "\x00" in name:  # PostgreSQL cannot store it
        return member_issue("upload_name", BatchCode.NAME_NUL)
    return None


def _take(pieces: Iterator[Checked], max_records: int) -> _Taken:
    """Accepted and rejected records of all pieces, and how many came; over the limit they are only counted."""
    chunks: list[Chunk] = []
    rejected: list[RejectedRecord] = []
    received = 0
    for piece in pieces:
        received += piece.received
        if received <= max_records:
            rejected.extend(piece.rejected)
            if piece.accepted.records:
                chunks.append(piece.accepted)
    return chunks, rejected, received


def _take_json(body: bytes, max_records: int) -> tuple[Envelope, _Taken]:
    """The envelope of a JSON body, and its records checked."""
    position = invalid_utf8_at(body)
    if position is not None:
        raise refusal(BatchCode.INVALID_UTF8, f"The body is not UTF-8 at byte {position}.")
    taken = _take_unread(body, max_records)
    if taken is None:
        envelope = open_read(body)
        return envelope, _take(_pieces(envelope), max_records)
    return taken


def _take_unread(body: bytes, max_records: int) -> tuple[Envelope, _Taken] | None:
    """As `_take_json` in one reading; None when the body has to be read as a whole first."""
    try:
        envelope = open_unread(body)
        return None if envelope is None else (envelope, _take(_pieces(envelope), max_records))
    except (msgspec.DecodeError, RecursionError):
        return None  # the records are not JSON; only a reader of the whole body can say where


def _pieces(envelope: Envelope) -> Iterator[Checked]:
    if isinstance(envelope.records, BatchCode):
        return iter(())
    return check_array(envelope.records, envelope.pointer)


def _query_members(query: BatchQuery) -> dict[str, Any]:
    given = {"upload_name": query.upload_name, "fields": query.fields, "on_invalid": query.on_invalid}
    return {name: value for name, value in given.items() if value is not None}


def _typed(members: dict[str, Any]) -> tuple[str, tuple[str, ...] | None, OnInvalid, list[Issue]]:
    """The small members as typed values, and everything that is wrong with them."""
    problems: list[Issue] = []
    name = members.get("upload_name")
    if "upload_name" not in members:
        problems.append(member_issue("upload_name", BatchCode.NAME_MISSING))
    elif not isinstance(name, str):
        problems.append(member_issue("upload_name", BatchCode.NAME_NOT_TEXT))
    elif (problem := name_problem(name)) is not None:
        problems.append(problem)
    fields = members.get("fields")
    if fields is not None:
        try:
            fields = tuple(msgspec.convert(fields, list[str]))
        except msgspec.ValidationError:
            problems.append(member_issue("fields", BatchCode.FIELDS_NOT_NAMES))
    on_invalid = members.get("on_invalid", OnInvalid.REJECT)
    if on_invalid not in tuple(OnInvalid):
        problems.append(member_issue("on_invalid", BatchCode.ON_INVALID_UNKNOWN))
        on_invalid = OnInvalid.REJECT
    return name if isinstance(name, str) else "", fields, OnInvalid(on_invalid), problems


def _count_problems(received: int, max_records: int) -> Iterator[Issue]:
    if received == 0:
        yield member_issue("records", BatchCode.RECORDS_EMPTY)
    elif received > max_records:
        requests = -(-received // max_records)
        yield member_issue(
            "records",
            BatchCode.RECORDS_TOO_MANY,
            f"The batch has {received} records; the limit is {max_records}. Split it into {requests} requests.",
        )


def _report(problems: list[Issue], rejected: list[RejectedRecord], received: int) -> InputError:
    """One refusal for everything found."""
    issues = problems + [record.issue for record in rejected]
    if problems:
        more = f" ({len(issues) - 1} more in `errors`)" if len(issues) > 1 else ""
        return InputError(f"{problems[0].message}{more}", code=problems[0].code, issues=issues)
    return InputError(
        f"{len(rejected)} of {received} records cannot be used; nothing was stored. `errors` names the rows. "
        'Correct them, or send `"on_invalid": "skip"` to store the others.',
        code=BatchCode.RECORDS_INVALID,
        issues=issues,
    )


def _too_deep(body: bytes) -> InputError:
    position = too_deep_at(body)
    where = "" if position is None else f" at byte {position}"
    return refusal(
        BatchCode.TOO_DEEP, f"The body nests deeper than {MAX_DEPTH} levels{where}. Flatten the values."
    )
