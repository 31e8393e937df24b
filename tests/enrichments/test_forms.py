"""The two readings of a form, held against each other."""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from muster.enrichments.forms import BLANKS, form_sql, formed
from muster.enrichments.provider import Form
from muster.records.checks.verdict import bare, is_blank
from muster.tables.engine import EngineLimits, connect

TEXTS = st.lists(
    st.none()
    | st.text(max_size=12)
    | st.text(f"{BLANKS}aA\u00c9e\u0301\u03a3\u03c3\u0130\u00df\u212b", max_size=9),
    max_size=30,
)


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    limits = EngineLimits(tmp_path_factory.mktemp("scratch"), 1 << 30, 1, 1 << 30)
    with connect(limits) as connection:
        yield connection


def by_engine(engine: Any, values: list[str | None], form: Form) -> list[str | None]:
    engine.register("given", pa.table({"v": pa.array(values, pa.large_string())}))
    rows = engine.execute(f"SELECT {form_sql('v', form)} FROM given").fetchall()  # noqa: S608
    return [value for (value,) in rows]


def by_arrow(values: list[str | None], form: Form) -> list[str | None]:
    return formed(pa.array(values, pa.large_string()), form).to_pylist()


@pytest.mark.parametrize(
    ("given_value", "exact", "trimmed", "folded"),
    [
        (None, None, None, None),
        ("", None, None, None),
        (" \t\u00a0\u200b\ufeff\u3000", None, None, None),
        ("\x00", None, None, None),
        (" Ada ", " Ada ", "Ada", "ada"),
        ("\u200bADA\x00\x1f", "\u200bADA\x00\x1f", "ADA", "ada"),
        ("A\u00a0B", "A\u00a0B", "A\u00a0B", "a\u00a0b"),
        ("Zoe\u0308", "Zoe\u0308", "Zoe\u0308", "zo\u00eb"),
        ("\u03a3\u039f\u03a6\u039f\u03a3", "\u03a3\u039f\u03a6\u039f\u03a3", "\u03a3\u039f\u03a6\u039f\u03a3",
         "\u03c3\u03bf\u03c6\u03bf\u03c3"),
        ("\U00010d50A", "\U00010d50A", "\U00010d50A", "\U00010d50a"),
        ("A\x00B", "A\x00B", "A\x00B", "ab"),
        ("x'); DROP TABLE t; --", "x'); DROP TABLE t; --", "x'); DROP TABLE t; --", "x'); drop table t; --"),
    ],
)  # fmt: skip
def test_a_value_has_the_form_that_was_asked_for(
    engine: Any, given_value: str | None, exact: str | None, trimmed: str | None, folded: str | None
) -> None:
    for form, expected in ((Form.EXACT, exact), (Form.TRIMMED, trimmed), (Form.FOLDED, folded)):
        assert by_arrow([given_value], form) == [expected]
        assert by_engine(engine, [given_value], form) == [expected]


@pytest.mark.parametrize("form", Form)
@given(values=TEXTS)
@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_engine_and_arrow_agree_on_every_text(engine: Any, form: Form, values: list[str | None]) -> None:
    assert by_engine(engine, values, form) == by_arrow(values, form)


def test_engine_and_arrow_agree_on_every_character_there_is(engine: Any) -> None:
    every = [chr(point) for point in range(sys.maxunicode + 1) if not 0xD800 <= point <= 0xDFFF]
    texts: list[str | None] = [f"{character}b" for character in every]
    assert by_engine(engine, texts, Form.FOLDED) == by_arrow(texts, Form.FOLDED)


@given(st.text(f"{BLANKS}ab", max_size=12))
def test_what_rules_call_blank_is_blank_here(text: str) -> None:
    trimmed = by_arrow([text], Form.TRIMMED)[0]
    if is_blank(text):
        assert trimmed is None
    assert (trimmed or "") in bare(text)


def test_a_form_of_a_form_is_itself() -> None:
    texts: list[str | None] = [" \u0130I\u0307 ", "\u03a3\u0345", "A\u030a", "\u1fbc", "\u01c5x"]
    once = by_arrow(texts, Form.FOLDED)
    assert by_arrow(once, Form.FOLDED) == once


def test_no_text_leaves_the_expression(tmp_path: Path) -> None:
    sql = form_sql("v", Form.FOLDED)
    assert sql.isascii()
    assert sql.isprintable()
