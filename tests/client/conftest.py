"""What the client's tests talk to.

`test_any_server.py` needs only `connection`, a client of some server, so that the same file proves the fake and
the real one equal: a folder whose `connection` is signed in to a real server runs it again by
`from tests.client.test_any_server import *`. Tests of failures that a real server cannot be told to have use
`fake` and `client`.
"""

import socket
from collections.abc import Iterator

import pytest
import stamina

from muster.client import Client
from muster.client.fake import FakeMuster


@pytest.fixture(autouse=True)
def _retries_do_not_wait() -> Iterator[None]:
    """Retries happen as often as in life, but at once."""
    with stamina.set_testing(True, attempts=100, cap=True):
        yield


@pytest.fixture
def fake() -> FakeMuster:
    return FakeMuster()


@pytest.fixture
def client(fake: FakeMuster) -> Iterator[Client]:
    with Client(transport=fake.transport, api_key=fake.api_key) as opened:
        yield opened


@pytest.fixture
def connection(client: Client) -> Client:
    """A signed-in client of any kind of server; the server may hold uploads of other tests."""
    return client


@pytest.fixture
def unused_port() -> int:
    """A port of this machine that nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        return int(free.getsockname()[1])
