"""Actions on values: bounded, by the rules of Unicode, and refused before they do harm."""

import time

import pytest

from muster.records.transforms import Action, Transform, change_of, transform_problem


def done(transform: Transform, value: str | None) -> str | None:
    assert transform_problem(transform) is None
    return change_of(transform, "email")(value)


def replace(find: str, put: str, *, pattern: bool = False) -> Transform:
    return Transform(Action.REPLACE, find, put, pattern=pattern)


@pytest.mark.parametrize(
    ("transform", "member"),
    [
        (replace("", "x"), "find"),
        (replace("x" * 1001, "x"), "find"),
        (replace("x", "y" * 1001), "replace"),
        (replace("(", "x", pattern=True), "find"),
        (replace(r"(a)\1", "x", pattern=True), "find"),
        (replace("(?=a)", "x", pattern=True), "find"),
        (replace("a{1000}{1000}", "x", pattern=True), "find"),
        (replace("(a)", r"\2", pattern=True), "replace"),
        (replace("(a)", r"\g<1>", pattern=True), "replace"),
        (replace("a", "\\", pattern=True), "replace"),
        (replace("a", r"\²", pattern=True), "replace"),
        (Transform(Action.SET, value="x" * 100_001), "value"),
    ],
)
def test_what_cannot_be_done_is_refused_by_its_member(transform: Transform, member: str) -> None:
    problem = transform_problem(transform)
    assert problem is not None
    assert problem[0] == member


@pytest.mark.parametrize(
    ("transform", "value", "expected"),
    [
        (Transform(Action.TRIM), " \u00a0a  b\u200b ", "a b"),
        (Transform(Action.TRIM), "   ", None),
        (Transform(Action.LOWER), "ÀÉΑΣ İ", "àéας i̇"),
        (Transform(Action.UPPER), "straße ﬁ", "STRASSE FI"),
        (Transform(Action.CLEAR), "x", None),
        (Transform(Action.SET, value="y"), None, "y"),
        (Transform(Action.SET, value=""), "x", None),
        (Transform(Action.SUGGEST), "ana@gmial.com", "ana@gmail.com"),
        (Transform(Action.SUGGEST), "ana@x.org", "ana@x.org"),
        (replace("a", ""), "aaa", None),
        (replace(".", "-"), "a.b", "a-b"),
        (replace(r"(\w+)@(\w+)", r"\2@\1 \\", pattern=True), "a@b", "b@a \\"),
        (replace("x*", "-", pattern=True), "ab", "-a-b-"),
        (replace("é", "e", pattern=True), "éé", "ee"),
        (replace("(a)|b", r"[\1]", pattern=True), "ab", "[a][]"),
    ],
)
def test_what_each_action_makes_of_a_value(
    transform: Transform, value: str | None, expected: str | None
) -> None:
    assert done(transform, value) == expected


@pytest.mark.parametrize("action", [Action.TRIM, Action.LOWER, Action.UPPER, Action.SUGGEST, Action.CLEAR])
def test_nothing_stays_nothing(action: Action) -> None:
    assert done(Transform(action), None) is None


def test_a_cell_never_grows_without_bound() -> None:
    text = "a" * 100_000
    assert done(replace("a", "b" * 1000), text) == text
    assert done(replace("a", "b" * 1000, pattern=True), text) == text


def test_no_pattern_takes_more_than_linear_time() -> None:
    began = time.monotonic()
    done(replace("(a*)*b", "x", pattern=True), "a" * 10_000)
    assert time.monotonic() - began < 2
