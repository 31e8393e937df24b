import math

import pytest

from muster.predicates.readings import read_boolean, read_number


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("0", 0.0),
        ("-0", 0.0),
        ("12", 12.0),
        ("-12.50", -12.5),
        ("0.1", 0.1),
        ("9007199254740993", 9007199254740992.0),
        ("9" * 400, math.inf),
        ("-" + "9" * 400, -math.inf),
        ("0." + "0" * 400 + "1", 0.0),
    ],
)
def test_a_number_is_read(text: str, number: float) -> None:
    assert read_number(text) == number


@pytest.mark.parametrize(
    "text",
    [
        *("", " ", "007", "-007", "00", "+5", "5.", ".5", "-", "--1", " 12", "12 ", "12\n", "1e3", "0x1F", "5_0", "1,000"),
        *("NaN", "inf", "Infinity", "\u0663", "1\0", "1.2.3", "\u22121", "½", "true"),
    ],
    ids=repr,
)  # fmt: skip
def test_text_that_only_looks_like_a_number_is_text(text: str) -> None:
    assert read_number(text) is None


@pytest.mark.parametrize("text", ["true", "True", "TRUE"])
def test_true_is_read(text: str) -> None:
    assert read_boolean(text) is True


@pytest.mark.parametrize("text", ["false", "False", "FALSE"])
def test_false_is_read(text: str) -> None:
    assert read_boolean(text) is False


@pytest.mark.parametrize("text", ["", "tRUE", "true ", "yes", "no", "1", "0", "t", "on", "null"])
def test_other_words_are_neither_true_nor_false(text: str) -> None:
    assert read_boolean(text) is None
