"""CSV (RFC 4180): UTF-8, a header, CRLF, and quotes only where they are needed."""

from collections.abc import Iterable, Iterator
from functools import reduce
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc

from muster.tables.formats.formulas import defused
from muster.tables.formats.lines import TEXT, concatenated, joined, joined_lines, present, texts_of

_QUOTED: Final = (b'"', b",", b"\r", b"\n")
_FEW: Final = 4
"""Up to one row in so many is quoted by itself, more are with all the others."""


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
    found = present(texts, _QUOTED)
    if not found:
        return texts
    needs = pc.fill_null(reduce(pc.or_, (pc.match_substring(texts, each) for each in found)), False)
    if _FEW * needs.true_count > len(texts):
        return pc.if_else(needs, _quoted(texts), texts)
    # Behind all values stand those few in quotes, and each row takes one or the other.
    number = pc.add(pc.cumulative_sum(needs.cast(pa.int64())), len(texts) - 1)
    chosen = pc.if_else(needs, number, pa.arange(0, len(texts)))
    return pa.concat_arrays([texts, _quoted(texts.filter(needs))]).take(chosen)


def _quoted(texts: pa.Array) -> pa.Array:
    quote = pa.scalar('"', TEXT)
    return joined([quote, pc.replace_substring(texts, '"', '""'), quote])
