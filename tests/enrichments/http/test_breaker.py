"""The breaker: when it opens, who may try, and when it gives up; times are given, nothing waits."""

from muster.enrichments.http.breaker import FAILURES_IN_A_ROW, SHARE_OF, Breaker, Gate


def opened(at: float = 0.0) -> Breaker:
    breaker = Breaker(pause_seconds=2, longest_pause_seconds=10, patience_seconds=60)
    for _ in range(FAILURES_IN_A_ROW):
        assert breaker.gate(at) is Gate.GO
        breaker.failed(at, is_probe=False)
    return breaker


def test_it_opens_after_so_many_failures_in_a_row_and_not_before() -> None:
    breaker = opened()
    assert breaker.gate(0.0) is Gate.WAIT
    calm = Breaker()
    for _ in range(5):
        for _ in range(FAILURES_IN_A_ROW - 1):
            calm.failed(0.0, is_probe=False)
        calm.answered()
        calm.answered()
        calm.answered()
        calm.answered()
    assert calm.gate(0.0) is Gate.GO


def test_it_opens_when_most_of_the_recent_calls_failed_though_never_many_in_a_row() -> None:
    breaker = Breaker()
    for number in range(SHARE_OF - 1):
        if number % 5 == 0:
            breaker.answered()
        else:
            breaker.failed(1.0, is_probe=False)
        assert breaker.gate(1.0) is Gate.GO, number
    breaker.failed(1.0, is_probe=False)
    assert breaker.gate(1.0) is Gate.WAIT


def test_after_the_pause_one_may_try_and_the_others_wait_for_it() -> None:
    breaker = opened()
    assert breaker.gate(1.99) is Gate.WAIT
    assert breaker.gate(2.0) is Gate.PROBE
    assert breaker.gate(2.0) is Gate.PROBE  # asked, but not gone yet
    breaker.probe()
    assert breaker.gate(2.0) is Gate.WAIT
    assert breaker.gate(9.0) is Gate.WAIT
    breaker.answered()
    assert breaker.gate(9.0) is Gate.GO


def test_a_probe_that_fails_doubles_the_pause_up_to_the_longest() -> None:
    breaker = opened()
    waits, now = [], 2.0
    for _ in range(5):
        assert breaker.gate(now) is Gate.PROBE
        breaker.probe()
        breaker.failed(now, is_probe=True)
        waits.append(breaker.probe_at - now)
        now = breaker.probe_at
    assert waits == [4, 8, 10, 10, 10]


def test_one_failure_after_it_closed_does_not_open_it_again() -> None:
    breaker = opened()
    breaker.probe()
    breaker.answered()
    breaker.failed(3.0, is_probe=False)
    assert breaker.gate(3.0) is Gate.GO


def test_calls_that_were_under_way_when_it_opened_change_nothing() -> None:
    breaker = opened()
    for _ in range(20):
        breaker.failed(1.0, is_probe=False)
    assert breaker.probe_at == 2.0
    breaker.probe()
    breaker.failed(2.5, is_probe=False)
    assert breaker.gate(2.5) is Gate.WAIT  # for the probe, which is still out


def test_a_probe_that_was_stopped_leaves_the_next_one_to_try() -> None:
    breaker = opened()
    breaker.probe()
    breaker.learned_nothing(is_probe=True)
    assert breaker.gate(2.0) is Gate.PROBE


def test_a_service_that_stays_away_is_given_up_and_still_tried_now_and_then() -> None:
    breaker = opened()
    now = 2.0
    while now < 60:
        assert breaker.gate(now) is Gate.PROBE
        breaker.probe()
        breaker.failed(now, is_probe=True)
        now = breaker.probe_at
    assert breaker.gate(now - 0.1) is Gate.GIVE_UP
    assert breaker.gate(now) is Gate.PROBE
    breaker.probe()
    assert breaker.gate(now) is Gate.GIVE_UP
    breaker.answered()
    assert breaker.gate(now) is Gate.GO
