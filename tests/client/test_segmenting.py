"""What the client says and hears about segments and probable matches."""

import json

import httpx2
import pytest

from muster.client import Client, Conflict, InvalidRequest, StillWorking

UPLOAD = "upl_1700000000_AbCdEf"
SEGMENT = "seg_AbCdEf"
MATCH = "mat_AbCdEf"
AT = "2026-01-01T00:00:00Z"


def segment(status="ready", **members):
    return {
        "status": "success",
        "segment": {
            "id": SEGMENT, "name": "US", "description": "", "tags": ["a"], "kind": "live", "status": status, "reason_code": None, "reason": None,
            "uploads": [{"upload_id": UPLOAD, "upload_name": "People"}], "filter": None, "dedupe": None, "included": 0, "excluded": 0, "describe": "every row",
            "version": 1, "count": 3, "of": 5, "share": 0.6, "joined": 3, "left": 0, "counted_at": AT, "is_stale": False, "sizes": [3], "created_at": AT,
            "updated_at": AT, "of_tomorrow": 1, **members,
        },
    }  # fmt: skip


def match(status="ready", **members):
    return {
        "status": "success",
        "match": {
            "id": MATCH, "status": status, "reason_code": None, "reason": None, "uploads": [UPLOAD], "compare": [], "threshold": 0.95, "rows": 5, "pairs": 2,
            "pairs_above": 1, "clusters": 1, "measured_on": "planted", "precision": 0.99, "recall": 0.8, "curve": [{"threshold": 0.5, "precision": 0.9, "recall": 0.9, "pairs": 2}],
            "weights": [], "created_at": AT, "updated_at": AT, **members,
        },
    }  # fmt: skip


def window(rows, **members):
    return {
        "status": "success", "segment_id": SEGMENT, "version": 2, "offset": 0, "limit": 100, "total": len(rows),
        "columns": [{"name": "email", "type": "text", "uploads": [UPLOAD]}, {"name": "city", "type": "text", "uploads": [UPLOAD]}],
        "rows": [{"_upload_id": UPLOAD, "_row_id": at, "values": values} for at, values in enumerate(rows)], **members,
    }  # fmt: skip


class Server:
    """Answers one request after the other as it was told to; remembers them all."""

    def __init__(self, *answers):
        self._answers = list(answers)
        self.requests = []

    def answer(self, request):
        request.read()
        self.requests.append(request)
        answer = self._answers.pop(0)
        return answer if isinstance(answer, httpx2.Response) else httpx2.Response(200, json=answer)

    def client(self):
        return Client("http://muster.test", transport=httpx2.MockTransport(self.answer), attempts=1)

    @property
    def asked(self):
        return [(one.method, one.url.path.removeprefix("/api/audience/")) for one in self.requests]

    def body(self, at=-1):
        return json.loads(self.requests[at].content)


def test_a_segment_is_created_with_what_was_said_and_waited_for():
    server = Server(segment("computing", count=None, version=None), segment("computing"), segment())
    made = server.client().create_segment(
        "US", [UPLOAD], filter='{"field": "a", "op": "is_empty"}', dedupe="email", tags=["a"]
    )
    assert server.asked == [
        ("POST", "segments"),
        ("GET", f"segments/{SEGMENT}"),
        ("GET", f"segments/{SEGMENT}"),
    ]
    assert server.body(0) == {
        "name": "US", "uploads": [UPLOAD], "filter": {"field": "a", "op": "is_empty"}, "dedupe": {"by": "email"}, "kind": "live", "description": "", "tags": ["a"],
    }  # fmt: skip
    assert server.requests[0].headers["Idempotency-Key"]
    assert (made.count, made.is_over, made.uploads[0].upload_name, made.tags) == (3, True, "People", ("a",))
    computing = Server(segment("computing"))
    assert not computing.client().create_segment("US", [UPLOAD], wait=False).is_over
    with pytest.raises(StillWorking):
        Server(segment("computing")).client().wait_for_segment(SEGMENT, timeout=0)


def test_a_preview_names_the_values_of_its_rows():
    said = window([["a@b.org", None]])
    sample = said["rows"]
    said |= {"count": 1, "of": 5, "share": 0.2, "rows": 6, "duplicates": 1, "milliseconds": 3.5}
    said |= {
        "funnel": [{"pointer": "/filter", "describe": "x", "count": 1}],
        "describe": "x",
        "sample": sample,
    }
    server = Server(said)
    found = server.client().preview_segment(
        [UPLOAD], dedupe={"by": "phone", "region": "DE"}, token="t", columns=["email"]
    )
    assert (found.count, found.duplicates, found.funnel[0].count) == (1, 1, 1)
    assert found.sample[0].values == {"email": "a@b.org", "city": None}
    assert (server.body()["token"], server.body()["dedupe"]) == ("t", {"by": "phone", "region": "DE"})


def test_members_are_read_window_by_window_of_one_version():
    server = Server(window([["a", "x"], ["b", None]], total=3), window([["c", "y"]], total=3))
    rows = list(server.client().all_members(SEGMENT, columns=["email, with comma"]))
    assert [row["email"] for row in rows] == ["a", "b", "c"]
    first, second = (dict(request.url.params) for request in server.requests)
    assert first["columns"] == '["email, with comma"]'
    assert "version" not in first
    assert (second["version"], second["offset"]) == ("2", "2")
    one = Server(window([["a", "x"]])).client().members(SEGMENT, version=2, part="left", since=1)
    assert (one.total, one.rows[0].row_id, one.rows[0].merged) == (1, 0, ())


