import re
import sys

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from muster.predicates.folding import fold, pattern_of
from tests.predicates.trees import CELLS, CHARACTERS, connection

EVERY_CHARACTER = [chr(point) for point in range(sys.maxunicode + 1) if not 0xD800 <= point <= 0xDFFF]
FOLDED = fold("".join(EVERY_CHARACTER))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("SaaS", "sAAs"),
        ("MÜNCHEN", "münchen"),
        ("ΣΟΦΟΣ", "\u03c3\u03bf\u03c6\u03bf\u03c2"),
        ("STRAẞE", "straße"),
        ("\u212aelvin", "kelvin"),
        ("\u017f", "S"),
        ("ПРИВЕТ", "привет"),
        ("\U00010400", "\U00010428"),
    ],
)
def test_spellings_that_differ_in_case_are_one(one: str, other: str) -> None:
    assert fold(one) == fold(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("straße", "strasse"),
        ("İ", "i"),
        ("\u0131", "i"),
        ("é", "e"),
        ("é", "e\u0301"),
        ("\ufb01", "fi"),
        ("\uff11", "1"),
    ],
)
def test_spellings_that_differ_otherwise_are_two(one: str, other: str) -> None:
    assert fold(one) != fold(other)


def test_every_character_folds_to_one_character_that_folds_to_itself() -> None:
    assert len(FOLDED) == len(EVERY_CHARACTER)
    assert fold(FOLDED) == FOLDED


def test_every_letter_of_two_cases_is_known() -> None:
    # A character beyond the table, or one that Unicode pairs and we do not, would show here.
    missed = [
        character
        for character, folded in zip(EVERY_CHARACTER, FOLDED, strict=True)
        if folded != character.casefold() and len(character.casefold()) == 1
    ]
    assert missed == []


def test_an_engine_finds_by_the_pattern_exactly_the_spellings_of_every_cased_character() -> None:
    spellings: dict[str, set[str]] = {}
    for character, folded in zip(EVERY_CHARACTER, FOLDED, strict=True):
        if folded != character:
            spellings.setdefault(folded, {folded}).add(character)
    assert len(spellings) > 1_300
    cases = [
        (cell, rf"\A{pattern_of(one)}\z", fold(cell) == folded)
        for folded, group in spellings.items()
        for one in group
        for cell in (*group, *(chr(ord(member) + 1) for member in group))
    ]
    cells, patterns, expected = zip(*cases, strict=True)
    table = pa.table({"cell": pa.array(cells), "pattern": pa.array(patterns), "expected": pa.array(expected)})
    with connection() as engine:
        engine.register("t", table)
        wrong = engine.execute("SELECT * FROM t WHERE regexp_matches(cell, pattern) <> expected").fetchall()
    assert wrong == []


def python_pattern(text: str) -> str:
    """`\\x{41}` as Python spells it."""
    return re.sub(r"\\x\{([0-9a-f]+)\}", lambda found: f"\\U{int(found[1], 16):08x}", pattern_of(text))


@settings(max_examples=200, deadline=None)
@given(
    st.text(alphabet=CHARACTERS, max_size=12) | st.sampled_from([cell for cell in CELLS if len(cell) < 100]),
    st.text(alphabet=CHARACTERS, min_size=1, max_size=3),
)
def test_the_pattern_says_what_folding_says(cell: str, needle: str) -> None:
    assert bool(re.search(python_pattern(needle), cell)) == (fold(needle) in fold(cell))


@pytest.mark.parametrize("sign", list("\\^$.|?*+()[]{}-/#&~ \t\n\0'\"%_"), ids=repr)
def test_signs_mean_themselves(sign: str) -> None:
    assert pattern_of(sign) == f"\\x{{{ord(sign):x}}}"
