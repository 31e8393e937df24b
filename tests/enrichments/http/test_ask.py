"""Asking a service until there is an answer: what is tried again, how long it waits, and how it stops."""

import threading
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime

import pytest

from muster.enrichments.http.ask import Manners, Reason, ask
from muster.enrichments.http.breaker import FAILURES_IN_A_ROW, Breaker
from muster.enrichments.http.turns import NoTurn, Turns, Verdict
from muster.enrichments.provider import Rate
from muster.web.outgoing.addresses import Address
from muster.web.outgoing.caller import Reply, Request, Trouble

REQUEST = Request(Address("https", "api.example.com", 443), "GET", "/")
NOW = datetime(2025, 1, 15, 10, 30, tzinfo=UTC)
OK = Reply(200, {}, b"{}")
SOON = 2.0
"""Seconds; a quarter of one on an idle machine. What is waited for would take a minute."""


class Scripted:
    """A caller that gives what it is told, in order, the last for ever; notes when it was called."""

    def __init__(self, *answers: Reply | Trouble, seconds: float = 0.0) -> None:
        self.answers = list(answers)
        self.seconds = seconds
        self.times: list[float] = []

    def call(
        self,
        request: Request,
        *,
        timeout_seconds: float,
        is_stopping: Callable[[], bool] = lambda: False,
        on_sent: Callable[[], None] = lambda: None,
    ) -> Reply | Trouble:
        self.times.append(time.monotonic())
        on_sent()
        time.sleep(self.seconds)
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]

    def close(self) -> None:
        pass


class Stop:
    def __init__(self) -> None:
        self.stopping = threading.Event()
        self.is_stopping = self.stopping.is_set
        self.is_cutting = self.stopping.is_set


def asked(
    *answers: Reply | Trouble, retries: int = 2, turns: Turns | None = None, stop: Stop | None = None
) -> tuple[Reply | Reason, Scripted]:
    caller = Scripted(*answers)
    got = ask(
        caller,
        REQUEST,
        turns or Turns(None, 4),
        Manners(1.0, retries),
        stop or Stop(),
        clock=lambda: NOW,
        jitter=lambda: 0.0,
    )
    return got, caller


@pytest.mark.parametrize("status", [200, 201, 204, 301, 400, 401, 403, 404, 410, 422])
def test_an_answer_is_taken_as_it_is_and_asked_for_once(status: int) -> None:
    reply = Reply(status, {}, b"{}")
    got, caller = asked(reply)
    assert got is reply
    assert len(caller.times) == 1


@pytest.mark.parametrize(
    ("first", "reason"),
    [
        (Trouble.TIMEOUT, Reason.TIMEOUT),
        (Trouble.UNREACHABLE, Reason.UNREACHABLE),
        (Trouble.ANSWER_BROKEN, Reason.ANSWER_INVALID),
        (Reply(429, {}, b""), Reason.RATE_LIMITED),
        (Reply(500, {}, b""), Reason.HTTP_5XX),
        (Reply(503, {}, b""), Reason.HTTP_5XX),
    ],
)
def test_what_may_go_better_is_tried_again_so_often_and_no_more(
    first: Reply | Trouble, reason: Reason
) -> None:
    got, caller = asked(first, OK)
    assert got is OK
    assert len(caller.times) == 2
    got, caller = asked(first, retries=2)
    assert got is reason
    assert len(caller.times) == 3
    got, caller = asked(first, OK, retries=0)
    assert got is reason
    assert len(caller.times) == 1


@pytest.mark.parametrize(
    ("trouble", "reason"),
    [
        (Trouble.ADDRESS_REFUSED, Reason.ADDRESS_REFUSED),
        (Trouble.ANSWER_TOO_LARGE, Reason.ANSWER_TOO_LARGE),
        (Trouble.STOPPED, Reason.STOPPED),
    ],
)
def test_what_cannot_go_better_is_not_tried_again(trouble: Trouble, reason: Reason) -> None:
    got, caller = asked(trouble)
    assert got is reason
    assert len(caller.times) == 1


