"""The HTTP contract of segments (docs/api/segments.md)."""

import json
from typing import Any

import pytest

from tests.segments.served import IDENTITY, PEOPLE, SEGMENTS, US, Served
from tests.support.app import UNKNOWN, UNKNOWN_UPLOAD

UNKNOWN_SEGMENT = f"seg_{'A' * 22}"


def preview(served: Served, **members: Any) -> Any:
    return served.ask("POST", f"{SEGMENTS}/preview", {"uploads": [served.upload], **members})


def test_nothing_is_told_without_a_token_of_another_or_of_the_unknown(shared: Served) -> None:
    segment = shared.make("guarded")
    one = f"{SEGMENTS}/{segment['id']}"
    calls: list[tuple[str, str, Any]] = [
        ("GET", one, None), ("PATCH", one, {"name": "x"}), ("DELETE", one, None), ("POST", f"{one}/refresh", None),
        ("GET", f"{one}/members", None), ("POST", f"{one}/members", {"include": []}), ("GET", f"{one}/manual", None),
        ("GET", f"{one}/history", None), ("GET", f"{one}/compare/{segment['id']}", None), ("GET", f"{one}/explain?row=0", None),
    ]  # fmt: skip
    for method, path, body in calls:
        assert shared.app.client.request(method, path, json=body).status_code == 401, path
        refused = shared.ask(method, path, body, who=shared.bob, expect=403)
        assert (refused["code"], "guarded" in json.dumps(refused)) == ("segment_not_yours", False)
        unknown = shared.ask(method, path.replace(segment["id"], UNKNOWN_SEGMENT), body, expect=404)
        assert unknown["code"] == "segment_not_found"
    mine = shared.ask("POST", SEGMENTS, {"name": "b", "uploads": [shared.bobs]}, who=shared.bob, expect=201)
    path = f"{SEGMENTS}/{mine['segment']['id']}/compare/{segment['id']}"
    assert shared.ask("GET", path, who=shared.bob, expect=403)["code"] == "segment_not_yours"
    assert shared.ask("GET", SEGMENTS, who=shared.bob)["total"] == 1


@pytest.mark.parametrize("path", [SEGMENTS, f"{SEGMENTS}/preview", f"{IDENTITY}/duplicates"])
def test_anothers_upload_is_no_source(shared: Served, path: str) -> None:
    for upload_id, status, code in (
        (shared.bobs, 403, "upload_not_yours"), (UNKNOWN_UPLOAD, 404, "upload_not_found"), ("x", 404, "upload_not_found"),
    ):  # fmt: skip
        body: dict[str, Any] = {"uploads": [upload_id]}
        if path == SEGMENTS:
            body["name"] = "theirs"
        if "duplicates" in path:
            body["dedupe"] = {"by": "email"}
        assert shared.ask("POST", path, body, expect=status)["code"] == code


def test_a_table_that_is_not_there_yet_is_said_so(shared: Served) -> None:
    waiting = shared.app.upload(shared.ana, "waiting")["upload_id"]
    refused = shared.ask("POST", f"{SEGMENTS}/preview", {"uploads": [waiting]}, expect=409)
    assert refused["code"] == "table_not_ready"


def test_a_preview_counts_condition_by_condition_and_shows_rows(shared: Served) -> None:
    tree = {
        "all": [US, {"field": "employees", "op": "ge", "value": 12}, {"field": "phone", "op": "is_empty"}]
    }
    found = preview(shared, filter=tree, sample=1, columns=["email", "employees"])
    assert (found["count"], found["of"], found["share"], found["rows"]) == (2, 5, 0.4, 5)
    assert [(step["describe"], step["count"], step["pointer"]) for step in found["funnel"]] == [
        ("country is US", 3, "/filter/all/0"), ("employees is at least 12", 2, "/filter/all/1"), ("phone is empty", 2, "/filter/all/2"),
    ]  # fmt: skip
    assert found["describe"] == "country is US and employees is at least 12 and phone is empty"
    assert [column["name"] for column in found["columns"]] == ["email", "employees"]
    [row] = found["sample"]
    assert row["_upload_id"] == shared.upload
    assert row["values"] in (["bob@example.com", "250"], ["cyd@example.org", "12"])
    assert found["versions"] == {shared.upload: 1}
    assert preview(shared)["count"] == 5
    assert preview(shared, sample=0)["sample"] == []
    assert preview(shared, filter={"any": [US, US]})["funnel"][0]["pointer"] == "/filter"


