"""Who belongs to a segment and why, and what happens to it when its tables go (docs/api/segments.md)."""

import json
from typing import Any

import pytest

from tests.segments.served import IDENTITY, SEGMENTS, US, Served
from tests.support.app import BATCH


def test_members_by_hand_win_over_the_filter_and_leaving_out_over_both(served: Served) -> None:
    made = served.make("by hand")
    path = f"{SEGMENTS}/{made['id']}/members"
    changed = served.ask(
        "POST", path, {"include": [{"upload_id": served.upload, "row": 4}, {"email": " ANA@example.com "}], "exclude": [{"phone": "+12125550100"}, {"email": "cyd@example.org"}]}
    )["segment"]  # fmt: skip
    assert (changed["count"], changed["included"], changed["excluded"], changed["version"]) == (3, 2, 2, 2)
    assert served.members(made["id"]) == [1, 2, 4]
    assert changed["describe"] == "country is US; 2 added and 2 left out by hand"
    listed = served.ask("GET", f"{SEGMENTS}/{made['id']}/manual")
    assert listed["entries"] == [
        {"list": "include", "upload_id": served.upload, "row": 4}, {"list": "include", "email": "ana@example.com"},
        {"list": "exclude", "phone": "+12125550100"}, {"list": "exclude", "email": "cyd@example.org"},
    ]  # fmt: skip
    assert (listed["total"], listed["included"], listed["excluded"]) == (4, 2, 2)
    page = served.ask("GET", f"{SEGMENTS}/{made['id']}/manual?offset=1&limit=1")
    assert page["entries"] == listed["entries"][1:2]
    moved = served.ask(
        "POST", path, {"exclude": [{"email": "ana@example.com"}], "forget": [{"email": "cyd@example.org"}]}
    )["segment"]
    assert (moved["included"], moved["excluded"]) == (1, 2)
    assert served.members(made["id"]) == [1, 3, 4]
    assert (
        served.ask("POST", path, {"forget": [{"email": "nobody@example.com"}]})["segment"]["version"]
        == moved["version"]
    )
    # Who comes later with an identity that is left out stays out.
    served.edit(3, email="ana@example.com")
    assert served.members(made["id"]) == [1, 4]
    preview_ = served.ask(
        "POST", f"{SEGMENTS}/preview", {"uploads": [served.upload], "filter": US, "segment_id": made["id"]}
    )
    assert (preview_["count"], preview_["included"], preview_["excluded"]) == (2, 1, 3)
    cause = served.ask("GET", f"{SEGMENTS}/{made['id']}/history")["versions"][2]["cause"]
    assert cause == "members"


@pytest.mark.parametrize(
    ("entry", "code"),
    [
        ({"upload_id": "{upload}", "row": 5}, "row_unknown"),
        ({"upload_id": "{other}", "row": 0}, "row_unknown"),
        ({"upload_id": "{bobs}", "row": 0}, "row_unknown"),
        ({"upload_id": "{upload}", "row": -1}, "identity_invalid"),
        ({"upload_id": "{upload}"}, "identity_invalid"),
        ({"email": "not an address"}, "identity_invalid"),
        ({"phone": "030 901820"}, "identity_invalid"),
        ({"domain": "example.org"}, "identity_invalid"),
        ({"domain": "example.org", "name": " "}, "identity_invalid"),
        ({"email": "a@example.com", "phone": "+4930901820"}, "identity_invalid"),
        ({}, "identity_invalid"),
    ],
)
def test_entries_that_name_nobody_are_refused_and_nothing_is_kept(
    shared: Served, entry: dict[str, Any], code: str
) -> None:
    made = shared.make(f"refused {json.dumps(entry)}")
    names = {"{upload}": shared.upload, "{other}": shared.other, "{bobs}": shared.bobs}
    sent = {name: names.get(str(value), value) for name, value in entry.items()}
    body = {"include": [{"email": "fine@example.com"}, sent]}
    refused = shared.ask("POST", f"{SEGMENTS}/{made['id']}/members", body, expect=400)
    assert [(error["pointer"], error["code"]) for error in refused["errors"]] == [("/include/1", code)]
    assert shared.ask("GET", f"{SEGMENTS}/{made['id']}/manual")["total"] == 0


