"""Two columns at once: which pairs surely pass a test, and the different pairs among the others."""

import pyarrow as pa
import pyarrow.compute as pc

from muster.records.rules import Before, Different, Equal, Greater, PairTest, RequiredIf
from muster.rules.ordinary import blank

Pair = tuple[str | None, str | None]


def surely_fine_pairs(test: PairTest, one: pa.Array, other: pa.Array) -> pa.Array:
    """A boolean, never null, for each row."""
    match test:
        case Equal():
            return pc.or_(
                pc.fill_null(pc.equal(one, other), False), pc.and_(pc.is_null(one), pc.is_null(other))
            )
        case Different() if not test.ignore_case:
            return pc.fill_null(pc.not_equal(one, other), True)
        case Different() | Before() | Greater():
            return pc.or_(pc.is_null(one), pc.is_null(other))
        case RequiredIf():
            return pc.or_(pc.is_null(other), pc.invert(blank(one)))


def distinct_pairs(one: pa.Array, other: pa.Array) -> tuple[list[Pair], pa.Array]:
    """The different pairs of two columns of equal length, and for each row which of them it is."""
    first = one.dictionary_encode(null_encoding="encode")
    second = other.dictionary_encode(null_encoding="encode")
    width = len(second.dictionary)
    joined = pc.add(pc.multiply(first.indices.cast(pa.int64()), width), second.indices.cast(pa.int64()))
    encoded = joined.dictionary_encode()
    firsts, seconds = first.dictionary.to_pylist(), second.dictionary.to_pylist()
    pairs = [(firsts[number // width], seconds[number % width]) for number in encoded.dictionary.to_pylist()]
    return pairs, encoded.indices
