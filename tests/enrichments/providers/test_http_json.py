"""A REST service asked for real: in bad weather, by several threads, at its pace, and no more often than needed."""

import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

import pyarrow as pa
import pytest

from muster.enrichments.http.limiter import RESERVE_SECONDS
from muster.enrichments.http.settings import HttpSettings
from muster.enrichments.provider import CONFIDENCE, OUTCOME, REASON, Call, schema_of
from muster.enrichments.providers import all_providers
from muster.enrichments.providers.http_json import HttpJson
from muster.errors import InputError
from tests.support.enrich_server import KEY, Service, Stats, company_of, enrich_server


@pytest.fixture(scope="module")
def service() -> Iterator[Service]:
    with enrich_server() as running:
        yield running


@pytest.fixture(autouse=True)
def calm(service: Service) -> None:
    service.weather()


class Asking:
    """The provider with one use of it, closed at the end."""

    def __init__(self, service: Service) -> None:
        self.service = service
        self.provider = HttpJson()
        self.calls: list[Call] = []

    def call(self, path: str, *, is_stopping: Any = lambda: False, **changes: Any) -> Call:
        sent = {
            "url": f"{self.service.url}{path}",
            "needs": [{"name": "domain", "title": "Domain"}],
            "outputs": [
                {"name": "name", "path": "$.company.name"},
                {"name": "size", "path": "$.company.employees", "kind": "number"},
                {"name": "active", "path": "$.active", "kind": "boolean"},
            ],
            "confidence": {"path": "$.score", "most": 100},
            "timeout_seconds": 5,
            **changes,
        }
        settings = HttpSettings.model_validate(sent)
        made = Call(
            settings,
            frozenset({"name", "size", "active"}),
            is_stopping,
            connection="con_1",
            allow_private_addresses=True,
        )
        self.calls.append(made)
        return made

    def enrich(self, call: Call, domains: list[str]) -> list[dict[str, Any]]:
        batch = pa.record_batch({"domain": pa.array(domains, pa.large_string())})
        answer = self.provider.enrich(batch, call)
        assert answer.schema == schema_of(self.provider.terms(call.settings).gives)
        rows: list[dict[str, Any]] = answer.to_pylist()
        return rows


@pytest.fixture
def asking(service: Service) -> Iterator[Asking]:
    opened = Asking(service)
    yield opened
    for call in opened.calls:
        call.close()


COMPANIES = "/v1/companies/{domain}"


def undisturbed(asking: Asking, weather: dict[str, Any], work: Callable[[], object]) -> Stats:
    """What the service saw, on a machine that let it work: a call it read late was not sent late."""
    for _ in range(5):
        asking.service.weather(**weather)
        work()
        stats = asking.service.stats
        if stats.longest_stall < RESERVE_SECONDS:
            return stats
    raise AssertionError("the machine was too busy to measure anything")


def names(count: int) -> list[str]:
    return [f"company-{number}.example" for number in range(count)]


def expected(domain: str) -> dict[str, Any]:
    found = company_of(domain)
    if found is None:
        nothing = dict.fromkeys(("name", "size", "active", CONFIDENCE, REASON, "_cost_micros"))
        return {**nothing, OUTCOME: "empty"}
    return {
        "name": found["company"]["name"],
        "size": str(found["company"]["employees"]),
        "active": "true" if found["active"] else "false",
        OUTCOME: "found",
        REASON: None,
        CONFIDENCE: pytest.approx(found["score"] / 100, abs=1e-6),
        "_cost_micros": None,
    }


def test_it_is_listed_among_the_providers() -> None:
    assert isinstance(all_providers()["http_json"], HttpJson)


def test_every_input_is_answered_with_its_own_and_asked_about_once(asking: Asking) -> None:
    call = asking.call(COMPANIES, concurrency=10)
    domains = [*names(500), "ü/?&=#.example", "a b", "{domain}", "%2e%2e"]
    assert asking.enrich(call, domains) == [expected(domain) for domain in domains]
    stats = asking.service.stats
    assert stats.asked == Counter(domains)
    assert stats.calls == len(domains)
    assert stats.connections <= 10 + 2
    assert stats.most_at_once <= 10


def test_bad_weather_loses_no_row_and_makes_no_call_but_retries(asking: Asking) -> None:
    asking.service.weather(
        latency=0.001, burst_every=150, burst_calls=8, retry_after="1", fail_every=41, hang_every=173
    )
    call = asking.call(COMPANIES, concurrency=8, timeout_seconds=1, retries=6)
    domains = names(400)
    assert asking.enrich(call, domains) == [expected(domain) for domain in domains]
    stats = asking.service.stats
    assert stats.answered == Counter(domains)
    bad = stats.calls - sum(stats.answered.values())
    assert stats.calls == 400 + bad
    assert stats.statuses[429] + stats.statuses[500] <= bad


