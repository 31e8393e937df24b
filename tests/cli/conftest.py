"""Commands against a server on a real port."""

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from stamina.instrumentation import set_on_retry_hooks

from muster.cli.main import run
from muster.client.fake import FakeMuster, listen
from tests.support.live_fixtures import new_server, sqlite_seed

__all__ = ["new_server", "sqlite_seed"]


@dataclass(frozen=True, slots=True)
class Served:
    """A fake server and its address."""

    fake: FakeMuster
    url: str

    @property
    def environment(self) -> dict[str, str]:
        return {"MUSTER_URL": self.url, "MUSTER_API_KEY": self.fake.api_key}


@pytest.fixture
def served() -> Iterator[Served]:
    fake = FakeMuster()
    with listen(fake) as url:
        yield Served(fake, url)


def clean_environment() -> dict[str, str]:
    """This process's environment without any setting of ours."""
    return {name: value for name, value in os.environ.items() if not name.startswith("MUSTER_")}


@dataclass(frozen=True, slots=True)
class Ended:
    """How a command ended and what it printed."""

    returncode: int
    stdout: str
    stderr: str


Run = Callable[..., Ended]


@pytest.fixture
def muster(
    served: Served, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Iterator[Run]:
    """`muster(*arguments)` runs a command in an empty directory, signed in to the fake server.

    In this process, since starting one takes longer than most commands do.
    """
    monkeypatch.chdir(tmp_path)
    for name in set(os.environ) - set(clean_environment()):
        monkeypatch.delenv(name)

    def run_here(*arguments: str | Path, **environment: str) -> Ended:
        with monkeypatch.context() as here:
            for name, value in {**served.environment, **environment}.items():
                here.setenv(name, value)
            capsys.readouterr()
            returncode = run([str(argument) for argument in arguments])
        return Ended(returncode, *capsys.readouterr())

    yield run_here
    set_on_retry_hooks(None)
