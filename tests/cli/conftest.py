"""Commands run as a user runs them: a process of their own, against a server on a real port."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from muster.client.fake import FakeMuster, listen

Run = Callable[..., "subprocess.CompletedProcess[str]"]


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


@pytest.fixture
def muster(served: Served, tmp_path: Path) -> Run:
    """`muster(*arguments)` runs a command in an empty directory, signed in to the fake server."""

    def run(*arguments: str | Path, **environment: str) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            [sys.executable, "-m", "muster.cli.main", *map(str, arguments)],
            cwd=tmp_path,
            env={**clean_environment(), **served.environment, **environment},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    return run
