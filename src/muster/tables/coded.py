"""Text whose values come again and again: each different one once, and for each row which one it is.

What depends on the value alone, its type or how often it comes, is then worked out once for each.
"""

from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

_FEW_ROWS = 20_480
_TRIED_ROWS = 4_096
_TRIED_PLACES = 16
_MOST_DIFFERENT = 0.95
"""Of the rows that are tried: so it is where a column has some 40,000 different values in no order."""


@dataclass(frozen=True, slots=True)
class TextColumn:
    """A column of one portion. values: large_string; different, which: None where most values come once.

    different: each value that is not null, once. which: for each row its index in `different`, or null.
    """

    values: pa.ChunkedArray
    different: pa.Array | None = None
    which: pa.ChunkedArray | None = None


def coded(values: pa.ChunkedArray) -> TextColumn:
    """The column, taken apart where that pays."""
    if not _repeats(values):
        return TextColumn(values)
    # All pieces of a column have the same dictionary: making sure of it takes as long as making it.
    encoded = values.dictionary_encode()
    if not encoded.num_chunks:
        return TextColumn(values, pa.array([], pa.large_string()), pa.chunked_array([], pa.int32()))
    which = pa.chunked_array([chunk.indices for chunk in encoded.chunks])
    return TextColumn(values, encoded.chunk(0).dictionary, which)


def _repeats(values: pa.ChunkedArray) -> bool:
    """Whether enough of some values come again; of so few rows as the last portion may have it does not matter.

    The values are from all over the column, as files are often sorted.
    """
    rows = len(values)
    if rows <= _FEW_ROWS:
        return True
    size = _TRIED_ROWS // _TRIED_PLACES
    starts = [place * (rows - size) // (_TRIED_PLACES - 1) for place in range(_TRIED_PLACES)]
    slices = [values.slice(start, size) for start in starts]
    tried = pa.chunked_array([chunk for piece in slices for chunk in piece.chunks])
    filled = len(tried) - tried.null_count
    return bool(pc.count_distinct(tried, mode="only_valid").as_py() <= _MOST_DIFFERENT * filled)
