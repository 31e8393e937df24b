"""The log of one's own requests: tells what happened, to its owner alone, and holds nobody up."""

import json
import re
import sqlite3
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from muster.accounts import request_store, users
from muster.accounts.model import Principal, Role, Scope, User
from muster.accounts.requests import RequestLog, is_worth_logging, names_of, path_of, row_of, sweep_requests
from muster.accounts.requests_model import parse_status
from muster.db.database import Database
from muster.db.schema import request_log
from muster.errors import InputError
from muster.ids import KeyId, UserId, random_text
from muster.web.metrics import REQUESTS_UNLOGGED
from muster.web.observe import Answered
from tests.support.app import BATCH, UNKNOWN_UPLOAD, Person, RunningApp, bearer, running

LOG = "/api/requests"
AT = datetime(2025, 1, 15, 10, 30, tzinfo=UTC)


def answered(user: User | UserId, **changed: Any) -> Answered:
    user_id = user.id if isinstance(user, User) else user
    usual: dict[str, Any] = {
        "at": AT,
        "method": "GET",
        "route": "/api/keys",
        "path_params": {},
        "query": b"",
        "user_agent": None,
        "status": 200,
        "seconds": 0.0125,
        "request_id": "req_1",
        "bytes_in": 0,
        "bytes_out": 10,
        "error_code": None,
        "principal": Principal(user_id, frozenset(Scope), "session"),
    }
    return Answered(**{**usual, **changed})


def count(database: Database) -> int:
    with database.read() as connection:
        return connection.execute(select(func.count()).select_from(request_log)).scalar_one()


def unlogged() -> float:
    [metric] = REQUESTS_UNLOGGED.collect()
    return next(sample.value for sample in metric.samples if sample.name.endswith("_total"))


@pytest.fixture
def log(database: Database) -> RequestLog:
    """A log that writes only when told to."""
    return RequestLog(database, rows_of_a_user=100)


# What is kept and what is not -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "kept"),
    [
        (UNKNOWN_UPLOAD, True),
        ("AAAAAAAA", True),
        ("12345", True),
        ("ana@example.org", False),
        ("Ana Müller", False),
        ("+49 170 1234567", False),
        ("ana.mueller", False),
        ("x" * 5000, False),
        ("../../etc/passwd", False),
        ("{upload_id}", False),
    ],
)
def test_only_what_looks_like_an_id_is_kept_of_a_path(value: str, kept: bool) -> None:
    pattern = f"{BATCH}/{{upload_id}}/rows"
    path = path_of(pattern, {"upload_id": value})
    assert path == (f"{BATCH}/{value}/rows" if kept else pattern)


@pytest.mark.parametrize(
    ("query", "names"),
    [
        (b"", []),
        (b"limit=5&cursor=abc", ["limit", "cursor"]),
        (b"limit=1&limit=2", ["limit"]),
        (b"filter=%7B%22email%22%3A%22ana%40example.org%22%7D", ["filter"]),
        (b"ana@example.org=1&ana%40example.org&Ana+M=1&=x&&&", []),
        (b"\xff\xfe=1&%ff=2&%zz=3", []),
        (b"&".join(b"a%d=1" % number for number in range(100)), [f"a{number}" for number in range(20)]),
        (b"x" * 100_000, []),
    ],
    ids=repr,
)
def test_only_names_are_kept_of_a_query(query: bytes, names: list[str]) -> None:
    assert names_of(query) == names


@pytest.mark.parametrize(
    "route",
    ["none", "/", "/metrics", "/docs", "/assets/{name}", "/api/health/live", "/api/health/ready", LOG,
     f"{BATCH}/{{upload_id}}/events"],
)  # fmt: skip
def test_what_is_no_use_to_anybody_is_not_logged(route: str, log: RequestLog, database: Database) -> None:
    assert not is_worth_logging(route)
    log.note(answered(UserId("usr_1"), route=route))
    log.flush()
    assert count(database) == 0


