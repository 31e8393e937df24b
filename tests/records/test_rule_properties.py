"""What must hold of every value, whoever made it: short cuts agree with checks, and nothing takes for ever."""

import time
from datetime import date
from decimal import Decimal

import pyarrow as pa
import pytest
from email_validator import EmailNotValidError, validate_email
from hypothesis import example, given, settings
from hypothesis import strategies as st

from muster.records.checks.choose import value_check
from muster.records.checks.emails import check_email
from muster.records.checks.numbers import parse_number, plain
from muster.records.checks.patterns import pattern_check, pattern_problem
from muster.records.checks.verdict import bare, is_blank
from muster.records.rules import (
    Boolean,
    Case,
    Date,
    Domain,
    Email,
    Enum,
    Length,
    Number,
    Pattern,
    Phone,
    Trim,
    Url,
    ValueTest,
)
from muster.rules.ordinary import blank, surely_fine

# Pieces that come close to what short cuts look for, so that guesses land on both sides of their edges.
NEARLY = st.lists(
    st.sampled_from(
        [
            *"abzABZ0159-._+@ /:?#'\n\t,\u00e9\u0130\u212a\u0660\u00a0", "example", ".com", ".co.uk", "xn--", "@",
            "info", ".test", ".local", "https://", "2024-02-", "29", "1", "000", "--", "mller-kva",
        ]
    ),
    min_size=1,
    max_size=12,
).map("".join)  # fmt: skip
ADDRESS = st.from_regex(
    r"[A-Za-z0-9_+]{1,9}([.-][A-Za-z0-9]{1,5}){0,3}@([A-Za-z0-9]{1,6}-{0,2}[a-z0-9]{1,3}\.){1,3}(com|de|test|local|arpa|onion|info|co|a1)",
    fullmatch=True,
)
ISO = st.from_regex(r"(0|1|2)[0-9]{3}-[01][0-9]-[0-3][0-9]", fullmatch=True)
NUMBER = st.from_regex(r"-?[0-9]{1,16}(\.[0-9]{0,8})?", fullmatch=True)
VALUES = st.one_of(NEARLY, ADDRESS, ISO, NUMBER, st.text(max_size=30))

TESTS: list[ValueTest] = [
    Email(),
    Domain(),
    Url(),
    Date(),
    Date(min=date(2000, 1, 1)),
    Number(),
    Number(min=-3.5, max=2000.1),
    Number(integer=True, max=500),
    Number(decimal_comma=True, min=0),
    Pattern("[a-z@.]+"),
    Pattern("[0-9]{2}", match="part"),
    Pattern("(?i)EXAMPLE|a$", match="part"),
    Pattern("k.m", ignore_case=True),
    Enum(("example", "1")),
    Length(2, 9),
    Trim(),
    Case("lower"),
    Case("upper"),
]


@pytest.mark.parametrize("test", TESTS, ids=repr)
@settings(max_examples=100, deadline=None)
@given(st.lists(VALUES, min_size=1, max_size=20))
def test_the_short_cut_never_passes_what_the_check_would_touch(test: ValueTest, values: list[str]) -> None:
    column = pa.array(values, pa.large_string())
    fine = surely_fine(test, column)
    assert fine is not None
    check = value_check(test)
    for value, is_fine in zip(values, fine.to_pylist(), strict=True):
        if is_fine and not is_blank(value):
            verdict = check(value)
            assert verdict.is_ok, (value, verdict)
            assert verdict.fixed is None, (value, verdict)


@pytest.mark.parametrize(
    ("test", "value", "is_fine"),
    [
        (Email(), f"ana@{'x' * 56}.com", True),
        (Email(), f"ana@{'x' * 57}.com", False),  # one byte over what the short cut vouches for
        (Email(), f"ana@{'x' * 64}.com", False),
        (Domain(), f"{'x' * 64}.com", False),
        (Url(), f"https://{'x' * 64}.com", False),
        (Number(min=-3.5, max=2000.1), "-3.5", True),
        (Number(min=-3.5, max=2000.1), "-3.51", False),
        (Number(min=-3.5, max=2000.1), "2000.1", True),
        (Number(min=-3.5, max=2000.1), "2000.11", False),
        (Number(integer=True), "1.5", False),
        (Number(decimal_comma=True), "1.5", False),
        (Number(max=0.1), "0.1000000000000000055", False),
        (Date(min=date(2000, 1, 2), max=date(2000, 1, 3)), "2000-01-01", False),
        (Date(min=date(2000, 1, 2), max=date(2000, 1, 3)), "2000-01-02", True),
        (Date(min=date(2000, 1, 2), max=date(2000, 1, 3)), "2000-01-04", False),
        (Length(2, 3), "x", False),
        (Length(2, 3), "xxx", True),
        (Length(2, 3), "xxxx", False),
        (Pattern("a|ab"), "abc", False),
        (Pattern("a"), "a\n", False),
    ],
    ids=lambda value: ascii(value)[:50],
)
def test_a_short_cut_ends_where_it_should(test: ValueTest, value: str, is_fine: bool) -> None:
    fine = surely_fine(test, pa.array([value], pa.large_string()))
    assert fine is not None
    assert fine.to_pylist() == [is_fine]


