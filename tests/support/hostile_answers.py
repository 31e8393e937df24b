"""Answers nobody should have to read, each under the name of what is wrong with it."""

import asyncio
import gzip
from typing import Any, Protocol

_OK = b"HTTP/1.1 200 X\r\nContent-Type: application/json\r\n"
_COMPANY = b'{"company": {"name": "x"}}'

WHOLE: dict[str, tuple[bytes, dict[str, str]]] = {
    "malformed": (b'{"company": {"name": "x"},}', {}),
    "empty": (b"", {}),
    "huge": (b'{"company": {"name": "' + b"x" * 3_000_000 + b'"}}', {}),
    "deep": (b'{"company":' + b"[" * 100_000 + b"]" * 100_000 + b"}", {}),
    "html": (b"<html>hello</html>", {"Content-Type": "text/html"}),
    "jsonashtml": (_COMPANY, {"Content-Type": "text/html"}),
    "latin1": ('{"company": {"name": "Bücher"}}'.encode("latin-1"), {}),
    "nan": (b'{"company": {"name": NaN}}', {}),
    "brokengzip": (b"not gzip", {"Content-Encoding": "gzip"}),
    "unknowncoding": (_COMPANY, {"Content-Encoding": "rot13"}),
    "cookie": (_COMPANY, {"Set-Cookie": "id=1; Path=/"}),
}
"""Body and headers of answers with status 200 that are at least HTTP."""

RAW: dict[str, tuple[bytes, bool]] = {
    "truncated": (_OK + b'Content-Length: 5000\r\n\r\n{"company": {"na', True),
    "silent": (b"", False),
    "hangup": (b"", True),
    "garbage": (b"\x00\xff not http at all\r\n\r\n" * 50, True),
    "bighead": (_OK + b"X-Big: yyyyyyyyyyyyyyyyyyyyyyyyyyyyy\r\n" * 20_000, False),
    "upgrade": (b"HTTP/1.1 101 X\r\nUpgrade: x\r\nConnection: Upgrade\r\n\r\n", False),
    "twolengths": (_OK + b"Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}", True),
}
"""Bytes, and whether the connection is closed after them."""

ENDLESS: dict[str, tuple[bytes, bytes, float]] = {
    "endless": (_OK + b"Transfer-Encoding: chunked\r\n\r\n", b"2000\r\n" + b"x" * 0x2000 + b"\r\n", 0.0),
    "crumbs": (_OK + b"Transfer-Encoding: chunked\r\n\r\n", b"1\r\n \r\n" * 1000, 0.0),
    "slow": (_OK + b"Content-Length: 100000\r\n\r\n", b" ", 0.05),
    "slowhead": (_OK, b"X-Slow: y\r\n", 0.05),
    "continue": (b"", b"HTTP/1.1 100 X\r\n\r\n" * 100, 0.0),
}
"""A beginning, and what is sent again and again with a pause of so many seconds, until the other side goes."""

_repeating: set[asyncio.Task[None]] = set()


class Wire(Protocol):
    """What answers go to."""

    transport: Any

    def send(self, status: int, body: bytes, headers: dict[str, str] | None = None) -> None: ...

    def write(self, data: bytes) -> None: ...


def answer_badly(wire: Wire, kind: str, rest: str = "") -> None:
    """`redirect`, `bomb`, `body/...` (this body), a status by its number, or a name of the tables above."""
    if kind in WHOLE:
        wire.send(200, *WHOLE[kind])
    elif kind in RAW:
        raw, is_last = RAW[kind]
        wire.write(raw)
        if is_last:
            wire.transport.close()
    elif kind in ENDLESS:
        beginning, piece, pause = ENDLESS[kind]
        wire.write(beginning)
        task = asyncio.get_running_loop().create_task(_repeat(wire, piece, pause))
        _repeating.add(task)
        task.add_done_callback(_repeating.discard)
    elif kind == "redirect":
        wire.send(302, b"{}", {"Location": "http://169.254.169.254/latest/meta-data/"})
    elif kind == "bomb":
        packed = gzip.compress(b'{"company": {"name": "' + b"x" * 30_000_000 + b'"}}')
        wire.send(200, packed, {"Content-Encoding": "gzip"})
    elif kind == "body":
        wire.send(200, rest.encode())
    else:
        wire.send(int(kind), _COMPANY)


async def _repeat(wire: Wire, piece: bytes, pause: float) -> None:
    while not wire.transport.is_closing():
        if wire.transport.get_write_buffer_size() < 1_000_000:
            wire.transport.write(piece)
        await asyncio.sleep(pause)