def test_two_segments_are_compared_by_row_and_by_identity(shared: Served) -> None:
    us = shared.make("overlap us")
    small = shared.make("overlap small", filter={"field": "employees", "op": "lt", "value": 100})
    event = shared.make("overlap event", uploads=[shared.other], filter=None)

    def ask(one: Any, other: Any, **params: Any) -> Any:
        return shared.ask("GET", f"{SEGMENTS}/{one['id']}/compare/{other['id']}", params=params)

    rows = ask(us, small)
    assert (rows["both"], rows["only_a"], rows["only_b"], rows["by"]) == (2, 1, 2, "row")
    assert (rows["a"]["name"], rows["a"]["count"], rows["b"]["count"]) == ("overlap us", 3, 4)
    assert ask(us, event)["both"] == 0
    people = ask(us, event, by="email")
    assert (people["both"], people["only_a"], people["only_b"]) == (2, 1, 0)
    phones = ask(us, event, by="phone")
    assert (phones["both"], phones["only_a"], phones["a_without"], phones["b_without"]) == (0, 1, 2, 2)
    assert ask(us, us, by="email")["both"] == 3
    assert (
        shared.ask("GET", f"{SEGMENTS}/{us['id']}/compare/{us['id']}?by=shoe", expect=400)["code"]
        == "parameter_invalid"
    )
    assert ask(us, us, version=1, other_version=1)["both"] == 3


def test_a_row_is_told_why_it_is_in_or_not(served: Served) -> None:
    tree = {
        "all": [
            US,
            {
                "any": [
                    {"field": "employees", "op": "gt", "value": 100},
                    {"field": "phone", "op": "is_not_empty"},
                ]
            },
        ]
    }
    made = served.make("why", filter=tree)

    def why(row: int, **params: Any) -> Any:
        return served.ask("GET", f"{SEGMENTS}/{made['id']}/explain", params={"row": row, **params})

    inside = why(0)
    assert (inside["is_member"], inside["because"], inside["version"]) == (True, "filter", 1)
    assert inside["sentence"] == "In: country is US and (employees is more than 100 or phone is not empty)."
    first, second = inside["tree"]["parts"]
    assert (first["holds"], first["field"], first["value"], first["from"]) == (True, "country", "US", None)
    assert [(leaf["describe"], leaf["holds"], leaf["pointer"]) for leaf in second["parts"]] == [
        ("employees is more than 100", False, "/filter/all/1/any/0"), ("phone is not empty", True, "/filter/all/1/any/1"),
    ]  # fmt: skip
    outside = why(4)
    assert (outside["is_member"], outside["because"]) == (False, "filter")
    assert outside["sentence"] == "Not in: country is US does not hold."
    assert why(99)["because"] == "gone"
    served.ask(
        "POST",
        f"{SEGMENTS}/{made['id']}/members",
        {
            "include": [{"upload_id": served.upload, "row": 4}],
            "exclude": [{"upload_id": served.upload, "row": 0}],
        },
    )
    assert (why(4)["because"], why(4)["is_member"]) == ("included", True)
    assert (why(0)["because"], why(0)["is_member"]) == ("excluded", False)
    served.ask(
        "PATCH",
        f"{SEGMENTS}/{made['id']}",
        {
            "dedupe": {"by": "email", "fields": {"phone": "newest"}},
            "filter": {"field": "phone", "op": "is_not_empty"},
        },
    )
    served.ask(
        "POST",
        f"{SEGMENTS}/{made['id']}/members",
        {"forget": [{"upload_id": served.upload, "row": 4}, {"upload_id": served.upload, "row": 0}]},
    )
    duplicate = why(0)
    assert (duplicate["because"], duplicate["is_member"]) == ("duplicate", False)
    assert [row["_row_id"] for row in duplicate["group"]] == [2, 0]
    joined = why(2)
    assert (joined["is_member"], joined["tree"]["value"], joined["tree"]["from"]) == (
        True, "+12125550100", {"_upload_id": served.upload, "_row_id": 0},
    )  # fmt: skip
    served.ask("PATCH", f"{SEGMENTS}/{made['id']}", {"uploads": [served.upload, served.other]})
    assert served.ask("GET", f"{SEGMENTS}/{made['id']}/explain?row=0", expect=400)["code"] == "upload_unclear"
    assert why(0, upload_id=served.other)["because"] == "filter"
    assert served.ask("GET", f"{SEGMENTS}/{made['id']}/explain?row=0&upload_id={served.bobs}", expect=400)


