"""Text a spreadsheet would run is defused, and nothing else is touched, held against a plain expression."""

import re

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from muster.tables.formats.formulas import defused

STARTS = re.compile(r"[=+\-@\t\r\n]")
NUMBER = re.compile(r"[+-]?[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?")


def plainly(value: str | None) -> str | None:
    if value is None or not STARTS.match(value) or NUMBER.fullmatch(value):
        return value
    return f"'{value}"


def column(values: list[str | None]) -> pa.Array:
    return pa.array(values, pa.large_string())


@pytest.mark.parametrize(
    "values",
    [
        ["=1+1", "=1", "@SUM(A1)", "+", "-", "\t=1", "\r=1", "\n=1", "+1a", "-1-1", "--1", "+ 1", "+\u0661"],
        ["+441134960987", "-5", "+1.5", "-1e-5", "5", "a=1", " =1", "", None, "é"],
        ["+441134960987", "+442079460000"],
        ["+441134960987", "=cmd|' /C calc'!A0", None],
        [],
    ],
    ids=["formulas", "none", "telephone numbers", "one among numbers", "nothing"],
)
def test_an_apostrophe_stands_before_formulas_and_before_nothing_else(values: list[str | None]) -> None:
    assert defused(column(values)).to_pylist() == [plainly(value) for value in values]


@settings(deadline=None)
@given(
    st.lists(st.none() | st.text(st.sampled_from("+-=@\t\r\n1.eEaé\u0661 "), max_size=5)), st.integers(0, 3)
)
def test_whatever_the_column_holds_and_wherever_it_begins(values: list[str | None], start: int) -> None:
    found = defused(column(values).slice(start)).to_pylist()
    assert found == [plainly(value) for value in values[start:]]