@pytest.mark.parametrize(("text", "found"), [("404", (404, 404)), ("4xx", (400, 499)), ("200", (200, 200))])
def test_a_status_or_a_class_of_them(text: str, found: tuple[int, int]) -> None:
    assert parse_status(text) == found


@pytest.mark.parametrize("text", ["", "4", "4x", "xxx", "600", "4XX", "4xx ", "-404", "４xx", "4xxx"])  # noqa: RUF001
def test_what_is_no_status_is_refused(text: str) -> None:
    with pytest.raises(InputError):
        parse_status(text)


def test_everything_in_a_row_fits_its_column_whatever_was_sent() -> None:
    key = Principal(UserId("usr_1"), frozenset(), "key:AAAAAAAA", key_id=KeyId("AAAAAAAA"))
    row = row_of(
        answered(
            UserId("usr_1"), method="M" * 50, route="/api/" + "r" * 500, user_agent="x" * 9000,
            error_code="e" * 500, request_id="r" * 128, principal=key,
        )
    )  # fmt: skip
    for column in request_log.c:
        length = getattr(column.type, "length", None)
        if length is not None and row.get(column.name) is not None and column.name != "at":
            assert len(row[column.name]) <= length, column.name
    assert (row["via"], row["key_id"], row["micros"]) == ("key", "AAAAAAAA", 12500)


# Writing ----------------------------------------------------------------------------------------------------


def test_noting_writes_nothing_and_flushing_writes_once(
    log: RequestLog, database: Database, owner: User
) -> None:
    for _ in range(50):
        log.note(answered(owner))
    assert count(database) == 0
    log.flush()
    log.flush()
    assert count(database) == 50


def test_a_stranger_leaves_no_trace(log: RequestLog, database: Database) -> None:
    log.note(answered(UserId("usr_1"), principal=None))
    log.flush()
    assert count(database) == 0


def test_too_many_at_once_are_counted_and_let_go(database: Database, owner: User) -> None:
    log = RequestLog(database, rows_of_a_user=100, most_waiting=3)
    before = unlogged()
    for _ in range(10):
        log.note(answered(owner))
    log.flush()
    assert (count(database), unlogged() - before) == (3, 7)


def test_requests_of_a_user_who_is_gone_do_not_lose_those_of_others(
    log: RequestLog, database: Database, owner: User
) -> None:
    log.note(answered(UserId("usr_deleted")))
    log.note(answered(owner))
    log.flush()
    assert count(database) == 1


def test_a_user_who_is_erased_takes_their_requests_along(
    log: RequestLog, database: Database, owner: User, other: User
) -> None:
    log.note(answered(owner))
    log.note(answered(other))
    log.flush()
    with database.begin() as connection:
        connection.exec_driver_sql(f"DELETE FROM users WHERE id = '{owner.id}'")  # noqa: S608
    with database.read() as connection:
        assert connection.execute(select(request_log.c.user_id)).scalars().all() == [other.id]


def test_a_busy_user_cannot_fill_the_disk_between_two_sweeps(
    log: RequestLog, database: Database, owner: User, other: User
) -> None:
    log.note(answered(other))
    for number in range(350):
        log.note(answered(owner, at=AT + timedelta(seconds=number)))
        if number % 20 == 0:
            log.flush()
    log.flush()
    with database.read() as connection:
        assert len(request_store.users_over(connection, 110)) == 0
        newest = connection.execute(select(func.max(request_log.c.at))).scalar_one()
        theirs = select(func.count()).where(request_log.c.user_id == other.id)
        assert connection.execute(theirs).scalar_one() == 1
    assert newest == AT + timedelta(seconds=349)


def test_the_thread_writes_by_itself_and_ends_with_everything_written(
    database: Database, owner: User
) -> None:
    log = RequestLog(database, rows_of_a_user=1000, every_seconds=60)
    log.start()
    log.note(answered(owner))
    ended = threading.Thread(target=log.close)
    ended.start()
    ended.join(timeout=20)  # and does not wait for its next minute
    assert not ended.is_alive()
    assert count(database) == 1