def test_a_snapshot_is_explained_by_what_it_saw(served: Served) -> None:
    made = served.make("seen", kind="snapshot")
    served.edit(0, country="FR")
    found = served.ask("GET", f"{SEGMENTS}/{made['id']}/explain?row=0")
    assert (found["is_member"], found["because"], found["tree"]["value"]) == (True, "filter", "US")


def test_duplicates_are_shown_with_what_joining_would_change(shared: Served) -> None:
    body = {
        "uploads": [shared.upload, shared.other],
        "dedupe": {"by": "email", "keep": "most_complete", "fields": {"country": "newest"}},
    }
    found = shared.ask("POST", f"{IDENTITY}/duplicates", body)
    assert (found["rows"], found["groups"], found["duplicates"]) == (7, 2, 3)
    ana, bob = found["items"]
    assert (ana["identity"], ana["size"], ana["winner"]) == ("ana@example.com", 3, 0)
    assert ana["rows"][0]["_row_id"] == 0
    [change] = ana["changes"]
    assert (change["field"], change["before"], change["after"], change["policy"]) == (
        "country",
        "US",
        "DE",
        "newest",
    )
    origin = ana["rows"][change["origin"]]
    assert (origin["_upload_id"], origin["_row_id"]) == (shared.other, 1)
    names = [column["name"] for column in found["columns"]]
    assert dict(zip(names, ana["merged"], strict=True)) == {
        "email": "ana@example.com",
        "country": "DE",
        "employees": "10",
        "phone": "+12125550100",
    }
    assert (bob["size"], bob["changes"]) == (2, [])
    second = shared.ask(
        "POST", f"{IDENTITY}/duplicates", {**body, "offset": 1, "limit": 1, "columns": ["email"]}
    )
    assert [(each["identity"], each["merged"]) for each in second["items"]] == [
        ("bob@example.com", ["bob@example.com"])
    ]
    for wrong in ({"limit": 0}, {"dedupe": None}, {"columns": ["x"]}, {"more": 1}):
        shared.ask("POST", f"{IDENTITY}/duplicates", {**body, **wrong}, expect=400)


def test_a_count_may_be_left_to_a_job(served: Served) -> None:
    body = {"name": "later", "uploads": [served.upload], "filter": US}
    headers = {"Prefer": "respond-async", "Idempotency-Key": "later"}
    made = served.ask("POST", SEGMENTS, body, headers=headers, expect=202)["segment"]
    assert (made["status"], made["count"], made["version"], made["is_stale"]) == (
        "computing",
        None,
        None,
        True,
    )
    path = f"{SEGMENTS}/{made['id']}"
    assert served.ask("GET", f"{path}/history")["versions"] == []
    served.work(made["id"])
    done = served.one(made["id"])
    assert (done["status"], done["count"], done["version"]) == ("ready", 3, 1)
    assert served.ask("POST", SEGMENTS, body, headers=headers, expect=202)["segment"]["id"] == made["id"]
    changed = served.ask("PATCH", path, {"filter": None}, headers={"Prefer": "respond-async"}, expect=202)[
        "segment"
    ]
    # Meanwhile the numbers are those of before.
    assert (changed["status"], changed["count"], changed["version"]) == ("computing", 3, 1)
    served.work(made["id"])
    assert (served.one(made["id"])["status"], served.one(made["id"])["count"]) == ("ready", 5)
    served.edit(0, country="DE")
    refreshed = served.ask("POST", f"{path}/refresh", headers={"Prefer": "respond-async"}, expect={202})[
        "segment"
    ]
    assert refreshed["status"] == "computing"


