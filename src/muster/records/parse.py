"""Bytes of a batch in, a value that cannot be wrong out."""

import re
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import msgspec

from muster.errors import InputError, Issue
from muster.records.chunks import Checked, Chunk, RejectedRecord, check_array, check_lines, decode_detail
from muster.records.issues import BATCH_CODES, BatchCode, member_issue
from muster.records.syntax import MAX_DEPTH, TooDeep, invalid_utf8_at, is_deeper_than, too_deep_at

MAX_NAME_CHARACTERS = 100
_AROUND_RECORDS_BYTES = 4096
_RECORDS_BEGIN = re.compile(rb'"records"[ \t\r\n]*+:[ \t\r\n]*+\[')
_RECORDS_END = re.compile(
    rb'\][ \t\r\n]*+(?:\}[ \t\r\n]*+\Z|,[ \t\r\n]*+"(?:upload_name|fields|on_invalid)"[ \t\r\n]*+:)'
)
_BOM = b"\xef\xbb\xbf"


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


class _Envelope(msgspec.Struct):
    upload_name: msgspec.Raw | msgspec.UnsetType = msgspec.UNSET
    records: msgspec.Raw | msgspec.UnsetType = msgspec.UNSET
    fields: msgspec.Raw | msgspec.UnsetType = msgspec.UNSET
    on_invalid: msgspec.Raw | msgspec.UnsetType = msgspec.UNSET


_envelope = msgspec.json.Decoder(_Envelope)
_any = msgspec.json.Decoder()
_syntax = msgspec.json.Decoder(msgspec.Raw)


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
        raise _refusal(BatchCode.EMPTY_BODY)
    try:
        if ndjson:
            members, taken = _query_members(query), _take(check_lines(body), max_records)
        else:
            members, taken = _take_json(body, query, max_records)
    except TooDeep as error:
        raise _too_deep(body) from error
    name, fields, on_invalid, problems = _typed(members)
    chunks, rejected, received = taken
    if "records" not in members:
        problems.extend(_count_problems(received, max_records))
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


def _take(pieces: Iterator[Checked], max_records: int) -> tuple[list[Chunk], list[RejectedRecord], int]:
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


def _take_json(
    body: bytes, query: BatchQuery, max_records: int
) -> tuple[dict[str, Any], tuple[list[Chunk], list[RejectedRecord], int]]:
    """The small members of a JSON body, and its records checked; in one reading, if it is JSON."""
    position = invalid_utf8_at(body)
    if position is not None:
        raise _refusal(BatchCode.INVALID_UTF8, f"The body is not UTF-8 at byte {position}.")
    try:
        members, pieces = _open(body, query, trusting=True)
        return members, _take(pieces, max_records)
    except (msgspec.DecodeError, RecursionError):
        # The records are not JSON: now as a whole, to say exactly where.
        members, pieces = _open(body, query, trusting=False)
        return members, _take(pieces, max_records)


def _open(body: bytes, query: BatchQuery, *, trusting: bool) -> tuple[dict[str, Any], Iterator[Checked]]:
    """Split a body into small members and the array of records.

    A member that is missing or of the wrong shape as a whole is given as its BatchCode.
    trusting: the array is not read here; if it is not JSON, the pieces raise msgspec.DecodeError or
    RecursionError. Otherwise the syntax of the whole body is checked here.
    """
    bare = body[:1024].lstrip().startswith(b"[")
    members = _query_members(query)
    whole = None
    try:
        if bare:
            text = body.strip(b" \t\r\n")
            if not (trusting and text.endswith(b"]")):
                text = _trimmed(_syntax.decode(body))
            return members, check_array(memoryview(text), "")
        split = _split_unread(body) if trusting else None
        envelope, whole = split or (_envelope.decode(body), None)
    except msgspec.ValidationError as error:
        raise _refusal(BatchCode.NOT_OBJECT) from error
    except msgspec.DecodeError as error:
        raise _refusal(BatchCode.MALFORMED_JSON, f"The body is not JSON: {decode_detail(error)}.") from error
    except RecursionError as error:
        raise _too_deep(body) from error
    for member in ("upload_name", "fields", "on_invalid"):
        raw = getattr(envelope, member)
        if raw is not msgspec.UNSET:
            members[member] = _small_value(raw)
    if envelope.records is msgspec.UNSET:
        members["records"] = BatchCode.RECORDS_MISSING
        return members, iter(())
    array = memoryview(envelope.records) if whole is None else whole
    # The records check their own depth; too little is left around them to nest deeply, nearly always.
    if len(body) - len(array) > 2 * MAX_DEPTH and is_deeper_than(MAX_DEPTH, body):
        raise _too_deep(body)
    if array[0] != ord("["):
        members["records"] = BatchCode.RECORDS_NOT_ARRAY
        return members, iter(())
    return members, check_array(array, "/records")


def _split_unread(body: bytes) -> tuple[_Envelope, memoryview] | None:
    """The members of an object and its array of records, without reading the array; None when in doubt.

    Everything but the array is parsed with a word that nobody can guess in its place. When that is JSON and
    the word is the value of `records`, then the body is JSON with that array as `records`, provided that
    the array is JSON; and that is found out when the records are checked.
    """
    begin = _RECORDS_BEGIN.search(body, 0, _AROUND_RECORDS_BYTES)
    if begin is None:
        return None
    start = begin.end() - 1
    word = b'"' + secrets.token_hex(16).encode() + b'"'
    for close in _RECORDS_END.finditer(body, max(start, len(body) - _AROUND_RECORDS_BYTES)):
        end = close.start() + 1
        try:
            envelope = _envelope.decode(b"".join((body[:start], word, body[end:])))
        except (msgspec.DecodeError, RecursionError):
            continue
        if envelope.records is not msgspec.UNSET and bytes(envelope.records) == word:
            return envelope, memoryview(body)[start:end]
        return None
    return None


def _trimmed(raw: msgspec.Raw) -> bytes:
    return bytes(raw).strip(b" \t\r\n")


def _small_value(raw: msgspec.Raw) -> object:
    try:
        return _any.decode(raw)
    except (msgspec.DecodeError, RecursionError, ValueError):
        # Valid as JSON text but not as a value: a number beyond Python's limits, or endless nesting.
        return object()


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
    if "records" in members:
        problems.append(member_issue("records", members["records"]))
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


def _refusal(code: BatchCode, message: str | None = None) -> InputError:
    text = message or BATCH_CODES[code]
    return InputError(text, code=code, issues=[Issue(None, None, "", code, text)])


def _too_deep(body: bytes) -> InputError:
    position = too_deep_at(body)
    where = "" if position is None else f" at byte {position}"
    return _refusal(
        BatchCode.TOO_DEEP, f"The body nests deeper than {MAX_DEPTH} levels{where}. Flatten the values."
    )
