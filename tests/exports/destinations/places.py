"""Every destination with something real behind it: how it is set up for a test, and what it holds afterwards."""

import base64
import csv
import io
import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg

from muster.exports.hashing import sha256_hex
from tests.exports.destinations.servers import Endpoint, Google, Meta, new_service_account, serving
from tests.support.postgres import USER, Cluster

SECRET = "whsec_" + base64.b64encode(b"0123456789abcdef0123456789abcdef").decode()


@dataclass
class Place:
    """One destination. connection: settings to keep, None for none; settings: of an export; extra: its other members.

    holds: the addresses that are there now. refuse: let these be refused from now on, none to let all pass. weather:
    make the next delivery fail as an outage would. mistakes: what was sent wrongly. secrets: nothing may show them.
    """

    destination: str
    holds: Callable[[], set[str]]
    connection: Mapping[str, Any] | None = None
    settings: Mapping[str, Any] = field(default_factory=dict)
    extra: Mapping[str, Any] = field(default_factory=dict)
    refuse: Callable[[set[str]], None] | None = None
    weather: Callable[[], None] | None = None
    mistakes: Callable[[], list[str]] = list
    secrets: tuple[str, ...] = ()


@contextmanager
def http(_directory: Path, _postgres: Callable[[], Cluster]) -> Iterator[Place]:
    endpoint = Endpoint(SECRET)
    with serving(endpoint.answer) as address:

        def refuse(emails: set[str]) -> None:
            endpoint.bad = emails

        yield Place(
            "http",
            lambda: set(endpoint.rows),
            {
                "url": f"{address}/audience",
                "secret": SECRET,
                "header_name": "X-Api-Key",
                "header_value": "open sesame",
            },
            {"batch_rows": 4},
            refuse=refuse,
            weather=lambda: endpoint.statuses.append(503),
            mistakes=lambda: endpoint.mistakes,
            secrets=(SECRET, "open sesame"),
        )
        assert all(asked.headers["x-api-key"] == "open sesame" for asked in endpoint.asked)


@contextmanager
def postgresql(_directory: Path, postgres: Callable[[], Cluster]) -> Iterator[Place]:
    cluster = postgres()
    name = cluster.create()
    url = cluster.url(name)
    with psycopg.connect(url, autocommit=True) as watcher:

        def holds() -> set[str]:
            return {row[0] for row in watcher.execute("SELECT email FROM audience.people").fetchall()}

        def refuse(emails: set[str]) -> None:
            watcher.execute("ALTER TABLE audience.people DROP CONSTRAINT IF EXISTS refused")
            if emails:
                listed = ", ".join(f"'{email}'" for email in sorted(emails))
                watcher.execute(
                    f"ALTER TABLE audience.people ADD CONSTRAINT refused CHECK (email NOT IN ({listed})) NOT VALID"
                )

        def weather() -> None:
            watcher.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'muster'"
            )

        watcher.execute("CREATE SCHEMA audience")
        watcher.execute("CREATE TABLE audience.people (email text PRIMARY KEY, first_name varchar(60))")
        yield Place(
            "postgresql",
            holds,
            {
                "host": "127.0.0.1",
                "port": cluster.port,
                "database": name,
                "user": USER,
                "password": cluster.password,
                "ssl": "disable",
            },
            {"schema": "audience", "table": "people"},
            {"key": ["email"]},
            refuse,
            weather,
            secrets=(cluster.password,),
        )
    cluster.drop(name)


@contextmanager
def google(_directory: Path, _postgres: Callable[[], Cluster]) -> Iterator[Place]:
    server = Google()
    with serving(server.answer) as address:
        server.address = address
        account, server.public = new_service_account(f"{address}/token")

        def refuse(emails: set[str]) -> None:
            server.bad = set(map(sha256_hex, emails))

        yield Place(
            "google_data_manager",
            lambda: server.members,
            {"service_account": account, "api_url": address},
            {
                "account_id": "1234567890",
                "audience_id": "99",
                "login_account_id": "42",
                "consent_granted": True,
                "terms_accepted": True,
            },
            refuse=refuse,
            weather=lambda: server.statuses.append(503),
            secrets=(json.loads(account)["private_key"][40:90],),
        )
        assert server.tokens >= 1


@contextmanager
def meta(_directory: Path, _postgres: Callable[[], Cluster]) -> Iterator[Place]:
    server = Meta("EAAtoken")
    with serving(server.answer) as address:

        def refuse(emails: set[str]) -> None:
            server.bad = set(map(sha256_hex, emails))

        yield Place(
            "meta_custom_audiences",
            lambda: server.members,
            {"access_token": "EAAtoken", "app_secret": "shh secret", "api_url": address},
            {"audience_id": "4711"},
            refuse=refuse,
            weather=lambda: server.errors.append({"code": 2, "message": "Service temporarily unavailable"}),
            secrets=("EAAtoken", "shh secret"),
        )
        assert all(len(form["appsecret_proof"]) == 64 for form in server.forms)


@contextmanager
def object_store(directory: Path, _postgres: Callable[[], Cluster]) -> Iterator[Place]:
    path = directory / "out" / "lists" / "spring.csv"

    def holds() -> set[str]:
        rows = csv.DictReader(io.StringIO(path.read_text(), newline=""))
        return {row["email"] for row in rows if row.get("_change") != "left"}

    yield Place("object_store", holds, None, {"path": "lists/spring.csv"}, {"format": "csv"})


PLACES = {
    "object_store": object_store,
    "http": http,
    "postgresql": postgresql,
    "google_data_manager": google,
    "meta_custom_audiences": meta,
}
