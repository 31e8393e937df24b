"""Text that a spreadsheet would run as a formula, and how it is defused (OWASP ASVS 1.2.10)."""

import pyarrow as pa
import pyarrow.compute as pc

from muster.tables.formats.lines import has_any

_FIRST = (b"=", b"+", b"-", b"@", b"\t", b"\r", b"\n")
STARTS = r"\A[=+\-@\t\r\n]"
"""What such text starts with."""
NUMBER = r"\A[+-]?[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?\z"
"""What may start like it all the same."""


def defused(texts: pa.Array) -> pa.Array:
    """With an apostrophe before each formula; that changes the value, so it is done only on demand."""
    if not has_any(texts, _FIRST):
        return texts
    starts = pc.match_substring_regex(texts, STARTS)
    if not pc.any(starts).as_py():
        return texts
    is_formula = pc.and_(starts, pc.invert(pc.match_substring_regex(texts, NUMBER)))
    quoted = pc.binary_join_element_wise(pa.scalar("'", texts.type), texts, pa.scalar("", texts.type))
    return pc.if_else(is_formula, quoted, texts)