def test_the_rate_holds_in_every_window_as_the_service_sees_it(asking: Asking) -> None:
    def work() -> None:
        call = asking.call(COMPANIES, concurrency=10, rate={"calls": 20, "seconds": 0.5})
        asking.enrich(call, names(60))
        asking.enrich(call, names(80)[60:])

    stats = undisturbed(asking, {"latency": 0.02}, work)
    assert stats.calls == 80
    assert stats.most_in(0.5) <= 20
    assert max(stats.times) - min(stats.times) < 3 * (0.5 + RESERVE_SECONDS) + 1


def test_two_runs_over_one_connection_share_its_rate(asking: Asking) -> None:
    def work() -> None:
        calls = [
            asking.call(COMPANIES, concurrency=5, rate={"calls": 10, "seconds": 0.5}, retries=0)
            for _ in range(2)
        ]
        threads = [
            threading.Thread(target=asking.enrich, args=(call, [f"{at}-{name}" for name in names(20)]))
            for at, call in enumerate(calls)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    stats = undisturbed(asking, {}, work)
    assert stats.calls == 40
    assert stats.most_in(0.5) <= 10
    assert stats.most_at_once <= 5


@pytest.mark.parametrize(
    ("kind", "reason"),
    [
        ("truncated", "answer_invalid"),
        ("malformed", "answer_invalid"),
        ("garbage", "answer_invalid"),
        ("empty", "answer_invalid"),
        ("deep", "answer_invalid"),
        ("html", "answer_invalid"),
        ("jsonashtml", "answer_invalid"),
        ("latin1", "answer_invalid"),
        ("nan", "answer_invalid"),
        ("brokengzip", "answer_invalid"),
        ("upgrade", "answer_invalid"),
        ("huge", "answer_too_large"),
        ("endless", "answer_too_large"),
        ("bomb", "answer_too_large"),
        ("redirect", "http_3xx"),
        ("400", "http_4xx"),
        ("429", "rate_limited"),
        ("503", "http_5xx"),
        ("silent", "timeout"),
        ("slow", "timeout"),
        ("hangup", "unreachable"),
    ],
)
def test_a_hostile_answer_fails_its_input_with_a_stable_reason(
    asking: Asking, kind: str, reason: str
) -> None:
    seconds = 0.5 if reason == "timeout" else 20
    call = asking.call(f"/hostile/{kind}?d={{domain}}", timeout_seconds=seconds, retries=0)
    [row] = asking.enrich(call, ["a"])
    assert (row[OUTCOME], row[REASON], row["name"]) == ("failed", reason, None)
    assert asking.service.stats.calls == 1


def test_hostile_texts_are_made_fit_for_a_cell(asking: Asking) -> None:
    outputs = [
        {"name": "name", "path": "$.n"},
        {"name": "size", "path": "$.s"},
        {"name": "active", "path": "$.a"},
    ]
    call = asking.call("/hostile/body/{domain}", outputs=outputs, confidence=None)
    sent = '{"n": "A\\u0000cme\\n\\ud800 & \\u202eSons", "s": 123456789012345678901234567890, "a": {"x": [1.10]}}'
    [row] = asking.enrich(call, [sent])
    assert row["name"] == "Acme \ufffd & \u202eSons"
    assert row["size"] == "123456789012345678901234567890"
    assert row["active"] == '{"x":[1.10]}'


def test_a_key_that_is_refused_ends_the_run_after_a_few_calls(asking: Asking) -> None:
    path = "/v1/secret/companies/{domain}"
    good = asking.call(path, auth={"kind": "bearer", "token": KEY})
    assert asking.enrich(good, ["a"]) == [expected("a")]
    bad = asking.call(path, auth={"kind": "bearer", "token": "sk-wrong"}, concurrency=4)
    with pytest.raises(InputError) as refused:
        asking.enrich(bad, names(200))
    assert refused.value.error_code == "provider_refused"
    assert "sk-wrong" not in str(refused.value)
    assert asking.service.stats.calls <= 1 + 8
    # What was opened goes on to work.
    assert asking.enrich(good, ["b"]) == [expected("b")]


def test_a_key_that_is_refused_in_the_middle_ends_it_too(asking: Asking) -> None:
    asking.service.weather(refuse_from=50)
    with pytest.raises(InputError):
        asking.enrich(asking.call(COMPANIES, concurrency=4), names(300))
    assert asking.service.stats.calls < 100


@pytest.mark.parametrize(
    "changes",
    [
        {"rate": {"calls": 1, "seconds": 60}},
        {"path": "/hostile/silent?d={domain}", "timeout_seconds": 30},
        {"path": "/hostile/slow?d={domain}", "timeout_seconds": 30},
        {"path": "/hostile/503?d={domain}", "retries": 8},
    ],
    ids=["waiting for its turn", "waiting for an answer", "in the middle of an answer", "between two tries"],
)
def test_a_run_that_is_to_stop_stops_soon_and_leaves_the_rest_unasked(
    asking: Asking, changes: dict[str, Any]
) -> None:
    changes = dict(changes)
    stop = threading.Event()
    call = asking.call(changes.pop("path", COMPANIES), is_stopping=stop.is_set, concurrency=3, **changes)
    threading.Timer(0.4, stop.set).start()
    started = time.monotonic()
    rows = asking.enrich(call, names(50))
    # A second on a machine that is idle; the calls and pauses themselves would take half a minute and more.
    assert time.monotonic() - started < 8
    outcomes = Counter(row[OUTCOME] for row in rows)
    assert outcomes["unasked"] >= 48
    assert outcomes["failed"] == 0


def test_calls_that_are_under_way_when_it_is_to_stop_are_waited_for_a_moment(asking: Asking) -> None:
    answered: list[int] = []

    def work() -> None:
        service = asking.service
        call = asking.call(COMPANIES, is_stopping=lambda: service.stats.calls >= 4, concurrency=4)
        rows = asking.enrich(call, names(400))
        answered.append(sum(row[OUTCOME] != "unasked" for row in rows))

    stats = undisturbed(asking, {"latency": 0.3}, work)
    # What was asked was answered: nothing that may have been paid for is thrown away.
    assert 4 <= answered[-1] == stats.calls < 40


def test_a_service_that_is_away_for_a_while_is_waited_for(asking: Asking) -> None:
    asking.service.weather(down_from=30, down_until=41, retry_after=None)
    call = asking.call(COMPANIES, concurrency=4, retries=5)
    domains = names(100)
    assert asking.enrich(call, domains) == [expected(domain) for domain in domains]
    assert asking.service.stats.answered == Counter(domains)


BATCH: dict[str, Any] = {
    "method": "POST",
    "body": {"items": "{items}"},
    "batch": {"size": 40, "item": {"domain": "{domain}"}, "results": "$.results"},
}
BY_KEY: dict[str, Any] = {
    **BATCH,
    "batch": {**BATCH["batch"], "match": "key", "key": "$.id", "key_input": "domain"},
}


def test_a_batch_makes_one_call_for_many(asking: Asking) -> None:
    domains = names(250)
    assert asking.enrich(asking.call("/v1/batch", **BATCH), domains) == [
        expected(domain) for domain in domains
    ]
    stats = asking.service.stats
    assert stats.asked == Counter(domains)
    assert stats.calls == 7


@pytest.mark.parametrize(("mode", "is_invalid"), [("few", True), ("many", True), ("object", True)])
def test_a_batch_by_position_with_another_number_of_results_is_nobodys(
    asking: Asking, mode: str, is_invalid: bool
) -> None:
    rows = asking.enrich(asking.call(f"/v1/batch?mode={mode}", **BATCH), names(40))
    assert {(row[OUTCOME], row[REASON]) for row in rows} == {("failed", "answer_invalid")}


@pytest.mark.parametrize("mode", ["shuffled", "strangers"])
def test_a_batch_by_key_finds_each_its_own(asking: Asking, mode: str) -> None:
    domains = names(80)
    rows = asking.enrich(asking.call(f"/v1/batch?mode={mode}", **BY_KEY), domains)
    assert rows == [expected(domain) for domain in domains]


def test_a_key_that_comes_twice_is_nobodys_and_the_others_are_fine(asking: Asking) -> None:
    domains = [domain for domain in names(40) if company_of(domain)]
    rows = asking.enrich(asking.call("/v1/batch?mode=duplicate", **BY_KEY), domains)
    assert (rows[0][OUTCOME], rows[0][REASON]) == ("failed", "answer_invalid")
    assert rows[1:] == [expected(domain) for domain in domains[1:]]


def test_inputs_that_cannot_be_sent_are_skipped_and_nobody_is_asked(asking: Asking) -> None:
    rows = asking.enrich(asking.call(COMPANIES), ["..", "."])
    assert [(row[OUTCOME], row[REASON]) for row in rows] == [("skipped", "input_unusable")] * 2
    assert asking.service.stats.calls == 0


def test_without_the_network_nobody_is_asked(asking: Asking) -> None:
    call = asking.call(COMPANIES)
    off = Call(call.settings, call.wanted, allow_network=False, allow_private_addresses=True)
    batch = pa.record_batch({"domain": pa.array(["a"], pa.large_string())})
    [row] = asking.provider.enrich(batch, off).to_pylist()
    assert (row[OUTCOME], row[REASON]) == ("failed", "network_off")
    assert off.resources == {}
    assert asking.service.stats.calls == 0


def test_a_loopback_address_ends_the_run_where_the_operator_does_not_allow_it(asking: Asking) -> None:
    call = asking.call(COMPANIES)
    guarded = Call(call.settings, call.wanted)
    batch = pa.record_batch({"domain": pa.array(["a"], pa.large_string())})
    with pytest.raises(InputError) as refused:
        asking.provider.enrich(batch, guarded)
    assert refused.value.error_code == "address_refused"
    assert asking.service.stats.calls == 0


def test_closing_a_use_leaves_no_thread_and_no_connection(service: Service) -> None:
    asking = Asking(service)
    call = asking.call(COMPANIES, concurrency=6)
    asking.enrich(call, names(30))
    call.close()
    assert [thread.name for thread in threading.enumerate() if thread.name.startswith("muster-http")] == []
