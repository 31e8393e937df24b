"""Patterns of rules, on RE2: no pattern can take more than linear time (no back-references, no look-around)."""

from typing import Final

import re2

from muster.records.checks.verdict import FINE, Check, Verdict, wrong
from muster.records.issues import RuleCode
from muster.records.rules import Pattern

_MAX_PROGRAM_BYTES: Final = 1 << 20  # of the compiled expression; RE2 refuses larger ones


def pattern_problem(test: Pattern) -> tuple[str, int | None] | None:
    """(a sentence, the character it is about counted from 1) when the pattern cannot be used, else None."""
    try:
        _compiled(test)
    except re2.error as error:
        return _words(error, test.pattern)
    return None


def pattern_check(test: Pattern) -> Check:
    """The check of a rule whose pattern has no problem."""
    expression = _compiled(test)
    found = expression.fullmatch if test.match == "full" else expression.search

    def check(value: str) -> Verdict:
        return FINE if found(value) is not None else wrong(RuleCode.PATTERN_MISMATCH)

    return check


def as_search(test: Pattern) -> str:
    """The same test as one RE2 expression to search for, for engines that match whole columns."""
    flags = "(?i)" if test.ignore_case else ""
    return rf"{flags}\A(?:{test.pattern})\z" if test.match == "full" else f"{flags}{test.pattern}"


def _compiled(test: Pattern) -> "re2._Regexp":
    options = re2.Options()
    options.log_errors = False
    options.never_capture = True
    options.case_sensitive = not test.ignore_case
    options.max_mem = _MAX_PROGRAM_BYTES
    return re2.compile(test.pattern, options)


def _words(error: re2.error, pattern: str) -> tuple[str, int | None]:
    reason = error.args[0].decode("utf-8", "replace") if error.args else "it cannot be compiled"
    # RE2 says `what is wrong: the piece`; the piece is the sender's own text and is shown by its place only.
    what, _, piece = reason.partition(": ")
    at = pattern.find(piece) + 1 if piece else 0
    where = f" at character {at}" if at > 0 else ""
    return f"The pattern is not a valid RE2 expression: {what}{where}. Correct it.", at or None
