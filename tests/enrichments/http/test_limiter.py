"""The window of calls: never more than allowed as the service sees them, whatever calls and answers take."""

import heapq
from collections.abc import Sequence

from hypothesis import given, settings
from hypothesis import strategies as st

from muster.enrichments.http.limiter import RESERVE_SECONDS, Turn, Window


def arrivals(
    calls: int, seconds: float, threads: int, ways: Sequence[tuple[float, float, float]], total: int
) -> list[float]:
    """When each of `total` calls reaches a service, by threads that call as soon as they may; simulated time.

    ways: of each call in turn the seconds it takes to connect, to get there, and to come back.
    """
    window = Window(calls, seconds)
    free = [(0.0, thread) for thread in range(threads)]
    events: list[tuple[float, int, str, Turn]] = []
    reached: list[float] = []
    now, started = 0.0, 0
    while started < total:
        next_free = free[0][0] if free else float("inf")
        while events and events[0][0] <= max(now, next_free):
            at, thread, what, turn = heapq.heappop(events)
            now = max(now, at)
            if what == "sent":
                window.sent(turn, at)
            else:
                window.answered(turn, at)
                heapq.heappush(free, (at, thread))
            next_free = free[0][0] if free else float("inf")
        if not free:
            now = events[0][0]
            continue
        now = max(now, next_free)
        again = window.free_at(now)
        if again != now:
            now = min([again or float("inf"), *(event[0] for event in events[:1])])
            continue
        _, thread = heapq.heappop(free)
        connect, there, back = ways[started % len(ways)]
        turn = window.start()
        heapq.heappush(events, (now + connect, thread + 10_000 * started, "sent", turn))
        heapq.heappush(events, (now + connect + there + back, thread + 10_000 * started, "answered", turn))
        reached.append(now + connect + there)
        started += 1
    return sorted(reached)


def most_in(times: Sequence[float], seconds: float) -> int:
    first, most = 0, 0
    for last, moment in enumerate(times):
        while moment - times[first] >= seconds - 1e-9:
            first += 1
        most = max(most, last - first + 1)
    return most


_WAY = st.tuples(st.floats(0, 2), st.floats(0, RESERVE_SECONDS), st.floats(0, 3))


@settings(max_examples=300, deadline=None)
@given(st.integers(1, 8), st.integers(1, 12), st.lists(_WAY, min_size=1, max_size=7))
def test_in_no_window_does_the_service_see_more_than_the_limit(
    calls: int, threads: int, ways: list[tuple[float, float, float]]
) -> None:
    assert most_in(arrivals(calls, 1.0, threads, ways, 40), 1.0) <= calls


def test_a_quick_service_is_asked_as_often_as_allowed() -> None:
    times = arrivals(10, 1.0, 10, [(0.0, 0.001, 0.001)], 100)
    assert most_in(times, 1.0) == 10
    assert times[-1] < 9 * 1.01


def test_a_slow_service_loses_the_reserve_and_no_more() -> None:
    times = arrivals(10, 1.0, 50, [(0.0, 0.05, 2.0)], 100)
    assert times[-1] < 9 * (1 + RESERVE_SECONDS) + 0.2
    times = arrivals(10, 60.0, 50, [(0.0, 0.05, 20.0)], 100)
    assert times[-1] < 9 * 66 + 0.2


def test_calls_that_are_not_sent_yet_count() -> None:
    window = Window(2, 1.0)
    turns = [window.start(), window.start()]
    assert window.free_at(0.0) is None
    window.sent(turns[0], 5.0)
    assert window.free_at(5.0) == 6.25
    window.answered(turns[0], 5.05)
    assert window.free_at(5.05) == 6.05
    assert window.free_at(6.05) == 6.05
    window.answered(turns[1], 7.0)  # was never sent: counts from its end, to be sure
    window.answered(window.start(), 7.0)
    assert window.free_at(7.5) == 8.0


def test_a_smaller_limit_holds_at_once_and_a_larger_one_too() -> None:
    window = Window(3, 1.0)
    for _ in range(3):
        turn = window.start()
        window.sent(turn, 0.0)
        window.answered(turn, 0.0)
    window.calls = 1
    assert window.free_at(0.5) == 1.0
    window.calls = 4
    assert window.free_at(0.5) == 0.5