def test_a_preview_over_uploads_joins_people(shared: Served) -> None:
    both = [shared.upload, shared.other]
    found = preview(shared, uploads=both, dedupe={"by": "email"}, filter=US)
    # Ana's newest row says DE; Bob's newest row is the event's.
    assert (found["rows"], found["of"], found["duplicates"], found["count"]) == (7, 4, 3, 2)
    assert found["dedupe"]["columns"] == ["email"]
    assert found["describe"] == "country is US; one row per e-mail address, the newest"
    joined = preview(shared, uploads=both, dedupe={"by": "email", "fields": {"phone": "newest"}}, sample=10)
    columns = [column["name"] for column in joined["columns"]]
    [ana] = [row for row in joined["sample"] if row["values"][0] == "Ana@Example.com"]
    assert (ana["values"][columns.index("phone")], ana["_merged"]) == ("+12125550100", ["phone"])


@pytest.mark.parametrize(
    ("members", "code"),
    [
        ({"uploads": []}, "body_invalid"),
        ({"uploads": ["a", "a"]}, "body_invalid"),
        ({"uploads": "a"}, "body_invalid"),
        ({"filter": {"all": []}}, "filter_invalid"),
        ({"filter": {"field": "nowhere", "op": "is_empty"}}, "filter_invalid"),
        ({"filter": 7}, "filter_invalid"),
        ({"dedupe": {"by": "shoe"}}, "dedupe_invalid"),
        ({"dedupe": {"by": "email", "columns": ["nowhere"]}}, "dedupe_invalid"),
        ({"dedupe": {"by": "email", "columns": []}}, "dedupe_invalid"),
        ({"dedupe": {"by": "email", "region": "DE"}}, "dedupe_invalid"),
        ({"dedupe": {"by": "phone", "region": "Germany"}}, "dedupe_invalid"),
        ({"dedupe": {"by": "email", "fields": {"phone": "shortest"}}}, "dedupe_invalid"),
        ({"dedupe": {"by": "email", "fields": {"nowhere": "longest"}}}, "dedupe_invalid"),
        ({"dedupe": {"by": "email", "threshold": 0.5}}, "dedupe_invalid"),
        ({"dedupe": {"by": "match"}}, "dedupe_invalid"),
        ({"dedupe": {"by": "match", "match": "mat_x"}}, "dedupe_invalid"),
        ({"dedupe": {}}, "dedupe_invalid"),
        ({"dedupe": "email"}, "dedupe_invalid"),
        ({"dedupe": {"by": "domain_name"}}, "identity_columns_missing"),
        ({"unknown": 1}, "body_invalid"),
        ({"sample": 101}, "parameter_invalid"),
        ({"token": ""}, "parameter_invalid"),
        ({"columns": ["nowhere"]}, "column_unknown"),
    ],
)
def test_what_cannot_be_counted_is_refused_with_a_pointer(
    shared: Served, members: dict[str, Any], code: str
) -> None:
    body = {"uploads": [shared.upload], **members}
    refused = shared.ask("POST", f"{SEGMENTS}/preview", body, expect=400)
    assert refused["code"] == code
    assert refused["errors"]
    assert all(error["pointer"].startswith("/") or error["pointer"] == "" for error in refused["errors"])


@pytest.mark.parametrize(
    "members",
    [{"name": " "}, {"name": "x" * 201}, {"name": "a\x00"}, {"description": "x" * 2001}, {"tags": [""]}, {"tags": ["x"] * 3 + [str(n) for n in range(20)]}, {"kind": "frozen"}, {"name": None}],
)  # fmt: skip
def test_a_segment_that_cannot_be_kept_is_refused(shared: Served, members: dict[str, Any]) -> None:
    body = {"name": "fine", "uploads": [shared.upload], **members}
    assert shared.ask("POST", SEGMENTS, body, expect=400)["errors"]


