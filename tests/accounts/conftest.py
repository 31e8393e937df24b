"""A room over the test's own database, two users, and a small app with the real routes."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from fastapi import Depends, FastAPI
from fastapi.testclient import TestClient

from muster.accounts import keys, users
from muster.accounts.guard import Guard
from muster.accounts.model import Principal, Role, Scope, User
from muster.accounts.passwords import Passwords
from muster.accounts.room import AccountsRoom
from muster.accounts.routes import router
from muster.db.database import Database
from muster.web import errors as web_errors
from muster.web.idempotency import Idempotency
from tests.support.clock import SettableClock

PASSWORD = "correct horse battery"


@pytest.fixture(scope="session")
def passwords() -> Passwords:
    """Cheap: what a hash costs is the subject of few tests, and most make two."""
    return Passwords(memory_kib=8, passes=1)


@pytest.fixture
def room(database: Database, clock: SettableClock, passwords: Passwords) -> AccountsRoom:
    return AccountsRoom(db=database, clock=clock, passwords=passwords, base_url="https://muster.example.org")


@pytest.fixture
def owner(room: AccountsRoom) -> User:
    return users.create(room, "owner@example.org", password=PASSWORD, role=Role.OWNER)


@pytest.fixture
def other(room: AccountsRoom, owner: User) -> User:
    """Somebody else, who owns nothing of the owner's."""
    return users.create(room, "other@example.org", password=PASSWORD, role=Role.MEMBER)


@pytest.fixture
def new_key(room: AccountsRoom) -> Callable[..., str]:
    """Make a key for a user and answer its text; every scope unless told."""

    def make(user: User, **wish: object) -> str:
        operator = users.by_command_line(user)
        chosen = keys.KeyWish(**{"name": "test", "scopes": operator.scopes, **wish})  # type: ignore[arg-type]
        return keys.create(room, operator, chosen).text

    return make


class CountingLimiter:
    """Remembers who was counted; refuses nobody."""

    def __init__(self) -> None:
        self.counted: list[str] = []

    def check(self, who: str) -> object:
        self.counted.append(who)
        return len(self.counted)


@pytest.fixture
def limiter() -> CountingLimiter:
    return CountingLimiter()


def idempotency_of(room: AccountsRoom) -> Idempotency:
    return Idempotency(room.db, room.clock, timedelta(hours=24))


@pytest.fixture
def app(room: AccountsRoom, limiter: CountingLimiter) -> FastAPI:
    """The routes of accounts, and three guarded ones that a test can knock at."""
    app = FastAPI()
    web_errors.install(app)
    guard = Guard(room, limiter)
    app.include_router(router(room, guard, idempotency_of(room)))

    def seen(principal: Principal) -> dict[str, object]:
        return {"actor": principal.actor, "user_id": principal.user_id, "only_upload": principal.only_upload}

    @app.get("/probe/read")
    def read(
        principal: Principal = Depends(guard.signed_in(Scope.UPLOADS_READ, upload_token=True)),  # noqa: B008
    ) -> dict[str, object]:
        return seen(principal)

    @app.post("/probe/write")
    def write(
        principal: Principal = Depends(guard.signed_in(Scope.UPLOADS_WRITE)),  # noqa: B008
    ) -> dict[str, object]:
        return seen(principal)

    @app.get("/probe/any")
    def anything(principal: Principal = Depends(guard.signed_in(None))) -> dict[str, object]:  # noqa: B008
        return seen(principal)

    return app


@pytest.fixture
def client(app: FastAPI) -> TestClient:
    """A browser-like client that keeps cookies; it talks to the room's own address."""
    return TestClient(app, base_url="https://muster.example.org")


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


SAME_ORIGIN = {"Sec-Fetch-Site": "same-origin"}
"""What a browser adds to requests of our own pages."""
