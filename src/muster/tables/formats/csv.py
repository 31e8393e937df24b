"""CSV (RFC 4180): UTF-8, a header, CRLF, and quotes only where they are needed."""

from collections.abc import Iterable, Iterator
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc

from muster.tables.formats.formulas import defused
from muster.tables.formats.lines import TEXT, concatenated, joined, texts_of

_NEEDS_QUOTES: Final = '[",\r\n]'


def write(
    schema: pa.Schema, batches: Iterable[pa.RecordBatch], *, formula_safe: bool = False
) -> Iterator[bytes]:
    """Null is empty. formula_safe: defuse text that a spreadsheet would run, names of columns too."""
    names = pa.record_batch([pa.array([name], TEXT) for name in schema.names], names=schema.names)
    yield _lines(names, formula_safe)
    for batch in batches:
        yield _lines(batch, formula_safe)


def _lines(batch: pa.RecordBatch, formula_safe: bool) -> bytes:
    texts = [_shown(column, formula_safe) for column in texts_of(batch)]
    if len(texts) == 1:  # readers skip a line without anything
        filled = pc.fill_null(texts[0], "")
        texts = [pc.if_else(pc.equal(filled, ""), pa.scalar('""', TEXT), filled)]
    return concatenated(joined([joined(texts, ","), pa.scalar("\r\n", TEXT)]))


def _shown(texts: pa.Array, formula_safe: bool) -> pa.Array:
    if formula_safe:
        texts = defused(texts)
    needs = pc.match_substring_regex(texts, _NEEDS_QUOTES)
    if not pc.any(needs).as_py():
        return texts
    quote = pa.scalar('"', TEXT)
    quoted = joined([quote, pc.replace_substring(texts, '"', '""'), quote])
    return pc.if_else(needs, quoted, texts)
