"""Settings of a REST service: every slip is told before the first call, at its place."""

from datetime import timedelta
from typing import Any

import pytest
from pydantic import ValidationError

from muster.enrichments.http.settings import HttpSettings
from muster.enrichments.provider import Form, Keep, Kind, Rate
from muster.enrichments.provider_settings import ALLOW_PRIVATE

PLAIN: dict[str, Any] = {
    "url": "https://api.example.com/v1/companies/{domain}?key={secret:key}",
    "secrets": {"key": "sk-1"},
    "needs": [{"name": "domain", "title": "Domain"}],
    "outputs": [{"name": "company", "path": "$.company.name"}],
}
BATCH: dict[str, Any] = {
    "url": "https://api.example.com/v1/batch",
    "method": "POST",
    "body": {"items": "{items}"},
    "needs": [{"name": "domain", "title": "Domain"}],
    "outputs": [{"name": "company", "path": "$.company.name"}],
    "batch": {"size": 50, "item": {"id": "{index}", "domain": "{domain}"}, "results": "$.results"},
}


def read(sent: dict[str, Any], *, allow_private: bool = False) -> HttpSettings:
    return HttpSettings.model_validate(sent, context={ALLOW_PRIVATE: allow_private})


def places(sent: dict[str, Any]) -> dict[str, str]:
    with pytest.raises(ValidationError) as refused:
        read(sent)
    return {
        "/".join(map(str, problem["loc"])): problem["msg"]
        for problem in refused.value.errors(include_input=False, include_context=False)
    }


def test_a_service_in_a_few_lines() -> None:
    terms = read(PLAIN).terms()
    [need], [output] = terms.needs, terms.gives
    assert (need.name, need.title, need.form, need.required) == ("domain", "Domain", Form.FOLDED, True)
    assert (output.name, output.column, output.kind, output.life) == ("company", "company", Kind.TEXT, None)
    assert (terms.price_micros, terms.price_per, terms.is_free) == (0, "asked", True)
    assert terms.keep == Keep(timedelta(days=90), timedelta(days=7))
    assert (terms.rate, terms.concurrency, terms.timeout_seconds) == (None, 4, 10)
    assert not terms.needs_one


def test_terms_follow_the_settings() -> None:
    terms = read(
        {
            **PLAIN,
            "url": PLAIN["url"] + "&c={country}",
            "needs": [
                {"name": "domain", "title": "Domain", "form": "exact", "required": False, "fields": ["website"]},
                {"name": "country", "title": "Country", "required": False},
            ],
            "outputs": [
                {"name": "size", "path": "$.n", "kind": "number", "column": "employees", "title": "Size", "keep_days": 30}
            ],
            "price": 0.0025, "price_per": "found", "found_days": 1, "empty_days": 0.5,
            "rate": {"calls": 10}, "concurrency": 7, "timeout_seconds": 3,
        }
    ).terms()  # fmt: skip
    assert terms.needs_one
    assert terms.needs[0].fields == ("website",)
    assert terms.gives[0].life == timedelta(days=30)
    assert (terms.price_micros, terms.price_per) == (2500, "found")
    assert terms.keep == Keep(timedelta(days=1), timedelta(hours=12))
    assert (terms.rate, terms.concurrency, terms.timeout_seconds) == (Rate(10, 1.0), 7, 3)


def test_whom_the_secrets_are_for() -> None:
    assert read(PLAIN).secrets_are_for() == "https://api.example.com"
    assert (
        read({**PLAIN, "url": "https://API.example.com:8443/{domain}"}).secrets_are_for()
        == "https://api.example.com:8443"
    )


