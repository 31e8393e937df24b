"""CSV (RFC 4180): UTF-8, a header, CRLF, and quotes only where they are needed."""

from collections.abc import Iterable, Iterator
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc

from muster.tables.formats.formulas import defused
from muster.tables.formats.lines import TEXT, concatenated, has_any, joined, joined_lines, texts_of

_NEEDS_QUOTES: Final = '[",\r\n]'
_QUOTED_BYTES: Final = (b'"', b",", b"\r", b"\n")


def write(
    schema: pa.Schema, batches: Iterable[pa.RecordBatch], *, formula_safe: bool = False
) -> Iterator[bytes]:
    """Null is empty. formula_safe: defuse text that a spreadsheet would run, names of columns too."""
    yield header(schema, formula_safe=formula_safe)
    for batch in batches:
        yield lines(batch, formula_safe=formula_safe)


def header(schema: pa.Schema, *, formula_safe: bool = False) -> bytes:
    """The first line."""
    names = pa.record_batch([pa.array([name], TEXT) for name in schema.names], names=schema.names)
    return lines(names, formula_safe=formula_safe)


def lines(batch: pa.RecordBatch, *, formula_safe: bool = False) -> bytes:
    """The lines of these rows."""
    texts = [_shown(column, formula_safe) for column in texts_of(batch)]
    if len(texts) == 1:  # readers skip a line without anything
        filled = pc.fill_null(texts[0], "")
        texts = [pc.if_else(pc.equal(filled, ""), pa.scalar('""', TEXT), filled)]
    return concatenated(joined_lines(texts, ",", "\r\n"))


def _shown(texts: pa.Array, formula_safe: bool) -> pa.Array:
    if formula_safe:
        texts = defused(texts)
    # Most columns hold nothing to quote, and four looks through all their bytes cost less than one regular expression.
    if not has_any(texts, _QUOTED_BYTES):
        return texts
    needs = pc.match_substring_regex(texts, _NEEDS_QUOTES)
    quote = pa.scalar('"', TEXT)
    quoted = joined([quote, pc.replace_substring(texts, '"', '""'), quote])
    return pc.if_else(needs, quoted, texts)
