"""A client that sends exactly the bytes it is told to, for requests no well-behaved client would send."""

import contextlib
import http.client
import json
import socket
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Answer:
    """One HTTP answer; header names in lower case."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


class RawConnection:
    """One TCP connection; `timeout` bounds every wait, so no test can hang."""

    def __init__(
        self, address: tuple[str, int], *, timeout: float = 10, receive_buffer_bytes: int | None = None
    ) -> None:
        self.socket = socket.socket()
        self.socket.settimeout(timeout)
        if receive_buffer_bytes is not None:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer_bytes)
        self.socket.connect(address)
        self._file = self.socket.makefile("rb")

    def send(self, data: bytes) -> "RawConnection":
        self.socket.sendall(data)
        return self

    def answer(self, *, method: str = "GET") -> Answer:
        """Read one answer, leaving the connection where the next one starts."""
        response = http.client.HTTPResponse(_Kept(self._file), method=method)  # type: ignore[arg-type]
        response.begin()
        body = response.read()
        return Answer(response.status, {k.lower(): v for k, v in response.getheaders()}, body)

    def line(self) -> bytes:
        return self._file.readline()

    def is_ended(self) -> bool:
        """Wait until the server ends the connection; True if it sent nothing more before that."""
        try:
            return self._file.read(1) == b""
        except ConnectionResetError:
            return True

    def close(self) -> None:
        self._file.close()
        self.socket.close()


class _Kept:
    """http.client closes the file of an answer that ends the connection; the tests still want to read EOF."""

    def __init__(self, file: Any) -> None:
        self._file = file

    def makefile(self, _mode: str) -> Any:
        return _Uncloseable(self._file)


class _Uncloseable:
    def __init__(self, file: Any) -> None:
        self._file = file

    def __getattr__(self, name: str) -> Any:
        return getattr(self._file, name)

    def close(self) -> None:
        """Stay open for the next read."""

    def flush(self) -> None:
        """Nothing is buffered for writing."""


@contextlib.contextmanager
def raw_connection(
    address: tuple[str, int], *, timeout: float = 10, receive_buffer_bytes: int | None = None
) -> Iterator[RawConnection]:
    connection = RawConnection(address, timeout=timeout, receive_buffer_bytes=receive_buffer_bytes)
    try:
        yield connection
    finally:
        connection.close()


def exchange(address: tuple[str, int], data: bytes, *, method: str = "GET", timeout: float = 10) -> Answer:
    """Send `data` on a connection of its own and read one answer."""
    with raw_connection(address, timeout=timeout) as connection:
        return connection.send(data).answer(method=method)
