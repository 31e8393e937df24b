"""Nobody reaches what is another's: every route with an id, by every kind of token.

The matrix is made from the route table: a new route with an id fails here until it is answered for.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from fastapi.routing import APIRoute
from sqlalchemy import text

from muster.accounts import users
from muster.accounts.guard import SignedIn
from muster.accounts.model import Scope
from muster.app import PUBLIC_PATHS
from muster.ids import new_match_id
from muster.segments.match_model import Compare, CompareKind, Match
from muster.segments.match_store import MatchStore
from muster.segments.model import MatchId, Source, Status
from tests.support.app import (
    BATCH,
    UNKNOWN,
    UNKNOWN_UPLOAD,
    Answer,
    Person,
    RunningApp,
    bearer,
    build_now,
    running,
)
from tests.support.matrix import (
    ASKS_ITSELF,
    BODIES,
    CONNECTIONS,
    ENRICHMENTS,
    EXPORTS,
    FILES,
    HOOK,
    MAPPINGS,
    MARK,
    OPEN_TO_LINK,
    PARTS,
    RULE,
    RULES,
    SEGMENTS,
    SERVICE,
    SESSION_ONLY,
    SUPPRESSIONS,
)


@dataclass(frozen=True)
class Two:
    """Ana, who has things, and Bob, who wants them."""

    app: RunningApp
    ana: Person
    bob: Person
    upload: str
    link: str
    other_upload: str
    key_id: str
    rule_id: str
    mapping_id: str
    segment_id: str
    match_id: str
    run_id: str
    connection_id: str
    exported: dict[str, str]
    session_id: str
    ana_session: dict[str, str]

    @property
    def ids(self) -> dict[str, str]:
        return {
            "upload_id": self.upload,
            "key_id": self.key_id,
            "rule_id": self.rule_id,
            "mapping_id": self.mapping_id,
            "segment_id": self.segment_id,
            "other_id": self.segment_id,
            "match_id": self.match_id,
            "run_id": self.run_id,
            "connection_id": self.connection_id,
            **self.exported,
            "session_id": self.session_id,
            "row_id": "0",
        }

    def ask(self, method: str, path: str, headers: dict[str, str], ids: dict[str, str]) -> Answer:
        body = BODIES.get((method, path))
        target = re.sub(r"{(\w+)}", lambda match: ids[match[1]], path)
        sent = b"" if body is None else json.dumps(body).encode()
        return self.app.ask(method, target, headers, [sent])

    def state(self) -> dict[str, list[tuple[Any, ...]]]:
        """Everything that is Ana's, in the database and in the store."""
        sql = {
            "uploads": "SELECT * FROM uploads WHERE user_id = :ana ORDER BY id",
            "keys": "SELECT id, name, scopes, revoked_at, rows_used FROM api_keys WHERE user_id = :ana ORDER BY id",
            "sessions": "SELECT id, token_hash FROM sessions WHERE user_id = :ana ORDER BY id",
            "tokens": "SELECT upload_tokens.* FROM upload_tokens JOIN uploads ON uploads.id = upload_id "
            "WHERE user_id = :ana ORDER BY token_hash",
            "audit": "SELECT action, subject FROM audit_log WHERE user_id = :ana ORDER BY id",
            "answers": "SELECT * FROM idempotency_keys WHERE user_id = :ana",
            "files": "SELECT upload_files.* FROM upload_files JOIN uploads ON uploads.id = upload_id WHERE user_id = :ana",
            "jobs": "SELECT * FROM jobs WHERE user_id = :ana ORDER BY id",
            "tables": "SELECT * FROM tables WHERE user_id = :ana ORDER BY id",
            "changes": "SELECT table_changes.* FROM table_changes JOIN tables ON tables.id = table_id "
            "WHERE user_id = :ana ORDER BY table_changes.id",
            "rules": "SELECT * FROM rules WHERE user_id = :ana ORDER BY id",
            "runs": "SELECT * FROM enrichment_runs WHERE user_id = :ana ORDER BY id",
            "connections": "SELECT * FROM enrichment_connections WHERE user_id = :ana ORDER BY id",
            "segments": "SELECT * FROM segments WHERE user_id = :ana ORDER BY id",
            "versions": "SELECT segment_versions.* FROM segment_versions JOIN segments ON segments.id = segment_id "
            "WHERE user_id = :ana ORDER BY number",
            "exports": "SELECT * FROM exports WHERE user_id = :ana ORDER BY id",
            "export connections": "SELECT * FROM export_connections WHERE user_id = :ana ORDER BY id",
            "schedules": "SELECT * FROM export_schedules WHERE user_id = :ana ORDER BY id",
            "suppressions": "SELECT * FROM suppressions WHERE user_id = :ana ORDER BY id",
            "matches": "SELECT * FROM identity_matches WHERE user_id = :ana ORDER BY id",
            "mappings": "SELECT id, name, signature FROM mappings WHERE user_id = :ana ORDER BY id",
        }
        with self.app.house.db.read() as connection:
            found = {
                name: [
                    tuple(map(str, row)) for row in connection.execute(text(query), {"ana": self.ana.user.id})
                ]
                for name, query in sql.items()
            }
        objects = self.app.house.objects
        found["objects"] = [
            (info.key, str(info.size_bytes))
            for top in ("uploads/", "tables/", "segments/")
            for info in objects.list(top)
            if self.upload in info.key or self.segment_id in info.key
        ]
        for name in (
            "uploads",
            "files",
            "jobs",
            "tables",
            "rules",
            "segments",
            "exports",
            "mappings",
            "objects",
        ):
            assert found[name], f"Ana has nothing of {name}, so nothing of it could be touched"
        return found


