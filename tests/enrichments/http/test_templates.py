"""Requests from templates: what an input can do to them, which is nothing."""

import json
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from muster.enrichments.http.templates import (
    HeaderTemplate,
    InputUnusable,
    TemplateRefused,
    fill_json,
    known_values,
    parse_header,
    parse_text,
    parse_url_template,
    places_in,
)
from muster.web.outgoing.addresses import AddressRefused

URL = "https://api.example.com/v1/{name}/x?q={name}&key={secret:key}&c={country}&fixed=1"
HOSTILE = [
    "a/b", "../../admin", "..", "a?x=1", "a#x", "a&key=mine", "a=b", "a%2fb", "a b", "a+b", "ü", "\U0001f600", "a\\b",
    "@evil.example", "a\r\nX: y", "\x00", "a;b", "{secret:key}", "{name}", "a'b\"c", "<x>", "//evil.example/",
]  # fmt: skip


def target_of(url: str, **inputs: str | None) -> str:
    return parse_url_template(url, allow_private=False).target(known_values(inputs, {"key": "s3/cr&t"}))


@pytest.mark.parametrize("name", [name for name in HOSTILE if name != ".."])
def test_an_input_stays_one_segment_and_one_parameter(name: str) -> None:
    split = urlsplit("https://api.example.com" + target_of(URL, name=name, country="DE"))
    assert [unquote(segment) for segment in split.path.split("/")] == ["", "v1", name, "x"]
    assert parse_qsl(split.query) == [("q", name), ("key", "s3/cr&t"), ("c", "DE"), ("fixed", "1")]
    assert split.fragment == ""


@settings(max_examples=100, deadline=None)
@given(
    st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=30),
    st.text(st.characters(exclude_categories=["Cs"]), max_size=30),
)
def test_whatever_the_inputs_are_the_shape_of_the_address_is_the_templates(name: str, country: str) -> None:
    try:
        target = target_of(URL, name=name, country=country)
    except InputUnusable:
        assert name in {".", ".."}
        return
    assert target.isascii()
    assert not set(target) & set('\r\n\t #"<>\\')
    path, _, query = target.partition("?")
    assert path.count("/") == 3
    assert query.count("&") == 3
    assert unquote(path.split("/")[2]) == name


@pytest.mark.parametrize("name", [".", "..", "x" * 20_000])
def test_an_input_that_would_leave_the_directory_or_burst_the_address_is_unusable(name: str) -> None:
    with pytest.raises(InputUnusable):
        target_of(URL, name=name, country=None)


def test_dots_inside_a_segment_are_harmless() -> None:
    assert target_of("https://a.example/{first}.{last}", first=".", last="..") == "/...."
    assert target_of("https://a.example/v/{name}.json", name="..") == "/v/...json"
    with pytest.raises(InputUnusable):
        target_of("https://a.example/{first}{last}", first=".", last=".")


def test_a_parameter_without_its_input_is_left_out_and_a_path_cannot_do_without() -> None:
    assert target_of(URL, name="a", country=None) == "/v1/a/x?q=a&key=s3%2Fcr%26t&fixed=1"
    with pytest.raises(InputUnusable):
        target_of(URL, name=None, country="DE")
    assert target_of("https://a.example/x?a={name}", name=None) == "/x"


@pytest.mark.parametrize(
    "url",
    [
        "https://{name}/", "https://{name}.example.com/", "https://a.example:{port}/", "{scheme}://a.example/",
        "https://{secret:key}@a.example/", "https://a.example/{name}#x", "https://a.example/a b", "https://127.0.0.1/{name}",
    ],
)  # fmt: skip
def test_no_place_stands_in_scheme_host_or_port(url: str) -> None:
    with pytest.raises(AddressRefused):
        parse_url_template(url, allow_private=False)


@pytest.mark.parametrize(
    "url", ["https://a.example/../x", "https://a.example/a/./b", "https://a.example/%2e%2E/x"]
)
def test_a_template_has_no_dots_of_its_own(url: str) -> None:
    with pytest.raises(TemplateRefused):
        parse_url_template(url, allow_private=False)


@pytest.mark.parametrize("value", ["a\r\nX-Evil: 1", "a\nb", "a\rb", "a\x00b", "a\x7fb", "a\tb"])
def test_an_input_cannot_make_a_header_of_its_own(value: str) -> None:
    header = parse_header("X-Name", "name={name}")
    with pytest.raises(InputUnusable):
        header.filled({"name": value})
    for template in (value, f"x{value}"):
        with pytest.raises(TemplateRefused):
            parse_header("X-Name", template)


def test_a_header_is_utf_8_and_left_out_without_its_input() -> None:
    header = parse_header("X-Name", " n={name} ")
    assert isinstance(header, HeaderTemplate)
    assert header.filled({"name": "ü"}) == "n=ü".encode()
    assert header.filled({"name": None}) is None


@pytest.mark.parametrize(
    "name",
    [
        "Host", "HOST", "Content-Length", "Transfer-Encoding", "Connection", "Expect", "Upgrade", "TE", "Accept-Encoding",
        "", "a b", "a:b", "a\r\nb", "ü", "{name}", "x" * 101,
    ],
)  # fmt: skip
def test_headers_that_steer_the_connection_are_refused(name: str) -> None:
    with pytest.raises(TemplateRefused):
        parse_header(name, "x")


def test_a_body_is_filled_before_it_is_json() -> None:
    template = {
        "name": "{name}",
        "text": "is {name} in {country}?",
        "{name}": 1,
        "deep": [{"x": "{secret:key}"}, True, None, 1.5],
        "query": "query { company { name } } {Name} {na me} {}",
    }
    values = known_values({"name": 'a"},{"x":"', "country": None}, {"key": "k"})
    assert fill_json(template, values) == {
        "name": 'a"},{"x":"',
        "text": 'is a"},{"x":" in ?',
        "{name}": 1,
        "deep": [{"x": "k"}, True, None, 1.5],
        "query": "query { company { name } } {Name} {na me} {}",
    }


@settings(max_examples=100, deadline=None)
@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=40))
def test_no_input_can_add_a_member_to_a_body(name: str) -> None:
    filled = fill_json({"a": "{name}", "b": "x{name}y"}, known_values({"name": name}, {"key": "k"}))
    assert json.loads(json.dumps(filled)) == {"a": name, "b": f"x{name}y"}


def test_a_missing_input_is_null_where_it_stands_alone() -> None:
    assert fill_json({"a": "{name}"}, {"name": None}) == {"a": None}


def test_the_items_of_a_batch_stand_where_the_body_says() -> None:
    assert fill_json({"items": "{items}", "n": "x"}, {}, [1, 2]) == {"items": [1, 2], "n": "x"}


def test_an_input_named_like_a_secret_is_not_one() -> None:
    values = known_values({"key": "mine"}, {"key": "theirs"})
    assert parse_text("{key} {secret:key}").filled(values) == "mine theirs"
    # What is filled in is not looked at again.
    assert parse_text("{key}").filled(known_values({"key": "{secret:key}"}, {"key": "k"})) == "{secret:key}"


def test_every_place_is_found() -> None:
    template: Any = ["{a}{b}", {"x": "{secret:k}", "{not}": [["{c_1}"]]}, 5, None, "{A} {} {a b} {{d}}"]
    found = [(place.name, place.is_secret) for place in places_in(template)]
    assert found == [("a", False), ("b", False), ("k", True), ("c_1", False), ("d", False)]
