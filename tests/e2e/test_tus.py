"""The official JavaScript client over a network that breaks, against the real server."""

import hashlib
import json
import os
import random
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from muster.objects.local import LocalStore
from tests.examples.test_examples import node
from tests.support.cutting_proxy import CuttingProxy
from tests.support.live import LiveServer
from tests.support.live_fixtures import NewServer

HERE = Path(__file__).parent / "tus"
SIZE_BYTES = 50_000_000
MB = 1_000_000


def npm(node_path: str) -> list[str]:
    """How to run the npm that belongs to this Node, else the one on PATH."""
    beside = Path(node_path).parent.parent / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    if beside.exists():
        return [node_path, str(beside)]
    found = shutil.which("npm")
    if found is None:
        pytest.skip("the official tus client is not tested: there is no npm to fetch it with")
    return [found]


@pytest.fixture(scope="session")
def client_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A directory in which the official client is installed, as its lock file says."""
    home = tmp_path_factory.mktemp("tus-client")
    for name in ("package.json", "package-lock.json", "upload.mjs"):
        shutil.copy(HERE / name, home)
    command = [*npm(node()), "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--fetch-retries=1"]
    try:
        fetched = subprocess.run(command, cwd=home, capture_output=True, text=True, timeout=90, check=False)
    except subprocess.TimeoutExpired:
        pytest.skip("the official tus client is not tested: npm could not fetch it in time")
    if fetched.returncode != 0:
        pytest.skip("the official tus client is not tested: npm could not fetch it from its registry")
    return home


@pytest.fixture
def big_file(tmp_path: Path) -> tuple[Path, str]:
    """50 MB that do not repeat, and their SHA-256."""
    path = tmp_path / "leads.csv"
    content = random.Random(11).randbytes(SIZE_BYTES)  # noqa: S311 - repeatable, not secret
    path.write_bytes(content)
    return path, hashlib.sha256(content).hexdigest()


@contextmanager
def proxied(proxy: CuttingProxy) -> Iterator[CuttingProxy]:
    try:
        yield proxy
    finally:
        proxy.close()


def upload(client_home: Path, port: int, file: Path, key: str) -> dict[str, Any]:
    endpoint = f"http://127.0.0.1:{port}/api/audience/files/tus"
    ended = subprocess.run(
        [node(), "upload.mjs", endpoint, str(file), key],
        cwd=client_home,
        env=dict(os.environ),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr
    told: dict[str, Any] = json.loads(ended.stdout)
    return told


def sha256_of(server: LiveServer, upload_id: str) -> str:
    """The hash of what the server holds: the parts its row names, in order."""
    store = LocalStore(server.data_dir / "objects")
    digest = hashlib.sha256()
    keys = [found.key for found in store.list(f"uploads/{upload_id[-2:]}/{upload_id}/")]
    for key in keys:
        for chunk in store.stream(key):
            digest.update(chunk)
    return digest.hexdigest()


def test_a_file_arrives_whole_over_a_connection_cut_twenty_times(
    new_server: NewServer, client_home: Path, big_file: tuple[Path, str]
) -> None:
    server = new_server().start()
    path, sha256 = big_file
    proxy = CuttingProxy(lambda: server.address, cuts=20, min_bytes=300_000, max_bytes=4 * MB, seed=7)
    with proxied(proxy):
        told = upload(client_home, proxy.port, path, server.key)
    assert proxy.done == 20
    assert told["retries"] >= 20
    upload_id = told["url"].rpartition("/")[2]
    assert sha256_of(server, upload_id) == sha256
    found = server.api.get(upload_id, "?include=none").json
    assert (found["upload_name"], found["size_bytes"], found["upload_status"], found["status_reason"]) == (
        "leads.csv",
        SIZE_BYTES,
        "uploaded",
        "awaiting_mapping",
    )
    assert "request.bug" not in server.log
    assert "Traceback" not in server.log


def test_a_file_arrives_whole_although_the_server_was_killed_in_the_middle(
    new_server: NewServer, client_home: Path, big_file: tuple[Path, str]
) -> None:
    server = new_server().start()
    path, sha256 = big_file

    def crash() -> None:
        server.kill()
        server.start()

    proxy = CuttingProxy(
        lambda: server.address, cuts=8, min_bytes=MB, max_bytes=6 * MB, after_bytes=30 * MB, at=crash
    )
    with proxied(proxy):
        told = upload(client_home, proxy.port, path, server.key)
    upload_id = told["url"].rpartition("/")[2]
    assert sha256_of(server, upload_id) == sha256
    assert server.api.get(upload_id, "?include=none").json["size_bytes"] == SIZE_BYTES
