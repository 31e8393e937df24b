"""A run from its start to its columns: the waterfall, the budget, dying anywhere, and what is told of it."""

import random
from typing import Any

import pytest

from muster.enrichments.forget import erase
from muster.enrichments.model import RunStatus
from muster.enrichments.retry import retry_failed
from muster.enrichments.store import held
from muster.errors import InputError
from tests.enrichments.asking import EMPTY, Counted, Runs, Upload, failed, found
from tests.support.inline_run import Cut, InlineContext

PEOPLE = [
    {"email": "ana@one.example", "n": 1},
    {"email": "bob@two.example", "n": 2},
    {"email": "ANA@one.example ", "n": 3},
    {"domain": "nobody.example", "n": 4},
    {"email": "cy@three.example", "n": 5},
]


def test_each_different_input_is_asked_once_and_rows_without_one_not_at_all(
    runs: Runs, upload: Upload, counted: Counted
) -> None:
    counted.cheap.book = {"ana@one.example": found(company="One"), "bob@two.example": found(company="Two")}
    upload_id = upload(PEOPLE)
    run = runs.done(upload_id, "cheap").run
    assert run.status is RunStatus.DONE
    assert runs.column(upload_id, "company") == ["One", "Two", "One", None, None]
    assert counted.cheap.asked == [("ana@one.example",), ("bob@two.example",), ("cy@three.example",)]
    counts = run.counts.steps[0]
    assert (counts.rows, counts.inputs, counts.done, counts.found, counts.empty) == (4, 3, 3, 2, 1)
    assert run.counts.targets[0].filled == 3


def test_a_later_provider_is_asked_only_about_what_earlier_ones_left(
    runs: Runs, upload: Upload, counted: Counted
) -> None:
    counted.cheap.book = {"ana@one.example": found(company="One")}
    counted.dear.book = {
        "bob@two.example": found(company="Two", size="9"),
        "ana@one.example": found(company="No", size="1"),
    }
    upload_id = upload(PEOPLE)
    outputs = {"company": "company", "size": None}
    run = runs.done(upload_id, "cheap", {"provider": "dear", "outputs": outputs}, budget=1).run
    assert runs.column(upload_id, "company") == ["One", "Two", "One", None, None]
    assert counted.dear.asked == [("bob@two.example",), ("cy@three.example",)]
    assert run.cost_micros == 20_000
    assert [step.rows for step in run.counts.steps] == [4, 2]


def test_a_provider_may_need_what_an_earlier_one_gives(runs: Runs, upload: Upload, counted: Counted) -> None:
    counted.cheap.book = {"ana@one.example": found(company="One"), "bob@two.example": found(company="Two")}
    counted.chained.book = {"one": found(city="Oslo")}
    upload_id = upload(PEOPLE)
    runs.done(upload_id, "cheap", "chained")
    assert runs.column(upload_id, "city") == ["Oslo", None, "Oslo", None, None]
    assert counted.chained.asked == [("one",), ("two",)]


def test_values_that_are_there_stay_unless_they_may_be_replaced(
    runs: Runs, upload: Upload, counted: Counted
) -> None:
    people = [{**each, "company": "Own"} if each["n"] in {1, 4} else each for each in PEOPLE]
    counted.cheap.book = {"ana@one.example": found(company="One"), "cy@three.example": found(company="Three")}
    upload_id = upload(people)
    run = runs.done(upload_id, "cheap").run
    assert runs.column(upload_id, "company") == ["Own", None, "One", "Own", "Three"]
    assert (run.counts.targets[0].already, run.counts.targets[0].filled) == (2, 2)
    targets = [{"column": "company", "policy": "overwrite"}]
    runs.done(upload_id, "cheap", targets=targets)
    assert runs.column(upload_id, "company") == ["One", None, "One", "Own", "Three"]


