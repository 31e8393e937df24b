"""What a validation rule is: a field, a test, and what happens when a value fails it; pure.

A rule is stored and sent as JSON; `rule_parse.py` reads it, and `checks/` holds the tests themselves.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Annotated, Final, Literal

import msgspec
from msgspec import Meta

MAX_RULES: Final = 100
"""A user's rules, enabled or not."""
MAX_NAME_CHARACTERS: Final = 100
MAX_FIELD_CHARACTERS: Final = 1000
MAX_FIELDS: Final = 20
MAX_PATTERN_CHARACTERS: Final = 1000
MAX_VALUES: Final = 1000

FieldName = Annotated[str, Meta(min_length=1, max_length=MAX_FIELD_CHARACTERS)]
_Word = Annotated[str, Meta(min_length=1, max_length=MAX_FIELD_CHARACTERS)]
_Count = Annotated[int, Meta(ge=0, le=1_000_000)]
_Number = Annotated[float, Meta(ge=-1e300, le=1e300)]


class Severity(StrEnum):
    """What happens to a value that fails: its row is rejected, it is only reported, or it is fixed."""

    REJECT = "reject"
    WARN = "warn"
    FIX = "fix"


class Test(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="kind"):
    """The root of all tests; `kind` tells them apart."""

    __test__ = False  # no test of this house, whatever pytest makes of the name


class Required(Test, frozen=True, tag="required"):
    """The cell holds something besides blanks."""


class Trim(Test, frozen=True, tag="trim"):
    """No blanks at either end and no two in a row inside."""


class Case(Test, frozen=True, tag="case"):
    """Every letter is upper or lower case, or the first of each word is upper case."""

    case: Literal["upper", "lower", "title"]


class Length(Test, frozen=True, tag="length"):
    """From `min` to `max` characters (Unicode code points)."""

    min: _Count = 0
    max: _Count | None = None


class Enum(Test, frozen=True, tag="enum"):
    """One of `values`."""

    values: Annotated[tuple[_Word, ...], Meta(min_length=1, max_length=MAX_VALUES)]
    ignore_case: bool = False


class Pattern(Test, frozen=True, tag="pattern"):
    """The whole value, or a part of it, matches an RE2 expression, in time linear in its length."""

    pattern: Annotated[str, Meta(min_length=1, max_length=MAX_PATTERN_CHARACTERS)]
    match: Literal["full", "part"] = "full"
    ignore_case: bool = False


class Email(Test, frozen=True, tag="email"):
    """An e-mail address, by its syntax (RFC 5322 as narrowed by email-validator); no DNS is asked."""


class Domain(Test, frozen=True, tag="domain"):
    """A domain name with at least one dot; international ones too (IDNA 2008)."""


class Phone(Test, frozen=True, tag="phone"):
    """A phone number that can exist. region: ISO 3166 country of numbers without a country code."""

    region: Annotated[str, Meta(pattern="^[A-Z]{2}$")] | None = None


class Date(Test, frozen=True, tag="date"):
    """A day of the calendar, optionally within min and max.

    formats: of YYYY YY MMMM MMM MM M DD D and separators; empty: ISO 8601, numbers with a four-digit year,
    and English names of months. day_first: how 03/04/2025 is read; None: it is ambiguous.
    with_time: an ISO 8601 time may follow.
    """

    formats: Annotated[
        tuple[Annotated[str, Meta(min_length=1, max_length=40)], ...], Meta(max_length=20)
    ] = ()
    day_first: bool | None = None
    with_time: bool = False
    min: date | None = None
    max: date | None = None


class Number(Test, frozen=True, tag="number"):
    """A number, optionally within min and max. decimal_comma: `1.234,5` instead of `1,234.5`."""

    min: _Number | None = None
    max: _Number | None = None
    integer: bool = False
    decimal_comma: bool = False


class Boolean(Test, frozen=True, tag="boolean"):
    """One of two lists of words, ignoring case."""

    true: Annotated[tuple[_Word, ...], Meta(min_length=1, max_length=50)] = (
        "true",
        "yes",
        "y",
        "t",
        "on",
        "1",
    )
    false: Annotated[tuple[_Word, ...], Meta(min_length=1, max_length=50)] = (
        "false", "no", "n", "f", "off", "0",
    )  # fmt: skip


