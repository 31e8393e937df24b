"""Enrichment as clients see it: hostile questions first, then starting, following, retrying and undoing runs."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from muster.accounts.model import Scope
from muster.enrichments.model import RunStatus
from muster.enrichments.store import RunStore
from tests.support.app import BATCH, Answer, Person, RunningApp, bearer, build_now, enrich_now, running
from tests.support.databases import on_sqlite

ENRICHMENTS = "/api/audience/enrichments"
UNKNOWN = f"{ENRICHMENTS}/enr_0123456789abcdefghijkl"
READING = [
    ("GET", f"{ENRICHMENTS}/providers"),
    ("POST", f"{ENRICHMENTS}/providers/terms"),
    ("GET", f"{ENRICHMENTS}/cache"),
    ("GET", ENRICHMENTS),
    ("GET", UNKNOWN),
    ("GET", f"{UNKNOWN}/events"),
]
WRITING = [
    ("POST", f"{ENRICHMENTS}/estimate"),
    ("POST", ENRICHMENTS),
    ("POST", f"{UNKNOWN}/cancel"),
    ("POST", f"{UNKNOWN}/pause"),
    ("POST", f"{UNKNOWN}/resume"),
    ("POST", f"{UNKNOWN}/retry-failed"),
    ("DELETE", f"{ENRICHMENTS}/cache"),
]
PEOPLE = [{"email": f"ana{at}@example{at % 3}.org", "n": at} for at in range(6)]
HYGIENE = {"provider": "email_hygiene", "outputs": dict.fromkeys(
    ["valid", "problem", "is_free", "is_role", "is_disposable", "suggestion"]
)}  # fmt: skip
PRETEND = {"provider": "pretend", "inputs": {"key": "email"}}


@pytest.fixture
def app(tmp_path: Path, database_url: str) -> Iterator[RunningApp]:
    with running(tmp_path / "data", database_url) as started:
        yield started


@pytest.fixture
def ana(app: RunningApp) -> Person:
    return app.person("ana@example.org")


@pytest.fixture
def ben(app: RunningApp) -> Person:
    return app.person("ben@example.org")


@pytest.fixture
def table(app: RunningApp, ana: Person) -> str:
    upload_id: str = app.upload(ana, records=PEOPLE)["upload_id"]
    build_now(app, ana, upload_id)
    return upload_id


def ask(
    app: RunningApp, person: Person, method: str, path: str, body: object = None, **headers: str
) -> Answer:
    sent = b"" if body is None else json.dumps(body).encode()
    return app.ask(method, path, {**person.headers, "Content-Type": "application/json", **headers}, [sent])


def started(app: RunningApp, person: Person, upload_id: str, *steps: Any, **members: Any) -> dict[str, Any]:
    answer = ask(app, person, "POST", ENRICHMENTS, {"upload_id": upload_id, "providers": steps, **members})
    assert answer.status == 202, answer.body
    run: dict[str, Any] = answer.json["run"]
    return run


def shown(app: RunningApp, person: Person, run_id: str) -> dict[str, Any]:
    answer = ask(app, person, "GET", f"{ENRICHMENTS}/{run_id}")
    assert answer.status == 200, answer.body
    run: dict[str, Any] = answer.json["run"]
    return run


def test_without_a_token_it_is_401_and_without_the_scope_403(app: RunningApp, ana: Person) -> None:
    readers = bearer(app.key(ana.user, [Scope.ENRICHMENTS_READ]))
    writers = bearer(app.key(ana.user, [Scope.ENRICHMENTS_WRITE]))
    for doors, lesser in ((READING, writers), (WRITING, readers)):
        for method, path in doors:
            assert app.ask(method, path, {}, [b"{}"]).status == 401, (method, path)
            assert app.ask(method, path, lesser, [b"{}"]).status == 403, (method, path)


def test_anothers_run_is_403_without_detail_and_an_unknown_one_404(
    app: RunningApp, ana: Person, ben: Person, table: str
) -> None:
    run_id = started(app, ana, table, HYGIENE)["run_id"]
    for method, path in (*READING[4:], *WRITING[2:6]):
        answer = ask(app, ben, method, path.replace(UNKNOWN, f"{ENRICHMENTS}/{run_id}"), {})
        assert (answer.status, answer.json["code"]) == (403, "run_not_yours"), (method, path)
        answer = ask(app, ana, method, path, {})
        assert (answer.status, answer.json["code"]) == (404, "run_not_found"), (method, path)
    assert ask(app, ben, "GET", ENRICHMENTS).json["runs"] == []


def test_anothers_upload_cannot_be_enriched_nor_estimated(
    app: RunningApp, ana: Person, ben: Person, table: str
) -> None:
    for path in (ENRICHMENTS, f"{ENRICHMENTS}/estimate"):
        answer = ask(app, ben, "POST", path, {"upload_id": table, "with": ["email_hygiene"]})
        assert (answer.status, answer.json["code"]) == (403, "upload_not_yours")
        answer = ask(app, ben, "POST", path, {"upload_id": "upl_1_0123456789abcdefghijkl", "with": ["names"]})
        assert (answer.status, answer.json["code"]) == (404, "upload_not_found")


def test_a_table_cannot_be_looked_up_in_anothers(
    app: RunningApp, ana: Person, ben: Person, table: str
) -> None:
    theirs = app.upload(ben, records=PEOPLE)["upload_id"]
    build_now(app, ben, theirs)
    mine = app.upload(ana, records=PEOPLE)["upload_id"]
    build_now(app, ana, mine)

    def looked_up_in(upload_id: str) -> Answer:
        settings = {"upload_id": upload_id, "keys": [{"column": "email"}], "gives": {"email": "their_email"}}
        step = {"provider": "lookup", "settings": settings, "inputs": {"k1": "email"}}
        wish = {"upload_id": table, "providers": [step]}
        return ask(app, ana, "POST", f"{ENRICHMENTS}/estimate", wish)

    assert looked_up_in(mine).status == 200
    answer = looked_up_in(theirs)
    assert (answer.status, answer.json["code"]) == (403, "upload_not_yours"), answer.body
    assert "@example" not in answer.body.decode()


def test_providers_tell_what_they_need_and_give(app: RunningApp, ana: Person) -> None:
    answer = ask(app, ana, "GET", f"{ENRICHMENTS}/providers").json
    by_id = {provider["id"]: provider for provider in answer["providers"]}
    assert answer["total"] == len(by_id) >= 10
    assert by_id["email_hygiene"]["needs"][0]["name"] == "email"
    assert by_id["pretend"]["settings"]["properties"]
    assert by_id["mail_servers"]["network"] is True


def test_settings_decide_what_a_provider_needs_gives_and_costs(app: RunningApp, ana: Person) -> None:
    path = f"{ENRICHMENTS}/providers/terms"
    settings = {"upload_id": "upl_1_any", "keys": [{"column": "Mail"}], "gives": {"Size": "size"}}
    terms = ask(app, ana, "POST", path, {"provider": "lookup", "settings": settings}).json["terms"]
    assert [(need["name"], need["title"]) for need in terms["needs"]] == [("k1", "Mail")]
    assert [(give["name"], give["title"], give["column"]) for give in terms["gives"]] == [
        ("size", "Size", "size")
    ]
    paid = {"provider": "pretend", "settings": {"price_micros": 2000}}
    assert ask(app, ana, "POST", path, paid).json["terms"]["price"] == 0.002
    wrong = ask(app, ana, "POST", path, {"provider": "pretend", "settings": {"hit_share": 2}})
    assert (wrong.status, wrong.json["errors"][0]["pointer"]) == (400, "/settings/hit_share")
    nobody = ask(app, ana, "POST", path, {"provider": "nobody"})
    assert (nobody.status, nobody.json["code"]) == (400, "provider_unknown")


def test_from_a_wish_to_new_columns_and_back(app: RunningApp, ana: Person, table: str) -> None:
    run = started(app, ana, table, HYGIENE, name="Clean")
    assert (run["status"], run["name"], run["actions"]) == ("queued", "Clean", ["pause", "cancel"])
    enrich_now(app, ana, run["run_id"])
    run = shown(app, ana, run["run_id"])
    assert (run["status"], run["actions"], run["new_version"]) == ("done", ["undo"], 2)
    assert run["targets"][0] | {"accept": None} == {
        "column": "email_normalised", "policy": "fill_empty", "min_confidence": 0.0, "accept": None,
        "is_new": True, "already": 0, "filled": 6,
    }  # fmt: skip
    rows = ask(app, ana, "GET", f"{BATCH}/{table}/rows").json
    assert rows["columns"][-1] == {
        "name": "email_normalised", "type": "text", "origin": "enrichment:email_hygiene",
    }  # fmt: skip
    assert rows["rows"][3]["values"][-1] == "ana3@example0.org"
    cells = ask(app, ana, "GET", f"{BATCH}/{table}/rows/3/provenance").json["cells"]
    assert [(cell["column"], cell["provider"], cell["run_id"]) for cell in cells] == [
        ("email_normalised", "email_hygiene", run["run_id"])
    ]
    undone = ask(app, ana, "POST", f"{BATCH}/{table}/undo", {"change_id": run["change_id"]})
    assert undone.status == 200, undone.body
    assert len(ask(app, ana, "GET", f"{BATCH}/{table}/rows").json["columns"]) == 2
    assert shown(app, ana, run["run_id"])["status"] == "undone"
    listed = ask(app, ana, "GET", f"{ENRICHMENTS}?upload_id={table}&status=undone").json
    assert [each["run_id"] for each in listed["runs"]] == [run["run_id"]]


def test_the_same_key_starts_one_run(app: RunningApp, ana: Person, table: str) -> None:
    body = {"upload_id": table, "with": ["email_hygiene"]}
    first = ask(app, ana, "POST", ENRICHMENTS, body, **{"Idempotency-Key": "one"})
    again = ask(app, ana, "POST", ENRICHMENTS, body, **{"Idempotency-Key": "one"})
    assert (first.status, again.status) == (202, 202)
    assert first.json == again.json
    assert again.headers["idempotency-replayed"] == "true"
    assert ask(app, ana, "GET", ENRICHMENTS).json["total"] == 1


def test_a_dry_run_starts_nothing(app: RunningApp, ana: Person, table: str) -> None:
    answer = ask(
        app,
        ana,
        "POST",
        ENRICHMENTS,
        {"upload_id": table, "with": ["email_hygiene"], "dry_run": True, "sample": 3},
    )
    assert answer.status == 200
    assert (answer.json["rows"], len(answer.json["sample"])) == (6, 3)
    assert ask(app, ana, "GET", ENRICHMENTS).json["total"] == 0


def test_what_has_a_price_needs_a_budget_and_stops_at_it(app: RunningApp, ana: Person, table: str) -> None:
    dear = {**PRETEND, "settings": {"price_micros": 10_000, "hit_share": 1.0}}
    refused = ask(app, ana, "POST", ENRICHMENTS, {"upload_id": table, "providers": [dear]})
    assert (refused.status, refused.json["code"]) == (400, "budget_missing")
    run = started(app, ana, table, dear, budget=0.025)
    enrich_now(app, ana, run["run_id"])
    run = shown(app, ana, run["run_id"])
    assert (run["status"], run["cost"], run["reason_code"]) == ("stopped", 0.02, "budget_reached")
    assert run["providers"][0]["counts"]["left"] == 4
    assert run["actions"] == ["retry-failed", "undo"]
    again = ask(app, ana, "POST", f"{ENRICHMENTS}/{run['run_id']}/retry-failed", {"budget": 1})
    assert again.status == 202, again.body
    enrich_now(app, ana, again.json["run"]["run_id"])
    after = shown(app, ana, again.json["run"]["run_id"])
    assert (after["status"], after["cost"], after["parent_id"]) == ("done", 0.04, run["run_id"])
    assert after["providers"][0]["counts"]["found"] == 4


def test_a_run_pauses_goes_on_and_is_cancelled(app: RunningApp, ana: Person, table: str) -> None:
    run_id = started(app, ana, table, HYGIENE)["run_id"]
    paused = ask(app, ana, "POST", f"{ENRICHMENTS}/{run_id}/pause")
    assert (paused.status, paused.json["run"]["status"]) == (202, "paused")
    assert paused.json["run"]["actions"] == ["resume", "cancel"]
    listed = ask(app, ana, "GET", f"{ENRICHMENTS}?status=paused").json
    assert [each["run_id"] for each in listed["runs"]] == [run_id]
    assert ask(app, ana, "POST", f"{ENRICHMENTS}/{run_id}/resume").json["run"]["status"] == "queued"
    assert ask(app, ana, "POST", f"{ENRICHMENTS}/{run_id}/cancel").status == 202
    enrich_over = ask(app, ana, "POST", f"{ENRICHMENTS}/{run_id}/retry-failed")
    assert (enrich_over.status, enrich_over.json["code"]) == (409, "run_not_over")


def test_a_run_that_is_over_is_not_cancelled(app: RunningApp, ana: Person, table: str) -> None:
    run_id = started(app, ana, table, HYGIENE)["run_id"]
    enrich_now(app, ana, run_id)
    for verb in ("cancel", "pause", "resume"):
        answer = ask(app, ana, "POST", f"{ENRICHMENTS}/{run_id}/{verb}")
        assert (answer.status, answer.json["code"]) == (409, "run_over")
    answer = ask(app, ana, "POST", f"{ENRICHMENTS}/{run_id}/retry-failed", {})
    assert (answer.status, answer.json["code"]) == (409, "nothing_to_retry")


def test_events_of_a_run_are_replayed(app: RunningApp, ana: Person, table: str) -> None:
    run_id = started(app, ana, table, HYGIENE)["run_id"]
    enrich_now(app, ana, run_id)
    events = ask(app, ana, "GET", f"{ENRICHMENTS}/{run_id}/events").body.decode()
    assert "event: done" in events
    last = max(int(line.removeprefix("id: ")) for line in events.splitlines() if line.startswith("id: "))
    after = ask(app, ana, "GET", f"{ENRICHMENTS}/{run_id}/events", **{"Last-Event-ID": str(last)})
    assert after.status == 204


def test_pages_of_runs_come_newest_first(app: RunningApp, ana: Person, table: str) -> None:
    ids = [started(app, ana, table, HYGIENE)["run_id"] for _ in range(3)]
    first = ask(app, ana, "GET", f"{ENRICHMENTS}?limit=2").json
    rest = ask(app, ana, "GET", f"{ENRICHMENTS}?limit=2&cursor={first['next_cursor']}").json
    assert [run["run_id"] for run in (*first["runs"], *rest["runs"])] == ids[::-1]
    assert (first["total"], rest["next_cursor"]) == (3, None)


def test_answers_of_a_person_are_erased(app: RunningApp, ana: Person, ben: Person, table: str) -> None:
    run = started(app, ana, table, {**PRETEND, "settings": {"hit_share": 1.0}})
    enrich_now(app, ana, run["run_id"])
    path = f"{ENRICHMENTS}/cache"
    assert ask(app, ana, "GET", path).json["by_provider"] == {"pretend": 6}
    assert ask(app, ben, "GET", path).json["answers"] == 0
    assert ask(app, ben, "DELETE", path, {"all": True}).json["erased"] == 0
    assert ask(app, ana, "DELETE", path, {"values": ["ANA3@example0.org"]}).json["erased"] == 1
    assert ask(app, ana, "DELETE", path, {"all": True}).json["erased"] == 5


@on_sqlite
@pytest.mark.parametrize(
    ("members", "pointer"),
    [
        ({}, "/providers"),
        ({"with": ["email_hygiene"], "providers": [HYGIENE]}, "/providers"),
        ({"with": []}, "/with"),
        ({"with": ["nobody"]}, "/providers/0/provider"),
        ({"with": ["http_json"]}, "/providers/0/connection"),
        ({"with": ["email_hygiene"], "more": 1}, ""),
        ({"with": ["email_hygiene"], "budget": -1}, "/budget"),
        ({"with": ["email_hygiene"], "budget": 1e308}, "/budget"),
        ({"with": ["email_hygiene"], "sample": 201}, "/sample"),
        ({"with": ["email_hygiene"], "filter": {"field": "nope", "op": "eq", "value": 1}}, "/filter/field"),
        ({"with": ["email_hygiene"], "filter": {"bad": 1}}, "/filter"),
        ({"providers": [{"provider": "email_hygiene", "settings": {"x": 1}}]}, "/providers/0/settings/x"),
        ({"providers": [{"provider": "email_hygiene", "inputs": {"email": "nope"}}]}, "/providers/0/inputs/email"),
        ({"providers": [{"provider": "email_hygiene", "connection": "con_x"}]}, "/providers/0/connection"),
        ({"with": ["email_hygiene"], "targets": [{"column": "nope"}]}, "/targets/0/column"),
        (
            {"with": ["email_hygiene"], "targets": [{"column": "email_normalised", "accept": {"kind": "nope"}}]},
            "/targets/0/accept/kind",
        ),
        ({"with": ["email_hygiene"], "targets": [{"column": "a"}, {"column": "a"}]}, "/targets/1/column"),
    ],
)  # fmt: skip
def test_a_wish_nobody_can_fulfil_is_pointed_at(
    app: RunningApp, ana: Person, table: str, members: dict[str, Any], pointer: str
) -> None:
    for path in (ENRICHMENTS, f"{ENRICHMENTS}/estimate"):
        answer = ask(app, ana, "POST", path, {"upload_id": table, **members})
        assert answer.status == 400, answer.body
        assert answer.json["errors"][0]["pointer"] == pointer, answer.body


def test_a_deleted_upload_takes_its_runs_along(app: RunningApp, ana: Person, table: str) -> None:
    run_id = started(app, ana, table, HYGIENE)["run_id"]
    enrich_now(app, ana, run_id)
    assert ask(app, ana, "DELETE", f"{BATCH}/{table}").status == 200
    assert ask(app, ana, "GET", f"{ENRICHMENTS}/{run_id}").status == 404
    assert ask(app, ana, "GET", ENRICHMENTS).json["total"] == 0


def test_a_connection_a_run_asks_by_is_not_deleted(app: RunningApp, ana: Person, table: str) -> None:
    settings = {
        "url": "https://api.example.com/{email}",
        "needs": [{"name": "email", "title": "E-mail"}],
        "outputs": [{"name": "name", "path": "$.name"}],
    }
    path = f"{ENRICHMENTS}/connections"
    made = ask(app, ana, "POST", path, {"provider": "http_json", "name": "Names", "settings": settings})
    assert made.status == 201, made.body
    one = f"{path}/{made.json['connection']['id']}"
    run = started(app, ana, table, {"provider": "http_json", "connection": made.json["connection"]["id"]})
    refused = ask(app, ana, "DELETE", one)
    assert (refused.status, refused.json["code"]) == (409, "connection_in_use")
    ended = ask(app, ana, "POST", f"{ENRICHMENTS}/{run['run_id']}/cancel")
    assert ended.status == 202
    with app.house.db.begin() as connection:
        now = app.house.enrichments.clock()
        RunStore(connection, ana.user.id).change(run["run_id"], now, status=RunStatus.CANCELLED)
    assert ask(app, ana, "DELETE", one).status == 200
