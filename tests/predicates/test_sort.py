import json
import random
from collections.abc import Sequence
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from muster.errors import InputError
from muster.predicates.compile import ColumnRef, select_ids_sql
from muster.predicates.readings import read_number
from muster.predicates.sort import MAX_SORT_KEYS, SortKey, check_sort, parse_sort
from tests.predicates.trees import CELLS, connection


def refused(text: str) -> list[tuple[str, str]]:
    with pytest.raises(InputError) as caught:
        parse_sort(text)
    assert caught.value.error_code == "sort_invalid"
    return [(issue.pointer, issue.code) for issue in caught.value.issues]


@pytest.mark.parametrize(
    ("text", "keys"),
    [
        ("", ()),
        ("  ", ()),
        ("name", (SortKey("name"),)),
        ("-employees,last_name", (SortKey("employees", True), SortKey("last_name"))),
        (" -a , b ", (SortKey("a", True), SortKey("b"))),
        ("--a", (SortKey("-a", True),)),
        ("Company Name", (SortKey("Company Name"),)),
        ('["-a", "b, c"]', (SortKey("a", True), SortKey("b, c"))),
        ('[{"field": "-a"}, {"field": " b ", "descending": true}]', (SortKey("-a"), SortKey(" b ", True))),
    ],
)
def test_a_sort_is_read(text: str, keys: tuple[SortKey, ...]) -> None:
    assert parse_sort(text) == keys


@pytest.mark.parametrize(
    ("text", "issues"),
    [
        (",", [("/0", "sort_malformed"), ("/1", "sort_malformed")]),
        ("a,-", [("/1", "sort_malformed")]),
        ("a,-a", [("/1", "sort_field_repeated")]),
        ("a,b,c,d,e,f,g,h,i", [(f"/{MAX_SORT_KEYS}", "sort_too_many_keys")]),
        ("[", [("", "sort_malformed")]),
        ("[]", [("", "sort_malformed")]),
        ("[" * 100_000, [("", "sort_malformed")]),
        ("[" * 5_000 + "]" * 5_000, [("", "sort_malformed")]),
        (
            '[1, {}, {"field": ""}, {"field": "a", "asc": true}]',
            [(f"/{at}", "sort_malformed") for at in range(4)],
        ),
        ('[{"field": "a", "descending": "yes"}]', [("/0", "sort_malformed")]),
        ('["\\ud800"]', [("/0", "sort_malformed")]),
        ("a\ud800", [("/0", "sort_malformed")]),
        ("x" * 10_001, [("", "sort_malformed")]),
    ],
)
def test_a_wrong_sort_is_refused(text: str, issues: list[tuple[str, str]]) -> None:
    assert refused(text) == issues


def test_a_key_of_an_unknown_field_is_refused() -> None:
    with pytest.raises(InputError) as caught:
        check_sort(parse_sort("city,-emial"), {"city", "email"})
    (issue,) = caught.value.issues
    assert (issue.pointer, issue.code) == ("/1", "sort_unknown_field")
    assert "`email`" in issue.message
    check_sort(parse_sort("city"), {"city"})


@settings(max_examples=80, deadline=None)
@given(
    st.lists(
        st.tuples(st.text(min_size=1, max_size=8), st.booleans()),
        min_size=1,
        max_size=8,
        unique_by=lambda key: key[0],
    )
)
def test_every_name_can_be_written_as_json(keys: list[tuple[str, bool]]) -> None:
    text = json.dumps([{"field": name, "descending": down} for name, down in keys])
    assert parse_sort(text) == tuple(SortKey(name, down) for name, down in keys)


def rows_in_order(cells: Sequence[tuple[str | None, str | None]], keys: Sequence[SortKey]) -> list[int]:
    """By the plain rules: n is a column with a number twin, t is text."""
    order = list(range(len(cells)))
    for key in reversed(keys):
        values: list[Any] = [
            (None if number is None else read_number(number)) if key.field == "n" else text
            for number, text in cells
        ]
        there = [at for at in order if values[at] is not None]
        # `reverse` leaves equal ones in their order.
        there.sort(key=values.__getitem__, reverse=key.descending)
        order = there + [at for at in order if values[at] is None]
    return order


@pytest.mark.parametrize(
    "keys",
    [
        (SortKey("t"),),
        (SortKey("t", True),),
        (SortKey("n"),),
        (SortKey("n", True),),
        (SortKey("n", True), SortKey("t")),
        (SortKey("t"), SortKey("n", True)),
    ],
    ids=str,
)
def test_rows_come_in_order_with_empty_ones_last_and_ties_by_row(keys: tuple[SortKey, ...]) -> None:
    source = random.Random(4)  # noqa: S311
    few = ("a", "B", "b", "ä", "\uffff", "\U00010000", "1", "10", "9", "-2", "007", None, None)
    cells = [(source.choice(few), source.choice((*few, *CELLS))) for _ in range(400)]
    numbers = [None if cell is None else read_number(cell) for cell, _ in cells]
    table = pa.table(
        {
            "_row_id": pa.array(range(len(cells)), pa.int64()),
            "c0": pa.array([cell for cell, _ in cells], pa.large_string()),
            "c0_n": pa.array(numbers, pa.float64()),
            "c1": pa.array([cell for _, cell in cells], pa.large_string()),
        }
    )
    columns = {"n": ColumnRef("n", "c0", "c0_n"), "t": ColumnRef("t", "c1")}
    with connection() as engine:
        engine.register("t", table.take(pa.array(source.sample(range(len(cells)), len(cells)))))
        found = [row[0] for row in engine.execute(select_ids_sql("t", None, keys, columns)).fetchall()]
    assert found == rows_in_order(cells, keys)