class Url(Test, frozen=True, tag="url"):
    """A web address with one of `schemes`."""

    schemes: Annotated[
        tuple[Annotated[str, Meta(pattern="^[a-z][a-z0-9+.-]{0,30}$")], ...],
        Meta(min_length=1, max_length=20),
    ] = ("http", "https")


class Equal(Test, frozen=True, tag="equal"):
    """The same text as in the field `other`; two empty cells are equal."""

    other: FieldName
    ignore_case: bool = False


class Different(Test, frozen=True, tag="different"):
    """Another text than in the field `other`, unless one of the two is empty."""

    other: FieldName
    ignore_case: bool = False


class Before(Test, frozen=True, tag="before"):
    """A date before that in `other`, when both are filled in. day_first as for dates."""

    other: FieldName
    or_equal: bool = False
    day_first: bool | None = None


class Greater(Test, frozen=True, tag="greater"):
    """A number greater than that in `other`, when both are filled in."""

    other: FieldName
    or_equal: bool = False
    decimal_comma: bool = False


class RequiredIf(Test, frozen=True, tag="required_if"):
    """Filled in whenever `other` is; with `equals`, whenever `other` holds that text."""

    other: FieldName
    equals: _Word | None = None


class AnyOf(Test, frozen=True, tag="any_of"):
    """At least one of `fields` is filled in."""

    fields: Annotated[tuple[FieldName, ...], Meta(min_length=1, max_length=MAX_FIELDS)]


class Unique(Test, frozen=True, tag="unique"):
    """No earlier row of the upload has the same texts in `fields`; a row with one of them empty never fails.

    It needs the whole upload, so `apply_rules` leaves it to the caller (`unique_rules`).
    """

    fields: Annotated[tuple[FieldName, ...], Meta(min_length=1, max_length=MAX_FIELDS)]
    ignore_case: bool = False


ValueTest = Trim | Case | Length | Enum | Pattern | Email | Domain | Phone | Date | Number | Boolean | Url
"""Tests of one value; an empty or blank cell passes all of them (but Trim empties a blank one)."""
PairTest = Equal | Different | Before | Greater | RequiredIf
"""Tests of a field against another of the same record."""
AnyTest = Required | ValueTest | PairTest | AnyOf | Unique

TESTS: Final[dict[str, type[Test]]] = {
    str(kind.__struct_config__.tag): kind
    for kind in (
        Required, Trim, Case, Length, Enum, Pattern, Email, Domain, Phone, Date, Number, Boolean, Url,
        Equal, Different, Before, Greater, RequiredIf, AnyOf, Unique,
    )
}  # fmt: skip
"""Every test by its kind."""
FIXING: Final = (Trim, Case, Enum, Email, Domain, Phone, Date, Number, Boolean, Url)
"""Tests that know a better spelling of some values, so that severity `fix` makes sense."""
WITHOUT_FIELD: Final = (AnyOf, Unique)
"""Tests that name their fields themselves."""


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule. field: None for tests that name their fields themselves.

    otherwise: what happens under severity `fix` to a value that cannot be fixed: reject or warn.
    """

    id: str
    name: str
    field: str | None
    test: AnyTest
    severity: Severity = Severity.REJECT
    otherwise: Severity = Severity.REJECT
    enabled: bool = True

    @property
    def unfixed(self) -> Severity:
        """What happens to a value that fails and is not fixed."""
        return self.otherwise if self.severity is Severity.FIX else self.severity

    @property
    def fields(self) -> tuple[str, ...]:
        """Every field the rule reads."""
        own = () if self.field is None else (self.field,)
        if isinstance(self.test, AnyOf | Unique):
            return self.test.fields
        other = getattr(self.test, "other", None)
        return own if other is None else (*own, other)


def rules_hash(rules: Sequence[Rule]) -> str:
    """SHA-256 in hex of what these rules do, in their order; names and ids do not count."""
    digest = hashlib.sha256()
    for rule in rules:
        digest.update(
            msgspec.json.encode((rule.field, rule.test, rule.severity, rule.otherwise), order="sorted")
        )
        digest.update(b"\n")
    return digest.hexdigest()