@settings(max_examples=300, deadline=None)
@given(st.one_of(ADDRESS, NEARLY, st.emails()))
@example("Info@Example.com")
@example("\u212a@example.com")
@example("a@b.co\n")
def test_an_address_passes_exactly_when_email_validator_takes_it(address: str) -> None:
    try:
        wanted = validate_email(address, check_deliverability=False, strict=True).normalized
    except EmailNotValidError:
        wanted = None
    verdict = check_email(address)
    if verdict.is_ok:
        assert (verdict.fixed or address) == wanted
    elif wanted is not None:
        # Blanks around an address are another check's business; email-validator forgives some.
        assert bare(address) != address


def test_most_ordinary_addresses_take_the_short_cut() -> None:
    sent = ["ana@example.com", "a.b-c_d+e@mail.example.co.uk", "x1@1and1.de", "kim@shop.example.info"]
    assert surely_fine(Email(), pa.array(sent, pa.large_string())).to_pylist() == [True] * 4


@given(st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**15), max_value=10**15, places=4))
def test_a_number_read_is_the_number_written(number: Decimal) -> None:
    assert parse_number(plain(number), decimal_comma=False) == number
    assert parse_number(f"{number:,f}", decimal_comma=False) == number
    swapped = f"{number:,f}".translate(str.maketrans(",.", ".,"))
    assert parse_number(swapped, decimal_comma=True) == number


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=60))
@pytest.mark.parametrize(
    "test",
    [*TESTS, Phone("DE"), Phone(), Boolean(), Date(("D.M.YY", "MMM D YYYY")), Date(with_time=True), Case("title")],
    ids=repr,
)  # fmt: skip
def test_no_text_breaks_a_check_and_a_fix_is_settled(test: ValueTest, value: str) -> None:
    check = value_check(test)
    if is_blank(value):
        return
    verdict = check(value)
    assert verdict.is_ok or verdict.code is not None
    assert (verdict.fixed is None) or verdict.code is not None
    assert verdict.fixed != value


@given(st.text(max_size=20))
def test_blank_means_the_same_in_columns_and_in_python(value: str) -> None:
    assert blank(pa.array([value, None], pa.large_string())).to_pylist() == [is_blank(value), True]


@pytest.mark.parametrize(
    "pattern",
    ["(a+)+b", "(a|a)*b", "(a|aa)+$", "(.*a){12}", "(x+x+)+y", "([a-zA-Z]+)*!", "^(([a-z])+.)+[A-Z]$"],
)
def test_patterns_that_ruin_other_engines_take_linear_time(pattern: str) -> None:
    test = Pattern(pattern)
    assert pattern_problem(test) is None
    check = pattern_check(test)

    def seconds(length: int) -> float:
        text = "a" * length + "\u00e9"
        started = time.perf_counter()
        check(text)
        return time.perf_counter() - started

    # A backtracking engine needs longer than the age of the universe for the first of these.
    assert max(seconds(200), seconds(100_000)) < 5


def test_a_value_of_a_megabyte_costs_no_test_more_than_a_blink() -> None:
    for test in [*TESTS, Phone("DE"), Boolean(), Date(("D.M.YY",)), Date(with_time=True), Case("title")]:
        for piece in ("a", "1", "a@", "1,", " ", "\u0660", "(", "a.", "//", "<"):
            value = piece * (1_000_000 // len(piece)) + "!"
            started = time.perf_counter()
            value_check(test)(value)
            assert time.perf_counter() - started < 5, (test, piece)