def test_a_snapshot_nobody_counted_yet_has_no_members(served: Served) -> None:
    body = {"name": "empty", "uploads": [served.upload], "kind": "snapshot"}
    made = served.ask("POST", SEGMENTS, body, headers={"Prefer": "respond-async"}, expect=202)["segment"]
    refused = served.ask("GET", f"{SEGMENTS}/{made['id']}/members", expect=404)
    assert refused["code"] == "segment_not_counted"


def test_deleting_an_upload_is_refused_while_segments_are_made_from_it(served: Served) -> None:
    one, other = served.make("first"), served.make("second", uploads=[served.other, served.upload])
    path = f"{BATCH}/{served.upload}"
    refused = served.ask("DELETE", path, expect=409)
    assert refused["code"] == "upload_in_use"
    assert [error["message"] for error in refused["errors"]] == [
        f"Segment `first` ({one['id']}) is made from it.", f"Segment `second` ({other['id']}) is made from it.",
    ]  # fmt: skip
    bulk = {"operation": "delete", "upload_ids": [served.upload]}
    told = served.ask("POST", f"{BATCH}/bulk", bulk)
    assert [(each["code"], each["http_status"]) for each in told["results"]] == [("upload_in_use", 409)]
    assert 'Segment "first" and 1 more are made from this upload.' in told["results"][0]["message"]
    assert served.one(one["id"])["count"] == 3
    served.ask("DELETE", f"{path}?cascade=true")
    for segment_id in (one["id"], other["id"]):
        assert served.ask("GET", f"{SEGMENTS}/{segment_id}", expect=404)["code"] == "segment_not_found"
    assert not list(served.app.house.objects.list("segments/"))
    served.make("third", uploads=[served.other])
    told = served.ask(
        "POST", f"{BATCH}/bulk", {"operation": "delete", "upload_ids": [served.other], "cascade": True}
    )
    assert told["succeeded"] == 1
    assert served.ask("GET", SEGMENTS)["total"] == 0


def test_an_upload_only_older_versions_were_made_from_may_go(served: Served) -> None:
    made = served.make("moved on", uploads=[served.upload, served.other], filter=None)
    served.ask("PATCH", f"{SEGMENTS}/{made['id']}", {"uploads": [served.other]})
    served.ask("DELETE", f"{BATCH}/{served.upload}")
    now = served.one(made["id"])
    assert (now["count"], now["version"]) == (2, 2)
    # What was another's rows then is gone, the rest of that version is there.
    then = served.ask("GET", f"{SEGMENTS}/{made['id']}/members?version=1")
    assert [(row["_upload_id"], row["_row_id"]) for row in then["rows"]] == [
        (served.other, 0),
        (served.other, 1),
    ]
    assert served.ask("GET", f"{SEGMENTS}/{made['id']}/members?part=left")["total"] == 0


def test_a_deleted_segment_is_gone_with_its_files_and_its_jobs(served: Served) -> None:
    made = served.make("short-lived")
    served.ask("POST", f"{SEGMENTS}/{made['id']}/members", {"include": [{"email": "ana@example.com"}]})
    served.edit(0, country="FR")
    served.ask("POST", f"{SEGMENTS}/{made['id']}/refresh", headers={"Prefer": "respond-async"}, expect=202)
    assert list(served.app.house.objects.list("segments/"))
    assert served.ask("DELETE", f"{SEGMENTS}/{made['id']}")["message"] == "Segment deleted."
    assert not list(served.app.house.objects.list("segments/"))
    assert served.ask("DELETE", f"{SEGMENTS}/{made['id']}", expect=404)["code"] == "segment_not_found"
    assert served.make("short-lived")["count"] == 2