def test_a_segment_is_counted_when_it_is_created(shared: Served) -> None:
    made = shared.make("counted", description=" for spring ", tags=["a", "b", "a"])
    assert made["description"] == "for spring"
    assert (made["tags"], made["kind"], made["status"]) == (["a", "b"], "live", "ready")
    assert (made["version"], made["count"], made["of"], made["joined"], made["left"]) == (1, 3, 5, 3, 0)
    assert (made["is_stale"], made["sizes"], made["describe"]) == (False, [3], "country is US")
    assert made["uploads"] == [{"upload_id": shared.upload, "upload_name": "crm"}]
    assert shared.one(made["id"]) == made
    assert shared.members(made["id"]) == [0, 1, 3]
    assert (
        shared.ask("POST", SEGMENTS, {"name": "counted", "uploads": [shared.upload]}, expect=409)["code"]
        == "segment_name_taken"
    )


def test_an_idempotency_key_makes_one_segment_and_gives_one_answer(shared: Served) -> None:
    body = {"name": "once", "uploads": [shared.upload], "filter": US}
    first, again = (
        shared.ask("POST", SEGMENTS, body, headers={"Idempotency-Key": "seg-once"}, expect=201)
        for _ in range(2)
    )
    assert first == again
    assert first["segment"]["count"] == 3
    refused = shared.ask(
        "POST", SEGMENTS, {**body, "name": "o"}, headers={"Idempotency-Key": "seg-once"}, expect=409
    )
    assert refused["code"] == "idempotency_key_reused"


def test_segments_are_listed_in_pages_by_name_tag_kind_and_upload(shared: Served) -> None:
    for number in range(3):
        shared.make(f"Listed {number}", tags=[f"t{number}"], kind="snapshot" if number else "live")
    named = shared.ask("GET", SEGMENTS, params={"name": "listed", "sort": "name"})
    assert [each["name"] for each in named["segments"]] == ["Listed 0", "Listed 1", "Listed 2"]
    assert named["total"] == 3
    assert [each["name"] for each in shared.ask("GET", f"{SEGMENTS}?tag=t1")["segments"]] == ["Listed 1"]
    snapshots = shared.ask("GET", SEGMENTS, params={"name": "listed", "kind": "snapshot"})
    assert snapshots["total"] == 2
    assert shared.ask("GET", SEGMENTS, params={"upload_id": shared.other})["total"] == 0
    for sort in ("name", "-name", "count", "-created_at", "updated_at"):
        params: dict[str, Any] = {"name": "listed", "sort": sort, "limit": 1}
        seen, cursor = [], None
        while True:
            page = shared.ask("GET", SEGMENTS, params=params | ({"cursor": cursor} if cursor else {}))
            seen += [each["name"] for each in page["segments"]]
            cursor = page["next_cursor"]
            if cursor is None:
                break
        assert sorted(seen) == ["Listed 0", "Listed 1", "Listed 2"], sort
        if "name" in sort:
            assert seen == sorted(seen, reverse=sort.startswith("-"))
    for wrong in (
        {"sort": "shoe"},
        {"limit": 0},
        {"kind": "x"},
        {"cursor": "x"},
        {"sort": "name", "cursor": "eA"},
    ):
        shared.ask("GET", SEGMENTS, params=wrong, expect=400)


