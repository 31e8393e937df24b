"""The cache of answers: what it knows is not asked again, for as long as it may be used, and it forgets people."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select, text

from muster.accounts.model import Principal
from muster.db.schema import enrichment_answers
from muster.db.seal import Seal
from muster.enrichments import cache
from muster.enrichments.cache import Answer, Questions
from muster.enrichments.forget import count, erase, purge
from muster.enrichments.provider import Keep, Outcome, Output, Terms
from muster.enrichments.room import EnrichmentsRoom
from tests.enrichments.asking import Counted, Runs, Upload, found
from tests.support.clock import SettableClock

LONG = timedelta(days=300)
TERMS = Terms(
    needs=(),
    gives=(Output("a", "", "", "a"), Output("b", "", "", "b", life=LONG)),
    keep=Keep(timedelta(days=30), timedelta(days=1)),
)


@pytest.fixture
def questions(ana: Principal) -> Questions:
    return Questions(ana.user_id, "p", "1", {"x": 1}, TERMS, frozenset({"a", "b"}), "enr_1:0")


def keep(
    room: EnrichmentsRoom, questions: Questions, answers: Mapping[tuple[str | None, ...], Answer]
) -> None:
    with room.db.begin() as connection:
        cache.keep(connection, room.seal, questions, answers)


def known(room: EnrichmentsRoom, questions: Questions, *inputs: str | None) -> Answer | None:
    with room.db.read() as connection:
        return cache.find(connection, room.seal, questions, [inputs], room.clock()).get(inputs)


def answer(room: EnrichmentsRoom, outcome: Outcome = Outcome.FOUND, **values: str) -> Answer:
    return Answer(outcome, values, 0.5, 7, room.clock(), "enr_1:0")


def test_an_answer_comes_back_as_it_was_kept(room: EnrichmentsRoom, questions: Questions) -> None:
    kept = answer(room, a="Ä", b="2")
    keep(room, questions, {("x", None): kept})
    assert known(room, questions, "x", None) == kept
    assert known(room, questions, "x", "y") is None


@pytest.mark.parametrize("other", ["provider", "version", "settings", "user"])
def test_another_question_is_another_answer(
    room: EnrichmentsRoom, questions: Questions, ben: Principal, other: str
) -> None:
    keep(room, questions, {("x",): answer(room, a="1", b="2")})
    changed = {
        "provider": replace(questions, provider="q"),
        "version": replace(questions, version="2"),
        "settings": replace(questions, settings={"x": 2}),
        "user": replace(questions, user_id=ben.user_id),
    }
    assert known(room, changed[other], "x") is None


def test_a_value_is_used_as_long_as_its_field_lives(
    room: EnrichmentsRoom, questions: Questions, clock: SettableClock
) -> None:
    keep(room, questions, {("x",): answer(room, a="1", b="2")})
    clock.advance(31 * 86_400)
    assert known(room, questions, "x") is None
    assert known(room, replace(questions, wanted=frozenset({"b"})), "x") is not None
    clock.advance(270 * 86_400)
    assert known(room, replace(questions, wanted=frozenset({"b"})), "x") is None


def test_that_there_is_nothing_is_remembered_for_a_shorter_time(
    room: EnrichmentsRoom, questions: Questions, clock: SettableClock
) -> None:
    keep(room, questions, {("x",): answer(room, Outcome.EMPTY), ("y",): answer(room, Outcome.FAILED)})
    assert known(room, questions, "x") is not None
    assert known(room, questions, "y") is None
    clock.advance(2 * 86_400)
    assert known(room, questions, "x") is None


def test_what_was_not_wanted_then_is_not_known_now(room: EnrichmentsRoom, questions: Questions) -> None:
    keep(room, replace(questions, wanted=frozenset({"a"})), {("x",): answer(room, a="1")})
    assert known(room, replace(questions, wanted=frozenset({"a"})), "x") is not None
    assert known(room, questions, "x") is None


def test_a_newer_answer_replaces_the_older_one(room: EnrichmentsRoom, questions: Questions) -> None:
    keep(room, questions, {("x",): answer(room, a="1", b="1")})
    keep(room, questions, {("x",): answer(room, a="2", b="2")})
    kept = known(room, questions, "x")
    assert kept is not None
    assert kept.values == {"a": "2", "b": "2"}


def test_sealed_with_a_key_that_is_gone_an_answer_is_unknown(
    room: EnrichmentsRoom, questions: Questions
) -> None:
    keep(room, questions, {("x",): answer(room, a="1", b="2")})
    other = replace(room, seal=Seal(b"another key that has enough bytes"))
    assert known(other, questions, "x") is None


@pytest.mark.parametrize(
    "asked_for",
    ["ana@example.org", " ANA@Example.org ", "+49 (30) 901820", "4930901820"],
    ids=["address", "other-case", "number", "digits"],
)
def test_a_person_is_forgotten_by_what_was_asked_or_answered(
    room: EnrichmentsRoom, questions: Questions, ana: Principal, asked_for: str
) -> None:
    keep(
        room,
        questions,
        {
            ("ana@example.org", "+4930901820"): answer(room, a="1"),
            ("by name",): answer(room, a="Ana@Example.org", b="+49 30 901820"),
            ("bob@example.org",): answer(room, a="2"),
        },
    )
    assert erase(room, ana, [asked_for]) == 2
    assert count(room, ana) == {"p": 1}


def test_erasing_touches_only_ones_own(
    room: EnrichmentsRoom, questions: Questions, ana: Principal, ben: Principal
) -> None:
    keep(room, questions, {("x@example.org",): answer(room, a="1", b="1")})
    assert erase(room, ben, ["x@example.org"]) == 0
    assert erase(room, ben, None) == 0
    assert erase(room, ana, None) == 1


def test_the_database_alone_tells_nothing(room: EnrichmentsRoom, questions: Questions) -> None:
    keep(room, questions, {("marker-in@example.org",): answer(room, a="marker-out")})
    with room.db.read() as connection:
        rows = [tuple(row) for row in connection.execute(select(enrichment_answers))]
        values = [tuple(row) for row in connection.execute(text("SELECT * FROM enrichment_answer_values"))]
    assert rows
    assert values
    assert "marker" not in repr(rows) + repr(values)


def test_what_is_too_old_is_purged(
    room: EnrichmentsRoom, questions: Questions, ana: Principal, clock: SettableClock
) -> None:
    keep(room, questions, {("x",): answer(room, a="1", b="2"), ("y",): answer(room, Outcome.EMPTY)})
    clock.advance(2 * 86_400)
    purge(room)
    assert count(room, ana) == {"p": 1}
    clock.advance(300 * 86_400)
    purge(room)
    assert count(room, ana) == {}


def test_a_run_after_the_cache_was_erased_asks_again(runs: Runs, upload: Upload, counted: Counted) -> None:
    counted.dear.book = {"ana@one.example": found(company="One", size="1")}
    people = [{"email": "ana@one.example"}, {"email": "bob@two.example"}]
    runs.done(upload(people), "dear", budget=1)
    erase(runs.house.enrichments, runs.principal, ["ana@one.example"])
    counted.dear.asked.clear()
    runs.done(upload(people), "dear", budget=1)
    assert counted.dear.asked == [("ana@one.example",)]
