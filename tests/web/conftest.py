"""The running application for the tests of the web room."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from muster.accounts.model import Role
from tests.support.app import Person, RunningApp, running


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningApp]:
    """One application on SQLite for the tests of a file; they use names of their own."""
    with running(tmp_path_factory.mktemp("app") / "data") as started:
        yield started


@pytest.fixture(scope="module")
def person(app: RunningApp) -> Person:
    return app.person("owner@example.com", Role.OWNER)


@pytest.fixture
def data_dir(tmp_path: Path) -> Path:
    return tmp_path / "data"
