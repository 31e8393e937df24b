"""What the examples talk to.

The tests need only `server`: a folder whose `server` is a real one runs them again by
`from tests.examples.test_examples import *`, with `client` and `run` from here.
"""

import os
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from muster.client import Client
from muster.client.fake import FakeMuster, listen

Run = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def server() -> Iterator[tuple[str, str]]:
    """The address and an API key of a server."""
    fake = FakeMuster()
    with listen(fake) as url:
        yield url, fake.api_key


@pytest.fixture
def client(server: tuple[str, str]) -> Iterator[Client]:
    url, key = server
    with Client(url, api_key=key) as opened:
        yield opened


@pytest.fixture
def run(server: tuple[str, str]) -> Run:
    """`run(*command)` runs an example as a user would, with the two variables set."""

    def run_example(*command: str | Path, url: str = server[0], key: str = server[1]):
        return subprocess.run(
            [*map(str, command)],
            env={**os.environ, "MUSTER_URL": url, "MUSTER_API_KEY": key},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=90,
            check=False,
        )

    return run_example