def test_a_live_segment_follows_its_table_and_a_snapshot_does_not(served: Served) -> None:
    live, snapshot = served.make("live"), served.make("snapshot", kind="snapshot")
    served.edit(0, country="FR", email="moved@example.com")
    served.edit(4, country="US")
    assert [each["is_stale"] for each in served.ask("GET", SEGMENTS)["segments"]] == [True, True]
    now = served.one(live["id"])
    assert (now["version"], now["count"], now["joined"], now["left"], now["sizes"]) == (2, 3, 1, 1, [3, 3])
    assert served.members(live["id"]) == [1, 3, 4]
    assert served.members(live["id"], version=1) == [0, 1, 3]
    assert served.members(live["id"], part="joined") == [4]
    assert served.members(live["id"], part="left") == [0]
    assert served.members(live["id"], part="joined", version=1) == [0, 1, 3]
    assert served.members(live["id"], part="left", version=1) == []
    # Those who left, and the snapshot, are shown as they were.
    left = served.ask("GET", f"{SEGMENTS}/{live['id']}/members", params={"part": "left", "columns": "email"})
    assert left["rows"][0]["values"] == ["ana@example.com"]
    kept = served.one(snapshot["id"])
    assert (kept["version"], kept["count"], kept["is_stale"]) == (1, 3, True)
    assert served.members(snapshot["id"]) == [0, 1, 3]
    values = served.ask(
        "GET", f"{SEGMENTS}/{snapshot['id']}/members", params={"columns": "email", "limit": 1}
    )
    assert values["rows"][0]["values"] == ["ana@example.com"]
    again = served.ask("POST", f"{SEGMENTS}/{snapshot['id']}/refresh")["segment"]
    assert (again["version"], again["count"], again["is_stale"]) == (2, 3, False)
    assert served.members(snapshot["id"]) == [1, 3, 4]
    assert served.ask("POST", f"{SEGMENTS}/{snapshot['id']}/refresh")["segment"]["version"] == 2
    for segment_id, causes in (
        (live["id"], ["tables", "created"]),
        (snapshot["id"], ["refreshed", "created"]),
    ):
        history = served.ask("GET", f"{SEGMENTS}/{segment_id}/history")
        assert [each["cause"] for each in history["versions"]] == causes
        assert (history["total"], history["next_cursor"]) == (2, None)
        page = served.ask("GET", f"{SEGMENTS}/{segment_id}/history?limit=1")
        rest = served.ask("GET", f"{SEGMENTS}/{segment_id}/history", params={"cursor": page["next_cursor"]})
        assert [each["version"] for each in (*page["versions"], *rest["versions"])] == [2, 1]
    assert (
        served.ask("GET", f"{SEGMENTS}/{live['id']}/members?version=9", expect=404)["code"]
        == "segment_version_not_found"
    )


def test_an_edit_that_changes_nobody_makes_a_version_nobody_joined(served: Served) -> None:
    made = served.make("same")
    served.edit(2, phone="1")
    now = served.one(made["id"])
    assert (now["version"], now["joined"], now["left"]) == (2, 0, 0)
    assert served.one(made["id"])["version"] == 2


def test_a_changed_definition_is_counted_anew_and_other_changes_are_not(served: Served) -> None:
    made = served.make("before")
    one = f"{SEGMENTS}/{made['id']}"
    named = served.ask("PATCH", one, {"name": "after", "description": "d", "tags": ["t"]})["segment"]
    assert (named["name"], named["description"], named["tags"], named["version"]) == ("after", "d", ["t"], 1)
    wide = served.ask("PATCH", one, {"filter": None})["segment"]
    assert (wide["count"], wide["version"], wide["joined"], wide["filter"]) == (5, 2, 2, None)
    people = served.ask("PATCH", one, {"dedupe": {"by": "email"}})["segment"]
    assert (people["count"], people["of"], people["left"]) == (4, 4, 1)
    both = served.ask("PATCH", one, {"uploads": [served.upload, served.other]})["segment"]
    assert (both["count"], both["of"], both["version"]) == (4, 4, 4)
    # Ana and Bob are represented by other rows now, and have neither come nor gone.
    assert (both["joined"], both["left"]) == (0, 0)
    alone = served.ask("PATCH", one, {"dedupe": None, "uploads": [served.other]})["segment"]
    assert (alone["count"], alone["version"]) == (2, 5)
    frozen = served.ask("PATCH", one, {"kind": "snapshot"})["segment"]
    assert (frozen["kind"], frozen["version"]) == ("snapshot", 5)
    history = served.ask("GET", f"{one}/history")["versions"]
    assert [each["cause"] for each in history] == ["changed"] * 4 + ["created"]
    assert served.members(made["id"], version=1) == [0, 1, 3]
    assert served.ask("PATCH", one, {"name": " "}, expect=400)["code"] == "member_invalid"
    served.make("taken")
    assert served.ask("PATCH", one, {"name": "taken"}, expect=409)["code"] == "segment_name_taken"
    assert served.one(made["id"])["name"] == "after"


def test_unknown_ids_of_the_support_are_those_of_this_room() -> None:
    assert UNKNOWN["segment_id"] == UNKNOWN["other_id"] == UNKNOWN_SEGMENT
    assert len(PEOPLE) == 5
