"""Random records and filter trees made to hurt: cells and searched texts come from the same nasty pieces."""

import random
from collections.abc import Sequence
from dataclasses import dataclass

import duckdb
import pyarrow as pa
from hypothesis import strategies as st

from muster.predicates.compile import ColumnRef
from muster.predicates.model import (
    FOLDABLE,
    LISTED,
    ORDERED,
    PARTIAL,
    VALUELESS,
    AllOf,
    AnyOf,
    Leaf,
    Not,
    Number,
    Operator,
    Predicate,
    Scalar,
)
from muster.predicates.readings import read_boolean, read_number

FIELDS = ("select", 'we"ird', "a.b", "drop table t; --", "naïve 名前")
Record = dict[str, str | None]

CHARACTERS = "aAkKsSiIzZßéÉ\u03c3\u03c2Σ\u017f\u0131İẞ\u212a😀\ud7ff\ue000\uffff\U00010000\u0301\0%_'\"\\\n\t $^|[](){}.*+?-/019eE"
WORDS = (
    *("a", "A", "Straße", "STRASSE", "straẞe", "İstanbul", "istanbul", "\u0131s\u0131", "ISI", "\u212aelvin", "kelvin", "\u017f", "ΣΟΦΟΣ", "σοφος", "σοφός"),
    *("é", "e\u0301", "É", "50%", "5_0", "100%", "%", "_", "a%b", "a_b", "a\\b", "\\", "O'Brien", '"', "'; DROP TABLE t; --", "a\0b", "\0"),
    *("\ud7ff", "\ue000", "\uffff", "\U00010000", "😀", "😀x", "a\nb", "b\n", " ", " a ", "x" * 5000, "x" * 5000 + "Y"),
    *("true", "True", "TRUE", "false", "FALSE", "tRUE", "yes", "t", "null", "NULL", "NaN", "nan", "inf", "Infinity", "-inf", "1e400"),
)  # fmt: skip
NUMBERS = (
    *("0", "-0", "0.0", "-0.0", "1", "-1", "1.0", "1.50", "007", "+5", "5.", ".5", " 12 ", "12\n", "1e3", "1E3", "0x1F", "5_0", "1,000", "٣"),
    *("0.1", "0.30000000000000004", "0.3", "3.3333333333333335", "2.675", "123456789.123456789", "9007199254740992", "9007199254740993"),
    *("-9007199254740993", "9223372036854775807", "9223372036854775808", "18446744073709551617", "1" + "0" * 22, "1" + "0" * 23),
    *("9007199254740993.0", "0." + "0" * 30 + "1", "179769313486231580793728971405301" + "0" * 276, "9" * 400, "-" + "9" * 400),
    *("0." + "0" * 320 + "49", "0." + "3" * 800, "0.5" + "0" * 300 + "1"),
)  # fmt: skip
CELLS = (*WORDS, *NUMBERS)
VALUES = (0.0, 1.0, -1.0, 5.0, 7.0, 12.0, 31.0, 50.0, 1000.0, 0.1, 0.3, 1.5, 0.30000000000000004, 2.0**53, 2.0**53 - 1, 2.0**63, 1e22, 1e23, 1e-31, 1.7976931348623157e308, -(2.0**53), 5e-324)  # fmt: skip


texts = st.one_of(st.sampled_from(CELLS), st.text(alphabet=CHARACTERS, min_size=1, max_size=6))
records = st.fixed_dictionaries({field: st.none() | texts for field in FIELDS})
numbers = st.one_of(st.sampled_from(VALUES), st.floats(allow_nan=False, allow_infinity=False)).map(Number)


@st.composite
def leaves(draw: st.DrawFn) -> Leaf:
    op = draw(st.sampled_from(Operator))
    field = draw(st.sampled_from(FIELDS))
    if op in VALUELESS:
        return Leaf(field, op)
    if op in PARTIAL:
        scalars: st.SearchStrategy[Scalar] = texts
    elif op in ORDERED:
        scalars = draw(st.sampled_from([texts, numbers]))
    else:
        scalars = texts | numbers | st.booleans()
    values = draw(st.lists(scalars, min_size=2, max_size=2 if op is Operator.BETWEEN else 5))
    return leaf_of(field, op, values, ignore_case=draw(st.booleans()))


