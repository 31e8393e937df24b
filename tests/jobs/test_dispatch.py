"""Who runs next: a pure choice."""

from datetime import UTC, datetime, timedelta

from muster.jobs.dispatch import Share, choose
from muster.jobs.store import Waiting

START = datetime(2025, 1, 15, tzinfo=UTC)


def queued(*names: str) -> list[Waiting]:
    """`ada1` is a job of ada; the order is the order of their making."""
    return [
        Waiting(name, name.rstrip("0123456789"), START + timedelta(seconds=n)) for n, name in enumerate(names)
    ]


def test_nothing_is_chosen_without_a_free_place() -> None:
    assert choose(queued("ada1"), {}, Share(slots=0, per_user=2)) == []


def test_the_oldest_goes_first() -> None:
    assert choose(reversed(queued("ada1", "bob1")), {}, Share(slots=1, per_user=2)) == ["ada1"]


def test_a_thousand_jobs_of_one_user_do_not_keep_anothers_waiting() -> None:
    many = queued(*(f"ada{n}" for n in range(1000)), "bob1")
    assert choose(many, {}, Share(slots=2, per_user=2)) == ["ada0", "bob1"]


def test_the_user_with_the_fewest_running_goes_first_however_late_they_came() -> None:
    assert choose(queued("ada1", "bob1"), {"ada": 1}, Share(slots=1, per_user=4)) == ["bob1"]


def test_nobody_gets_more_than_their_share_even_when_places_stay_free() -> None:
    assert choose(queued("ada1", "ada2", "ada3"), {"ada": 1}, Share(slots=8, per_user=2)) == ["ada1"]


def test_those_running_elsewhere_count() -> None:
    assert choose(queued("ada1", "bob1"), {"ada": 2}, Share(slots=8, per_user=2)) == ["bob1"]


def test_jobs_made_at_the_same_moment_have_an_order() -> None:
    same = [Waiting(name, "ada", START) for name in ("b", "a", "c")]
    assert choose(same, {}, Share(slots=2, per_user=2)) == ["a", "b"]