def test_a_database_that_cannot_be_written_is_never_felt(tmp_path: Path, sqlite_template: Path) -> None:
    path = tmp_path / "muster.db"
    path.write_bytes(sqlite_template.read_bytes())
    database = Database(f"sqlite:///{path}")
    log = RequestLog(database, rows_of_a_user=10)
    with sqlite3.connect(path) as outside:
        outside.execute("DROP TABLE request_log")
    before = unlogged()
    log.note(answered(UserId("usr_1")))
    with database.begin() as connection:
        connection.exec_driver_sql(
            "INSERT INTO users (id, email, email_key, role, created_at)"
            " VALUES ('usr_1', 'a@example.org', 'a@example.org', 'owner', '2025-01-15T10:30:00.000000Z')"
        )
    log.flush()
    assert unlogged() - before == 1
    log.flush()
    database.close()


def test_old_requests_and_those_over_the_number_are_swept(
    log: RequestLog, database: Database, owner: User, other: User
) -> None:
    now = AT + timedelta(days=7)
    for number in range(30):
        log.note(answered(owner, at=AT + timedelta(hours=number)))
        log.note(answered(other, at=now))
    log.flush()
    assert sweep_requests(database, now, timedelta(days=7), 1000) == 0
    assert sweep_requests(database, now + timedelta(hours=10), timedelta(days=7), 1000) == 10
    assert sweep_requests(database, now, timedelta(days=7), 15) == 5 + 15
    with database.read() as connection:
        left = connection.execute(
            select(func.min(request_log.c.at), func.count()).where(request_log.c.user_id == owner.id)
        ).one()
    assert tuple(left) == (AT + timedelta(hours=15), 15)
    assert sweep_requests(database, now + timedelta(seconds=1), timedelta(0), 15) == 30  # switched off
    assert count(database) == 0


# Through the application ------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningApp]:
    with running(tmp_path_factory.mktemp("requests") / "data") as started:
        yield started


@pytest.fixture
def new_person(app: RunningApp) -> Callable[[], Person]:
    return lambda: app.person(f"{random_text(8)}@example.org", Role.MEMBER)


def read(app: RunningApp, person: Person, **query: Any) -> Any:
    app.house.requests.flush()
    answer = app.client.get(LOG, params=query, headers=person.headers)
    assert answer.status_code == 200, answer.text
    assert answer.headers["cache-control"] == "no-store"
    return answer.json()


def test_a_request_is_told_to_its_sender_with_all_that_helps(
    app: RunningApp, new_person: Callable[[], Person]
) -> None:
    ana, ben = new_person(), new_person()
    body = {"upload_name": "leads", "records": [{"email": "ana@example.com"}]}
    sent = app.client.post(BATCH, json=body, headers={**ana.headers, "User-Agent": "nightly/1.2 (x@y.org)"})
    wrong = app.client.get(
        f"{BATCH}/{UNKNOWN_UPLOAD}", params={"limit": 5, "include": "none"}, headers=ana.headers
    )
    assert wrong.status_code == 404
    found = read(app, ana)
    assert (found["next_cursor"], found["kept_days"]) == (None, 7)
    second, first = found["requests"]
    key = {"id": ana.key[7:15], "name": "test"}
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT[\d:.]+Z", first.pop("at"))
    assert first.pop("ms") > 0
    assert first == {
        "request_id": sent.headers["x-request-id"], "method": "POST", "route": BATCH, "path": BATCH, "query": [],
        "status": 200, "error_code": None, "bytes_in": len(json.dumps(body, separators=(",", ":"))),
        "bytes_out": len(sent.content), "via": "key", "key": key, "client": "nightly/1.2",
    }  # fmt: skip
    assert second["route"] == f"{BATCH}/{{upload_id}}"
    assert second["path"] == f"{BATCH}/{UNKNOWN_UPLOAD}"
    assert (second["status"], second["error_code"]) == (404, "upload_not_found")
    assert second["query"] == ["limit", "include"]
    assert read(app, ben)["requests"] == []


