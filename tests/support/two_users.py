"""Ana, who has one of everything a user can have, and Bob, who wants it."""

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from sqlalchemy import text

from muster.accounts import users
from muster.ids import new_match_id
from muster.segments.match_model import Compare, CompareKind, Match
from muster.segments.match_store import MatchStore
from muster.segments.model import MatchId, Source, Status
from tests.support.app import (
    BATCH,
    Answer,
    Person,
    RunningApp,
    build_now,
    running,
)
from tests.support.matrix import (
    BODIES,
    CONNECTIONS,
    ENRICHMENTS,
    EXPORTS,
    FILES,
    HOOK,
    MAPPINGS,
    MARK,
    RULE,
    RULES,
    SEGMENTS,
    SERVICE,
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


@contextmanager
def two_people(data_dir: Path, database_url: str) -> Iterator[Two]:
    """A running application with both; at the end nothing of Ana's may have changed."""
    with running(data_dir, database_url) as app:
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
