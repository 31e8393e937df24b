"""The whole application inside this process: real routes, rooms, database and store, but no socket.

`running` makes one; `ask` sends requests that no well-behaved client library would.
"""

import io
import json
import logging
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import anyio
from fastapi import FastAPI
from fastapi.routing import APIRoute
from fastapi.testclient import TestClient
from pydantic import SecretStr
from starlette.types import Message

from muster.accounts import keys, links, users
from muster.accounts.model import Role, Scope, User
from muster.app import create_app
from muster.enrichments.run import enrich
from muster.jobs import store as job_store
from muster.jobs.model import JobState
from muster.jobs.read import newest_job
from muster.settings import Settings
from muster.uploads.build_table import build_table
from muster.wiring import House
from tests.support.inline_run import InlineRun

BATCH = "/api/audience/batch-upload"
UNKNOWN_UPLOAD = "upl_1737000000_0123456789abcdefghijkl"
UNKNOWN = {
    "upload_id": UNKNOWN_UPLOAD,
    "key_id": "AAAAAAAA",
    "session_id": f"ssn_{'A' * 22}",
    "name": "nothing-AAAAAAAA.js",
    "rest": "nothing",
    "rule_id": f"rul_{'A' * 22}",
    "mapping_id": f"map_{'A' * 22}",
    "segment_id": f"seg_{'A' * 22}",
    "other_id": f"seg_{'A' * 22}",
    "match_id": f"mat_{'A' * 22}",
    "run_id": f"enr_{'A' * 22}",
    "connection_id": f"con_{'A' * 22}",
    "export_id": f"exp_{'A' * 22}",
    "export_connection_id": f"xcn_{'A' * 22}",
    "schedule_id": f"xsc_{'A' * 22}",
    "suppression_id": f"sup_{'A' * 22}",
    "row_id": "0",
}
"""Well-formed ids of nothing, by the name they have in the path of a route."""
SAME_ORIGIN = {"Sec-Fetch-Site": "same-origin"}
"""What a browser adds to requests of our own pages."""


