"""MAP: tests of one value to their checks."""

from functools import lru_cache

from muster.records.checks.dates import date_check
from muster.records.checks.domains import check_domain
from muster.records.checks.emails import check_email
from muster.records.checks.numbers import number_check
from muster.records.checks.patterns import pattern_check
from muster.records.checks.phones import phone_check
from muster.records.checks.texts import boolean_check, case_check, check_trim, enum_check, length_check
from muster.records.checks.urls import url_check
from muster.records.checks.verdict import Check, Verdict, without_blanks
from muster.records.rules import (
    Boolean,
    Case,
    Date,
    Domain,
    Email,
    Enum,
    Length,
    Number,
    Pattern,
    Phone,
    Trim,
    Url,
    ValueTest,
)

MAX_REMEMBERED_CHECKS = 128
MAX_REMEMBERED_VALUES = 4096
MAX_REMEMBERED_CHARACTERS = 100
"""Together they bound what is kept of values between calls: about 100 MiB when 128 rules see nothing but new values."""


@lru_cache(maxsize=MAX_REMEMBERED_CHECKS)
def value_check(test: ValueTest) -> Check:
    """The check of a test that `rule_parse` found no fault with; it remembers short values it saw lately.

    Blank values are not for it (`verdict.is_blank`); only Trim says something about them.
    """
    check = _check(test)

    @lru_cache(maxsize=MAX_REMEMBERED_VALUES)
    def remembered(value: str) -> Verdict:
        return check(value)

    def either(value: str) -> Verdict:
        return remembered(value) if len(value) <= MAX_REMEMBERED_CHARACTERS else check(value)

    return either


def _check(test: ValueTest) -> Check:
    match test:
        case Trim():
            return check_trim
        case Case():
            return case_check(test)
        case Length():
            return length_check(test)
        case Pattern():
            return pattern_check(test)
        case Enum():
            return without_blanks(enum_check(test))
        case Email():
            return without_blanks(check_email)
        case Domain():
            return without_blanks(check_domain)
        case Phone():
            return without_blanks(phone_check(test.region))
        case Date():
            return without_blanks(date_check(test))
        case Number():
            return without_blanks(number_check(test))
        case Boolean():
            return without_blanks(boolean_check(test))
        case Url():
            return without_blanks(url_check(test.schemes))
