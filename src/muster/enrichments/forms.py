"""How an input is brought into shape, twice with one meaning: for the table engine and for Arrow.

A run finds the different inputs of a whole column with the engine; batches and other tables are shaped by either.
A value that is blank has no form: it is null. Letters are folded one by one (Unicode's simple mapping), so that
neither the language nor the place in a word matters.
"""

import re
from collections.abc import Sequence
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc

from muster.enrichments.provider import Form

_RANGES: Final = (
    (0x00, 0x20), (0x7F, 0xA0), (0xAD, 0xAD), (0x61C, 0x61C), (0x1680, 0x1680), (0x180E, 0x180E), (0x2000, 0x200F),
    (0x2028, 0x202F), (0x205F, 0x206F), (0x3000, 0x3000), (0xFEFF, 0xFEFF),
)  # fmt: skip
BLANKS: Final = "".join(chr(point) for first, last in _RANGES for point in range(first, last + 1))
"""White space, control characters and marks without width: what is no part of a value at its ends."""

# `trim` with a list of characters takes 40 times as long. Named by number, so that a query can be read.
_CLASS: Final = "".join(f"\\x{{{first:x}}}-\\x{{{last:x}}}" for first, last in _RANGES)
_ENDS: Final = rf"\A[{_CLASS}]+|[{_CLASS}]+\z"

# Letters that got a second case after Unicode 15, the edition the engine folds by; Arrow folds by a later one. They
# stay as they are. A test over every character there is says when this is no longer so.
_YOUNG_RANGES: Final = (
    (0x1C89, 0x1C89), (0xA7CB, 0xA7CC), (0xA7CE, 0xA7CE), (0xA7D2, 0xA7D2), (0xA7D4, 0xA7D4), (0xA7DA, 0xA7DA),
    (0xA7DC, 0xA7DD), (0xA7E2, 0xA7E2), (0xAB6C, 0xAB6D), (0x10D50, 0x10D65), (0x16EA0, 0x16EB8), (0x1DF40, 0x1DF7E),
)  # fmt: skip
_YOUNG: Final = f"[{''.join(f'{chr(first)}-{chr(last)}' for first, last in _YOUNG_RANGES)}]"
_APART: Final = re.compile(f"({_YOUNG})")


def form_sql(column_sql: str, form: Form) -> str:
    """An expression of the engine for a column of text in this form; NULL where it is NULL or blank."""
    # Nearly all begin and end with an ordinary character, which is seen in a third of the time.
    ordinary = (
        f"{column_sql} >= '!' AND {column_sql} < chr(127) AND substring({column_sql}, -1) BETWEEN '!' AND '~'"
    )
    stripped = f"nullif(regexp_replace({column_sql}, '{_ENDS}', '', 'g'), '')"
    trimmed = f"CASE WHEN {ordinary} THEN {column_sql} ELSE {stripped} END"
    match form:
        case Form.EXACT:
            return f"CASE WHEN {trimmed} IS NOT NULL THEN {column_sql} END"
        case Form.TRIMMED:
            return trimmed
        case Form.FOLDED:
            # The engine would end the text at a NUL; inside a folded value it counts for nothing.
            return f"lower(nfc_normalize(replace({trimmed}, chr(0), '')))"


def formed(values: pa.Array, form: Form) -> pa.Array:
    """The same over an Arrow array of text; as many values, large_string."""
    values = values.cast(pa.large_string())
    trimmed = pc.utf8_trim(values, characters=BLANKS)
    is_blank = pc.equal(trimmed, "")
    nothing = pa.scalar(None, pa.large_string())
    match form:
        case Form.EXACT:
            return pc.if_else(is_blank, nothing, values)
        case Form.TRIMMED:
            return pc.if_else(is_blank, nothing, trimmed)
        case Form.FOLDED:
            without_nul = pc.replace_substring(trimmed, "\0", "")
            return pc.if_else(is_blank, nothing, _lower(pc.utf8_normalize(without_nul, form="NFC")))


def _lower(values: pa.Array) -> pa.Array:
    lowered = pc.utf8_lower(values)
    has_young = pc.fill_null(pc.match_substring_regex(values, _YOUNG), False)
    if not pc.any(has_young).as_py():
        return lowered
    pieces = [_lower_around(value) for value in values.filter(has_young).to_pylist()]
    return pc.replace_with_mask(lowered, has_young, pa.array(pieces, pa.large_string()))


def _lower_around(value: str) -> str:
    """Everything but the young letters in lower case."""
    pieces: Sequence[str] = _APART.split(value)
    lowered = pc.utf8_lower(pa.array(pieces[::2], pa.large_string())).to_pylist()
    kept = [*pieces[1::2], ""]
    return "".join(one + other for one, other in zip(lowered, kept, strict=True))
