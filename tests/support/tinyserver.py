"""A real uvicorn server with the hardened protocol and a tiny application that echoes what it understood."""

import asyncio
import json
import select
import socket
import threading
import time
from typing import Any

import uvicorn

from muster.web.protocol import ProtocolLimits, hardened_protocol
from tests.support.rawhttp import Answer, RawConnection, exchange

MIB = 1024 * 1024

SHORT = ProtocolLimits(
    max_header_bytes=8192,
    header_timeout_seconds=0.5,
    body_timeout_seconds=0.7,
    write_timeout_seconds=0.7,
    streaming_prefixes=("/stream/",),
    idle_timeout_seconds=0.5,
    linger_seconds=3,
    linger_idle_seconds=0.5,
    max_linger_bytes=64 * MIB,
)
PATIENT = ProtocolLimits(
    max_header_bytes=8192,
    header_timeout_seconds=30,
    body_timeout_seconds=30,
    write_timeout_seconds=30,
)


START = b"POST /x HTTP/1.1\r\nHost: test\r\n"
LENGTH_5 = b"Content-Length: 5\r\n"
CHUNKED = b"Transfer-Encoding: chunked\r\n"


class TinyApp:
    """Echoes what it understood; counts what it saw, so that a test can tell refused from served."""

    def __init__(self) -> None:
        self.served = 0
        self.disconnected: list[str] = []  # paths
        self.release = threading.Event()

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        self.served += 1
        path = scope["path"]
        if path == "/crash":
            raise RuntimeError("on purpose")
        if path == "/refuse":
            return await _answer(send, 413, {"refused": True})
        if path == "/gate":
            while not self.release.is_set():
                await asyncio.sleep(0.01)
            return await _answer(send, 200, {"path": path})
        if path == "/medium":
            return await _answer(send, 200, "x" * 40_000)
        if path == "/big":
            return await self._big(scope, receive, send)
        body = bytearray()
        while True:
            message = await receive()
            if message["type"] == "http.disconnect":
                self.disconnected.append(path)
                return None
            body += message["body"]
            if not message["more_body"]:
                break
        headers = [[name.decode("latin-1"), value.decode("latin-1")] for name, value in scope["headers"]]
        return await _answer(
            send,
            200,
            {
                "method": scope["method"],
                "path": path,
                "query": scope["query_string"].decode(),
                "body": body[:100].decode("latin-1"),
                "length": len(body),
                "headers": headers,
            },
        )

    async def _big(self, scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        for _ in range(200):
            await send({"type": "http.response.body", "body": bytes(MIB), "more_body": True})
        await send({"type": "http.response.body", "body": b""})


async def _answer(send: Any, status: int, content: Any) -> None:
    body = json.dumps(content).encode()
    headers = [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(body))]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


class RunningServer:
    """uvicorn in a thread, as `muster serve` configures it apart from the limits."""

    def __init__(self, limits: ProtocolLimits, *, send_buffer_bytes: int | None = None) -> None:
        self.app = TinyApp()
        config = uvicorn.Config(
            self.app,
            http=hardened_protocol(limits),
            ws="none",
            loop="uvloop",
            lifespan="off",
            log_config=None,
            access_log=False,
            timeout_keep_alive=2,
            timeout_graceful_shutdown=5,
        )
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=1024)
        if send_buffer_bytes is not None:  # accepted sockets inherit it
            self._listener.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, send_buffer_bytes)
        self.address: tuple[str, int] = self._listener.getsockname()[:2]
        self.uvicorn = uvicorn.Server(config)
        self._thread = threading.Thread(target=self.uvicorn.run, kwargs={"sockets": [self._listener]})

    def __enter__(self) -> "RunningServer":
        self._thread.start()
        assert exchange(self.address, get("/up")).status == 200
        return self

    def __exit__(self, *_: object) -> None:
        self.app.release.set()
        self.uvicorn.should_exit = True
        self._thread.join(timeout=10)
        assert not self._thread.is_alive()

    @property
    def connections(self) -> int:
        return len(self.uvicorn.server_state.connections)


def get(path: str, *, extra: bytes = b"") -> bytes:
    return f"GET {path} HTTP/1.1\r\nHost: test\r\n".encode() + extra + b"\r\n"


def post(path: str, body: bytes, *, extra: bytes = b"") -> bytes:
    return b"POST %s HTTP/1.1\r\nHost: test\r\nContent-Length: %d\r\n%s\r\n%s" % (
        path.encode(),
        len(body),
        extra,
        body,
    )


def assert_refused(answer: Answer, status: int, code: str) -> None:
    """The one error shape, and the end of the connection announced."""
    assert (answer.status, answer.json["code"]) == (status, code)
    assert answer.json["status"] == "error"
    assert answer.json["message"]
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["x-request-id"] == answer.json["request_id"]
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["connection"] == "close"


def start(path: str) -> bytes:
    """The head of a POST up to its framing; a path of its own tells one test's requests from another's."""
    return START.replace(b"/x", path.encode())


def trickle(connection: RawConnection, piece: bytes) -> None:
    """Send `piece` again and again, slowly, until the server answers."""
    for _ in range(100):
        readable, _, _ = select.select([connection.socket], [], [], 0.05)
        if readable:
            return
        connection.send(piece)
    raise AssertionError("the server let it trickle")


def wait_until(condition: Any, *, seconds: float = 5) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "the condition did not come true in time"
        time.sleep(0.01)