@pytest.mark.parametrize("header", ["1", "Wed, 15 Jan 2025 10:30:01 GMT"])
def test_retry_after_is_obeyed_by_everybody_who_uses_the_connection(header: str) -> None:
    turns = Turns(None, 4)
    reply = Reply(429, {"retry-after": header}, b"")
    others: list[float] = []

    def other() -> None:
        while not caller.times:
            time.sleep(0.001)
        time.sleep(0.05)
        taken = turns.take(lambda: False)
        others.append(time.monotonic())
        assert not isinstance(taken, NoTurn)
        taken.over(Verdict.WORKS)

    caller = Scripted(reply, OK)
    thread = threading.Thread(target=other)
    thread.start()
    assert ask(caller, REQUEST, turns, Manners(1, 2), Stop(), clock=lambda: NOW, jitter=lambda: 0.0) is OK
    thread.join()
    first, second = caller.times
    assert second - first >= 1.0
    assert others[0] - first >= 0.99


def test_a_service_that_wants_to_be_left_alone_for_an_hour_is_not_waited_for_and_soon_not_asked() -> None:
    turns = Turns(None, 4)
    reply = Reply(429, {"retry-after": "3600"}, b"")
    started = time.monotonic()
    calls = 0
    for _ in range(FAILURES_IN_A_ROW):
        got, caller = asked(reply, turns=turns)
        assert got is Reason.RATE_LIMITED
        calls += len(caller.times)
    assert calls == FAILURES_IN_A_ROW
    assert time.monotonic() - started < SOON
    assert turns.take(is_stopping=_after(0.3)) is NoTurn.STOPPING


@pytest.mark.parametrize("header", ["0", "-5", "soon", ""])
def test_a_pause_of_nothing_is_a_small_pause(header: str) -> None:
    got, caller = asked(Reply(429, {"retry-after": header}, b""), OK)
    assert got is OK
    assert caller.times[1] - caller.times[0] > 0.2


def test_waits_double_and_are_shuffled() -> None:
    got, caller = asked(Trouble.UNREACHABLE, Trouble.UNREACHABLE, OK, retries=2)
    assert got is OK
    first, second = (later - sooner for sooner, later in zip(caller.times, caller.times[1:], strict=False))
    assert 0.25 <= first < second
    assert second >= 0.5


@pytest.mark.parametrize(
    "answer",
    [Trouble.TIMEOUT, Reply(429, {"retry-after": "50"}, b""), Reply(500, {}, b"")],
    ids=["between tries", "while held", "after an error"],
)
def test_stopping_ends_every_wait_at_once(answer: Reply | Trouble) -> None:
    stop = Stop()
    threading.Timer(0.15, stop.stopping.set).start()
    started = time.monotonic()
    got, _ = asked(answer, retries=8, stop=stop)
    assert got is Reason.STOPPED
    assert time.monotonic() - started < SOON


def test_one_who_stopped_before_it_began_makes_no_call() -> None:
    stop = Stop()
    stop.stopping.set()
    got, caller = asked(OK, stop=stop)
    assert got is Reason.STOPPED
    assert caller.times == []


