"""MAP: everything that can be wrong with a batch or one of its records, with a stable code and what to do.

A code never changes its meaning. docs/reference/error-codes.md is generated from `BATCH_CODES`,
`RECORD_CODES` and `RULE_CODES`.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from muster.errors import Issue
from muster.records.fields import IDENTITY_FIELDS

_IDENTITY_LIST: Final = ", ".join(f"`{name}`" for name in IDENTITY_FIELDS)


class RecordCode(StrEnum):
    """What is wrong with a record before any rule of the user looks at it."""

    # The built-in rule on identity.
    IDENTITY_MISSING = "identity_missing"
    IDENTITY_BLANK = "identity_blank"
    IDENTITY_NOT_TEXT = "identity_not_text"
    # JSON and NDJSON, in batches and files.
    NOT_OBJECT = "record_not_object"
    MALFORMED = "record_malformed"
    EMPTY = "record_empty"
    TOO_LARGE = "record_too_large"
    COLUMN_NAME_TOO_LONG = "column_name_too_long"
    BROKEN_REST = "json_broken_rest"
    # CSV and other delimited text.
    TOO_FEW_COLUMNS = "too_few_columns"
    TOO_MANY_COLUMNS = "too_many_columns"
    QUOTE_UNCLOSED = "quote_unclosed"
    QUOTE_TRAILING_TEXT = "quote_trailing_text"
    ENCODING_INVALID = "encoding_invalid"
    RECORD_TOO_LONG = "record_too_long"
    # Said of a reject that was given up.
    DISCARDED = "discarded_by_user"


RECORD_CODES: Final[dict[RecordCode, str]] = {
    RecordCode.IDENTITY_MISSING: f"Give at least one of {_IDENTITY_LIST}.",
    RecordCode.IDENTITY_BLANK: f"Fill in at least one of {_IDENTITY_LIST}; blank text does not count.",
    RecordCode.IDENTITY_NOT_TEXT: f"Send the identifier as text in quotes; one of {_IDENTITY_LIST}.",
    RecordCode.NOT_OBJECT: "Each record must be a JSON object with named values.",
    RecordCode.MALFORMED: "This line is not JSON. Send one complete JSON object per line.",
    RecordCode.EMPTY: "The record has no values; leave it out, or give it some.",
    RecordCode.TOO_LARGE: "The record is larger than one may be; make it smaller.",
    RecordCode.COLUMN_NAME_TOO_LONG: "A column name is too long; shorten it.",
    RecordCode.BROKEN_REST: "From here on the file is not JSON, so the rest of it cannot be told apart; correct this place.",
    RecordCode.TOO_FEW_COLUMNS: "This row has fewer cells than the header; add the missing ones, empty if need be.",
    RecordCode.TOO_MANY_COLUMNS: "The row has more cells than there are columns; put quotes around text that holds the delimiter.",
    RecordCode.QUOTE_UNCLOSED: "A quote is opened and never closed; close it, or double quotes inside quoted text.",
    RecordCode.QUOTE_TRAILING_TEXT: "Text follows a closing quote; double the quotes inside quoted text.",
    RecordCode.ENCODING_INVALID: "Some bytes are no text in the file's encoding; choose the right encoding or correct them.",
    RecordCode.DISCARDED: "Somebody discarded this record and its values are gone from here; `reprocess` reads it again.",
    RecordCode.RECORD_TOO_LONG: "This row is longer than one may be; check that its quotes and line ends are right.",
}


class RuleCode(StrEnum):
    """What a rule says about a value, a record, or a value it fixed."""

    # Anything.
    REQUIRED = "required"
    BLANKS = "blanks_around"
    LETTER_CASE = "letter_case"
    TOO_SHORT = "too_short"
    TOO_LONG = "too_long"
    ENUM_UNKNOWN = "enum_unknown"
    PATTERN_MISMATCH = "pattern_mismatch"
    # E-mail addresses.
    EMAIL_SYNTAX = "email_syntax"
    EMAIL_AT_MISSING = "email_at_missing"
    EMAIL_LOCAL_MISSING = "email_local_missing"
    EMAIL_DOMAIN_MISSING = "email_domain_missing"
    EMAIL_DOMAIN_INVALID = "email_domain_invalid"
    EMAIL_DOMAIN_RESERVED = "email_domain_reserved"
    EMAIL_DOMAIN_ADDRESS = "email_domain_address"
    EMAIL_QUOTED = "email_quoted"
    EMAIL_DISPLAY_NAME = "email_display_name"
    EMAIL_SEVERAL = "email_several"
    EMAIL_TOO_LONG = "email_too_long"
    # Domains and web addresses.
    DOMAIN_SYNTAX = "domain_syntax"
    DOMAIN_NO_DOT = "domain_no_dot"
    DOMAIN_TOO_LONG = "domain_too_long"
    DOMAIN_IS_ADDRESS = "domain_is_address"
    DOMAIN_IS_EMAIL = "domain_is_email"
    DOMAIN_IS_URL = "domain_is_url"
    URL_INVALID = "url_invalid"
    URL_SCHEME = "url_scheme"
    URL_SCHEME_MISSING = "url_scheme_missing"
    URL_HOST = "url_host"
    URL_CREDENTIALS = "url_credentials"
    # Phone numbers.
    PHONE_INVALID = "phone_invalid"
    PHONE_SYNTAX = "phone_syntax"
    PHONE_COUNTRY_UNKNOWN = "phone_country_unknown"
    PHONE_TOO_SHORT = "phone_too_short"
    PHONE_TOO_LONG = "phone_too_long"
    PHONE_EXTENSION = "phone_extension"
    # Dates.
    DATE_INVALID = "date_invalid"
    DATE_NO_SUCH_DAY = "date_no_such_day"
    DATE_AMBIGUOUS = "date_ambiguous"
    DATE_TOO_EARLY = "date_too_early"
    DATE_TOO_LATE = "date_too_late"
    # Numbers and yes or no.
    NUMBER_INVALID = "number_invalid"
    NUMBER_TOO_SMALL = "number_too_small"
    NUMBER_TOO_LARGE = "number_too_large"
    INTEGER_EXPECTED = "integer_expected"
    BOOLEAN_INVALID = "boolean_invalid"
    # Several fields or rows.
    FIELDS_DIFFER = "fields_differ"
    FIELDS_EQUAL = "fields_equal"
    FIELD_NOT_BEFORE = "field_not_before"
    FIELD_NOT_GREATER = "field_not_greater"
    FIELDS_NOT_COMPARABLE = "fields_not_comparable"
    FIELD_NEEDED_WITH = "field_needed_with"
    FIELD_ANY_OF = "field_any_of"
    DUPLICATE = "duplicate"
    # Said of a value that was fixed.
    EMAIL_NORMALISED = "email_normalised"
    DOMAIN_NORMALISED = "domain_normalised"
    PHONE_NORMALISED = "phone_normalised"
    DATE_NORMALISED = "date_normalised"
    NUMBER_NORMALISED = "number_normalised"
    BOOLEAN_NORMALISED = "boolean_normalised"
    URL_NORMALISED = "url_normalised"


RULE_CODES: Final[dict[RuleCode, str]] = {
    RuleCode.REQUIRED: "Fill in this field.",
    RuleCode.BLANKS: "Remove the blanks before and after the value, and double ones inside.",
    RuleCode.LETTER_CASE: "Write the value in the letter case the rule asks for.",
    RuleCode.TOO_SHORT: "The value has fewer characters than the rule asks for.",
    RuleCode.TOO_LONG: "The value has more characters than the rule allows.",
    RuleCode.ENUM_UNKNOWN: "Use one of the values the rule lists.",
    RuleCode.PATTERN_MISMATCH: "The value does not have the form the rule asks for.",
    RuleCode.EMAIL_SYNTAX: "This is not an e-mail address; write it like name@example.org.",
    RuleCode.EMAIL_AT_MISSING: "An e-mail address needs an @.",
    RuleCode.EMAIL_LOCAL_MISSING: "Nothing stands before the @; write the name of the mailbox there.",
    RuleCode.EMAIL_DOMAIN_MISSING: "Nothing stands behind the @; write the domain there.",
    RuleCode.EMAIL_DOMAIN_INVALID: "What stands behind the @ is not a domain; write it like example.org.",
    RuleCode.EMAIL_DOMAIN_RESERVED: "No mail can be sent to this domain: it is reserved for tests and local use.",
    RuleCode.EMAIL_DOMAIN_ADDRESS: "A network address stands behind the @; use a domain.",
    RuleCode.EMAIL_QUOTED: "The part before the @ is quoted, which most systems refuse; use a plain address.",
    RuleCode.EMAIL_DISPLAY_NAME: "A name stands beside the address; keep only the address.",
    RuleCode.EMAIL_SEVERAL: "There are several addresses; keep one.",
    RuleCode.EMAIL_TOO_LONG: "An e-mail address has at most 254 bytes.",
    RuleCode.DOMAIN_SYNTAX: "This is not a domain; write it like example.org.",
    RuleCode.DOMAIN_NO_DOT: "A domain has at least one dot; write it whole, like example.org.",
    RuleCode.DOMAIN_TOO_LONG: "A domain has at most 253 characters, and 63 between two dots.",
    RuleCode.DOMAIN_IS_ADDRESS: "This is a network address; give the domain.",
    RuleCode.DOMAIN_IS_EMAIL: "This is an e-mail address; give only what stands behind the @.",
    RuleCode.DOMAIN_IS_URL: "This is a web address; give only its domain.",
    RuleCode.URL_INVALID: "This is not a web address; write it like https://example.org/page.",
    RuleCode.URL_SCHEME: "The web address begins with a scheme the rule does not allow.",
    RuleCode.URL_SCHEME_MISSING: "The web address lacks its beginning; write https:// before it.",
    RuleCode.URL_HOST: "The web address names no host that can exist; write it like https://example.org/page.",
    RuleCode.URL_CREDENTIALS: "The web address holds a user name or password; remove it.",
    RuleCode.PHONE_INVALID: "No such phone number can exist in its country; check the digits.",
    RuleCode.PHONE_SYNTAX: "This is not a phone number.",
    RuleCode.PHONE_COUNTRY_UNKNOWN: "The country is not known; begin with + and the country code, or give the rule a region.",
    RuleCode.PHONE_TOO_SHORT: "The phone number has too few digits; perhaps the area code is missing.",
    RuleCode.PHONE_TOO_LONG: "The phone number has too many digits; keep one number.",
    RuleCode.PHONE_EXTENSION: "The phone number has an extension; move it to a field of its own.",
    RuleCode.DATE_INVALID: "This is not a date in a form the rule reads; write it like 2025-01-31.",
    RuleCode.DATE_NO_SUCH_DAY: "The calendar has no such day; correct it.",
    RuleCode.DATE_AMBIGUOUS: "Day and month can be swapped; say in the rule which comes first, or write 2025-01-31.",
    RuleCode.DATE_TOO_EARLY: "The date is earlier than the rule allows.",
    RuleCode.DATE_TOO_LATE: "The date is later than the rule allows.",
    RuleCode.NUMBER_INVALID: "This is not a number; use digits and the decimal mark of the rule.",
    RuleCode.NUMBER_TOO_SMALL: "The number is smaller than the rule allows.",
    RuleCode.NUMBER_TOO_LARGE: "The number is larger than the rule allows.",
    RuleCode.INTEGER_EXPECTED: "Give a whole number.",
    RuleCode.BOOLEAN_INVALID: "Write true or false, or another pair of words the rule lists.",
    RuleCode.FIELDS_DIFFER: "Two fields that must be equal differ; correct one of them.",
    RuleCode.FIELDS_EQUAL: "Two fields that must differ are equal; correct one of them.",
    RuleCode.FIELD_NOT_BEFORE: "The value must come before the one of the other field.",
    RuleCode.FIELD_NOT_GREATER: "The value must be greater than the one of the other field.",
    RuleCode.FIELDS_NOT_COMPARABLE: "The two fields are not both numbers or both dates; correct them so that they can be compared.",
    RuleCode.FIELD_NEEDED_WITH: "Fill in this field, because another one is filled in.",
    RuleCode.FIELD_ANY_OF: "Fill in at least one of the fields the rule lists.",
    RuleCode.DUPLICATE: "An earlier row has the same value; keep one of them.",
    RuleCode.EMAIL_NORMALISED: "The domain was written in lower case and in its usual form.",
    RuleCode.DOMAIN_NORMALISED: "The domain was written in lower case and in its usual form.",
    RuleCode.PHONE_NORMALISED: "The phone number was written in international form (E.164).",
    RuleCode.DATE_NORMALISED: "The date was written as year, month, day (ISO 8601).",
    RuleCode.NUMBER_NORMALISED: "The number was written with digits and a decimal point only.",
    RuleCode.BOOLEAN_NORMALISED: "The value was written as true or false.",
    RuleCode.URL_NORMALISED: "The web address was written in its usual form.",
}


_TESTS: Final = ("email", "domain", "url", "phone", "date", "number", "boolean", "enum", "pattern")
_ORIGINS: Final[dict[str, frozenset[str]]] = {
    "the identity rule": frozenset(code for code in RecordCode if code.startswith("identity_")),
    "batches, JSON and NDJSON": frozenset({RecordCode.NOT_OBJECT, RecordCode.MALFORMED}),
    "JSON and NDJSON": frozenset(
        {RecordCode.EMPTY, RecordCode.TOO_LARGE, RecordCode.COLUMN_NAME_TOO_LONG, RecordCode.BROKEN_REST}
    ),
    "CSV, JSON and NDJSON": frozenset({RecordCode.TOO_MANY_COLUMNS}),
    "rules `trim`, `email`, `domain`, `url`, `phone`, `date`, `number`, `boolean`, `enum`": frozenset(
        {RuleCode.BLANKS}
    ),
    "discarding rejects": frozenset({RecordCode.DISCARDED}),
    "rule `required`": frozenset({RuleCode.REQUIRED}),
    "rule `case`": frozenset({RuleCode.LETTER_CASE}),
    "rule `length`": frozenset({RuleCode.TOO_SHORT, RuleCode.TOO_LONG}),
    "rule `number`": frozenset({RuleCode.INTEGER_EXPECTED}),
    "rule `equal`": frozenset({RuleCode.FIELDS_DIFFER}),
    "rule `different`": frozenset({RuleCode.FIELDS_EQUAL}),
    "rule `before`": frozenset({RuleCode.FIELD_NOT_BEFORE}),
    "rule `greater`": frozenset({RuleCode.FIELD_NOT_GREATER}),
    "rules `before`, `greater`": frozenset({RuleCode.FIELDS_NOT_COMPARABLE}),
    "rule `required_if`": frozenset({RuleCode.FIELD_NEEDED_WITH}),
    "rule `any_of`": frozenset({RuleCode.FIELD_ANY_OF}),
    "rule `unique`": frozenset({RuleCode.DUPLICATE}),
}


def said_by(code: RecordCode | RuleCode) -> str:
    """Who says this of a row, in words for the reference of codes."""
    for origin, codes in _ORIGINS.items():
        if code in codes:
            return origin
    if isinstance(code, RecordCode):
        return "CSV"
    return f"rule `{next(test for test in _TESTS if code.startswith(test))}`"


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


@dataclass(frozen=True, slots=True)
class RowIssue:
    """One thing wrong with one row, for people to correct it.

    row: index in what was sent, from 0. line: 1-based physical line in a text file, None where there are none.
    field: None when the whole row is meant. value: what stood there; never to be logged.
    """

    row: int
    line: int | None
    field: str | None
    code: str
    value: str | None
    reason: str


def row_issue(
    row: int,
    code: RecordCode | RuleCode,
    *,
    line: int | None = None,
    field: str | None = None,
    value: str | None = None,
    reason: str | None = None,
) -> RowIssue:
    """An issue with one row; the reason is the code's own sentence unless a better one is known."""
    words = RECORD_CODES[code] if isinstance(code, RecordCode) else RULE_CODES[code]
    return RowIssue(row, line, field, code.value, value, reason or words)
