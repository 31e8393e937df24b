"""Rooms over the test's own database and directory, and two users who know nothing of each other."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from muster.accounts import users
from muster.accounts.model import Principal
from muster.accounts.room import AccountsRoom
from muster.db.database import Database
from muster.ids import new_upload_id
from muster.objects.local import LocalStore
from muster.tables.model import TableId
from muster.tables.reading import ReadingRoom, open_reading
from muster.tables.room import TablesRoom
from tests.support.app import running
from tests.support.clock import SettableClock
from tests.tables.making import make_table, tables_room
from tests.tables.portions import Build, Built, Rows
from tests.tables.served import LEADS, Table


@pytest.fixture
def clock() -> SettableClock:
    """Starts now: the sweep compares it with times of files."""
    return SettableClock(datetime.now(UTC))


@pytest.fixture
def objects(tmp_path: Path) -> LocalStore:
    return LocalStore(tmp_path / "objects")


@pytest.fixture
def room(database: Database, objects: LocalStore, clock: SettableClock, tmp_path: Path) -> TablesRoom:
    return tables_room(tmp_path / "cache", database, objects, clock)


@pytest.fixture
def reading(room: TablesRoom, tmp_path: Path) -> Iterator[ReadingRoom]:
    opened = open_reading(room, tmp_path / "hot")
    yield opened
    opened.close()


@pytest.fixture
def ana(database: Database) -> Principal:
    return users.by_command_line(users.create(AccountsRoom(db=database), "ana@example.org"))


@pytest.fixture
def ben(database: Database) -> Principal:
    return users.by_command_line(users.create(AccountsRoom(db=database), "ben@example.org"))


@pytest.fixture
def files(objects: LocalStore, clock: SettableClock, tmp_path: Path) -> Iterator[TablesRoom]:
    """A room whose database is never asked: for what only writes and reads files."""
    nobody = Database(f"sqlite:///{tmp_path / 'never-opened.db'}")
    yield tables_room(tmp_path / "cache", nobody, objects, clock)
    nobody.close()


@pytest.fixture
def table_id(clock: SettableClock) -> TableId:
    return TableId(new_upload_id(clock()))


@pytest.fixture
def build(files: TablesRoom, table_id: TableId) -> Build:
    """Start a table from portions, each a dict of columns."""

    def start(*portions: Rows, **options: bool) -> Built:
        built = Built(files, table_id)
        for portion in portions:
            built.add(portion, **options)
        return built

    return start


@pytest.fixture
def table(tmp_path: Path, database_url: str) -> Iterator[Table]:
    with running(tmp_path / "data", database_url) as app:
        ana, bob = app.person("ana@example.com"), app.person("bob@example.com")
        receipt, other = app.upload(ana), app.upload(ana, "other")
        owner = users.by_command_line(ana.user)
        make_table(
            app.house.tables, owner, [LEADS], table_id=receipt["upload_id"],
            issues=[(1, "email", "email_invalid"), (4, "employees", "number_invalid"), (4, "email", "other")],
        )  # fmt: skip
        yield Table(app, ana, bob, receipt["upload_id"], receipt["session_token"], other["session_token"])
