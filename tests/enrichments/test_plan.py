"""Plans: columns are guessed from names and values, shown, overruled, and every mistake is pointed at."""

from collections.abc import Mapping
from typing import Any

import pytest

from muster.enrichments.model import Plan, Policy
from muster.enrichments.plan import OpenStep, WantedStep, WantedTarget, make_plan
from muster.enrichments.provider import NoSettings
from muster.errors import InputError
from tests.enrichments.asking import Book, manifest

MAIL = Book(manifest("mail", ["email"], {"company": "company"}), {})
SIZE = Book(manifest("size", ["company", "city"], {"size": "size", "city": "city"}, optional=["city"]), {})
EITHER = Book(manifest("either", ["domain", "email"], {"name": "company"}, needs_one=True), {})


def step(provider: Book, **members: Any) -> OpenStep:
    wanted = WantedStep(provider.manifest.id, **members)
    return OpenStep(wanted, provider, NoSettings(), provider.manifest.terms)


def plan(*steps: OpenStep, columns: tuple[str, ...] = ("email", "city"), **more: Any) -> Plan:
    return make_plan(steps, more.pop("targets", ()), None, columns, **more)


def codes(*steps: OpenStep, **more: Any) -> dict[str, str]:
    with pytest.raises(InputError) as refused:
        plan(*steps, **more)
    assert refused.value.error_code == "plan_invalid"
    return {issue.pointer: issue.code for issue in refused.value.issues}


def test_a_column_of_the_very_name_is_taken() -> None:
    made = plan(step(MAIL))
    assert made.steps[0].inputs == {"email": "email"}
    assert made.steps[0].outputs == {"company": "company"}
    assert [(target.column, target.is_new) for target in made.targets] == [("company", True)]


@pytest.mark.parametrize(
    ("columns", "sample", "expected"),
    [
        (("E-Mail Adresse", "x"), [], "E-Mail Adresse"),
        (("u7", "x"), [["ana@example.org", "1"], ["bob@example.org", "2"]], "u7"),
    ],
    ids=["by-its-header", "by-its-values"],
)
def test_a_column_is_guessed(columns: tuple[str, ...], sample: Any, expected: str) -> None:
    assert plan(step(MAIL), columns=columns, sample=sample).steps[0].inputs == {"email": expected}


def test_what_was_said_wins_over_what_is_guessed() -> None:
    made = plan(step(MAIL, inputs={"email": "city"}, outputs={"company": "city"}))
    assert made.steps[0].inputs == {"email": "city"}
    assert [(target.column, target.is_new) for target in made.targets] == [("city", False)]


def test_a_needed_input_may_come_from_an_earlier_provider_but_not_from_a_later_one() -> None:
    assert plan(step(MAIL), step(SIZE)).steps[1].inputs == {"company": "company", "city": "city"}
    assert codes(step(SIZE), step(MAIL)) == {"/providers/0/inputs/company": "input_missing"}


def test_one_of_several_inputs_is_enough_where_a_provider_says_so() -> None:
    assert plan(step(EITHER)).steps[0].inputs == {"email": "email"}
    assert codes(step(EITHER), columns=("city",)) == {"/providers/0/inputs/domain": "input_missing"}


def test_outputs_of_several_providers_for_one_column_are_a_waterfall() -> None:
    made = plan(step(MAIL), step(EITHER))
    assert made.feeding("company") == ((0, "company"), (1, "name"))
    assert len(made.targets) == 1


def test_targets_keep_what_was_said_of_them() -> None:
    target = WantedTarget("company", Policy.OVERWRITE, 0.7, {"kind": "length", "min": 2})
    made = plan(step(MAIL), targets=[target]).targets[0]
    assert (made.policy, made.min_confidence, made.accept) == (
        Policy.OVERWRITE,
        0.7,
        {"kind": "length", "min": 2},
    )


@pytest.mark.parametrize(
    ("members", "expected"),
    [
        ({"inputs": {"mail": "email"}}, {"/providers/0/inputs/mail": "input_unknown"}),
        ({"inputs": {"email": "emial"}}, {"/providers/0/inputs/email": "column_unknown"}),
        ({"outputs": {"size": "size"}}, {"/providers/0/outputs/size": "output_unknown"}),
        ({"outputs": {"company": None}}, {"/providers/0/outputs": "outputs_missing"}),
    ],
    ids=["input", "column", "output", "nothing-wanted"],
)
def test_a_mistake_is_pointed_at(members: Mapping[str, Any], expected: dict[str, str]) -> None:
    assert codes(step(MAIL, **members)) == expected


def test_two_outputs_of_one_provider_cannot_share_a_column() -> None:
    wrong = step(SIZE, inputs={"company": "email"}, outputs={"size": "x", "city": "x"})
    assert codes(wrong) == {"/providers/0/outputs/city": "output_taken"}


def test_a_target_nobody_fills_is_refused() -> None:
    assert codes(step(MAIL), targets=[WantedTarget("compny")]) == {"/targets/0/column": "target_unknown"}


def test_an_input_that_is_not_needed_can_be_done_without() -> None:
    assert plan(step(SIZE, inputs={"company": "email", "city": None})).steps[0].inputs == {"company": "email"}
    assert codes(step(MAIL, inputs={"email": None})) == {"/providers/0/inputs/email": "input_missing"}
    assert codes(step(EITHER, inputs={"email": None})) == {"/providers/0/inputs/domain": "input_missing"}
