"""A room over the test's own database and directory, and two users who know nothing of each other."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from muster.accounts import users
from muster.accounts.model import Principal
from muster.accounts.room import AccountsRoom
from muster.db.database import Database
from muster.objects.local import LocalStore
from muster.records.parse import BatchQuery, parse_batch
from muster.tables.cache import FileCache
from muster.tables.engine import EngineLimits
from muster.tables.room import TablesRoom
from muster.uploads.file_model import FileWish
from muster.uploads.model import Receipt
from muster.uploads.receive import receive
from muster.uploads.receive_file import receive_file, store_file
from muster.uploads.room import UploadsRoom
from muster.web.idempotency import Idempotency
from tests.support.clock import SettableClock

Send = Callable[..., Receipt]
SendFile = Callable[..., str]
Remake = Callable[..., UploadsRoom]


@pytest.fixture
def clock() -> SettableClock:
    """Starts now: the sweep compares it with times of files."""
    return SettableClock(datetime.now(UTC))


@pytest.fixture
def objects(tmp_path: Path) -> LocalStore:
    return LocalStore(tmp_path / "objects")


@pytest.fixture
def tables(database: Database, objects: LocalStore, clock: SettableClock, tmp_path: Path) -> TablesRoom:
    return TablesRoom(
        db=database,
        objects=objects,
        clock=clock,
        engine=EngineLimits(tmp_path / "engine", 512 * 1024**2, 2, 1024**3, (tmp_path,)),
        cache=FileCache(tmp_path / "cache", 1024**3, objects),
    )


@pytest.fixture
def room(
    database: Database, objects: LocalStore, clock: SettableClock, tables: TablesRoom, tmp_path: Path
) -> UploadsRoom:
    return UploadsRoom(
        db=database,
        objects=objects,
        clock=clock,
        idempotency=Idempotency(database, clock, timedelta(hours=24)),
        tables=tables,
        scratch=tmp_path / "scratch",
        max_records=50_000,
        upload_token_life=timedelta(hours=24),
    )


@pytest.fixture
def remake(room: UploadsRoom) -> Remake:
    """The same room with other members."""
    return lambda **members: replace(room, **members)


@pytest.fixture
def ana(database: Database) -> Principal:
    return users.by_command_line(users.create(AccountsRoom(db=database), "ana@example.org"))


@pytest.fixture
def ben(database: Database) -> Principal:
    return users.by_command_line(users.create(AccountsRoom(db=database), "ben@example.org"))


@pytest.fixture
def send(room: UploadsRoom, ana: Principal) -> Send:
    """Send records as ana unless told otherwise; keywords are members of the body."""

    def do(records: list[object], principal: Principal = ana, **members: object) -> Receipt:
        body = json.dumps({"upload_name": "Spring", "records": records, **members}).encode()
        return receive(room, principal, parse_batch(body, max_records=50_000, query=BatchQuery()))

    return do


@pytest.fixture
def send_file(room: UploadsRoom, ana: Principal) -> SendFile:
    """Send bytes as a file of ana; gives the id of the upload."""

    def send_one(content: bytes, file_name: str = "people.csv", principal: Principal = ana) -> str:
        stored = store_file(room, iter([content]))
        return receive_file(room, principal, stored, FileWish(file_name=file_name)).upload.id

    return send_one