@pytest.mark.parametrize(
    ("change", "place"),
    [
        ({"url": "http://api.example.com/{domain}"}, "url"),
        ({"url": "https://127.0.0.1/{domain}"}, "url"),
        ({"url": "https://{domain}/"}, "url"),
        ({"url": "https://api.example.com/../{domain}"}, "url"),
        ({"url": ""}, "url"),
        ({"method": "DELETE"}, "method"),
        ({"headers": {"Host": "x"}}, "headers"),
        ({"headers": {"X-A": "a\nb"}}, "headers"),
        ({"headers": {"X-A": "a", "x-a": "b"}}, "headers"),
        ({"auth": {"kind": "token"}}, "auth"),
        ({"auth": {"kind": "bearer"}}, "auth/bearer/token"),
        ({"auth": {"kind": "bearer", "token": "a\nb"}}, "auth/bearer/token"),
        ({"auth": {"kind": "bearer", "token": ""}}, "auth/bearer/token"),
        ({"auth": {"kind": "basic", "username": "a:b", "password": "x"}}, "auth/basic/username"),
        ({"auth": {"kind": "header", "name": "Host", "value": "x"}}, "auth/header/name"),
        ({"secrets": {"Key": "x"}}, "secrets/Key/[key]"),
        ({"secrets": {"key": "a\r\nX-Evil: 1"}}, "secrets/key"),
        ({"secrets": {"key": None}}, "secrets/key"),
        ({"needs": []}, "needs"),
        ({"needs": [{"name": "Domain", "title": "x"}]}, "needs/0/name"),
        ({"outputs": []}, "outputs"),
        ({"outputs": [{"name": "a", "path": "company.name"}]}, "outputs/0/path"),
        ({"outputs": [{"name": "a", "path": "$.a[?@.b]"}]}, "outputs/0/path"),
        ({"empty_statuses": [500]}, "empty_statuses/0"),
        ({"confidence": 2}, "confidence/constrained-float"),
        ({"confidence": {"path": "x"}}, "confidence/Confidence/path"),
        ({"price": -1}, "price"),
        ({"price": 0.00000025}, "price"),
        ({"rate": {"calls": 0}}, "rate/calls"),
        ({"concurrency": 1000}, "concurrency"),
        ({"timeout_seconds": 0}, "timeout_seconds"),
        ({"retries": 99}, "retries"),
        ({"wait": 5}, "wait"),
    ],
)
def test_a_slip_is_told_at_its_place(change: dict[str, Any], place: str) -> None:
    assert place in places({**PLAIN, **change})


@pytest.mark.parametrize(
    ("change", "word"),
    [
        ({"url": "https://api.example.com/{company}?d={domain}"}, "{company}"),
        ({"url": "https://api.example.com/"}, "sent nowhere"),
        ({"url": PLAIN["url"], "secrets": {}}, "{secret:key}"),
        ({"body": {"a": "{domain}"}}, "POST"),
        ({"needs": [*PLAIN["needs"], *PLAIN["needs"]]}, "name of its own"),
        ({"outputs": [*PLAIN["outputs"], *PLAIN["outputs"]]}, "name of its own"),
        ({"needs": [{"name": "items", "title": "x"}], "url": "https://a.example/{items}"}, "items"),
        ({"auth": {"kind": "bearer", "token": "x"}, "headers": {"authorization": "y"}}, "leave it out"),
        (
            {"auth": {"kind": "header", "name": "X-Key", "value": "x"}, "headers": {"x-key": "y"}},
            "leave it out",
        ),
    ],
)
def test_what_does_not_fit_together_is_told(change: dict[str, Any], word: str) -> None:
    assert word in places({**PLAIN, **change})[""]


@pytest.mark.parametrize(
    ("change", "word"),
    [
        ({"body": {"a": 1}}, "{items}"),
        ({"body": {"a": "{items}", "b": "{items}"}}, "{items}"),
        ({"body": {"a": "x {items}"}}, "{items}"),
        ({"method": "GET"}, "POST"),
        ({"url": "https://api.example.com/{domain}"}, "in `item` only"),
        ({"batch": {"size": 5, "item": {"a": 1}}}, "sent nowhere"),
        ({"batch": {"size": 5, "item": {"a": "{domain}{items}"}}}, "{items}"),
        ({"batch": {"size": 5, "item": "{domain}", "match": "key"}}, "key_input"),
        (
            {"batch": {"size": 5, "item": "{domain}", "key": "$.id", "key_input": "domain"}},
            "by position without",
        ),
        (
            {"batch": {"size": 5, "item": "{domain}", "match": "key", "key": "$.id", "key_input": "x"}},
            "key_input",
        ),
    ],
)
def test_what_does_not_fit_in_a_batch_is_told(change: dict[str, Any], word: str) -> None:
    read(BATCH)
    assert word in places({**BATCH, **change})[""]


def test_what_the_operator_allows_is_seen_when_settings_are_made_not_when_they_are_read_again() -> None:
    inner = {**PLAIN, "url": "http://10.0.0.5:8080/{domain}"}
    with pytest.raises(ValidationError):
        read(inner)
    assert read(inner, allow_private=True).secrets_are_for() == "http://10.0.0.5:8080"
    assert HttpSettings.model_validate(inner).secrets_are_for() == "http://10.0.0.5:8080"


def test_secrets_show_nowhere() -> None:
    settings = read({**PLAIN, "auth": {"kind": "basic", "username": "u", "password": "hush-1"}})
    for shown in (repr(settings), str(settings), settings.model_dump_json(), str(settings.model_dump())):
        assert "sk-1" not in shown
        assert "hush-1" not in shown


def test_a_schema_for_the_form_can_be_made() -> None:
    schema = HttpSettings.model_json_schema()
    assert {"url", "needs", "outputs", "auth", "batch"} <= schema["properties"].keys()
