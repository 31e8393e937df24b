"""The budget of bytes in flight: never over, always back to nothing, first come first served."""

import random
import threading
from concurrent.futures import Future

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from muster.errors import Overloaded
from muster.web.budget import BodyBudget, Reservation

LIMIT = 100


class BudgetMachine(RuleBasedStateMachine):
    """Ask, give back and give up in any order, beside a model that is a plain list."""

    def __init__(self) -> None:
        super().__init__()
        self.budget = BodyBudget(LIMIT)
        self.held: list[int] = []
        self.waiting: list[tuple[int, Future[None]]] = []

    @rule(size=st.integers(0, LIMIT + 10))
    def ask(self, size: int) -> None:
        turn = self.budget.ask(size)
        if size > LIMIT:
            with pytest.raises(Overloaded):
                turn.result(timeout=0)
            return
        self.waiting.append((size, turn))
        self.settle()

    @rule(data=st.data())
    def give_back(self, data: st.DataObject) -> None:
        if self.held:
            size = self.held.pop(data.draw(st.integers(0, len(self.held) - 1)))
            self.budget.give_back(size)
            self.settle()

    @rule(data=st.data())
    def give_up(self, data: st.DataObject) -> None:
        if self.waiting:
            _, turn = self.waiting.pop(data.draw(st.integers(0, len(self.waiting) - 1)))
            assert turn.cancel()
            self.settle()

    def settle(self) -> None:
        """Serve the model's queue, strictly in order, and compare."""
        while self.waiting and sum(self.held) + self.waiting[0][0] <= LIMIT:
            size, turn = self.waiting.pop(0)
            assert turn.done(), "there is room and nobody before it"
            self.held.append(size)
        assert not any(turn.done() for _, turn in self.waiting)

    @invariant()
    def agrees(self) -> None:
        assert self.budget.used_bytes == sum(self.held) <= LIMIT

    def teardown(self) -> None:
        for _, turn in reversed(self.waiting):
            turn.cancel()  # the last first, so that nobody moves up
        for size in self.held:
            self.budget.give_back(size)
        assert self.budget.used_bytes == 0


TestBudget = BudgetMachine.TestCase
TestBudget.settings = settings(
    max_examples=60, stateful_step_count=40, deadline=None, suppress_health_check=list(HealthCheck)
)


def test_whoever_gives_up_does_not_keep_those_behind_waiting() -> None:
    budget = BodyBudget(LIMIT)
    budget.ask(60).result(timeout=0)
    large, small = budget.ask(50), budget.ask(30)
    assert not small.done()
    large.cancel()
    assert small.done()
    assert budget.used_bytes == 90
    # And nobody waits behind one who is gone already.
    assert budget.ask(10).done()


def test_a_request_that_could_never_fit_is_refused_at_once() -> None:
    with pytest.raises(Overloaded) as refused:
        BodyBudget(LIMIT).ask(LIMIT + 1).result(timeout=0)
    assert refused.value.retry_after_seconds


def test_those_who_wait_are_served_in_order_even_if_a_later_one_would_fit() -> None:
    budget = BodyBudget(LIMIT)
    budget.ask(90).result(timeout=0)
    turns = [budget.ask(size) for size in (50, 5, 60, 10)]
    assert not any(turn.done() for turn in turns)
    budget.give_back(90)
    assert [turn.done() for turn in turns] == [True, True, False, False]
    budget.give_back(50)
    assert all(turn.done() for turn in turns)


def test_no_room_in_time_is_overloaded_and_leaves_nothing_reserved() -> None:
    budget = BodyBudget(LIMIT)
    first, second = Reservation(budget), Reservation(budget)
    first.take_within(80, 0)
    with pytest.raises(Overloaded):
        second.take_within(30, 0.01)
    second.close()
    assert budget.used_bytes == 80
    first.close()
    first.close()
    assert budget.used_bytes == 0


def test_many_threads_never_hold_more_than_the_limit() -> None:
    budget = BodyBudget(LIMIT)
    held = 0
    most = 0
    counting = threading.Lock()
    served = 0
    refused: set[int] = set()

    def work(seed: int) -> None:
        nonlocal held, most, served
        dice = random.Random(seed)  # noqa: S311
        for _ in range(60):
            mine = Reservation(budget)
            taken = 0
            try:
                for _ in range(dice.randint(1, 3)):
                    size = dice.randint(1, 45)
                    mine.take_within(size, dice.choice([0, 0.001, 0.02]))
                    taken += size
                    with counting:
                        held += size
                        most = max(most, held)
                with counting:
                    served += 1
            except Overloaded:
                refused.add(seed)
            finally:
                with counting:
                    held -= taken
                mine.close()

    threads = [threading.Thread(target=work, args=(seed,)) for seed in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert not any(thread.is_alive() for thread in threads)
    assert most <= LIMIT
    assert served
    assert refused
    assert budget.used_bytes == 0
    assert budget.ask(LIMIT).done()
