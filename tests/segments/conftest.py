"""Rooms over the test's own database and directory, and worlds of tables with a copy of their records."""

import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from muster.accounts import users
from muster.accounts.model import Principal
from muster.accounts.room import AccountsRoom
from muster.db.database import Database
from muster.ids import new_upload_id
from muster.objects.local import LocalStore
from muster.segments.room import SegmentsRoom
from muster.tables.edit import CellEdits, edit
from muster.tables.reading import ReadingRoom, open_reading
from muster.uploads.model import Source, Upload, UploadStatus
from muster.uploads.store import UploadStore
from muster.web.idempotency import Idempotency
from tests.segments.oracle import Record, World
from tests.segments.served import Served, serve
from tests.support.app import running
from tests.support.clock import SettableClock
from tests.tables.making import make_table, tables_room


@pytest.fixture
def clock() -> SettableClock:
    """Starts now: the sweep compares it with times of files."""
    return SettableClock(datetime.now(UTC))


@pytest.fixture
def objects(tmp_path: Path) -> LocalStore:
    return LocalStore(tmp_path / "objects")


@pytest.fixture
def reading(
    database: Database, objects: LocalStore, clock: SettableClock, tmp_path: Path
) -> Iterator[ReadingRoom]:
    opened = open_reading(tables_room(tmp_path / "cache", database, objects, clock), tmp_path / "hot")
    yield opened
    opened.close()


@pytest.fixture
def room(
    database: Database, objects: LocalStore, clock: SettableClock, reading: ReadingRoom
) -> Iterator[SegmentsRoom]:
    idempotency = Idempotency(database, clock, timedelta(hours=24))
    opened = SegmentsRoom(database, objects, clock, idempotency, reading)
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A whole app for tests that make their own segments and leave the uploads as they are."""
    with running(tmp_path_factory.mktemp("segments") / "data") as app:
        yield serve(app)


@pytest.fixture
def served(tmp_path: Path, database_url: str) -> Iterator[Served]:
    with running(tmp_path / "data", database_url) as app:
        yield serve(app)


@pytest.fixture
def ana(database: Database) -> Principal:
    return users.by_command_line(users.create(AccountsRoom(db=database), "ana@example.org"))


@pytest.fixture
def ben(database: Database) -> Principal:
    return users.by_command_line(users.create(AccountsRoom(db=database), "ben@example.org"))


@dataclass
class Tables:
    """Makes uploads with tables, and changes them together with a copy of their records."""

    room: SegmentsRoom
    owner: Principal
    world: World
    made: int = 0

    def add(
        self,
        records: Sequence[Record],
        *,
        columns: Sequence[str] | None = None,
        hidden: Sequence[int] = (),
        portions: int = 1,
        owner: Principal | None = None,
    ) -> str:
        """A new upload, a second younger than the one before. Empty text is no value, as everywhere."""
        self.made += 1
        sent_at = datetime(2025, 1, 1, tzinfo=UTC) + timedelta(seconds=self.made)
        upload_id = new_upload_id(sent_at)
        principal = owner or self.owner
        upload = Upload(
            upload_id, f"upload {self.made}", Source.API, UploadStatus.READY, None, sent_at,
            len(records), len(records), 0, None, False, 1, 1,
        )  # fmt: skip
        with self.room.db.begin() as connection:
            UploadStore(connection, principal).add(upload)
        names = columns or list(dict.fromkeys(name for record in records for name in record))
        step = max(1, -(-len(records) // portions))
        pieces = [
            {name: [record.get(name) for record in records[start : start + step]] for name in names}
            for start in range(0, max(1, len(records)), step)
        ]
        make_table(self.room.reading.tables, principal, pieces, hidden=hidden, table_id=upload_id)
        if owner is None:
            self.world.uploads[upload_id] = {
                row_id: {name: record.get(name) or None for name in names}
                for row_id, record in enumerate(records)
                if row_id not in hidden
            }
        return upload_id

    def edit(self, upload_id: str, changes: Mapping[int, Mapping[str, str | None]]) -> None:
        """Change cells by hand."""
        edit(self.room.reading, self.owner, upload_id, CellEdits(tuple(changes.items())))
        for row_id, values in changes.items():
            self.world.uploads[upload_id][row_id].update(values)


@pytest.fixture
def tables(room: SegmentsRoom, ana: Principal) -> Tables:
    return Tables(room, ana, World())


WORDS = ("US", "DE", "us", "Straße", "STRASSE", "İzmir", "é", "e\u0301", "😀", "50%", "a_b", "true", "FALSE", "n/a", " ", "O'Brien", '"', "a\nb")  # fmt: skip
NUMBERS = ("1", "1.0", "007", "-0", "12", "50", "51.5", "1e3", "9007199254740993")
EMAILS = (
    "ada@example.com", "Ada@Example.COM", " ada@example.com ", "ada@example.com\t", "bob@example.org", "BOB@example.org",
    "n/a", "none", "cyd@münchen.de", "cyd@xn--mnchen-3ya.de", "Cyd@MÜNCHEN.de", "dee@very.company", "DEE@very.company", "not an address",
    "eve@example.com", "\u200beve@example.com", "@", "x" * 70 + "@example.com",
)  # fmt: skip
PHONES = ("+4930901820", "+49 30 901820", "030 901820", "(030) 901820", "+12125550100", "212-555-0100", "12", "call me", "+49030901820")  # fmt: skip
DOMAINS = ("example.org", "EXAMPLE.org", "https://www.example.org/x", "ada@example.org", "münchen.de", "xn--mnchen-3ya.de", "localhost", "10.0.0.1", "acme.com")  # fmt: skip
FIRST = ("Ada", "ADA", " ada ", "Jörg", "JÖRG", "Jo\u0308rg", "Ada  May", "")
LAST = ("Lovelace", "lovelace", "Straße", "STRASSE", "")

COLUMNS: Mapping[str, Sequence[str]] = {
    "email": EMAILS, "work email": EMAILS, "phone": PHONES, "domain": DOMAINS, "first name": FIRST, "last name": LAST,
    "country": WORDS, "employees": NUMBERS, "note": WORDS,
}  # fmt: skip


def random_record(source: random.Random, names: Sequence[str]) -> Record:
    return {name: None if source.random() < 0.25 else source.choice(COLUMNS[name]) or None for name in names}


Randomly = Callable[[random.Random], Any]
