"""kill -9 at any instant loses nothing acknowledged (docs/decisions/0005-an-answer-is-a-promise.md).

Every run prints its seed; MUSTER_TEST_SEED=... runs the same clients again. Which instruction the kill hits
is the machine's choice, so a failure is kept by its ledger, not by its seed alone.
"""

import os
import random
import secrets
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.crash.ledger import Ledger
from tests.support.live import LiveServer
from tests.support.live_fixtures import NewServer

WRITERS = 4


def seeded() -> random.Random:
    seed = os.environ.get("MUSTER_TEST_SEED") or secrets.token_hex(8)
    sys.stdout.write(f"MUSTER_TEST_SEED={seed}\n")
    return random.Random(seed)  # noqa: S311 - repeatable, not secret


def kill_under_load(server: LiveServer, ledger: Ledger, rng: random.Random) -> None:
    """Let the clients write for a moment, then kill."""
    seeds = [rng.getrandbits(64) for _ in range(WRITERS)]
    with ThreadPoolExecutor(WRITERS) as pool:
        clients = [
            pool.submit(ledger.write_until_dead, server, random.Random(seed))  # noqa: S311
            for seed in seeds
        ]
        threading.Event().wait(rng.uniform(0.02, 0.8))
        server.kill()
        for client in clients:
            client.result(timeout=60)


def kill_while_starting(server: LiveServer, rng: random.Random) -> None:
    """Kill somewhere between the first line of Python and the first request."""
    server.launch()
    assert server.process is not None
    threading.Event().wait(rng.uniform(0.0, 2.5))
    server.kill()


def run(server: LiveServer, rounds: int) -> Ledger:
    """Kill and compare `rounds` times; every fourth time the recovery itself is killed too."""
    rng = seeded()
    ledger = Ledger()
    server.start()
    for number in range(rounds):
        known = set(ledger.stored)
        kill_under_load(server, ledger, rng)
        if number % 4 == 3:
            kill_while_starting(server, rng)
        server.start()
        ledger.settle(server)
        if "MUSTER_DATABASE_URL" not in server.environment:
            assert_no_orphans(server, ledger)
            ledger.send_again(server)
        ledger.check_contents(server, only=set(ledger.stored) - known)
    ledger.check_contents(server)
    assert len(ledger.stored) + len(ledger.erased) > rounds, "hardly anything was written: prove more"
    return ledger


def assert_no_orphans(server: LiveServer, ledger: Ledger) -> None:
    """Exactly the bytes of the uploads that exist, and no half-written file."""
    objects = server.data_dir / "objects"
    owners = {path.parent.name for path in objects.glob("uploads/*/*/*")}
    assert owners == set(ledger.stored)
    assert list((objects / ".tmp").iterdir()) == []


@pytest.mark.timeout(600)
def test_four_kills_lose_nothing_acknowledged(new_server: NewServer) -> None:
    run(new_server(), rounds=4)


@pytest.mark.timeout(300)
def test_kills_lose_nothing_acknowledged_on_postgresql(new_server: NewServer) -> None:
    run(new_server(database="postgresql", jobs=True), rounds=4)


@pytest.mark.soak
@pytest.mark.timeout(0)
@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
def test_two_hundred_kills_lose_nothing_acknowledged(new_server: NewServer, database: str) -> None:
    started = time.monotonic()
    ledger = run(new_server(database=database, jobs=True), rounds=200)
    sys.stdout.write(f"{ledger.created} uploads in {time.monotonic() - started:.0f} s\n")
