"""Paths into answers: what is walked, what is refused, and that no answer makes them slow."""

import contextlib
import json
import time
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonpath import findall

from muster.enrichments.http.paths import PathRefused, parse_path

DOCUMENT: Any = {
    "company": {"name": "Acme", "tags": ["a", "b", "c"], "site address": "x", "": "blank"},
    "items": [{"id": 1, "v": None}, {"id": 2, "v": "two"}, {"id": 3}],
    "none": None,
}


@pytest.mark.parametrize(
    ("path", "first"),
    [
        ("$.company.name", "Acme"),
        ("$['company']['name']", "Acme"),
        ('$["company"].name', "Acme"),
        ("$.company['site address']", "x"),
        ("$.company['']", "blank"),
        ("$.company.tags[0]", "a"),
        ("$.company.tags[-1]", "c"),
        ("$.company.tags[1:]", "b"),
        ("$.company.tags[::-1]", "c"),
        ("$.items[*].v", "two"),
        ("$..id", 1),
        ("$..tags[*]", "a"),
        ("$.company.tags", ["a", "b", "c"]),
        ("$.none", None),
        ("$.missing.deeper", None),
        ("$.company.name.deeper", None),
        ("$.company.tags[9]", None),
        ("$.company.tags[-9]", None),
        ("$.company[0]", None),
        ("$.company.tags.name", None),
        ("$.company.tags[0:9:0]", None),
        ("$.company.name[0:2]", None),
    ],
)
def test_the_first_value_that_is_there(path: str, first: object) -> None:
    assert parse_path(path).first(DOCUMENT) == first
    assert parse_path(path).text == path


def test_the_root_is_a_path_too() -> None:
    assert parse_path("$").first("text") == "text"
    assert parse_path("$[*]").first([None, 5]) == 5


@pytest.mark.parametrize(
    "path",
    [
        "", " ", "company", ".company", "company.name", "@.company", "$.", "$..", "$[", "$['a", "$.a b", " $.a", "$.a ",
        "^", "$.a | $.b", "$.a & $.b", "$.a.~", "$.~a", "#", "_", "/company/name",
        "$[0,1]", "$['a','b']", "$[*,*]", "$..['a','b']", "$[0,0][0,0][0,0]",
        "$..a..b", "$..*..*", "$..[*]..[*]",
        "$.items[?@.id == 1]", "$.items[?@.id]", "$[?match(@.a, 'x')]", "$[?search(@.a, '(a+)+$')]", "$[?length(@) > 1]",
        "$[?count(@..*) > 1]", "$.items[?@.id == $..id]", "$..[?@.a]", "$.items[(1)]", "$[?(@.a)]",
        "$" + ".a" * 31, "$" + "[0]" * 200, "$['" + "a" * 600 + "']", "$" + "[" * 499, "$[99999999999999999999]",
        "$.a\x00",
    ],
)  # fmt: skip
def test_what_does_more_than_choose_is_refused(path: str) -> None:
    with pytest.raises(PathRefused):
        parse_path(path)


# Objects and arrays within each other. No texts: the library cuts slices out of those, which RFC 9535 (2.3.4) does not.
_DOCUMENTS = st.recursive(
    st.none() | st.booleans() | st.integers(0, 9),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from("abc"), inner, max_size=3),
    max_leaves=25,
).filter(lambda document: isinstance(document, dict | list))
_STEPS = st.sampled_from([".a", ".b", "['c']", "[0]", "[-1]", "[1]", "[*]", "[0:2]", "[::2]", "[::-1]", ".*"])


@settings(max_examples=100, deadline=None)
@given(
    _DOCUMENTS,
    st.lists(_STEPS, max_size=4),
    st.sampled_from(["", "..a", "..[0]", "..*"]),
    st.lists(_STEPS, max_size=2),
)
def test_what_is_found_is_what_the_library_finds(
    document: Any, before: list[str], descent: str, after: list[str]
) -> None:
    path = "$" + "".join(before) + descent + "".join(after)
    assert list(parse_path(path).all(document)) == findall(path, document, strict=True)


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=40))
def test_any_text_is_a_path_or_refused(text: str) -> None:
    for path in (text, f"$.{text}", f"$[{text}]", f"$['{text}']"):
        with contextlib.suppress(PathRefused):
            parse_path(path).first(DOCUMENT)


@pytest.mark.parametrize(
    ("make", "path"),
    [
        (lambda: [[]] * 300_000, "$..x"),
        (lambda: [0] * 500_000, "$[*].x"),
        (lambda: [[[0] * 10] * 10] * 3000, "$" + "[*]" * 29 + ".x"),
        (lambda: json.loads('{"a":' * 60 + "1" + "}" * 60), "$..a" + ".a" * 20 + ".b"),
        (lambda: {str(n): {"a": {"a": {"a": 1}}} for n in range(50_000)}, "$..a.a.a.a.a"),
    ],
    ids=["many arrays", "many numbers", "many steps", "a long way down", "many objects"],
)
def test_no_answer_of_a_megabyte_makes_a_path_slow(make: Callable[[], Any], path: str) -> None:
    document = make()
    started = time.process_time()
    assert parse_path(path).first(document) is None
    assert time.process_time() - started < 3
