"""What an answer says about the inputs of its call; one that is wrong about a batch never gives anybody another's."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from muster.enrichments.http.endpoint import Endpoint, Result
from muster.enrichments.http.settings import HttpSettings
from muster.enrichments.provider import Outcome
from muster.errors import InputError
from muster.web.outgoing.caller import Reply
from tests.enrichments.http.test_settings import BATCH, PLAIN

BY_KEY = {
    **BATCH,
    "batch": {
        "size": 50, "item": "{domain}", "results": "$.results", "match": "key", "key": "$.id", "key_input": "domain",
    },
}  # fmt: skip
BY_INDEX = {
    **BY_KEY,
    "batch": {**BY_KEY["batch"], "item": {"n": "{index}", "d": "{domain}"}, "key_input": "index"},
}


def endpoint(sent: dict[str, Any], **changes: Any) -> Endpoint:
    return Endpoint(HttpSettings.model_validate({**sent, **changes}), allow_private=False)


def reply(document: Any, status: int = 200) -> Reply:
    return Reply(status, {"content-type": "application/json"}, json.dumps(document).encode())


def inputs(*domains: str) -> list[dict[str, str | None]]:
    return [{"domain": domain} for domain in domains]


def result(number: object) -> dict[str, Any]:
    """A result that says whose it is, so that one in the wrong place would be seen."""
    return {"id": number, "company": {"name": f"Company {number}"}}


def told(results: list[Result]) -> list[tuple[Outcome, str | None]]:
    return [(each.outcome, each.values[0] if each.values else each.reason) for each in results]


FOUND, EMPTY, FAILED = Outcome.FOUND, Outcome.EMPTY, Outcome.FAILED
INVALID = (FAILED, "answer_invalid")


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        (200, (FOUND, "Company 1")),
        (201, (FOUND, "Company 1")),
        (204, (EMPTY, None)),
        (404, (EMPTY, None)),
        (302, (FAILED, "http_3xx")),
        (400, (FAILED, "http_4xx")),
        (422, (FAILED, "http_4xx")),
        (500, (FAILED, "http_5xx")),
        (101, INVALID),
        (999, INVALID),
    ],
)
def test_what_a_status_means(status: int, expected: tuple[Outcome, str | None]) -> None:
    assert told(endpoint(PLAIN).results(inputs("a"), reply(result(1), status))) == [expected]


@pytest.mark.parametrize("status", [401, 403])
def test_a_service_that_refuses_the_key_ends_the_run_and_says_what_to_do(status: int) -> None:
    with pytest.raises(InputError, match="Check the key") as refused:
        endpoint(PLAIN).results(inputs("a"), reply({}, status))
    assert refused.value.error_code == "provider_refused"
    assert "sk-1" not in str(refused.value)
    # Unless the settings say that it means something else.
    calm = endpoint(PLAIN, empty_statuses=[status])
    assert told(calm.results(inputs("a"), reply({}, status))) == [(EMPTY, None)]


def test_a_missing_page_says_nothing_about_the_items_of_a_batch() -> None:
    assert told(endpoint(BATCH).results(inputs("a", "b"), reply({}, 404))) == [(FAILED, "http_4xx")] * 2
    assert told(endpoint(BATCH).results(inputs("a"), Reply(204, {}, b""))) == [INVALID]


def test_nothing_where_no_path_leads_anywhere() -> None:
    for document in (
        {},
        [],
        "x",
        5,
        None,
        {"company": None},
        {"company": {"name": ""}},
        {"company": {"name": "  "}},
    ):
        assert told(endpoint(PLAIN).results(inputs("a"), reply(document))) == [(EMPTY, None)], document


def test_one_value_of_the_wrong_kind_fails_the_input() -> None:
    outputs = [
        {"name": "n", "path": "$.n", "kind": "number"},
        {"name": "b", "path": "$.b", "kind": "boolean"},
    ]
    asked = endpoint(PLAIN, outputs=outputs)
    [good] = asked.results(inputs("a"), reply({"n": "12", "b": True}))
    assert (good.outcome, list(good.values)) == (FOUND, ["12", "true"])
    [half] = asked.results(inputs("a"), reply({"b": False}))
    assert (half.outcome, list(half.values)) == (FOUND, [None, "false"])
    for document in ({"n": "many", "b": True}, {"n": 1, "b": "maybe"}, {"n": [1], "b": True}):
        assert told(asked.results(inputs("a"), reply(document))) == [INVALID]


@pytest.mark.parametrize(
    ("confidence", "document", "sure"),
    [
        (None, {}, None), (0.8, {}, 0.8), ({"path": "$.score"}, {"score": 0.25}, 0.25),
        ({"path": "$.score", "most": 100}, {"score": 40}, 0.4), ({"path": "$.score"}, {"score": "0.5"}, 0.5),
        ({"path": "$.score"}, {}, 0.0), ({"path": "$.score"}, {"score": 1.5}, 0.0), ({"path": "$.score"}, {"score": -1}, 0.0),
        ({"path": "$.score"}, {"score": "high"}, 0.0), ({"path": "$.score"}, {"score": True}, 0.0),
    ],
)  # fmt: skip
def test_how_sure_a_value_is(confidence: Any, document: dict[str, Any], sure: float | None) -> None:
    asked = endpoint(PLAIN, confidence=confidence)
    [found] = asked.results(inputs("a"), reply({**result(1), **document}))
    assert found.confidence == (None if sure is None else pytest.approx(sure))


# Batches.


def test_by_position_there_must_be_as_many_results_as_items() -> None:
    asked = endpoint(BATCH)
    three = inputs("a", "b", "c")
    whole = reply({"results": [result(1), None, result(3)]})
    assert told(asked.results(three, whole)) == [(FOUND, "Company 1"), (EMPTY, None), (FOUND, "Company 3")]
    for results in (
        [result(1), result(2)],
        [result(n) for n in range(4)],
        [],
        {},
        None,
        "abc",
        {"a": [1, 2, 3]},
    ):
        assert told(asked.results(three, reply({"results": results}))) == [INVALID] * 3, results
    assert told(asked.results(three, reply([]))) == [INVALID] * 3
    odd = reply({"results": [5, "x", [1]]})
    assert told(asked.results(three, odd)) == [(EMPTY, None)] * 3


def test_by_key_order_number_and_strangers_do_not_matter() -> None:
    asked = endpoint(BY_KEY)
    results = [
        result("c"),
        {"company": {"name": "no key"}},
        result("x"),
        5,
        None,
        result("a"),
        {"id": ["a"]},
        {"id": None},
    ]
    got = asked.results(inputs("a", "b", "c"), reply({"results": results}))
    assert told(got) == [(FOUND, "Company a"), (EMPTY, None), (FOUND, "Company c")]


def test_two_results_with_one_key_belong_to_nobody() -> None:
    results = [result("a"), result("b"), {"id": "a", "company": {"name": "another"}}, result("a")]
    got = endpoint(BY_KEY).results(inputs("a", "b"), reply({"results": results}))
    assert told(got) == [INVALID, (FOUND, "Company b")]


def test_a_key_is_compared_as_it_was_sent() -> None:
    got = endpoint(BY_KEY).results(inputs("a", "A"), reply({"results": [result("A")]}))
    assert told(got) == [(EMPTY, None), (FOUND, "Company A")]


def test_by_index_numbers_and_texts_are_the_same() -> None:
    asked = endpoint(BY_INDEX)
    got = asked.results(
        inputs("a", "a", "b"), reply({"results": [result(2), result("0"), result(7), result(-1)]})
    )
    assert told(got) == [(FOUND, "Company 0"), (EMPTY, None), (FOUND, "Company 2")]
    request = asked.request(inputs("x", "y"))
    assert json.loads(request.body or b"") == {"items": [{"n": "0", "d": "x"}, {"n": "1", "d": "y"}]}


@settings(max_examples=100, deadline=None)
@given(
    st.lists(st.sampled_from("abcde"), min_size=1, max_size=5, unique=True),
    st.lists(st.sampled_from("abcdefgh"), max_size=9),
)
def test_whatever_order_a_service_answers_in_nobody_gets_anothers_value(
    asked: list[str], answered: list[str]
) -> None:
    got = endpoint(BY_KEY).results(inputs(*asked), reply({"results": [result(key) for key in answered]}))
    for key, outcome in zip(asked, told(got), strict=True):
        times = answered.count(key)
        assert outcome == {0: (EMPTY, None), 1: (FOUND, f"Company {key}")}.get(times, INVALID)


def test_calls_are_filled_up_and_never_hold_one_key_twice() -> None:
    assert endpoint(PLAIN).calls(inputs("a", "b", "a")) == [[0], [1], [2]]
    two = {**BATCH, "batch": {**BATCH["batch"], "size": 2}}
    assert endpoint(two).calls(inputs(*"abcde")) == [[0, 1], [2, 3], [4]]
    assert endpoint(two).calls([]) == []
    # A second need makes the inputs different, and their keys alike.
    url_and = {**BY_KEY, "batch": {**BY_KEY["batch"], "size": 3}}
    assert endpoint(url_and).calls(inputs("a", "a", "b", "a", "c", "d")) == [[0, 2, 4], [1, 5], [3]]


def test_the_request_of_a_batch_carries_items_and_secrets() -> None:
    sent = {**BATCH, "secrets": {"key": "sk-1"}, "auth": {"kind": "basic", "username": "u", "password": "p"}}
    sent["body"] = {"key": "{secret:key}", "items": "{items}"}
    request = endpoint(sent).request(inputs("a", 'b"'))
    assert json.loads(request.body or b"") == {
        "key": "sk-1",
        "items": [{"id": "0", "domain": "a"}, {"id": "1", "domain": 'b"'}],
    }
    assert request.headers["Authorization"] == b"Basic dTpw"
    assert request.headers["Content-Type"] == b"application/json"


def test_what_every_request_carries_unless_told_otherwise() -> None:
    plain = endpoint(PLAIN, auth={"kind": "header", "name": "X-Key", "value": "k"}).request(inputs("a"))
    assert dict(plain.headers) == {"Accept": b"application/json", "X-Key": b"k"}
    assert (plain.method, plain.body, plain.target) == ("GET", None, "/v1/companies/a?key=sk-1")
    own = endpoint(PLAIN, headers={"accept": "text/plain", "X-D": "{domain}"}).request(inputs("a"))
    assert dict(own.headers) == {"accept": b"text/plain", "X-D": b"a"}
    assert endpoint(PLAIN, method="POST").request(inputs("a")).body == b""


def test_an_address_the_operator_does_not_allow_ends_the_run() -> None:
    settings = HttpSettings.model_validate({**PLAIN, "url": "https://10.0.0.5/{domain}"})
    with pytest.raises(InputError) as refused:
        Endpoint(settings, allow_private=False)
    assert refused.value.error_code == "address_refused"
