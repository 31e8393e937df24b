"""An estimate says what the run then does, and spends nothing unasked."""

import json
from typing import Any

import pytest

from muster.enrichments.estimate import Estimate, estimate
from muster.enrichments.requests import parse_run
from tests.enrichments.asking import Counted, Runs, Upload, found

PEOPLE = [{"email": f"p{at % 60}@x.example", "n": at} for at in range(120)]


def estimated(
    runs: Runs, upload_id: str, *providers: Any, sample: int = 50, ask_paid: bool = False, **more: Any
) -> Estimate:
    steps = [{"provider": each} if isinstance(each, str) else each for each in providers]
    wanted = parse_run(json.dumps({"upload_id": upload_id, "providers": steps, **more}).encode()).wanted
    return estimate(runs.house.enrichments, runs.principal, wanted, sample=sample, ask_paid=ask_paid)


def test_counts_are_those_of_the_run(runs: Runs, upload: Upload, counted: Counted) -> None:
    counted.cheap.book = {f"p{at}@x.example": found(company="C") for at in range(0, 60, 2)}
    upload_id = upload([*PEOPLE, {"domain": "none.example"}])
    made = estimated(runs, upload_id, "cheap", "dear", budget=5)
    run = runs.done(upload_id, "cheap", "dear", budget=5).run
    first = made.steps[0]
    assert (made.rows, made.rows_matching) == (121, 121)
    assert (first.rows, first.inputs) == (run.counts.steps[0].rows, run.counts.steps[0].inputs) == (120, 60)
    assert made.targets[0].missing == 121
    assert made.cost_most == 60 * 10_000
    assert run.cost_micros <= made.cost_most


def test_a_provider_with_a_price_is_not_asked_for_the_sample(
    runs: Runs, upload: Upload, counted: Counted
) -> None:
    upload_id = upload(PEOPLE)
    made = estimated(runs, upload_id, "dear")
    assert counted.dear.asked == []
    assert made.cost_most == 600_000
    assert made.targets[0].expected is None


def test_asked_for_it_a_provider_is_paid_once_for_sample_and_run(
    runs: Runs, upload: Upload, counted: Counted
) -> None:
    counted.dear.book = {f"p{at}@x.example": found(company="C", size="1") for at in range(0, 60, 2)}
    upload_id = upload(PEOPLE)
    made = estimated(runs, upload_id, "dear", sample=20, ask_paid=True)
    in_sample = len(set(counted.dear.asked))
    assert 0 < in_sample <= 20
    assert made.steps[0].cached == in_sample
    assert made.cost_most == (60 - in_sample) * 10_000
    run = runs.done(upload_id, "dear", budget=5).run
    assert len(counted.dear.asked) == 60
    assert run.cost_micros == made.cost_most


def test_what_is_expected_comes_from_the_sample(runs: Runs, upload: Upload, counted: Counted) -> None:
    counted.cheap.book = {f"p{at}@x.example": found(company="C") for at in range(0, 60, 2)}
    upload_id = upload(PEOPLE)
    made = estimated(runs, upload_id, "cheap", sample=120)
    assert made.targets[0].expected == 60
    assert len(made.sample) == 120
    assert {row.values.get(0) for row in made.sample} == {"C", None}


def test_rows_that_have_a_value_are_not_counted_as_missing(
    runs: Runs, upload: Upload, counted: Counted
) -> None:
    people = [{**each, "company": "Own" if each["n"] < 30 else None} for each in PEOPLE]
    made = estimated(runs, upload(people), "cheap", sample=0)
    assert (made.targets[0].already, made.targets[0].missing) == (30, 90)
    assert made.steps[0].rows == 90
    assert made.sample == []


def test_a_filter_holds_for_the_estimate_too(runs: Runs, upload: Upload, counted: Counted) -> None:
    made = estimated(runs, upload(PEOPLE), "cheap", filter={"field": "n", "op": "lt", "value": 10})
    assert (made.rows, made.rows_matching, made.steps[0].rows) == (120, 10, 10)


def test_a_step_that_needs_what_the_run_makes_is_told_as_unknown(
    runs: Runs, upload: Upload, counted: Counted
) -> None:
    counted.cheap.book = {f"p{at}@x.example": found(company="C") for at in range(60)}
    counted.chained.book = {"c": found(city="Oslo")}
    made = estimated(runs, upload(PEOPLE), "cheap", "chained")
    assert made.steps[1].rows is None
    assert made.targets[1].expected == 120


@pytest.mark.parametrize("sample", [1, 50, 200])
def test_the_sample_is_the_same_every_time(runs: Runs, upload: Upload, counted: Counted, sample: int) -> None:
    upload_id = upload(PEOPLE)
    first, second = (estimated(runs, upload_id, "cheap", sample=sample) for _ in range(2))
    assert [row.row_id for row in first.sample] == [row.row_id for row in second.sample]
    assert len(first.sample) == min(sample, 120)
