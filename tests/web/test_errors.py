"""The map from kinds of refusal to statuses, and the one shape they leave in."""

import json

import pytest
from starlette.requests import Request

from muster import errors
from muster.errors import MAX_ISSUES_SHOWN, InputError, Issue, MusterError, Unavailable
from muster.web.errors import STATUS_OF_KIND, answer, error_body, internal_error, status_of
from tests.support.app import BATCH, UNKNOWN_UPLOAD, Person, RunningApp


def request(**headers: str) -> Request:
    raw = [(name.encode(), value.encode()) for name, value in headers.items()]
    return Request({"type": "http", "method": "GET", "headers": raw, "state": {"request_id": "req_1"}})


def kinds() -> list[type[MusterError]]:
    return [
        kind
        for kind in vars(errors).values()
        if isinstance(kind, type) and issubclass(kind, MusterError) and kind is not MusterError
    ]


@pytest.mark.parametrize("kind", kinds(), ids=lambda kind: kind.__name__)
def test_every_kind_of_refusal_has_a_status_of_its_own_choosing(kind: type[MusterError]) -> None:
    # Falling through to the root would be a 500 for something that is not our bug.
    assert 400 <= status_of(kind("")) < 600
    assert status_of(kind("")) != 500


def test_no_line_of_the_map_is_hidden_by_one_above_it() -> None:
    for at, (kind, _) in enumerate(STATUS_OF_KIND):
        assert not [above for above, _ in STATUS_OF_KIND[:at] if issubclass(kind, above)], kind


def test_the_shape_holds_everything_even_when_there_is_nothing_to_hold() -> None:
    body = json.loads(error_body(404, "not_found", "Nothing.", "req_1"))
    assert body == {
        "status": "error",
        "code": "not_found",
        "message": "Nothing.",
        "request_id": "req_1",
        "errors": [],
        "errors_total": 0,
    }


def test_problem_details_tell_the_same_facts() -> None:
    issue = Issue(3, "email", "/records/3/email", "identity_blank", "Fill it in.")
    plain = json.loads(error_body(400, "records_invalid", "Bad.", "req_1", issues=[issue], issues_total=7))
    problem = json.loads(
        error_body(400, "records_invalid", "Bad.", "req_1", issues=[issue], issues_total=7, problem=True)
    )
    assert problem.pop("type") == "urn:muster:error:records_invalid"
    assert problem.pop("title") == "Records invalid"
    assert problem.pop("status") == 400
    assert problem.pop("detail") == plain.pop("message")
    assert plain.pop("status") == "error"
    assert problem == plain


def test_a_thousand_issues_are_counted_and_the_first_hundred_shown() -> None:
    issues = [Issue(row, None, f"/records/{row}", "x", "y") for row in range(1000)]
    body = json.loads(bytes(answer(request(), InputError("Bad.", issues=issues)).body))
    assert [issue["row"] for issue in body["errors"]] == list(range(MAX_ISSUES_SHOWN))
    assert body["errors_total"] == 1000


def test_a_dependency_that_is_down_always_says_when_to_come_back() -> None:
    assert int(answer(request(), Unavailable("Down.")).headers["retry-after"]) > 0
    assert answer(request(), Unavailable("Down.", retry_after_seconds=9)).headers["retry-after"] == "9"


def test_a_refused_token_says_how_to_show_one() -> None:
    assert answer(request(), errors.NotSignedIn("No.")).headers["www-authenticate"] == "Bearer"
    assert "www-authenticate" not in answer(request(), errors.Forbidden("No.")).headers


def test_a_bug_tells_nothing() -> None:
    response = internal_error(request())
    body = json.loads(bytes(response.body))
    assert (response.status_code, body["code"], body["request_id"]) == (500, "internal_error", "req_1")


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("limit=0", "limit"),
        ("limit=1001", "limit"),
        ("limit=x", "limit"),
        ("limit=" + "9" * 5000, "limit"),
        ("status=happy", "status"),
        ("source=moon", "source"),
        ("has_errors=perhaps", "has_errors"),
        ("created_after=yesterday", "created_after"),
        ("created_before=2025-13-01", "created_before"),
        ("created_before=0001-01-01T00:00:00%2B23:00", "created_before"),
        ("created_before=1e400", "created_before"),
        ("name=%00", "name"),
        ("cursor=nonsense", "cursor"),
    ],
)
def test_a_bad_parameter_is_named_without_repeating_its_value(
    app: RunningApp, person: Person, query: str, field: str
) -> None:
    refused = app.ask("GET", f"{BATCH}?{query}", person.headers)
    assert refused.status == 400
    assert field in {issue["field"] for issue in refused.json["errors"]}
    assert refused.json["errors"][0]["pointer"] == f"/{field}"
    assert "nonsense" not in refused.body.decode()
    assert "9" * 100 not in refused.body.decode()


def test_several_bad_parameters_are_all_named(app: RunningApp, person: Person) -> None:
    refused = app.ask("GET", f"{BATCH}?limit=0&source=happy", person.headers)
    assert {issue["field"] for issue in refused.json["errors"]} == {"limit", "source"}
    assert refused.json["errors_total"] == 2


def test_a_405_names_every_method_of_the_path_not_of_one_route(app: RunningApp, person: Person) -> None:
    refused = app.ask("PUT", f"{BATCH}/{UNKNOWN_UPLOAD}", person.headers)
    assert (refused.status, refused.headers["allow"]) == (405, "DELETE, GET, HEAD, OPTIONS, PATCH")
    for method in refused.headers["allow"].split(", "):
        assert app.ask(method, f"{BATCH}/{UNKNOWN_UPLOAD}", person.headers).status != 405
