"""Text that a spreadsheet would run as a formula, and how it is defused (OWASP ASVS 1.2.10)."""

import pyarrow as pa
import pyarrow.compute as pc

STARTS = r"\A[=+\-@\t\r\n]"
"""What such text starts with."""
NUMBER = r"\A[+-]?[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?\z"
"""What may start like it all the same."""


def defused(texts: pa.Array) -> pa.Array:
    """With an apostrophe before each formula; that changes the value, so it is done only on demand."""
    is_formula = pc.and_(
        pc.match_substring_regex(texts, STARTS), pc.invert(pc.match_substring_regex(texts, NUMBER))
    )
    quoted = pc.binary_join_element_wise(pa.scalar("'", texts.type), texts, pa.scalar("", texts.type))
    return pc.if_else(is_formula, quoted, texts)
