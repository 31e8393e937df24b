"""Memory stays bounded whatever is sent; the figures are peaks, which the kernel keeps for us (VmHWM)."""

import gzip
import random
import re
import zlib
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.support.live import BATCH, LiveServer, batch_body
from tests.support.live_fixtures import NewServer
from tests.support.rawhttp import Answer, raw_connection

MB = 1_000_000
MIB = 1024 * 1024


def peak_growth_bytes(server: LiveServer, work: Callable[[], None]) -> int:
    """How far memory rises above where it was while `work` runs."""
    process = Path(f"/proc/{server.pid}")
    before = server.rss_bytes
    (process / "clear_refs").write_text("5")  # forget the peak so far
    work()
    found = re.search(r"VmHWM:\s+(\d+) kB", (process / "status").read_text())
    assert found is not None
    return int(found[1]) * 1024 - before


def batch_of(size_bytes: int) -> bytes:
    """A batch of realistic records, a little under `size_bytes`."""
    rng = random.Random(7)  # noqa: S311 - repeatable, not secret
    record = {"email": "first.last-000000@example.com", "first_name": "Firstname", "city": "Somewhere"}
    count = size_bytes // 105
    records = [record | {"email": f"p{rng.getrandbits(60):x}@example.com"} for _ in range(count)]
    body = batch_body("large", records)
    assert size_bytes * 0.8 < len(body) <= size_bytes
    return body


def gzip_of_zeros(decoded_bytes: int) -> bytes:
    """The start of a gzip stream of zeros, made from one flushed piece repeated."""
    packer = zlib.compressobj(wbits=-15)
    piece = packer.compress(bytes(10 * MB)) + packer.flush(zlib.Z_FULL_FLUSH)
    return gzip.compress(b"")[:10] + piece * (decoded_bytes // (10 * MB))


@pytest.fixture
def roomy(new_server: NewServer) -> LiveServer:
    """A server that lets 12 MiB through to the parser, warmed up."""
    server = new_server(jobs=True, environment={"MUSTER_MAX_PAYLOAD_BYTES": str(12 * MIB)}).start()
    for _ in range(3):
        assert server.api.call("POST", BATCH, batch_of(5 * MIB)).status == 200
    return server


def test_sixteen_large_batches_at_once_grow_memory_by_less_than_250_mb(roomy: LiveServer) -> None:
    body = batch_of(5 * MIB)

    def work() -> None:
        with ThreadPoolExecutor(16) as pool:
            answers = list(pool.map(lambda _: roomy.api.call("POST", BATCH, body), range(16)))
        assert {answer.status for answer in answers} == {200}

    assert peak_growth_bytes(roomy, work) < 250 * MB


def test_bombs_and_floods_grow_memory_by_less_than_400_mb(roomy: LiveServer) -> None:
    api = roomy.api

    def post(body: bytes, **headers: str) -> Answer:
        return api.call("POST", BATCH, body, headers={n.replace("_", "-"): v for n, v in headers.items()})

    def work() -> None:
        bomb = post(gzip_of_zeros(1500 * MB), Content_Encoding="gzip")
        assert (bomb.status, bomb.json["code"]) == (413, "decoded_body_too_large")
        nested = post(b"[" * 10 * MB)
        assert nested.status == 400, nested.body
        inside = post(b'{"upload_name":"deep","records":[{"email":"a@b.c","x":' + b"[" * 10 * MB)
        assert inside.status == 400, inside.body
        quotes = post(b'{"upload_name":"' + b"\\u0041" * (MB) + b'","records":[]}')
        assert quotes.status == 400, quotes.body
        assert flood(roomy, 200 * MB).status == 413

    assert peak_growth_bytes(roomy, work) < 400 * MB
    assert roomy.api.create("still well", [{"email": "a@example.com"}]).status == 200


def flood(server: LiveServer, size_bytes: int) -> Answer:
    """A body without a length that a client sends to its end before it reads the answer."""
    chunk = b"100000\r\n" + b" " * 0x100000 + b"\r\n"
    head = server.api.request("POST", BATCH, headers={"Transfer-Encoding": "chunked"})
    with raw_connection(server.address, timeout=60) as connection:
        connection.send(head)
        for _ in range(size_bytes // 0x100000):
            connection.send(chunk)
        connection.send(b"0\r\n\r\n")
        return connection.answer()