def test_what_is_not_sure_enough_or_fails_its_test_goes_on_to_the_next(
    runs: Runs, upload: Upload, counted: Counted
) -> None:
    counted.cheap.book = {
        "ana@one.example": found(0.4, company="One"),
        "bob@two.example": found(0.9, company="x"),
        "cy@three.example": found(0.9, company="Three"),
    }
    counted.dear.book = {"ana@one.example": found(company="Eins"), "bob@two.example": found(company="Zwei")}
    upload_id = upload(PEOPLE)
    targets = [{"column": "company", "min_confidence": 0.5, "accept": {"kind": "length", "min": 2}}]
    runs.done(upload_id, "cheap", "dear", targets=targets, budget=1)
    assert runs.column(upload_id, "company") == ["Eins", "Zwei", "Eins", None, "Three"]


def test_nothing_is_asked_beyond_the_budget_and_what_was_found_is_kept(
    runs: Runs, upload: Upload, counted: Counted
) -> None:
    counted.dear.book = {f"p{at}@x.example": found(company=f"C{at}", size="1") for at in range(50)}
    upload_id = upload([{"email": f"p{at}@x.example"} for at in range(50)])
    run = runs.done(upload_id, "dear", budget=0.2).run
    assert (run.status, run.reason_code, run.cost_micros) == (RunStatus.STOPPED, "budget_reached", 200_000)
    assert len(counted.dear.asked) == 20
    assert runs.column(upload_id, "company") == [f"C{at}" if at < 20 else None for at in range(50)]
    assert run.counts.steps[0].left == 30


def test_a_run_again_pays_only_for_what_is_missing(runs: Runs, upload: Upload, counted: Counted) -> None:
    counted.dear.book = {"ana@one.example": found(company="One", size="1")}
    first, second = upload(PEOPLE), upload(PEOPLE)
    runs.done(first, "dear", budget=1)
    again = runs.done(second, "dear", budget=1).run
    assert len(counted.dear.asked) == 3
    assert (again.cost_micros, again.counts.steps[0].cached, again.counts.steps[0].asked) == (0, 3, 0)
    assert runs.column(second, "company") == ["One", None, "One", None, None]


def test_only_rows_the_filter_lets_through_are_enriched(runs: Runs, upload: Upload, counted: Counted) -> None:
    counted.cheap.book = {"ana@one.example": found(company="One"), "bob@two.example": found(company="Two")}
    upload_id = upload(PEOPLE)
    only = {"field": "n", "op": "ge", "value": 2}
    run = runs.done(upload_id, "cheap", filter=only).run
    assert runs.column(upload_id, "company") == [None, "Two", "One", None, None]
    assert run.counts.rows == 4


def test_failures_are_grouped_and_asked_again_alone(runs: Runs, upload: Upload, counted: Counted) -> None:
    counted.dear.book = {
        "ana@one.example": failed("timeout"),
        "bob@two.example": failed("http_5xx"),
        "cy@three.example": found(company="Three", size="3"),
    }
    upload_id = upload(PEOPLE)
    run = runs.done(upload_id, "dear", budget=1).run
    failures = run.counts.steps[0].failures
    assert {code: (failure.inputs, failure.rows, failure.row_ids) for code, failure in failures.items()} == {
        "timeout": (1, 2, (0,)),
        "http_5xx": (1, 1, (1,)),
    }
    counted.dear.book["ana@one.example"] = found(company="One", size="1")
    counted.dear.asked.clear()
    room = runs.house.enrichments
    retried = retry_failed(room, runs.principal, run.id, codes=["timeout"], step=0, budget_micros=None)
    after = runs.carry_out(retried).run
    assert after.status is RunStatus.DONE
    assert after.parent_id == run.id
    assert counted.dear.asked == [("ana@one.example",)]
    assert runs.column(upload_id, "company") == ["One", None, "One", None, "Three"]


def test_a_refusal_for_every_input_fails_the_run_with_its_reason(
    runs: Runs, upload: Upload, counted: Counted
) -> None:
    counted.cheap.raises = InputError("The service refuses the key.", code="provider_refused")
    upload_id = upload(PEOPLE)
    run = runs.done(upload_id, "cheap").run
    assert (run.status, run.reason_code) == (RunStatus.FAILED, "provider_refused")
    assert runs.manifest(upload_id).version == 1


def test_a_cancelled_run_adds_nothing(runs: Runs, upload: Upload, counted: Counted) -> None:
    upload_id = upload(PEOPLE)
    listed = runs.start(upload_id, "cheap")
    run = runs.carry_out(listed, runs.inline(listed, context=InlineContext(cancel_after=1))).run
    assert run.status is RunStatus.CANCELLED
    assert runs.manifest(upload_id).version == 1


