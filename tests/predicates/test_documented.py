"""docs/api/filters.md says what the code does."""

import json
import re
from pathlib import Path

import pytest

from muster.predicates import model
from muster.predicates.describe import describe
from muster.predicates.model import Operator
from muster.predicates.parse import parse_filter
from muster.predicates.readings import NUMBER_PATTERN
from muster.predicates.sort import MAX_SORT_KEYS, parse_sort

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "api" / "filters.md").read_text(encoding="utf-8")
SOURCES = "\n".join(
    path.read_text(encoding="utf-8") for path in (ROOT / "src/muster/predicates").glob("*.py")
)


def test_the_example_filter_reads_as_the_page_says() -> None:
    example, sort = re.findall(r"```json\n(.*?)```", PAGE, re.S)
    assert f"This one reads: {describe(parse_filter(example))}." in PAGE.replace("\n", " ")
    assert len(parse_sort(sort)) == 2
    assert json.loads(sort)


@pytest.mark.parametrize("op", Operator)
def test_every_operator_is_documented(op: Operator) -> None:
    assert f"`{op}`" in PAGE.split("## Operators")[1].split("## How")[0]


def test_every_code_is_documented_and_no_other() -> None:
    raised = set(re.findall(r'"((?:filter|sort)_[a-z_]+)"', SOURCES))
    assert raised == set(re.findall(r"`((?:filter|sort)_[a-z_]+)`", PAGE))


def test_every_limit_is_documented() -> None:
    limits = PAGE.split("## Limits")[1]
    for name in (
        "DEPTH",
        "LEAVES",
        "VALUES",
        "TEXT_CHARACTERS",
        "FILTER_CHARACTERS",
        "FOLDED_VALUES",
        "FOLDED_CHARACTERS",
    ):
        assert f"{getattr(model, f'MAX_{name}'):,}" in limits, name
    assert f"at most {MAX_SORT_KEYS}." in limits.replace("\n", " ")


def test_the_grammar_of_numbers_is_documented() -> None:
    assert f"`{NUMBER_PATTERN.replace('(?:', '(')}`" in PAGE