def test_nothing_that_was_typed_gets_into_the_log(app: RunningApp, new_person: Callable[[], Person]) -> None:
    ana = new_person()
    for path in (
        f"{BATCH}?name=secret@example.org",
        f"{BATCH}/secret@example.org",
        "/api/keys?secret@example.org",
    ):
        app.client.get(path, headers={**ana.headers, "User-Agent": "(secret@example.org)"})
    app.house.requests.flush()
    with app.house.db.read() as connection:
        rows = connection.execute(select(request_log).where(request_log.c.user_id == ana.user.id)).all()
    assert len(rows) == 3
    assert "secret" not in str(rows)


def test_the_log_is_narrowed_by_what_is_asked(app: RunningApp, new_person: Callable[[], Person]) -> None:
    ana = new_person()
    other_key = app.key(ana.user)
    session = app.session(ana.user)
    app.client.get("/api/keys", headers=ana.headers)
    app.client.get(f"{BATCH}/{UNKNOWN_UPLOAD}", headers=bearer(other_key))
    app.client.post(BATCH, content=b"{", headers={**ana.headers, "Content-Type": "application/json"})
    asked = app.client.get("/api/auth/me", headers=session)

    def paths(**query: Any) -> list[str]:
        return [request["path"] for request in read(app, ana, **query)["requests"]]

    assert paths(status="4xx") == [BATCH, f"{BATCH}/{UNKNOWN_UPLOAD}"]
    assert paths(status="404") == [f"{BATCH}/{UNKNOWN_UPLOAD}"]
    assert paths(status="5xx") == []
    assert paths(method="POST") == [BATCH]
    assert paths(path="KEYS") == ["/api/keys"]
    assert paths(path="%") == paths(path="_x_") == []  # wildcards are letters like others
    assert paths(key_id=other_key[7:15]) == [f"{BATCH}/{UNKNOWN_UPLOAD}"]
    assert paths(via="session") == ["/api/auth/me"]
    assert paths(request_id=asked.headers["X-Request-Id"]) == ["/api/auth/me"]
    assert paths(key_id="AAAAAAAA") == paths(request_id="nobody-asked-this") == []
    odd = (
        "status=abc method=BREW via=cli limit=0 cursor=x key_id=123456789 path=%00 key_id=%00 request_id=%00"
    )
    foreign = "MjAyNS0wMS0xNVQxMDozMDowMCswMDowMHxhYmM"  # a cursor of another list
    for wrong in (*odd.split(), f"cursor={foreign}"):
        assert app.client.get(f"{LOG}?{wrong}", headers=ana.headers).status_code == 400, wrong


def test_pages_have_no_gaps_and_no_repeats(app: RunningApp, new_person: Callable[[], Person]) -> None:
    ana = new_person()
    for _ in range(7):
        app.client.get("/api/keys", headers=ana.headers)
    whole = read(app, ana)["requests"]
    assert len(whole) == 7
    pieces: list[Any] = []
    cursor = None
    while True:
        page = read(app, ana, limit=3, **({"cursor": cursor} if cursor else {}))
        pieces += page["requests"]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert pieces == whole


def test_the_log_needs_its_scope(app: RunningApp, new_person: Callable[[], Person]) -> None:
    key = app.key(new_person().user, [Scope.UPLOADS_READ])
    answer = app.client.get(LOG, headers=bearer(key))
    assert (answer.status_code, answer.json()["code"]) == (403, "scope_missing")


def test_switched_off_nothing_is_noted(tmp_path: Path) -> None:
    with running(tmp_path / "data", request_log_days=0) as app:
        ana = app.person("ana@example.org")
        app.client.get("/api/keys", headers=ana.headers)
        assert read(app, ana) == {"status": "success", "requests": [], "next_cursor": None, "kept_days": 0}


def test_what_waits_is_written_when_the_server_ends(tmp_path: Path) -> None:
    with running(tmp_path / "data") as app:
        ana = app.person("ana@example.org")
        for _ in range(5):
            app.client.get("/api/keys", headers=ana.headers)
        users.disable(app.house.accounts, "ana@example.org")
    again = Database(f"sqlite:///{tmp_path / 'data' / 'muster.db'}")
    assert count(again) == 5
    again.close()
