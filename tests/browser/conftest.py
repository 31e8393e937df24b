"""Studio in a real browser, against a real server; see tests/support/browser.py.

`MUSTER_TEST_STUDIO_DIR` names a build to test; without it, the one in the package.
"""

import itertools
import os
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, Error, expect, sync_playwright

from muster.accounts import keys, users
from muster.accounts.model import scopes_of
from muster.settings import Settings
from muster.web.studio import PACKAGED
from muster.wiring import accounts_room, open_database
from tests.support.browser import (
    CHROMIUM_OPTIONS,
    PASSWORD,
    NewVisitor,
    Person,
    Visitor,
    chromium_path,
    open_window,
)
from tests.support.live import Api, LiveServer
from tests.support.live_fixtures import new_server, postgres_seed, sqlite_seed

__all__ = ["new_server", "postgres_seed", "sqlite_seed"]

# Pages come late where many tests share two cores; one that never comes is still a failure.
expect.set_options(timeout=20_000)

_numbers = itertools.count(1)


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """One Chromium for the session."""
    with sync_playwright() as playwright:
        try:
            started = playwright.chromium.launch(executable_path=chromium_path(), args=CHROMIUM_OPTIONS)
        except Error as error:
            pytest.skip(f"no Chromium to test Studio in (`playwright install chromium` gets one): {error}")
        yield started
        started.close()


@pytest.fixture(scope="session")
def studio(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveServer]:
    """One server with Studio for all browser tests of this process; every test has a user of its own."""
    built = os.environ.get("MUSTER_TEST_STUDIO_DIR", str(PACKAGED))
    # Providers that tests start lie on this machine.
    environment = {"MUSTER_STUDIO_DIR": built, "MUSTER_ALLOW_PRIVATE_ADDRESSES": "true"}
    live = LiveServer(tmp_path_factory.mktemp("studio"), environment=environment)
    try:
        yield live.start()
    finally:
        live.kill()


@pytest.fixture(scope="session")
def new_person(studio: LiveServer) -> Iterator[Callable[[], Person]]:
    """A function that makes somebody with a password and a key that may do everything.

    As `muster admin` does it, without the seconds that starting the command takes.
    """
    settings = Settings(data_dir=studio.data_dir)
    database = open_database(settings)
    room = accounts_room(settings, database)

    def new() -> Person:
        user = users.create(room, f"person{next(_numbers)}@example.com", password=PASSWORD)
        wish = keys.KeyWish(name="command line", scopes=scopes_of(user.role))
        key = keys.create(room, users.by_command_line(user), wish)
        return Person(user.email, PASSWORD, Api(studio, key.text))

    yield new
    database.close()


@pytest.fixture(scope="module")
def person(new_person: Callable[[], Person]) -> Person:
    """Somebody whose uploads the tests of one module share."""
    return new_person()


@pytest.fixture
def new_visitor(browser: Browser, studio: LiveServer) -> Iterator[NewVisitor]:
    """A function that opens a window (`person=`, `width=`, `height=`); what went wrong in it fails the test."""
    visitors: list[Visitor] = []

    def new(person: Person | None = None, *, width: int = 1280, height: int = 800) -> Visitor:
        visitors.append(open_window(browser, studio, person, width=width, height=height))
        return visitors[-1]

    yield new
    for visitor in visitors:
        visitor.close()


@pytest.fixture
def visitor(new_visitor: NewVisitor, person: Person) -> Visitor:
    """A window of the module's person."""
    return new_visitor(person)
