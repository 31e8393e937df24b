"""What the client's tests talk to.

`connection` is a client of every kind of server we have: the fake in memory and, when the e2e fixtures offer
one as `real_server` (an address and an API key), the real thing. Tests of failures that a real server cannot
be told to have use `fake` and `client`.
"""

import socket
from collections.abc import Iterator

import pytest
import stamina

from muster.client import Client
from muster.client.fake import FakeMuster

SERVERS = ["fake"]


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


@pytest.fixture(params=SERVERS)
def connection(request: pytest.FixtureRequest) -> Iterator[Client]:
    """A signed-in client of one kind of server; the server may hold uploads of other tests."""
    if request.param == "fake":
        fake = FakeMuster()
        with Client(transport=fake.transport, api_key=fake.api_key) as opened:
            yield opened
    else:
        url, key = request.getfixturevalue("real_server")
        with Client(url, api_key=key) as opened:
            yield opened


@pytest.fixture
def unused_port() -> int:
    """A port of this machine that nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        return int(free.getsockname()[1])
