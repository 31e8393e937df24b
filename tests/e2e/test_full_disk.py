"""When the disk takes no more, or the kernel no more files: clear refusals, nothing half-visible, no restart.

The limits are set on the running server from outside, so the real calls fail in the real places.
"""

import contextlib
import os
import random
import resource
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.live import BATCH, Api, LiveServer, batch_body
from tests.support.live_fixtures import NewServer
from tests.support.rawhttp import Answer, raw_connection

SMALL = [{"email": "small@example.com"}]
LARGE = [
    {"email": f"{random.Random(row).getrandbits(2000):x}@example.com"}  # noqa: S311 - does not compress
    for row in range(4000)
]


@contextlib.contextmanager
def limited(server: LiveServer, limit: int, value: int) -> Iterator[None]:
    """Lower a limit of the running server for the length of the block."""
    before = resource.prlimit(server.pid, limit)
    resource.prlimit(server.pid, limit, (value, before[1]))
    try:
        yield
    finally:
        resource.prlimit(server.pid, limit, before)


def assert_no_room(answer: Answer) -> None:
    assert answer.status in {503, 507}, answer.body
    assert answer.json["status"] == "error"
    assert answer.json["code"] in {"storage_full", "unavailable"}
    assert "Traceback" not in answer.body.decode()
    if answer.status == 503:
        assert int(answer.headers["retry-after"]) > 0


def wait_for_readiness(api: Api, status: int) -> None:
    """Wait until the server finds out; it does not look at every request."""
    deadline = time.monotonic() + 30
    while (answer := api.call("GET", "/api/health/ready")).status != status:
        assert time.monotonic() < deadline, answer.body
        time.sleep(0.2)


def stored_files(server: LiveServer) -> set[Path]:
    return {path for path in (server.data_dir / "objects" / "uploads").rglob("*") if path.is_file()}


def assert_serves(api: Api, known: set[str]) -> None:
    """Everything there was is still there, and the next upload and delete work."""
    assert set(api.every_upload()) == known
    for upload_id in known:
        assert api.get(upload_id).json["records"] == SMALL
    made = api.create("works again", LARGE)
    assert made.status == 200, made.body
    assert api.get(made.json["upload_id"]).json["records"] == LARGE
    assert api.delete(made.json["upload_id"]).status == 200


def test_a_full_disk_refuses_the_bytes_of_an_upload(new_server: NewServer) -> None:
    server = new_server().start()
    api = server.api
    known = {api.create("before", SMALL).json["upload_id"]}
    files = stored_files(server)
    with limited(server, resource.RLIMIT_FSIZE, 256 * 1024):
        assert_no_room(api.create("too much", LARGE))
        assert set(api.every_upload()) == known
        assert stored_files(server) == files
    assert_serves(api, known)


def test_a_full_disk_refuses_the_row_of_an_upload_whose_bytes_still_fitted(new_server: NewServer) -> None:
    server = new_server().start()
    api = server.api
    known = {api.create("before", SMALL).json["upload_id"]}
    files = stored_files(server)
    write_ahead_log = server.data_dir / "muster.db-wal"
    with limited(server, resource.RLIMIT_FSIZE, write_ahead_log.stat().st_size):
        for _ in range(3):
            assert_no_room(api.create("bytes fit, row does not", SMALL))
        assert_no_room(api.delete(next(iter(known))))
        assert set(api.every_upload()) == known
    assert_serves(api, known)
    # The bytes of a commit that broke off stay until somebody can be sure that it did not happen.
    server.kill()
    server.start()
    assert set(api.every_upload()) == known
    assert stored_files(server) == files


def test_a_disk_that_takes_nothing_at_all_still_lets_people_read(new_server: NewServer) -> None:
    server = new_server().start()
    api = server.api
    known = {api.create("before", SMALL).json["upload_id"]}
    with limited(server, resource.RLIMIT_FSIZE, 0):
        assert_no_room(api.create("nothing", SMALL))
        assert_no_room(api.delete(next(iter(known))))
        assert_no_room(api.call("PATCH", f"{BATCH}/{next(iter(known))}", b'{"upload_name":"renamed"}'))
        assert api.get(next(iter(known))).json["records"] == SMALL
        assert api.call("GET", "/api/health/live").status == 200
        wait_for_readiness(api, 503)
    wait_for_readiness(api, 200)
    assert_serves(api, known)


def test_no_more_open_files_is_a_refusal_and_passes(new_server: NewServer) -> None:
    server = new_server().start()
    api = server.api
    known = {api.create("before", SMALL).json["upload_id"]}
    kept = {"Connection": "keep-alive"}
    with raw_connection(server.address) as connection:
        listing = api.request("GET", BATCH, headers=kept)
        assert connection.send(listing).answer().status == 200
        # New files get the lowest number that is free, and 0 to 2 never are: nothing at all can be opened.
        with limited(server, resource.RLIMIT_NOFILE, 3):
            creating = api.request("POST", BATCH, batch_body("no files", SMALL), headers=kept)
            assert_no_room(connection.send(creating).answer())
            reading = api.request("GET", f"{BATCH}/{next(iter(known))}", headers=kept)
            assert_no_room(connection.send(reading).answer())
            assert connection.send(listing).answer().json["total"] == 1
    assert_serves(api, known)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 6 MB of its own."""
    if os.geteuid() != 0:
        pytest.skip("only root can mount a small file system")
    place = tmp_path / "disk"
    place.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=6m", "tmpfs", place], capture_output=True, text=True, check=False
    )
    if mounted.returncode != 0:
        pytest.skip(f"mounting is not allowed here: {mounted.stderr.strip()}")
    yield place
    subprocess.run(["umount", "--lazy", place], check=True)


def test_a_file_system_that_is_really_full_recovers_when_it_grows(
    new_server: NewServer, small_disk: Path
) -> None:
    server = new_server(home=small_disk / "home").start()
    api = server.api
    known = {api.create("before", SMALL).json["upload_id"]}
    filled = []
    for _ in range(50):
        answer = api.create("filling", LARGE)
        if answer.status != 200:
            break
        filled.append(answer.json["upload_id"])
    assert_no_room(answer)
    assert set(api.every_upload()) == known | set(filled)
    assert {path.parent.name for path in stored_files(server)} == known | set(filled)
    subprocess.run(["mount", "-o", "remount,size=60m", small_disk], check=True)
    assert {api.delete(upload_id).status for upload_id in filled} == {200}
    assert_serves(api, known)
