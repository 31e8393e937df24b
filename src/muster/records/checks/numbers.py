"""Numbers as people write them: signs, groups of thousands, a decimal point or comma, other digits."""

import re
import unicodedata
from decimal import Decimal
from typing import Final

from muster.records.checks.verdict import Check, Verdict, fine_as, wrong
from muster.records.issues import RuleCode
from muster.records.rules import Number

_MAX_CHARACTERS: Final = 400
_GROUPS: Final = "' \u00a0\u2009\u202f\u2019"  # besides the point or comma
_FORMS: Final = {
    is_comma: re.compile(
        rf"([+-]?)([0-9]{{1,3}}(?:([{group}{_GROUPS}])[0-9]{{3}}(?:\3[0-9]{{3}})*)?|[0-9]*)(?:[{mark}]([0-9]+))?(?:[eE]([+-]?[0-9]{{1,3}}))?"
    )
    for is_comma, mark, group in ((False, ".", ","), (True, ",", "."))
}
ORDINARY_WHOLE: Final = r"^(?:0|-?[1-9][0-9]{0,14})$"
ORDINARY_DECIMAL: Final = r"^(?:(?:0|-?[1-9][0-9]{0,8})(?:\.[0-9]{0,5}[1-9])?|-?[1-9][0-9]{9,14})$"
"""Numbers in their usual form (RE2 and Python). At most 15 digits: these compare as float64 as they do exactly."""


def ascii_digits(text: str) -> str:
    """The same text with the decimal digits of every script as 0 to 9, and the minus sign as hyphen."""
    if text.isascii():
        return text
    return "".join(
        str(digit) if (digit := unicodedata.decimal(character, None)) is not None else character
        for character in text
    ).replace("\u2212", "-")


def parse_number(value: str, *, decimal_comma: bool) -> Decimal | None:
    """The number, exactly; None when the text is none."""
    if len(value) > _MAX_CHARACTERS:
        return None
    match = _FORMS[decimal_comma].fullmatch(ascii_digits(value))
    if match is None or not (match[2] or match[4]):
        return None
    whole = re.sub(r"[^0-9]", "", match[2])
    return Decimal(f"{match[1]}{whole or '0'}.{match[4] or '0'}e{match[5] or '0'}")


def plain(number: Decimal) -> str:
    """Digits and a decimal point, without zeros that say nothing."""
    text = f"{number:f}"
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text in {"-0", ""} else text


def number_check(test: Number) -> Check:
    lowest = None if test.min is None else Decimal(repr(test.min))
    highest = None if test.max is None else Decimal(repr(test.max))

    def check(value: str) -> Verdict:
        number = parse_number(value, decimal_comma=test.decimal_comma)
        if number is None:
            return wrong(RuleCode.NUMBER_INVALID)
        if test.integer and number != number.to_integral_value():
            return wrong(RuleCode.INTEGER_EXPECTED)
        if lowest is not None and number < lowest:
            return wrong(RuleCode.NUMBER_TOO_SMALL)
        if highest is not None and number > highest:
            return wrong(RuleCode.NUMBER_TOO_LARGE)
        return fine_as(value, plain(number), RuleCode.NUMBER_NORMALISED)

    return check
