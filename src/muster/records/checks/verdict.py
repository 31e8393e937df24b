"""What a test says about one value, and blanks, which every test treats alike."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from muster.records.issues import RuleCode


@dataclass(frozen=True, slots=True)
class Verdict:
    """is_ok: the value passes as it is. fixed: a better spelling of it, None when there is none to offer.

    code: what is wrong, or for a value that passes what its better spelling is about; None for a value
    that passes and needs nothing.
    """

    is_ok: bool
    code: RuleCode | None = None
    fixed: str | None = None


FINE: Final = Verdict(True)
Check = Callable[[str], Verdict]

# Besides white space: marks without width, which address books wrap around numbers and names.
_INVISIBLE: Final = (
    "\ufeff\u200b\u2060\u200e\u200f\u061c\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
)


def wrong(code: RuleCode, fixed: str | None = None) -> Verdict:
    return Verdict(False, code, fixed)


def fine_as(value: str, normal: str, code: RuleCode) -> Verdict:
    """The value passes; `normal` is its usual form, `code` what to say when it is written that way."""
    return FINE if value == normal else Verdict(True, code, normal)


def is_blank(value: str) -> bool:
    """Nothing but white space; such a cell counts as empty."""
    return not value or value.isspace()


def bare(value: str) -> str:
    """The value without white space and invisible marks at its ends."""
    while True:
        shorter = value.strip().strip(_INVISIBLE)
        if shorter == value:
            return value
        value = shorter


def without_blanks(check: Check) -> Check:
    """The same check, for which blanks at the ends are wrong, and fixed by leaving them out."""

    def outer(value: str) -> Verdict:
        inside = bare(value)
        if inside == value:
            return check(value)
        verdict = check(inside)
        if not verdict.is_ok and verdict.fixed is None:
            return verdict
        return wrong(RuleCode.BLANKS, inside if verdict.fixed is None else verdict.fixed)

    return outer
