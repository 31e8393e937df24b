import threading
import time

import pytest

from muster.enrichments.provider import Call, Rate
from muster.enrichments.providers.pretend import Pretend, PretendSettings
from tests.enrichments.providers.asking import ask, batch_of

PRETEND = Pretend()
KEYS = [(f"company{at}.example",) for at in range(2000)]


def shares(settings: PretendSettings) -> dict[str, float]:
    outcomes = [row["_outcome"] for row in ask(PRETEND, KEYS, settings=settings)]
    return {outcome: outcomes.count(outcome) / len(outcomes) for outcome in ("found", "empty", "failed")}


def test_the_same_input_gets_the_same_answer() -> None:
    assert ask(PRETEND, KEYS[:50]) == ask(PRETEND, KEYS[:50])


def test_other_salt_gives_other_answers() -> None:
    assert ask(PRETEND, KEYS[:50]) != ask(PRETEND, KEYS[:50], settings=PretendSettings(salt="x"))


def test_shares_are_as_they_were_set() -> None:
    found = shares(PretendSettings(hit_share=0.6, failure_share=0.1))
    assert found["failed"] == pytest.approx(0.1, abs=0.03)
    assert found["found"] == pytest.approx(0.9 * 0.6, abs=0.04)


@pytest.mark.parametrize(
    ("hit_share", "failure_share", "outcome"), [(1, 0, "found"), (0, 0, "empty"), (1, 1, "failed")]
)
def test_all_or_nothing_can_be_had(hit_share: float, failure_share: float, outcome: str) -> None:
    assert shares(PretendSettings(hit_share=hit_share, failure_share=failure_share))[outcome] == 1


def test_a_found_answer_looks_like_one() -> None:
    for row in ask(PRETEND, KEYS[:200]):
        if row["_outcome"] == "found":
            assert row["industry"]
            assert 1 <= int(row["employees"]) <= 10_000
            assert 0.5 <= row["_confidence"] <= 1
        else:
            assert (row["industry"], row["employees"]) == (None, None)


def test_calls_take_their_time_as_many_at_once_as_was_set() -> None:
    settings = PretendSettings(latency_ms=100, concurrency=5)
    started = time.monotonic()
    ask(PRETEND, KEYS[:20], settings=settings)
    assert 0.4 <= time.monotonic() - started < 2


def test_the_rate_holds_over_all_batches_of_a_run() -> None:
    settings = PretendSettings(calls_per_second=100, concurrency=4)
    call = Call(settings, frozenset({"industry"}))
    started = time.monotonic()
    for at in range(0, 40, 10):
        PRETEND.enrich(batch_of(PRETEND, settings, KEYS[at : at + 10]), call)
    assert time.monotonic() - started >= 0.39
    call.close()


def test_it_stops_in_the_middle_and_says_what_it_did_not_ask() -> None:
    settings = PretendSettings(latency_ms=50, concurrency=1)
    stop = threading.Event()
    threading.Timer(0.12, stop.set).start()
    outcomes = [
        row["_outcome"] for row in ask(PRETEND, KEYS[:100], settings=settings, is_stopping=stop.is_set)
    ]
    asked = outcomes.index("unasked")
    assert 0 < asked < 20
    assert set(outcomes[asked:]) == {"unasked"}


def test_price_and_rate_are_in_the_terms() -> None:
    terms = PRETEND.terms(PretendSettings(price_micros=2000, price_per="asked", calls_per_second=7))
    assert (terms.price_micros, terms.price_per, terms.rate) == (2000, "asked", Rate(7, 1.0))
    assert PRETEND.terms(PretendSettings()).is_free