def leaf_of(field: str, op: Operator, values: Sequence[Scalar], *, ignore_case: bool) -> Leaf:
    """A leaf as the parser would let it pass: ranges in order, case ignored only where that is possible."""
    kept = list(values) if op in LISTED else list(values[:1])
    if op is Operator.BETWEEN:
        kept.sort(key=lambda value: (value.value, "") if isinstance(value, Number) else (0, str(value)))
    short = [value for value in kept if isinstance(value, str)]
    folds = ignore_case and op in FOLDABLE and bool(short) and sum(map(len, short)) < 4_000
    return Leaf(field, op, tuple(kept), folds)


trees: st.SearchStrategy[Predicate] = st.recursive(
    leaves(),
    lambda parts: st.one_of(
        st.lists(parts, min_size=1, max_size=4).map(lambda found: AllOf(tuple(found))),
        st.lists(parts, min_size=1, max_size=4).map(lambda found: AnyOf(tuple(found))),
        parts.map(Not),
    ),
    max_leaves=8,
)


def seeded_record(source: random.Random) -> Record:
    return {field: source.choice((None, *CELLS)) for field in FIELDS}


def seeded_tree(source: random.Random, levels: int = 3) -> Predicate:
    """Faster than `trees` where shrinking is not worth its price."""
    kind = source.randrange(6) if levels else 5
    if kind <= 1:
        parts = tuple(seeded_tree(source, levels - 1) for _ in range(source.randint(1, 3)))
        return AllOf(parts) if kind else AnyOf(parts)
    if kind == 2:
        return Not(seeded_tree(source, levels - 1))
    op = source.choice(list(Operator))
    scalars: list[Sequence[Scalar]] = [[_piece(source) for _ in range(3)]]
    if op not in PARTIAL:
        scalars.append([Number(source.choice(VALUES)) for _ in range(3)])
    if op not in PARTIAL and op not in ORDERED:
        scalars.append([True, "a", Number(1.0)])
    values = source.choice(scalars)[: 2 if op is Operator.BETWEEN else 3]
    made = leaf_of(source.choice(FIELDS), op, values, ignore_case=source.random() < 0.5)
    return Leaf(made.field, op) if op in VALUELESS else made


def _piece(source: random.Random) -> str:
    word = source.choice(CELLS)
    start = source.randrange(len(word))
    return source.choice((word, word, word[start:], word[: start + 1], word.swapcase()))


@dataclass(frozen=True)
class Laid:
    """Records as a table, with the columns the compiler is told of."""

    table: pa.Table
    columns: dict[str, ColumnRef]


def lay_out(rows: Sequence[Record], *, twins: bool) -> Laid:
    """`_row_id` and a large_string column for each field; with `twins` its readings as number and boolean.

    Physical names are as odd as the fields, which real ones (`c0`) never are.
    """
    arrays: dict[str, pa.Array] = {"_row_id": pa.array(range(len(rows)), pa.int64())}
    columns = {}
    for field in FIELDS:
        cells = [row[field] for row in rows]
        arrays[field] = pa.array(cells, pa.large_string())
        columns[field] = ColumnRef(field, field)
        if twins:
            columns[field] = ColumnRef(field, field, f"{field} #", f"{field} ?")
            arrays[f"{field} #"] = _number_twin(cells)
            arrays[f"{field} ?"] = pa.array([cell and read_boolean(cell) for cell in cells], pa.bool_())
    return Laid(pa.table(arrays), columns)


def _number_twin(cells: Sequence[str | None]) -> pa.Array:
    found = [None if cell is None else read_number(cell) for cell in cells]
    whole = (
        [None if number is None else int(str(cell)) for cell, number in zip(cells, found, strict=True)]
        if all(
            number is None or str(cell).lstrip("-").isdigit()
            for cell, number in zip(cells, found, strict=True)
        )
        else [2**64]
    )
    if all(number is None or -(2**63) <= number < 2**63 for number in whole):
        return pa.array(whole, pa.int64())
    return pa.array(found, pa.float64())


def connection() -> duckdb.DuckDBPyConnection:
    return duckdb.connect(":memory:", config={"threads": 1, "autoload_known_extensions": False})