@pytest.mark.parametrize("is_noted", [True, False], ids=["noted", "not-noted"])
def test_dying_after_any_step_gives_the_same_table_for_the_same_money(
    runs: Runs, upload: Upload, counted: Counted, is_noted: bool
) -> None:
    dice = random.Random(7)  # noqa: S311
    people = [{"email": f"p{dice.randrange(400)}@x.example", "n": at} for at in range(900)]
    emails = sorted({each["email"] for each in people})
    book: dict[str, Any] = {email: found(company=email[:3], size="1") for email in emails[::2]}
    counted.dear.book = book | {emails[1]: failed("timeout")}
    counted.cheap.book = {email: found(company="Cheap") for email in emails[::3]} | {emails[5]: EMPTY}
    undisturbed = runs.done(upload(people), "cheap", "dear", budget=100).run
    expected = runs.rows(undisturbed.upload_id)
    calls = sorted(counted.dear.asked)
    for cut_at in range(10):
        erase(runs.house.enrichments, runs.principal, None)
        counted.dear.asked.clear()
        upload_id = upload(people)
        listed = runs.start(upload_id, "cheap", "dear", budget=100)
        inline = runs.inline(listed, cut_at=cut_at, is_noted=is_noted)
        try:
            runs.carry_out(listed, inline)
        except Cut:
            runs.carry_out(listed, runs.inline(listed, noted=inline.noted))
        run = runs.get(listed).run
        assert run.status is RunStatus.DONE
        assert runs.rows(upload_id) == expected
        assert run.cost_micros == undisturbed.cost_micros
        failed_twice = [each for each in counted.dear.asked if counted.dear.asked.count(each) > 1]
        assert set(failed_twice) <= {(emails[1],)}  # only what failed is asked again
        assert sorted(set(counted.dear.asked)) == sorted(set(calls))


def test_a_lookup_joins_another_table_of_the_user(runs: Runs, upload: Upload) -> None:
    firms = [
        {"domain": "one.example", "city": "Oslo", "n": 1},
        {"domain": "two.example", "city": "Rome", "n": 2},
        {"domain": "two.example", "city": "Bern", "n": 3},
        {"domain": "three.example", "city": "", "n": 4},
    ]
    people = [
        {"email": f"p{at}@x.example", "firm": firm}
        for at, firm in enumerate(
            ["ONE.example ", "two.example", "three.example", "four.example", None, "one.example"]
        )
    ]
    settings = {
        "upload_id": upload(firms),
        "keys": [{"column": "domain"}],
        "gives": {"city": "city", "n": "rank"},
    }
    step = {"provider": "lookup", "settings": settings, "inputs": {"k1": "firm"}}
    upload_id = upload(people)
    counts = runs.done(upload_id, step).run.counts.steps[0]
    assert runs.column(upload_id, "city") == ["Oslo", None, None, None, None, "Oslo"]
    assert runs.column(upload_id, "rank") == ["1", None, "4", None, None, "1"]
    assert (counts.rows, counts.found, counts.skipped, counts.empty) == (5, 3, 1, 1)
    first = upload(people)
    runs.done(first, {**step, "settings": {**settings, "keep": "first"}})
    assert runs.column(first, "city") == ["Oslo", "Rome", None, None, None, "Oslo"]
    checked = upload(people)
    target = {"column": "city", "accept": {"kind": "length", "min": 5}}
    runs.done(checked, step, targets=[target])
    assert runs.column(checked, "city") == [None] * 6
    assert runs.column(checked, "rank") == ["1", None, "4", None, None, "1"]


def test_a_run_that_is_not_over_holds_the_version_it_reads(
    runs: Runs, upload: Upload, counted: Counted
) -> None:
    def versions(upload_id: str) -> dict[str, set[int]]:
        with runs.house.db.read() as connection:
            return held(connection, [upload_id, "upl_1_other"])

    upload_id = upload(PEOPLE)
    listed = runs.start(upload_id, "cheap")
    assert versions(upload_id) == {upload_id: {1}}
    runs.carry_out(listed)
    assert versions(upload_id) == {}
