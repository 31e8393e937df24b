"""Blanks, letter case, length, lists of values, and words for true and false."""

import re
import unicodedata
from typing import Final

from muster.records.checks.verdict import FINE, Check, Verdict, bare, fine_as, wrong
from muster.records.issues import RuleCode
from muster.records.rules import Boolean, Case, Enum, Length

_RUN: Final = re.compile(r"\s{2,}|[^\S ]")
_WORD: Final = re.compile(r"[^\W\d_]+(?:['\u2019][^\W\d_]+)*")


def check_trim(value: str) -> Verdict:
    """Blanks at the ends go; runs of blanks, and blanks other than the space, become one space."""
    tidy = _RUN.sub(" ", bare(value))
    return FINE if tidy == value else wrong(RuleCode.BLANKS, tidy)


def case_check(test: Case) -> Check:
    """Compared with what the letters become; digits and scripts without case pass."""
    change = {"upper": str.upper, "lower": str.lower, "title": _title}[test.case]

    def check(value: str) -> Verdict:
        changed = change(value)
        return FINE if changed == value else wrong(RuleCode.LETTER_CASE, changed)

    return check


def _title(value: str) -> str:
    return _WORD.sub(lambda word: word[0][:1].upper() + word[0][1:].lower(), value)


def length_check(test: Length) -> Check:
    def check(value: str) -> Verdict:
        if len(value) < test.min:
            return wrong(RuleCode.TOO_SHORT)
        if test.max is not None and len(value) > test.max:
            return wrong(RuleCode.TOO_LONG)
        return FINE

    return check


def enum_check(test: Enum) -> Check:
    """With ignore_case any spelling passes, and its usual form is the one in the list."""
    listed = frozenset(test.values)
    usual = {folded(value): value for value in reversed(test.values)}

    def check(value: str) -> Verdict:
        if value in listed:
            return FINE
        known = usual.get(folded(value))
        if known is not None and test.ignore_case:
            return Verdict(True, RuleCode.ENUM_UNKNOWN, known)
        return wrong(RuleCode.ENUM_UNKNOWN, known)

    return check


def boolean_check(test: Boolean) -> Check:
    usual = {"true": "true", "false": "false"}  # what a value is fixed to must pass
    usual |= {folded(word): "false" for word in test.false} | {folded(word): "true" for word in test.true}

    def check(value: str) -> Verdict:
        known = usual.get(folded(value))
        return (
            wrong(RuleCode.BOOLEAN_INVALID)
            if known is None
            else fine_as(value, known, RuleCode.BOOLEAN_NORMALISED)
        )

    return check


def folded(value: str) -> str:
    """What texts are compared by when case is ignored: composed (NFC) and case-folded."""
    return unicodedata.normalize("NFC", value).casefold() if not value.isascii() else value.lower()
