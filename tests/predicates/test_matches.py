"""What a filter means, case by case; test_agreement.py then holds the SQL to it."""

import subprocess
import sys

import pytest

from muster.predicates.matches import matches
from muster.predicates.model import AllOf, AnyOf, Leaf, Not, Number, Operator, Scalar

O = Operator  # noqa: E741


@pytest.mark.parametrize(
    ("cell", "op", "values", "expected"),
    [
        ("US", O.EQ, ("US",), True),
        ("us", O.EQ, ("US",), False),
        (" US", O.EQ, ("US",), False),
        (None, O.EQ, ("US",), False),
        (None, O.NE, ("US",), True),
        ("DE", O.NE, ("US",), True),
        ("5", O.EQ, (Number(5),), True),
        ("5.0", O.EQ, (Number(5),), True),
        ("5.0", O.EQ, ("5",), False),
        ("05", O.EQ, (Number(5),), False),
        ("05", O.NE, (Number(5),), True),
        ("-0", O.EQ, (Number(0),), True),
        ("0.1", O.EQ, (Number(0.1),), True),
        ("1e3", O.EQ, (Number(1000),), False),
        ("many", O.GT, (Number(5),), False),
        ("many", O.LE, (Number(5),), False),
        ("10", O.GT, (Number(9),), True),
        ("10", O.GT, ("9",), False),
        ("2024-02-03", O.GE, ("2024-01-31",), True),
        ("Z", O.LT, ("a",), True),
        ("\uffff", O.LT, ("\U00010000",), True),
        (None, O.LT, (Number(5),), False),
        ("5", O.BETWEEN, (Number(5), Number(5)), True),
        ("5.1", O.BETWEEN, (Number(5), Number(5)), False),
        ("b", O.BETWEEN, ("a", "b"), True),
        ("bb", O.BETWEEN, ("a", "b"), False),
        ("US", O.IN, ("DE", "US"), True),
        ("1.0", O.IN, ("DE", Number(1)), True),
        ("TRUE", O.IN, ("DE", True), True),
        (None, O.IN, ("DE",), False),
        (None, O.NOT_IN, ("DE",), True),
        ("DE", O.NOT_IN, ("DE",), False),
        ("True", O.EQ, (True,), True),
        ("True", O.EQ, ("true",), False),
        ("yes", O.EQ, (True,), False),
        ("1", O.EQ, (True,), False),
        (None, O.EQ, (False,), False),
        (None, O.NE, (False,), True),
        (None, O.IS_EMPTY, (), True),
        (" ", O.IS_EMPTY, (), False),
        ("x", O.IS_NOT_EMPTY, (), True),
        ("100% sure", O.CONTAINS, ("0%",), True),
        ("1000 sure", O.CONTAINS, ("0%",), False),
        ("axb", O.CONTAINS, ("a_b",), False),
        (None, O.CONTAINS, ("a",), False),
        (None, O.NOT_CONTAINS, ("a",), True),
        ("abc", O.STARTS_WITH, ("ab",), True),
        ("abc", O.STARTS_WITH, ("bc",), False),
        ("abc", O.ENDS_WITH, ("bc",), True),
        (None, O.ENDS_WITH, ("bc",), False),
    ],
)
def test_a_condition_holds_or_does_not(
    cell: str | None, op: Operator, values: tuple[Scalar, ...], expected: bool
) -> None:
    assert matches(Leaf("f", op, values), {"f": cell}) is expected
    assert matches(Not(Leaf("f", op, values)), {"f": cell}) is not expected


@pytest.mark.parametrize("op", [O.EQ, O.IN, O.CONTAINS, O.STARTS_WITH, O.ENDS_WITH])
def test_case_is_ignored_only_when_asked(op: Operator) -> None:
    assert not matches(Leaf("f", op, ("münchen",)), {"f": "MÜNCHEN"})
    assert matches(Leaf("f", op, ("münchen",), ignore_case=True), {"f": "MÜNCHEN"})


def test_ignoring_case_is_about_texts_only() -> None:
    assert not matches(Leaf("f", O.IN, (True, "x"), ignore_case=True), {"f": "tRUE"})


def test_a_missing_field_is_an_empty_one() -> None:
    assert matches(Leaf("f", O.IS_EMPTY), {})
    assert not matches(Leaf("f", O.IS_NOT_EMPTY), {"g": "x"})


def test_groups_are_what_their_names_say() -> None:
    us, big = Leaf("country", O.EQ, ("US",)), Leaf("size", O.GE, (Number(50),))
    record: dict[str, str | None] = {"country": "US", "size": "10"}
    assert matches(AnyOf((us, big)), record)
    assert not matches(AllOf((us, big)), record)
    assert matches(AllOf((us, Not(big))), record)


def test_only_compiling_needs_the_compiler() -> None:
    code = (
        "import sys, muster.predicates.parse, muster.predicates.matches, muster.predicates.describe, "
        "muster.predicates.sort, muster.predicates.compile; "
        "print({'ibis', 'sqlglot', 'duckdb', 'pyarrow', 'numpy', 'pandas'} & set(sys.modules)); "
        "muster.predicates.compile.warm_up(); print({'duckdb', 'pyarrow', 'numpy', 'pandas'} & set(sys.modules))"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    assert ran.stdout.split() == ["set()", "set()"]