def test_the_circuit_opens_one_call_tries_and_the_rest_go_on_when_it_is_back() -> None:
    turns = Turns(None, 20, Breaker(pause_seconds=0.3))
    for _ in range(FAILURES_IN_A_ROW):
        asked(Trouble.UNREACHABLE, retries=0, turns=turns)
    back = Scripted(OK, seconds=0.1)
    started = time.monotonic()
    got: list[Reply | Reason] = []
    threads = [
        threading.Thread(target=lambda: got.append(ask(back, REQUEST, turns, Manners(1, 0), Stop())))
        for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert got == [OK] * 8
    assert back.times[0] - started >= 0.25
    # The probe is answered before anybody else calls.
    assert min(back.times[1:]) - back.times[0] >= 0.1


def test_a_service_given_up_fails_at_once() -> None:
    turns = Turns(None, 4, Breaker(pause_seconds=0.1, patience_seconds=0.2))
    for _ in range(FAILURES_IN_A_ROW):
        asked(Trouble.TIMEOUT, retries=0, turns=turns)
    reasons = []
    until = time.monotonic() + 0.5
    while time.monotonic() < until:
        got, caller = asked(Trouble.TIMEOUT, retries=0, turns=turns)
        reasons.append((got, len(caller.times)))
    assert (Reason.CIRCUIT_OPEN, 0) in reasons
    assert sum(calls for _, calls in reasons) <= 4


# Turns.


def _after(seconds: float) -> Callable[[], bool]:
    until = time.monotonic() + seconds
    return lambda: time.monotonic() > until


def calls_by(turns: Turns, threads: int, each: int, seconds: Sequence[float]) -> list[float]:
    """When calls went out, by so many threads; seconds: what they take, in turn."""
    times: list[float] = []
    guard = threading.Lock()

    def work() -> None:
        for _ in range(each):
            taken = turns.take(lambda: False)
            assert not isinstance(taken, NoTurn)
            with guard:
                taken.sent()
                times.append(time.monotonic())
                pause = seconds[len(times) % len(seconds)]
            time.sleep(pause)
            taken.over(Verdict.WORKS)

    workers = [threading.Thread(target=work) for _ in range(threads)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    return sorted(times)


def test_threads_together_keep_to_the_rate_in_every_window() -> None:
    times = calls_by(Turns(Rate(5, 0.4), 10), 10, 4, [0.0, 0.02, 0.3, 0.001])
    for first, sixth in zip(times, times[5:], strict=False):
        assert sixth - first >= 0.4


def test_no_more_calls_at_a_time_than_allowed_whoever_asks() -> None:
    turns = Turns(None, 3)
    at_once, most = [0], [0]
    guard = threading.Lock()

    def work() -> None:
        for _ in range(5):
            taken = turns.take(lambda: False)
            assert not isinstance(taken, NoTurn)
            with guard:
                at_once[0] += 1
                most[0] = max(most[0], at_once[0])
            time.sleep(0.005)
            with guard:
                at_once[0] -= 1
            taken.over(Verdict.WORKS)

    workers = [threading.Thread(target=work) for _ in range(12)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert most == [3]


def test_turns_come_in_order_and_whoever_was_put_off_goes_behind_the_others() -> None:
    turns = Turns(None, 1)
    taken = turns.take(lambda: False)
    assert not isinstance(taken, NoTurn)
    served: list[int] = []

    def work(number: int, waits: threading.Event) -> None:
        def is_stopping() -> bool:
            waits.set()
            return False

        for _ in range(3):
            mine = turns.take(is_stopping)
            assert not isinstance(mine, NoTurn)
            served.append(number)
            turns.hold(0.01)
            mine.over(Verdict.NOTHING)

    workers = []
    for number in range(5):
        waits = threading.Event()
        workers.append(threading.Thread(target=work, args=(number, waits)))
        workers[-1].start()
        assert waits.wait(SOON)
    taken.over(Verdict.WORKS)
    for worker in workers:
        worker.join()
    assert served == [*range(5)] * 3


@pytest.mark.parametrize("is_over", [False, True], ids=["for another call", "for the window"])
def test_waiting_for_a_turn_ends_with_stopping(is_over: bool) -> None:
    turns = Turns(Rate(1, 60), 1)
    taken = turns.take(lambda: False)
    assert not isinstance(taken, NoTurn)
    taken.sent()
    if is_over:
        taken.over(Verdict.WORKS)
    started = time.monotonic()
    assert turns.take(_after(0.1)) is NoTurn.STOPPING
    assert time.monotonic() - started < SOON
