"""Nobody reaches what is another's: every route with an id, by every kind of token.

The matrix is made from the route table: a new route with an id fails here until it is answered for.
"""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi.routing import APIRoute

from muster.accounts.guard import SignedIn
from muster.accounts.model import Scope
from muster.app import PUBLIC_PATHS
from tests.support.app import (
    BATCH,
    UNKNOWN,
    UNKNOWN_UPLOAD,
    Answer,
    bearer,
)
from tests.support.matrix import (
    ASKS_ITSELF,
    BODIES,
    MAPPINGS,
    MARK,
    OPEN_TO_LINK,
    PARTS,
    RULE,
    RULES,
    SESSION_ONLY,
)
from tests.support.two_users import Two, send_file, two_people


@pytest.fixture
def two(tmp_path: Path, database_url: str) -> Iterator[Two]:
    with two_people(tmp_path / "data", database_url) as both:
        yield both


def operations(two: Two, *, with_id: bool) -> list[tuple[str, APIRoute]]:
    found = [
        (method, route)
        for route in two.app.routes
        if route.path not in PUBLIC_PATHS and ("{" in route.path or not with_id)
        for method in sorted(
            (route.methods or set()) | ({"HEAD"} if "GET" in (route.methods or ()) else set())
        )
    ]
    for method, route in found:
        names = set(re.findall(r"{(\w+)}", route.path))
        assert names <= set(UNKNOWN), f"teach this test what {names} of {route.path} is"
        if method in {"POST", "PUT", "PATCH"}:
            assert (method, route.path) in BODIES, f"teach this test a body for {method} {route.path}"
    assert found
    return found


def guard_of(route: APIRoute) -> SignedIn:
    [guard] = [part.call for part in route.dependant.dependencies if isinstance(part.call, SignedIn)]
    return guard


def refused(answer: Answer, status: int, what: object) -> None:
    assert answer.status == status, (what, answer.status, answer.body[:200])
    for secret in (MARK, "rows_received", "muster_", "ana@"):
        assert secret.encode() not in answer.body, what


def test_anothers_thing_is_403_without_a_word_about_it(two: Two) -> None:
    tokens = {"key": two.bob.headers, "session": two.app.session(two.bob.user)}
    for method, route in operations(two, with_id=True):
        for kind, headers in tokens.items():
            refused(two.ask(method, route.path, headers, two.ids), 403, (kind, method, route.path))


def test_a_key_is_refused_where_only_a_browser_may_ask(two: Two) -> None:
    for method, route in operations(two, with_id=False):
        if route.path in SESSION_ONLY:
            for ids in (two.ids, UNKNOWN):
                answer = two.ask(method, route.path, two.ana.headers, ids)
                refused(answer, 403, (method, route.path))
                assert method == "HEAD" or answer.json["code"] == "session_required"


def test_an_unknown_thing_is_404_for_its_would_be_owner_too(two: Two) -> None:
    tokens = {
        "bob's key": two.bob.headers,
        "ana's key": two.ana.headers,
        "ana's session": two.ana_session,
    }
    for method, route in operations(two, with_id=True):
        for kind, headers in tokens.items():
            if "key" not in kind or route.path not in SESSION_ONLY:
                refused(two.ask(method, route.path, headers, UNKNOWN), 404, (kind, method, route.path))


def test_a_key_without_the_scope_is_refused_before_anybody_looks_whose_thing_it_is(two: Two) -> None:
    keys: dict[Scope, dict[str, str]] = {}
    before = two.state()
    tried = 0
    for method, route in operations(two, with_id=False):
        scope = guard_of(route).muster_scope
        if scope is None:
            continue
        if scope not in keys:
            # Bob's, so that Ana's list of keys stays as it was; the scope is asked before whose thing it is.
            keys[scope] = bearer(two.app.key(two.bob.user, set(Scope) - {scope, Scope.ADMIN}))
        answer = two.ask(method, route.path, keys[scope], two.ids)
        refused(answer, 403, (method, route.path))
        assert method == "HEAD" or answer.json["code"] == "scope_missing", (method, route.path)
        tried += 1
    assert tried > 10
    assert two.state() == before


def test_a_key_without_the_scope_opens_nothing_of_ones_own(two: Two) -> None:
    narrow = bearer(two.app.key(two.bob.user, {Scope.USAGE_READ}))
    mine = two.app.upload(two.bob, "bob's")["upload_id"]
    key_id = two.bob.key.split("_")[1]
    for method, route in operations(two, with_id=True):
        answer = two.ask(method, route.path, narrow, {**UNKNOWN, "upload_id": mine, "key_id": key_id})
        refused(answer, 403, (method, route.path))
    assert two.app.ask("GET", f"{BATCH}/{mine}", two.bob.headers).status == 200


def test_a_session_token_opens_its_own_upload_for_reading_and_nothing_else(two: Two) -> None:
    link = bearer(two.link)
    opened = set()
    for method, route in operations(two, with_id=False):
        answer = two.ask(method, route.path, link, two.ids)
        if answer.status == 200:
            opened.add((method, route.path))
        else:
            refused(answer, 403, (method, route.path))
            assert method == "HEAD" or answer.json["code"] == "upload_token_refused", (method, route.path)
    assert opened == OPEN_TO_LINK | ASKS_ITSELF


def test_a_session_token_does_not_open_another_upload_of_the_same_owner(two: Two) -> None:
    bobs = two.app.upload(two.bob, "bob's")["upload_id"]
    for method, path in OPEN_TO_LINK:
        for another, status in ((two.other_upload, 403), (bobs, 403), (UNKNOWN_UPLOAD, 404)):
            answer = two.ask(method, path, bearer(two.link), {"upload_id": another})
            refused(answer, status, (path, another))


