"""A connection to one of the numbers a name stands for, which never waits longer than its call may.

Names are looked up once for each connection, every number found is checked, and the socket is connected to exactly
those numbers: between the check and the use there is no second look-up that could answer something else (DNS
rebinding). TLS goes on checking the certificate against the name. All waiting is done in slices, so that a call ends
within a tenth of a second of its deadline, or of being told to stop, whatever the other side does or does not do.
"""

import select
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from typing import Any, Final, TypeVar

import httpcore2

from muster.web.outgoing.addresses import is_called

Resolve = Callable[[str, int], Sequence[str]]
"""From a host name and a port to network addresses; raises OSError where there are none."""

SLICE_SECONDS: Final = 0.1

T = TypeVar("T")


class Late(Exception):
    """The deadline of the call passed."""


class Stopped(Exception):
    """The call was told to stop."""


class Refused(Exception):
    """The name stands for a number that is not called."""


class TooMuch(Exception):
    """More bytes came than an answer may have."""


def resolve_by_system(host: str, port: int) -> Sequence[str]:
    """What the system's resolver says: its hosts file, its name servers."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, proto=socket.IPPROTO_TCP)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


class Patience:
    """How long one call may take, how much may come, and who is told when the whole request is on its way."""

    def __init__(
        self, seconds: float, max_bytes: int, is_stopping: Callable[[], bool], on_sent: Callable[[], None]
    ) -> None:
        self._until = time.monotonic() + seconds
        self._bytes_left = max_bytes
        self.has_got = False
        self._is_stopping = is_stopping
        self._on_sent = on_sent
        self._is_sent = False

    def slice(self) -> float:
        """Seconds to wait before asking again. Raises Late, Stopped."""
        if self._is_stopping():
            raise Stopped
        left = self._until - time.monotonic()
        if left <= 0:
            raise Late
        return min(SLICE_SECONDS, left)

    def reads(self) -> None:
        """Whoever reads has written everything."""
        if not self._is_sent:
            self._is_sent = True
            self._on_sent()

    def allow(self, size_bytes: int) -> None:
        """So many bytes more may come."""
        self._bytes_left += size_bytes

    def got(self, size_bytes: int) -> None:
        """Raises TooMuch."""
        self.has_got = self.has_got or size_bytes > 0
        self._bytes_left -= size_bytes
        if self._bytes_left < 0:
            raise TooMuch

    def wait_for(self, sock: socket.socket, event: int, *, parts: int = 1) -> bool:
        """Until the socket can be read or written: true. False when this part of the time left is used up.

        parts: how many waits share the time that is left. Raises Late, Stopped.
        """
        poll = select.poll()
        poll.register(sock, event)
        now = time.monotonic()
        until = now + (self._until - now) / parts
        while not poll.poll(self.slice() * 1000):
            if parts > 1 and time.monotonic() > until:
                return False
        return True


class GuardedNetwork(httpcore2.NetworkBackend):
    """Opens lines for one call after the other; `patience` is that of the call at hand."""

    def __init__(self, *, allow_private: bool, resolve: Resolve) -> None:
        self.patience = Patience(0, 0, lambda: True, lambda: None)
        self._allow_private = allow_private
        self._resolve = resolve

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore2.NetworkStream:
        """Raises ConnectError, Refused, Late, Stopped."""
        numbers = _numbers(host, port, self._resolve, self.patience)
        if not all(is_called(each, allow_private=self._allow_private) for each in numbers):
            # One bad number spoils the name: whoever mixes them is trying which one we take.
            raise Refused
        for at, number in enumerate(numbers):
            sock = _connected(number, port, self.patience, parts=len(numbers) - at)
            if sock is not None:
                return Line(sock, self)
        raise httpcore2.ConnectError("no address of the host accepts a connection")


class Line(httpcore2.NetworkStream):
    """A socket that is never blocked in for longer than a slice."""

    def __init__(self, sock: socket.socket, network: GuardedNetwork) -> None:
        self._socket = sock
        self._network = network

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        patience = self._network.patience
        patience.reads()
        found = self._until_ready(lambda: self._socket.recv(max_bytes), select.POLLIN, httpcore2.ReadError)
        patience.got(len(found))
        return found

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        rest = memoryview(buffer)
        while rest:
            part = rest
            sent = self._until_ready(lambda: self._socket.send(part), select.POLLOUT, httpcore2.WriteError)  # noqa: B023
            rest = rest[sent:]

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore2.NetworkStream:
        try:
            secured = ssl_context.wrap_socket(
                self._socket, server_hostname=server_hostname, do_handshake_on_connect=False
            )
        except OSError as error:
            self.close()
            raise httpcore2.ConnectError(type(error).__name__) from error
        line = Line(secured, self._network)
        try:
            line._until_ready(secured.do_handshake, select.POLLIN, httpcore2.ConnectError)
        except BaseException:
            line.close()
            raise
        return line

    def close(self) -> None:
        self._socket.close()

    def get_extra_info(self, info: str) -> Any:
        """`is_readable`: whether something came that nobody asked for, or the other side closed."""
        if info != "is_readable":
            return None
        poll = select.poll()
        poll.register(self._socket, select.POLLIN)
        return bool(poll.poll(0))

    def _until_ready(self, act: Callable[[], T], event: int, failure: type[Exception]) -> T:
        patience = self._network.patience
        patience.slice()
        while True:
            try:
                return act()
            except ssl.SSLWantReadError:
                patience.wait_for(self._socket, select.POLLIN)
            except ssl.SSLWantWriteError:
                patience.wait_for(self._socket, select.POLLOUT)
            except BlockingIOError:
                patience.wait_for(self._socket, event)
            except OSError as error:
                raise failure(type(error).__name__) from error


def _numbers(host: str, port: int, resolve: Resolve, patience: Patience) -> Sequence[str]:
    """Look a name up without waiting for it longer than the call may: the look-up itself cannot be ended."""
    if ":" in host or host.replace(".", "").isdigit():
        return [host]  # `addresses.parse_url` lets no other number through
    found: list[Sequence[str] | OSError] = []
    done = threading.Event()

    def look() -> None:
        try:
            found.append(resolve(host, port))
        except (OSError, UnicodeError) as error:
            found.append(error if isinstance(error, OSError) else OSError("not a name"))
        finally:
            done.set()

    threading.Thread(target=look, name="muster-look-up", daemon=True).start()
    while not done.wait(patience.slice()):
        pass
    if not found or isinstance(found[0], OSError) or not found[0]:
        raise httpcore2.ConnectError("the host is not known")
    return found[0]


def _connected(number: str, port: int, patience: Patience, *, parts: int) -> socket.socket | None:
    """A socket connected to this very number; None when nobody accepts there in time. Raises Late, Stopped."""
    sock = socket.socket(socket.AF_INET6 if ":" in number else socket.AF_INET, socket.SOCK_STREAM)
    try:
        sock.setblocking(False)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        is_there = sock.connect_ex((number, port)) == 0 or patience.wait_for(
            sock, select.POLLOUT, parts=parts
        )
        if is_there and sock.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR) == 0 and _has_peer(sock):
            return sock
    except BaseException:
        sock.close()
        raise
    sock.close()
    return None


def _has_peer(sock: socket.socket) -> bool:
    try:
        sock.getpeername()
    except OSError:
        return False
    return True
