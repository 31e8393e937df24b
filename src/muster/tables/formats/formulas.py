"""Text that a spreadsheet would run as a formula, and how it is defused (OWASP ASVS 1.2.10)."""

from typing import Final

import pyarrow as pa
import pyarrow.compute as pc

from muster.tables.formats.lines import has_any

_FIRST: Final = (b"=", b"+", b"-", b"@", b"\t", b"\r", b"\n")
"""What such text starts with."""
_NUMBER: Final = r"\A[+-]?[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?\z"
"""What may start like it all the same."""
_FIRSTS: Final = pa.array(_FIRST, pa.large_binary())
_SIGNS: Final = pa.array([b"+", b"-"], pa.large_binary())


def defused(texts: pa.Array) -> pa.Array:
    """With an apostrophe before each formula; that changes the value, so it is done only on demand. texts: large_string."""
    if not has_any(texts, _FIRST):
        return texts
    first = pc.binary_slice(texts.view(pa.large_binary()), 0, 1)
    starts = pc.is_in(first, _FIRSTS)
    if not pc.any(starts).as_py() or _are_plain_numbers(texts.filter(starts), first.filter(starts)):
        return texts
    is_formula = pc.and_(starts, pc.invert(pc.match_substring_regex(texts, _NUMBER)))
    quoted = pc.binary_join_element_wise(pa.scalar("'", texts.type), texts, pa.scalar("", texts.type))
    return pc.if_else(is_formula, quoted, texts)


def _are_plain_numbers(texts: pa.Array, first: pa.Array) -> bool:
    """Whether all are a sign and digits, as telephone numbers are: looking for that costs a third of the expression."""
    if not pc.all(pc.is_in(first, _SIGNS)).as_py():
        return False
    values = texts.view(pa.large_binary())
    if pc.min(pc.binary_length(values)).as_py() < 2:
        return False  # a sign alone
    # With a digit in the place of the sign: to cut it off takes three times as long.
    digits = pc.binary_replace_slice(values, start=0, stop=1, replacement=b"0").view(pa.large_string())
    return bool(pc.all(pc.ascii_is_decimal(digits)).as_py())
