"""MAP: everything that can be wrong with a batch or one of its records, with a stable code and what to do.

A code never changes its meaning. docs/reference/error-codes.md is generated from `BATCH_CODES` and
`RECORD_CODES`.
"""

from enum import StrEnum
from typing import Final

from muster.errors import Issue
from muster.records.fields import IDENTITY_FIELDS

_IDENTITY_LIST: Final = ", ".join(f"`{name}`" for name in IDENTITY_FIELDS)


class RecordCode(StrEnum):
    """What is wrong with one record."""

    NOT_OBJECT = "record_not_object"
    MALFORMED = "record_malformed"
    IDENTITY_MISSING = "identity_missing"
    IDENTITY_BLANK = "identity_blank"
    IDENTITY_NOT_TEXT = "identity_not_text"


RECORD_CODES: Final[dict[RecordCode, str]] = {
    RecordCode.NOT_OBJECT: "Each record must be a JSON object with named values.",
    RecordCode.MALFORMED: "This line is not JSON. Send one complete JSON object per line.",
    RecordCode.IDENTITY_MISSING: f"Give at least one of {_IDENTITY_LIST}.",
    RecordCode.IDENTITY_BLANK: f"Fill in at least one of {_IDENTITY_LIST}; blank text does not count.",
    RecordCode.IDENTITY_NOT_TEXT: f"Send the identifier as text in quotes; one of {_IDENTITY_LIST}.",
}


class BatchCode(StrEnum):
    """What is wrong with the body around the records."""

    MALFORMED_JSON = "malformed_json"
    INVALID_UTF8 = "invalid_utf8"
    TOO_DEEP = "nesting_too_deep"
    EMPTY_BODY = "empty_body"
    NOT_OBJECT = "body_not_object"
    NAME_MISSING = "upload_name_missing"
    NAME_NOT_TEXT = "upload_name_not_text"
    NAME_EMPTY = "upload_name_empty"
    NAME_TOO_LONG = "upload_name_too_long"
    NAME_NUL = "upload_name_has_nul"
    RECORDS_MISSING = "records_missing"
    RECORDS_NOT_ARRAY = "records_not_array"
    RECORDS_EMPTY = "records_empty"
    RECORDS_TOO_MANY = "records_too_many"
    FIELDS_NOT_NAMES = "fields_not_names"
    ON_INVALID_UNKNOWN = "on_invalid_unknown"
    RECORDS_INVALID = "records_invalid"


BATCH_CODES: Final[dict[BatchCode, str]] = {
    BatchCode.MALFORMED_JSON: "The body is not JSON; the message gives the byte position.",
    BatchCode.INVALID_UTF8: "The body is not UTF-8; the message gives the byte position.",
    BatchCode.TOO_DEEP: "Values are nested too deeply; flatten them.",
    BatchCode.EMPTY_BODY: "The body is empty; send JSON.",
    BatchCode.NOT_OBJECT: "The body must be a JSON object, or an array of records.",
    BatchCode.NAME_MISSING: "Give the upload a name.",
    BatchCode.NAME_NOT_TEXT: "The upload's name must be text.",
    BatchCode.NAME_EMPTY: "The upload's name must have at least one character.",
    BatchCode.NAME_TOO_LONG: "The upload's name is too long.",
    BatchCode.NAME_NUL: "The upload's name holds a NUL character; remove it.",
    BatchCode.RECORDS_MISSING: "Give `records`, an array of objects.",
    BatchCode.RECORDS_NOT_ARRAY: "`records` must be an array of objects.",
    BatchCode.RECORDS_EMPTY: "`records` must hold at least one record.",
    BatchCode.RECORDS_TOO_MANY: "More records than one batch may hold; split it.",
    BatchCode.FIELDS_NOT_NAMES: "`fields` must be an array of field names.",
    BatchCode.ON_INVALID_UNKNOWN: "`on_invalid` must be `reject` or `skip`.",
    BatchCode.RECORDS_INVALID: "Some records cannot be used; `errors` names each. Nothing was stored.",
}


def member_issue(member: str, code: BatchCode, message: str | None = None) -> Issue:
    """An issue with one top-level member of the body."""
    return Issue(None, member, f"/{member}", code, message or BATCH_CODES[code])


def record_issue(row: int, field: str | None, code: RecordCode, *, prefix: str) -> Issue:
    """An issue with one record; `prefix` is the pointer to the array of records."""
    pointer = f"{prefix}/{row}" if field is None else f"{prefix}/{row}/{field}"
    return Issue(row, field, pointer, code, RECORD_CODES[code])
