"""A room over the test's own database, two users, and a small app with the real routes."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pyarrow as pa
import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from muster.accounts import keys, users
from muster.accounts.guard import Guard
from muster.accounts.model import Principal, Scope, User
from muster.accounts.room import AccountsRoom
from muster.db.database import Database
from muster.errors import Forbidden, NotFound
from muster.rules.room import RulesRoom
from muster.rules.routes import router
from muster.tables.engine import EngineLimits
from muster.web import errors as web_errors
from muster.web.idempotency import Idempotency
from tests.accounts.conftest import CountingLimiter, bearer
from tests.support.clock import SettableClock


class Uploads:
    """What the uploads room would read: tables by id, and whose they are."""

    def __init__(self) -> None:
        self.tables: dict[str, tuple[str, list[pa.Table]]] = {}

    def open(self, principal: Principal, upload_id: str) -> Iterator[pa.Table]:
        if upload_id not in self.tables:
            raise NotFound(
                "There is no upload with this id; it may have been deleted.", code="upload_not_found"
            )
        owner, tables = self.tables[upload_id]
        if owner != principal.user_id:
            raise Forbidden("This upload belongs to someone else.", code="upload_not_yours")
        return iter(tables)


@pytest.fixture
def uploads() -> Uploads:
    return Uploads()


@pytest.fixture
def engine(tmp_path: Path) -> EngineLimits:
    return EngineLimits(tmp_path / "engine", 128 * 1024**2, 1, 1024**3)


@pytest.fixture
def room(database: Database, clock: SettableClock, uploads: Uploads, engine: EngineLimits) -> RulesRoom:
    return RulesRoom(
        db=database,
        clock=clock,
        idempotency=Idempotency(database, clock, timedelta(hours=24)),
        open_upload=uploads.open,
        engine=engine,
    )


@pytest.fixture
def accounts(database: Database, clock: SettableClock) -> AccountsRoom:
    return AccountsRoom(db=database, clock=clock)


@pytest.fixture
def ana(accounts: AccountsRoom) -> User:
    return users.create(accounts, "ana@example.org")


@pytest.fixture
def ben(accounts: AccountsRoom) -> User:
    return users.create(accounts, "ben@example.org")


@pytest.fixture
def as_ana(ana: User) -> Principal:
    return users.by_command_line(ana)


@pytest.fixture
def as_ben(ben: User) -> Principal:
    return users.by_command_line(ben)


@pytest.fixture
def app(room: RulesRoom, accounts: AccountsRoom) -> FastAPI:
    app = FastAPI()
    web_errors.install(app)
    app.include_router(router(room, Guard(accounts, CountingLimiter())))
    return app


@pytest.fixture
def client_of(app: FastAPI, accounts: AccountsRoom) -> Callable[..., TestClient]:
    """A client with a key of this user; every scope unless told."""

    def make(user: User, *scopes: Scope) -> TestClient:
        operator = users.by_command_line(user)
        wish = keys.KeyWish("test", frozenset(scopes) if scopes else operator.scopes)
        made = keys.create(accounts, operator, wish)
        return TestClient(app, headers=bearer(made.text))

    return make
