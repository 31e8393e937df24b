"""Tests of a field against another field of the same record."""

from collections.abc import Callable

from muster.records.checks.dates import date_reader
from muster.records.checks.numbers import parse_number
from muster.records.checks.texts import folded
from muster.records.checks.verdict import bare, is_blank
from muster.records.issues import RuleCode
from muster.records.rules import Before, Different, Equal, Greater, PairTest, RequiredIf

PairCheck = Callable[[str | None, str | None], RuleCode | None]
"""From (value, value of the other field) to what is wrong, None for nothing; None and blank are empty cells."""


def pair_check(test: PairTest) -> PairCheck:
    """The check of one such test."""
    match test:
        case Equal():
            return _texts(test.ignore_case, wants_equal=True)
        case Different():
            return _texts(test.ignore_case, wants_equal=False)
        case RequiredIf():
            return _required_if(test)
        case Before():
            return _ordered(_read_day(test), test.or_equal, RuleCode.FIELD_NOT_BEFORE, rising=True)
        case Greater():
            return _ordered(_read_number(test), test.or_equal, RuleCode.FIELD_NOT_GREATER, rising=False)


def _texts(ignore_case: bool, *, wants_equal: bool) -> PairCheck:
    def check(value: str | None, other: str | None) -> RuleCode | None:
        one, two = _text(value, ignore_case), _text(other, ignore_case)
        if wants_equal:
            return None if one == two else RuleCode.FIELDS_DIFFER
        return RuleCode.FIELDS_EQUAL if one and one == two else None

    return check


def _text(value: str | None, ignore_case: bool) -> str:
    if value is None or is_blank(value):
        return ""
    return folded(value) if ignore_case else value


def _required_if(test: RequiredIf) -> PairCheck:
    def check(value: str | None, other: str | None) -> RuleCode | None:
        if other is None or is_blank(other) or (test.equals is not None and other != test.equals):
            return None
        return RuleCode.FIELD_NEEDED_WITH if value is None or is_blank(value) else None

    return check


def _ordered(
    read: Callable[[str], float | None], or_equal: bool, code: RuleCode, *, rising: bool
) -> PairCheck:
    def check(value: str | None, other: str | None) -> RuleCode | None:
        if value is None or other is None or is_blank(value) or is_blank(other):
            return None
        one, two = read(bare(value)), read(bare(other))
        if one is None or two is None:
            return RuleCode.FIELDS_NOT_COMPARABLE
        is_right = one < two if rising else one > two
        return None if is_right or (or_equal and one == two) else code

    return check


def _read_day(test: Before) -> Callable[[str], int | None]:
    read = date_reader(day_first=test.day_first)

    def day(value: str) -> int | None:
        found = read(value)
        return None if isinstance(found, RuleCode) else found.toordinal()

    return day


def _read_number(test: Greater) -> Callable[[str], float | None]:
    def number(value: str) -> float | None:
        # A Decimal compares exactly with another; the annotation is the numeric tower's.
        return parse_number(value, decimal_comma=test.decimal_comma)  # type: ignore[return-value]

    return number
