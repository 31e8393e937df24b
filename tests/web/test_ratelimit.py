"""How often one principal may call."""

import re
import threading
import time
from pathlib import Path

import pytest

from muster.errors import InputError
from muster.settings import Settings
from muster.web.ratelimit import RateLimiter, TooOften
from muster.wiring import build_house
from tests.support.app import BATCH, UNKNOWN_UPLOAD, bearer, running


@pytest.mark.parametrize("rule", ["off", "OFF", "", "  off "])
def test_off_counts_nothing(rule: str) -> None:
    limiter = RateLimiter(rule)
    assert [limiter.check("key:a") for _ in range(1000)] == [None] * 1000


@pytest.mark.parametrize(
    "rule",
    [
        "20",
        "many",
        "20/fortnight",
        "-1/second",
        "0/second",
        "20/second;",
        "20/second 5/minute",
        "9" * 40 + "/second",
    ],
)
def test_a_rule_nobody_can_read_says_how_to_write_one(rule: str) -> None:
    with pytest.raises(InputError, match=r"MUSTER_RATE_LIMITS.*20/second; 600/minute") as refused:
        RateLimiter(rule)
    assert refused.value.error_code == "settings_invalid"


def test_a_server_with_an_unreadable_rule_does_not_start(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="MUSTER_RATE_LIMITS"):
        build_house(Settings(data_dir=tmp_path, rate_limits="20 per fortnight"))


def test_the_headers_name_every_window_and_the_tightest_one() -> None:
    limiter = RateLimiter("5/minute; 3/hour")
    states = [limiter.check("key:a") for _ in range(3)]
    assert all(state and state.policy == '"5-per-60s";q=5;w=60, "3-per-3600s";q=3;w=3600' for state in states)
    said = [re.fullmatch(r'"3-per-3600s";r=(\d);t=(\d+)', state.remaining) for state in states if state]
    assert [match and match[1] for match in said] == ["2", "1", "0"]
    assert all(match and 0 < int(match[2]) <= 3600 for match in said)


def test_over_the_limit_says_when_to_come_back_and_others_are_not_concerned() -> None:
    limiter = RateLimiter("2/hour")
    limiter.check("key:a")
    limiter.check("key:a")
    with pytest.raises(TooOften) as refused:
        limiter.check("key:a")
    wait = refused.value.retry_after_seconds
    assert wait is not None
    assert 3590 <= wait <= 3600
    assert refused.value.state.remaining == f'"2-per-3600s";r=0;t={wait}'
    limiter.check("key:b")


def test_a_window_moves_on() -> None:
    limiter = RateLimiter("2/second")
    limiter.check("key:a")
    limiter.check("key:a")
    with pytest.raises(TooOften) as refused:
        limiter.check("key:a")
    assert refused.value.retry_after_seconds == 1
    # The library reads the real clock; a second is its shortest window.
    deadline = time.monotonic() + 10
    while True:
        try:
            limiter.check("key:a")
        except TooOften:
            assert time.monotonic() < deadline
        else:
            break


def test_a_hundred_threads_get_exactly_the_limit() -> None:
    limiter = RateLimiter("37/hour; 1000/day")
    passed: list[int] = []
    together = threading.Barrier(100)

    def call(number: int) -> None:
        together.wait()
        try:
            limiter.check("key:a")
        except TooOften:
            return
        passed.append(number)

    threads = [threading.Thread(target=call, args=(number,)) for number in range(100)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
    assert len(passed) == 37


def test_answers_carry_the_limits_and_a_429_tells_everything(tmp_path: Path) -> None:
    with running(tmp_path, rate_limits="3/hour") as app:
        ana = app.person("ana@example.com")
        second_key = app.key(ana.user)
        seen = [
            app.client.get(BATCH, headers=ana.headers),
            app.client.get(f"{BATCH}/{UNKNOWN_UPLOAD}", headers=ana.headers),  # refusals count too
            app.client.get(BATCH, headers=ana.headers),
        ]
        assert [answer.status_code for answer in seen] == [200, 404, 200]
        assert all(answer.headers["ratelimit-policy"] == '"3-per-3600s";q=3;w=3600' for answer in seen)
        assert [answer.headers["ratelimit"].split(";")[1] for answer in seen] == ["r=2", "r=1", "r=0"]
        refused = app.client.get(BATCH, headers=ana.headers)
        assert (refused.status_code, refused.json()["code"]) == (429, "rate_limited")
        assert refused.headers["ratelimit-policy"] == '"3-per-3600s";q=3;w=3600'
        assert refused.headers["ratelimit"].startswith('"3-per-3600s";r=0;t=')
        assert 0 < int(refused.headers["retry-after"]) <= 3600
        # Another key of the same user, and somebody without a token, are other principals.
        assert app.client.get(BATCH, headers=bearer(second_key)).status_code == 200
        anonymous = app.client.get(BATCH)
        assert (anonymous.status_code, anonymous.headers.get("ratelimit")) == (401, None)


def test_without_limits_there_are_no_headers(tmp_path: Path) -> None:
    with running(tmp_path) as app:
        answer = app.client.get(BATCH, headers=app.person("ana@example.com").headers)
        assert answer.status_code == 200
        assert "ratelimit" not in answer.headers
        assert "ratelimit-policy" not in answer.headers
