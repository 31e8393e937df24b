"""Remote stores when the other side misbehaves: a small server that always gives the same answer."""

import socket
import threading
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING

import pytest

from muster.errors import Conflict, MusterError, StorageFull, Unavailable
from muster.objects.remote import RemoteStore
from muster.objects.store import ObjectStore
from tests.support.postgres import free_port

if TYPE_CHECKING:
    from obstore.store import RetryConfig

NO_RETRY: "RetryConfig" = {"max_retries": 0}


@pytest.fixture
def pointed_at(monkeypatch: pytest.MonkeyPatch) -> Callable[[int], RemoteStore]:
    """A store whose S3 endpoint is a port of this machine."""

    def point(port: int) -> RemoteStore:
        monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{port}")
        monkeypatch.setenv("AWS_ACCESS_KEY_ID", "key")
        monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
        return RemoteStore.from_url(
            "s3://bucket/prefix", request_timeout=timedelta(seconds=1), retries=NO_RETRY
        )

    return point


@pytest.fixture
def answering() -> Iterator[Callable[[int, str], int]]:
    """Start a server that gives every request this status and this S3 error code; returns its port."""
    servers: list[ThreadingHTTPServer] = []

    def start(status: int, code: str) -> int:
        body = f"<Error><Code>{code}</Code><Message>no</Message></Error>".encode()

        class Handler(BaseHTTPRequestHandler):
            def answer(self) -> None:
                self.rfile.read(int(self.headers.get("Content-Length", 0)))
                self.send_response(status)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                if self.command != "HEAD":
                    self.wfile.write(body)

            do_GET = do_PUT = do_POST = do_DELETE = do_HEAD = answer  # noqa: N815 - the names http.server calls

            def log_message(self, format: str, *args: object) -> None:
                """Tests stay quiet."""

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        servers.append(server)
        return server.server_address[1]

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()


EVERY_USE: dict[str, Callable[[ObjectStore], object]] = {
    "put": lambda store: store.put("a/b", [b"x"]),
    "create": lambda store: store.put("a/b", [b"x"], create_only=True),
    "put in parts": lambda store: store.put("a/b", [bytes(9_000_000)]),
    "get_range": lambda store: store.get_range("a/b", 0, 5),
    "get_tail": lambda store: store.get_tail("a/b", 5),
    "stream": lambda store: store.stream("a/b"),
    "size": lambda store: store.size("a/b"),
    "list": lambda store: list(store.list("a/")),
    "delete": lambda store: store.delete("a/b"),
    "ping": lambda store: store.ping(),
    "clear_temporary": lambda store: store.clear_temporary(timedelta(0)),
}
use_each = pytest.mark.parametrize("use", EVERY_USE.values(), ids=EVERY_USE.keys())

ANSWERS: list[tuple[int, str, type[MusterError]]] = [
    (403, "AccessDenied", Unavailable),
    (401, "InvalidToken", Unavailable),
    (500, "InternalError", Unavailable),
    (503, "SlowDown", Unavailable),
    (400, "BadRequest", Unavailable),
]


@use_each
@pytest.mark.parametrize(("status", "code", "kind"), ANSWERS, ids=[str(answer[0]) for answer in ANSWERS])
def test_every_refusal_of_the_service_is_unavailable_and_says_when_to_come_back(
    use: Callable[[ObjectStore], object],
    status: int,
    code: str,
    kind: type[MusterError],
    pointed_at: Callable[[int], RemoteStore],
    answering: Callable[[int, str], int],
) -> None:
    store = pointed_at(answering(status, code))
    with pytest.raises(kind) as refused:
        use(store)
    assert refused.value.retry_after_seconds
    assert "secret" not in refused.value.message


@pytest.mark.parametrize("use", ["put", "create", "get_range", "list", "ping"])
def test_a_bucket_that_is_not_there_is_an_outage_and_not_a_missing_object(
    use: str, pointed_at: Callable[[int], RemoteStore], answering: Callable[[int, str], int]
) -> None:
    with pytest.raises(Unavailable):
        EVERY_USE[use](pointed_at(answering(404, "NoSuchBucket")))


def test_a_bucket_without_room_is_storage_full(
    pointed_at: Callable[[int], RemoteStore], answering: Callable[[int, str], int]
) -> None:
    with pytest.raises(StorageFull):
        pointed_at(answering(507, "XMinioStorageFull")).put("a/b", [b"x"])


@pytest.mark.parametrize(
    ("status", "code"), [(412, "PreconditionFailed"), (409, "ConditionalRequestConflict")]
)
def test_a_race_for_a_key_that_was_lost_is_a_conflict(
    status: int, code: str, pointed_at: Callable[[int], RemoteStore], answering: Callable[[int, str], int]
) -> None:
    with pytest.raises(Conflict):
        pointed_at(answering(status, code)).put("a/b", [b"x"], create_only=True)


@use_each
def test_a_service_that_is_not_there_is_unavailable_within_seconds(
    use: Callable[[ObjectStore], object], pointed_at: Callable[[int], RemoteStore]
) -> None:
    started = time.monotonic()
    with pytest.raises(Unavailable):
        use(pointed_at(free_port()))
    assert time.monotonic() - started < 5


@pytest.mark.parametrize("use", ["put", "get_range", "list", "delete"])
def test_a_service_that_never_answers_is_unavailable_and_holds_up_no_other_thread(
    use: str, pointed_at: Callable[[int], RemoteStore]
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        store = pointed_at(silent.getsockname()[1])
        ticks = 0
        refused: list[Exception] = []

        def call() -> None:
            try:
                EVERY_USE[use](store)
            except Unavailable as error:
                refused.append(error)

        caller = threading.Thread(target=call)
        caller.start()
        while caller.is_alive():
            caller.join(0.02)
            ticks += 1
        assert refused
        assert ticks > 20  # about 50 in the second until the timeout; 1 if the call kept the GIL