def test_changes_say_what_was_asked():
    server = Server(
        segment(),
        segment(),
        segment(),
        segment(),
        httpx2.Response(200, json={"status": "success", "message": "x"}),
    )
    client = server.client()
    client.update_segment(SEGMENT, name="b", dedupe="email", filter=None)
    assert server.body() == {"name": "b", "dedupe": {"by": "email"}, "filter": None}
    client.change_members(SEGMENT, include=[{"email": "a@b.org"}], forget=[{"upload_id": UPLOAD, "row": 1}])
    assert server.body() == {
        "include": [{"email": "a@b.org"}],
        "exclude": [],
        "forget": [{"upload_id": UPLOAD, "row": 1}],
    }
    client.refresh_segment(SEGMENT)
    client.segment(SEGMENT)
    client.delete_segment(SEGMENT, cascade=True)
    assert server.asked[-1] == ("DELETE", f"segments/{SEGMENT}")
    assert dict(server.requests[-1].url.params) == {"cascade": "true"}


def test_history_comparison_explanation_and_duplicates():
    version = {
        "version": 1,
        "at": AT,
        "count": 3,
        "of": 5,
        "joined": 3,
        "left": 0,
        "cause": "created",
        "kept": True,
    }
    overlap = {
        "status": "success",
        "a": {},
        "b": {},
        "by": "email",
        "both": 1,
        "only_a": 2,
        "only_b": 3,
        "a_without": 0,
        "b_without": 1,
    }
    why = {
        "status": "success",
        "segment_id": SEGMENT,
        "version": 1,
        "upload_id": UPLOAD,
        "row": 7,
        "is_member": True,
        "because": "filter",
        "sentence": "In.",
        "tree": None,
        "group": None,
    }
    groups = {"status": "success", "rows": 5, "groups": 1, "duplicates": 1, "columns": [{"name": "email"}], "items": [
        {"identity": "a", "size": 2, "winner": 0, "rows": [{"_upload_id": UPLOAD, "_row_id": 1, "values": ["a"]}], "merged": ["b"],
         "changes": [{"field": "email", "before": "a", "after": "b", "policy": "newest", "origin": 1}]},
    ]}  # fmt: skip
    server = Server(
        {"versions": [version], "next_cursor": "1"}, {"versions": [], "next_cursor": None}, overlap, why, groups, {"segments": [segment()["segment"]], "next_cursor": None},
    )  # fmt: skip
    client = server.client()
    assert [one.cause for one in client.segment_history(SEGMENT)] == ["created"]
    found = client.compare_segments(SEGMENT, SEGMENT, by="email", other_version=2)
    assert (found.both, found.b_without) == (1, 1)
    assert dict(server.requests[-1].url.params) == {"by": "email", "other_version": "2"}
    assert client.explain_row(SEGMENT, 7, upload_id=UPLOAD).sentence == "In."
    group = client.duplicates([UPLOAD], "email").items[0]
    assert (group.rows[0].values, group.merged) == ({"email": "a"}, {"email": "b"})
    assert [(each.field, each.before, each.after, each.origin) for each in group.changes] == [
        ("email", "a", "b", 1)
    ]
    assert server.body() == {"uploads": [UPLOAD], "dedupe": {"by": "email"}, "offset": 0, "limit": 20}
    assert [one.id for one in client.segments(tag="a")] == [SEGMENT]
    assert dict(server.requests[-1].url.params) == {"tag": "a", "sort": "-updated_at"}


def test_ids_that_would_change_an_address_are_never_sent():
    client = Server().client()
    for call in (
        lambda: client.segment("../uploads"), lambda: client.compare_segments(SEGMENT, "x/y"), lambda: client.match(""), lambda: client.delete_segment("a?b"),
    ):  # fmt: skip
        with pytest.raises(InvalidRequest):
            call()


def test_a_match_is_waited_for_and_its_pairs_are_named():
    pair = {
        "probability": 0.9,
        "decision": None,
        "evidence": [{"column": "email", "level": "same", "weight": 9.1}],
    }
    ends = {end: {"_upload_id": UPLOAD, "_row_id": at, "values": ["x"]} for at, end in enumerate("ab")}
    pairs = {"status": "success", "total": 1, "columns": [{"name": "email"}], "pairs": [pair | ends]}
    missing = httpx2.Response(
        409,
        json={
            "status": "error",
            "code": "identity_extra_missing",
            "message": "m",
            "errors": [],
            "errors_total": 0,
        },
    )
    server = Server(match("computing", rows=None), match(), pairs, match(), {"status": "success"}, missing)
    client = server.client()
    found = client.match_rows([UPLOAD], {"email": "email", "name": "name"})
    assert (found.precision, found.curve[0].pairs, found.is_over) == (0.99, 2, True)
    assert server.body(0)["compare"] == [
        {"column": "email", "kind": "email"},
        {"column": "name", "kind": "name"},
    ]
    [shown] = client.match_pairs(MATCH, low=0.5)
    assert (shown.a.values, shown.evidence[0].weight) == ({"email": "x"}, 9.1)
    client.settle_pairs(MATCH, [{"a": {}, "b": {}, "same": True}])
    client.delete_match(MATCH)
    with pytest.raises(Conflict):
        client.match_rows([UPLOAD], {"email": "email", "name": "name"})