@dataclass(frozen=True, slots=True)
class Person:
    """A user and an API key of theirs that may do everything they may."""

    user: User
    key: str

    @property
    def headers(self) -> dict[str, str]:
        return bearer(self.key)


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer as it left the application; header names in lower case."""

    status: int
    headers: dict[str, str]
    body: bytes
    pieces_read: int
    """How many pieces of the body the application asked for."""

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass(frozen=True, slots=True)
class RunningApp:
    """An application that has started, a client for it, and what it logs."""

    app: FastAPI
    client: TestClient
    log: io.StringIO
    settings: Settings

    @property
    def house(self) -> House:
        house: House = self.app.state.house
        return house

    @property
    def routes(self) -> list[APIRoute]:
        """Every route; anything of another kind would escape the walks over this list."""
        routes = [route for route in self.app.router.routes if isinstance(route, APIRoute)]
        assert len(routes) == len(self.app.router.routes)
        return routes

    def person(self, email: str, role: Role = Role.MEMBER) -> Person:
        user = users.create(self.house.accounts, email, role=role)
        return Person(user, self.key(user))

    def key(self, user: User, scopes: Iterable[Scope] | None = None) -> str:
        """The text of a new key; every scope the user may hold unless told."""
        operator = users.by_command_line(user)
        held = operator.scopes if scopes is None else frozenset(scopes)
        return keys.create(self.house.accounts, operator, keys.KeyWish("test", held)).text

    def session(self, user: User) -> dict[str, str]:
        """The headers of a browser in which this user has signed in."""
        accounts = self.house.accounts
        session = links.sign_in(accounts, links.issue_for(accounts, user, users.by_command_line(user)))
        return {"Cookie": f"muster_session={session.token}", **SAME_ORIGIN}

    def upload(self, person: Person, name: str = "leads", **members: Any) -> dict[str, Any]:
        """Upload a few records and return the receipt."""
        body = {"upload_name": name, "records": [{"email": "ana@example.com"}, {"domain": "example.org"}]}
        answer = self.client.post(BATCH, json={**body, **members}, headers=person.headers)
        assert answer.status_code == 200, answer.text
        receipt: dict[str, Any] = answer.json()
        return receipt

    def ask(
        self,
        method: str,
        target: str | bytes,
        headers: Mapping[str, str] | None = None,
        body: Sequence[bytes] = (b"",),
        *,
        client: tuple[str, int] = ("testclient", 50000),
        leaves: bool = False,
    ) -> Answer:
        """One request with exactly this target and these body pieces.

        leaves: the client goes away after the last piece, which does not say that it is the last. Status 0
        is no answer at all.
        """
        raw = target if isinstance(target, bytes) else target.encode()
        path, _, query = raw.partition(b"?")
        scope = {
            "type": "http",
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "method": method,
            "scheme": "http",
            "path": unquote(path.decode("latin-1"), errors="replace"),
            "raw_path": path,
            "query_string": query,
            "root_path": "",
            "headers": [
                (name.lower().encode(), value.encode("latin-1")) for name, value in (headers or {}).items()
            ],
            "server": ("localhost", 3000),
            "client": client,
        }
        left = list(body)
        sent: list[Message] = []
        read = 0

        async def receive() -> Message:
            nonlocal read
            read += 1
            if not left:
                if not leaves:
                    await anyio.sleep_forever()
                return {"type": "http.disconnect"}
            piece = left.pop(0)
            return {"type": "http.request", "body": piece, "more_body": bool(left) or leaves}

        async def send(message: Message) -> None:
            sent.append(message)

        async def run() -> None:
            await self.app(scope, receive, send)

        assert self.client.portal is not None
        self.client.portal.call(run)
        starts = [message for message in sent if message["type"] == "http.response.start"]
        assert len(starts) <= 1
        return Answer(
            starts[0]["status"] if starts else 0,
            {name.decode().lower(): value.decode("latin-1") for name, value in starts[0]["headers"]}
            if starts
            else {},
            b"".join(message.get("body", b"") for message in sent),
            read,
        )

    def log_lines(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.log.getvalue().splitlines()]


def with_unknown_ids(path: str) -> str:
    """The path of a route with an unknown id for each name in it."""
    return re.sub(r"{(\w+)(?::\w+)?}", lambda found: UNKNOWN[found[1]], path)


def build_now(app: RunningApp, person: Person, upload_id: str) -> None:
    """Do what a worker would, here and now: build the table, then note that the job is done."""
    room = app.house.uploads
    with room.db.read() as connection:
        job = newest_job(connection, person.user.id, upload_id)
    assert job is not None
    build_table(room, InlineRun(job))
    with room.db.begin() as connection:
        assert job_store.finish(connection, job.id, JobState.DONE, None, room.clock())


def enrich_now(app: RunningApp, person: Person, run_id: str) -> None:
    """Do what a worker would, here and now: carry a run of enrichment out, then note that its job is done."""
    room = app.house.enrichments
    with room.db.read() as connection:
        job = newest_job(connection, person.user.id, run_id)
    assert job is not None
    enrich(room, InlineRun(job))
    with room.db.begin() as connection:
        assert job_store.finish(connection, job.id, JobState.DONE, None, room.clock())


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


@contextmanager
def running(
    data_dir: Path, database_url: str | None = None, *, address: str = "testclient", **settings: Any
) -> Iterator[RunningApp]:
    """Start an application on its own data, and end it with the block.

    address: where its client seems to come from. settings: on top of the defaults.
    """
    root = logging.getLogger()
    before, level = root.handlers[:], root.level
    chosen = Settings(
        data_dir=data_dir,
        database_url=None if database_url is None else SecretStr(database_url),
        **settings,
    )
    app = create_app(chosen)
    log = io.StringIO()
    handler = root.handlers[0]
    assert isinstance(handler, logging.StreamHandler)
    handler.setStream(log)
    try:
        with TestClient(
            app,
            base_url="http://localhost:3000",
            client=(address, 50000),
            follow_redirects=False,
        ) as client:
            yield RunningApp(app, client, log, chosen)
    finally:
        root.handlers[:] = before
        root.setLevel(level)