def send_file(app: RunningApp, person: Person, text: str, **query: str) -> dict[str, Any]:
    answer = app.ask("POST", f"{FILES}?{urlencode(query)}", person.headers, [text.encode()])
    assert answer.status == 202, answer.body
    receipt: dict[str, Any] = answer.json
    return receipt


def said(app: RunningApp, method: str, path: str, person: Person, body: object) -> dict[str, Any]:
    answer = app.ask(method, path, person.headers, [json.dumps(body).encode()])
    assert answer.status < 300, answer.body
    found: dict[str, Any] = answer.json
    return found


def new_match(app: RunningApp, person: Person, upload_id: str) -> str:
    """A match as it is before its job has begun; starting one needs an extra."""
    now = app.house.segments.clock()
    compare = (Compare("email", CompareKind.EMAIL), Compare("note", CompareKind.TEXT))
    match = Match(
        id=MatchId(new_match_id()), status=Status.COMPUTING, reason_code=None, reason=None, sources=(Source(upload_id, 1),),
        compare=compare, threshold=0.9, facts=None, labels_key=None, decisions_key=None, made_by=None, job_id=None,
        created_at=now, updated_at=now,
    )  # fmt: skip
    with app.house.db.begin() as connection:
        MatchStore(connection, users.by_command_line(person.user)).add(match)
    return match.id


@pytest.fixture
def two(tmp_path: Path, database_url: str) -> Iterator[Two]:
    with running(tmp_path / "data", database_url) as app:
        ana, bob = app.person("ana@example.com"), app.person("bob@example.com")
        rule = said(app, "POST", RULES, ana, {**RULE, "name": MARK, "severity": "warn"})["rule"]
        sent = f"email,note\n{MARK}@example.com,{MARK}\n,{MARK} too\n"
        receipt = send_file(app, ana, sent, upload_name=MARK, file_name=f"{MARK}.csv", auto="false")
        path = f"{BATCH}/{receipt['upload_id']}"
        mapping = {"columns": [{"from": ["email"], "to": ["email"]}]}
        said(app, "PUT", f"{path}/mapping", ana, {"mapping": mapping, "template": MARK})
        other = app.upload(ana, f"{MARK} too", on_invalid="skip", records=[{"email": "a@example.com"}, {}])
        for upload in (receipt, other):
            build_now(app, ana, upload["upload_id"])
        said(app, "PATCH", f"{path}/rows", ana, {"edits": [{"row": 0, "set": {"note": f"{MARK} edited"}}]})
        [kept] = [each for each in said(app, "GET", MAPPINGS, ana, {})["mappings"] if each["name"] == MARK]
        body = {
            "name": MARK,
            "uploads": [receipt["upload_id"]],
            "filter": {"field": "note", "op": "contains", "value": MARK},
        }
        segment = said(app, "POST", SEGMENTS, ana, body)["segment"]
        said(
            app,
            "POST",
            f"{SEGMENTS}/{segment['id']}/members",
            ana,
            {"include": [{"email": f"{MARK}@example.com"}]},
        )
        service = {"provider": "http_json", "name": MARK, "settings": SERVICE}
        kept_settings = said(app, "POST", CONNECTIONS, ana, service)["connection"]
        wish = {"upload_id": receipt["upload_id"], "with": ["email_hygiene"], "name": MARK}
        run = said(app, "POST", ENRICHMENTS, ana, wish)["run"]
        leaving = {"upload_id": receipt["upload_id"], "name": MARK}
        export = said(app, "POST", EXPORTS, ana, leaving)["export"]
        hook = said(app, "POST", f"{EXPORTS}/connections", ana, {**HOOK, "name": MARK})["connection"]
        nightly = {"every_minutes": 1440, "name": MARK, "export": leaving}
        schedule = said(app, "POST", f"{EXPORTS}/schedules", ana, nightly)["schedule"]
        said(app, "POST", SUPPRESSIONS, ana, {"values": [f"{MARK}@example.net"], "reason": MARK})
        entry = said(app, "GET", SUPPRESSIONS, ana, {})["suppressions"][0]
        exported = {
            "export_id": export["export_id"],
            "export_connection_id": hook["id"],
            "schedule_id": schedule["schedule_id"],
            "suppression_id": entry["id"],
        }
        session = app.session(ana.user)
        with app.house.db.read() as connection:
            session_id = connection.execute(text("SELECT id FROM sessions")).scalar_one()
        both = Two(
            app,
            ana,
            bob,
            receipt["upload_id"],
            receipt["session_token"],
            other["upload_id"],
            app.key(ana.user).split("_")[1],
            rule["id"],
            kept["id"],
            segment["id"],
            new_match(app, ana, receipt["upload_id"]),
            run["run_id"],
            kept_settings["id"],
            exported,
            session_id,
            session,
        )
        before = both.state()
        yield both
        assert both.state() == before, "something of Ana's was changed"


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
