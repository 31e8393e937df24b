"""Answers of strangers: what is no JSON, what is too much, and what becomes of odd values."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from muster.enrichments.http.documents import (
    MAX_TEXT_CHARACTERS,
    Number,
    Unusable,
    clean,
    number_of,
    read_document,
    text_of,
)
from muster.enrichments.provider import Kind


@pytest.mark.parametrize(
    "body",
    [
        b"", b" ", b"{", b'{"a":1,}', b"{'a':1}", b"[1,]", b"NaN", b'{"a":NaN}', b"[Infinity]", b"[-Infinity]", b"01",
        b"1.", b"+1", b"nul", b"\xff", b'"\xc3"', b'{"a":"\xe9"}', b"\x00", b'"a\nb"', b"{}{}", b"<html>", b"a=b",
        b"[" * 65 + b"]" * 65, b"[" * 1_000_000, b'{"a":' * 100_000 + b"1" + b"}" * 100_000,
        '{"a":1}'.encode("utf-16"), '{"a":1}'.encode("utf-32"),
    ],
    ids=lambda body: repr(body[:12]),
)  # fmt: skip
def test_what_is_no_json_or_nests_too_deep_is_unusable(body: bytes) -> None:
    with pytest.raises(Unusable):
        read_document(body, "application/json")


@pytest.mark.parametrize(
    ("content_type", "is_read"),
    [
        (None, True), ("", True), ("application/json", True), ("Application/JSON; charset=utf-8", True),
        ("application/vnd.api+json", True), ("application/problem+json;x=y", True), ("text/json", True),
        ("text/plain; charset=utf-8", True),
        ("text/html", False), ("text/html; application/json", False), ("application/xml", False), ("text/csv", False),
        ("application/octet-stream", False), ("image/png", False), ("application/jsonx", False), ("multipart/json", False),
    ],
)  # fmt: skip
def test_only_what_says_json_or_text_is_read(content_type: str | None, is_read: bool) -> None:
    if is_read:
        assert read_document(b"{}", content_type) == {}
    else:
        with pytest.raises(Unusable):
            read_document(b"{}", content_type)


def test_a_byte_order_mark_and_sixty_four_levels_are_fine() -> None:
    assert read_document(b"\xef\xbb\xbf{}", None) == {}
    read_document(b"[" * 64 + b"]" * 64, None)
    assert read_document(b'"' + b"[" * 1000 + b'"', None) == "[" * 1000


@pytest.mark.parametrize(
    "digits", ["12345678901234567890123", "1.10", "-0", "0.1", "1E5", "9007199254740993", "1e400", "3" * 90]
)
def test_numbers_keep_their_digits(digits: str) -> None:
    number = read_document(digits.encode(), None)
    assert isinstance(number, Number)
    assert text_of(number, Kind.TEXT) == digits
    assert text_of([number, {"a": number}], Kind.TEXT) == f'[{digits},{{"a":{digits}}}]'


def test_a_number_of_a_million_digits_costs_nothing_and_is_unusable() -> None:
    number = read_document(b"9" * 1_000_000, None)
    for kind in (Kind.TEXT, Kind.NUMBER):
        with pytest.raises(Unusable):
            text_of(number, kind)
    assert number_of(number) is None


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("Acme", "Acme"), ("  Acme\t", "Acme"), ("", None), ("   ", None), (None, None), (True, "true"), (False, "false"),
        ({"b": [1, "x"], "a": None}, '{"b":[1,"x"],"a":null}'), ([], "[]"), ({}, "{}"),
        ("a\r\nb\tc", "a b c"), ("a\x00b\x1b[31mc\x7f\x85", "ab[31mc"), ("\ufeffAcme\ufeff", "Acme"),
        ("e\u0301", "é"), ("a\u2028b", "ab"), ("a\ud800b", "a\ufffdb"), ("\U0001f600", "\U0001f600"),
        ("x" * 20_000, "x" * MAX_TEXT_CHARACTERS), ("\x00\x01", None),
    ],
)  # fmt: skip
def test_text_is_made_fit_for_a_cell(value: object, text: str | None) -> None:
    assert text_of(value, Kind.TEXT) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [(True, "true"), (False, "false"), ("TRUE", "true"), (" false ", "false"), (None, None), ("", None)],
)
def test_booleans_are_booleans(value: object, text: str | None) -> None:
    assert text_of(value, Kind.BOOLEAN) == text


@pytest.mark.parametrize("value", [Number("1"), Number("0"), "yes", "1", [], {}, [True]])
def test_what_is_no_boolean_is_unusable(value: object) -> None:
    with pytest.raises(Unusable):
        text_of(value, Kind.BOOLEAN)


@pytest.mark.parametrize(
    ("value", "text"), [(Number("1.50"), "1.50"), ("12", "12"), (" -3e2 ", "-3e2"), (None, None), ("", None)]
)
def test_numbers_are_numbers(value: object, text: str | None) -> None:
    assert text_of(value, Kind.NUMBER) == text


@pytest.mark.parametrize(
    "value", [True, "1,5", "twelve", "0x10", "1_000", "٣", "NaN", "inf", Number("1e999"), [], {}, "1 2", "+1"]
)
def test_what_is_no_number_is_unusable(value: object) -> None:
    with pytest.raises(Unusable):
        text_of(value, Kind.NUMBER)


@pytest.mark.parametrize(
    ("value", "number"),
    [
        (Number("0.5"), 0.5),
        ("0.5", 0.5),
        ("x", None),
        (True, None),
        (None, None),
        ([], None),
        (Number("1e999"), float("inf")),
    ],
)
def test_numbers_for_reckoning(value: object, number: float | None) -> None:
    assert number_of(value) == number


@settings(max_examples=100, deadline=None)
@given(st.text(st.characters(), max_size=300))
def test_clean_text_can_be_stored_and_cleaning_it_again_changes_nothing(text: str) -> None:
    cleaned = clean(text)
    if cleaned is not None:
        cleaned.encode()
        assert cleaned == cleaned.strip()
        assert not any(ord(character) < 32 or 127 <= ord(character) < 160 for character in cleaned)
        assert clean(cleaned) == cleaned


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_unusable(body: bytes) -> None:
    try:
        document = read_document(body, None)
        text_of(document, Kind.TEXT)
    except Unusable:
        pass