@pytest.mark.parametrize("kind", ["key", "session"])
def test_lists_counts_and_searches_know_only_ones_own(two: Two, kind: str) -> None:
    headers = two.bob.headers if kind == "key" else two.app.session(two.bob.user)
    for path in sorted({route.path for method, route in operations(two, with_id=False) if method == "GET"}):
        if "{" in path or (kind == "key" and path in SESSION_ONLY):
            continue
        answer = two.app.ask("GET", path, headers)
        assert answer.status == 200, path
        for hers in (
            MARK,
            two.upload,
            two.key_id,
            two.ana.user.id,
            two.ana.key.split("_")[1],
            "ana@example.com",
        ):
            assert hers.encode() not in answer.body, (path, hers)
    for query in ("", f"?name={MARK}", "?has_errors=true", "?status=uploaded", "?source=api"):
        listed = two.app.ask("GET", BATCH + query, headers).json
        assert (listed["uploads"], listed["total"], listed["next_cursor"]) == ([], 0, None), query
    assert two.app.ask("GET", "/api/keys", headers).json["total"] == 1


def test_a_cursor_of_anothers_list_is_no_way_in(two: Two) -> None:
    hers = two.app.ask("GET", f"{BATCH}?limit=1", two.ana.headers).json["next_cursor"]
    assert hers
    listed = two.app.ask("GET", f"{BATCH}?cursor={hers}", two.bob.headers).json
    assert (listed["uploads"], listed["total"]) == ([], 0)


def test_a_bulk_delete_reaches_only_ones_own(two: Two) -> None:
    mine = two.app.upload(two.bob, "bob's")["upload_id"]

    def bulk(**chosen: Any) -> dict[str, Any]:
        body = json.dumps({"operation": "delete", **chosen}).encode()
        answer = two.app.ask("POST", f"{BATCH}/bulk", two.bob.headers, [body])
        assert answer.status == 200, answer.body
        assert MARK.encode() not in answer.body
        found: dict[str, Any] = answer.json
        return found

    told = bulk(upload_ids=[two.upload, mine, two.other_upload, UNKNOWN_UPLOAD])
    assert [result.get("http_status", 200) for result in told["results"]] == [403, 200, 403, 404]
    assert bulk(filter={"name": MARK})["results"] == []
    assert bulk(filter={"source": "api"})["results"] == []


def test_anothers_idempotency_key_replays_nothing_of_theirs(two: Two) -> None:
    # Cleo guesses the key that Bob used, and sends the very same body.
    body = json.dumps({"upload_name": "same", "records": [{"email": "same@example.com"}]}).encode()
    both = []
    for person in (two.bob, two.app.person("cleo@example.com")):
        answer = two.app.ask("POST", BATCH, {**person.headers, "Idempotency-Key": "guessable"}, [body])
        assert "idempotency-replayed" not in answer.headers
        both.append(answer.json["upload_id"])
    assert both[0] != both[1]


def test_an_upload_named_in_a_body_must_be_ones_own_too(two: Two) -> None:
    body = {"rule": RULE, "upload_id": two.upload}
    tokens = (two.bob.headers, two.app.session(two.bob.user))
    for headers in tokens:
        answer = two.app.ask("POST", f"{RULES}/try", headers, [json.dumps(body).encode()])
        refused(answer, 403, "rules/try")
    link = two.app.ask("POST", f"{RULES}/try", bearer(two.link), [json.dumps(body).encode()])
    refused(link, 403, "rules/try by link")


def test_anothers_rules_and_templates_do_not_count_for_ones_own_files(two: Two) -> None:
    mine = send_file(two.app, two.bob, "email,note\nb@example.com,x\n", file_name="b.csv", auto="false")
    path = f"{BATCH}/{mine['upload_id']}"
    seen = two.app.ask("GET", f"{path}/preview", two.bob.headers)
    assert seen.status == 200
    assert MARK.encode() not in seen.body
    taken = two.app.ask(
        "PUT", f"{path}/mapping", two.bob.headers, [b'{"use_template": "%s"}' % MARK.encode()]
    )
    refused(taken, 404, "use_template")
    order = two.app.ask(
        "PUT", f"{RULES}/order", two.bob.headers, [json.dumps({"rule_ids": [two.rule_id]}).encode()]
    )
    assert order.status in {400, 403, 409}, order.body
    tried = two.app.ask("POST", f"{RULES}/try", two.bob.headers, [b'{"records": [{"email": null}]}'])
    assert tried.status == 200
    assert MARK.encode() not in tried.body


def test_ana_herself_gets_in(two: Two) -> None:
    # Without this, a server that refuses everybody would pass all of the above.
    for headers in (two.ana.headers, two.ana_session):
        listed = two.app.ask("GET", BATCH, headers).json
        assert listed["total"] == 2
        whole = two.app.ask("GET", f"{BATCH}/{two.upload}?include=records", headers)
        assert whole.status == 200, whole.body
        assert whole.json["records"] == [{"email": f"{MARK}@example.com", "note": f"{MARK} edited"}]
        assert two.app.ask("GET", f"{BATCH}/{two.upload}/rejects", headers).json["total"] == 1
        for path in (f"{RULES}/{two.rule_id}", MAPPINGS, *(f"{BATCH}/{two.upload}/{part}" for part in PARTS)):
            assert MARK.encode() in two.app.ask("GET", path, headers).body, path
