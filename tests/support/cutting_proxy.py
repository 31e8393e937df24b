"""A network that breaks: a TCP proxy that cuts connections after so many bytes."""

import contextlib
import random
import socket
import struct
import threading
from collections.abc import Callable

_RESET = struct.pack("ii", 1, 0)


class CuttingProxy:
    """Passes bytes on to `target`, and cuts `cuts` connections somewhere between min_bytes and max_bytes.

    Every other cut is a reset, the rest are plain ends. after_bytes, at: call `at` once when so many bytes went
    to the server in all. The seed makes the places repeatable.
    """

    def __init__(
        self,
        target: Callable[[], tuple[str, int]],
        *,
        cuts: int,
        min_bytes: int,
        max_bytes: int,
        seed: int = 1,
        after_bytes: int | None = None,
        at: Callable[[], None] = lambda: None,
    ) -> None:
        self._target = target
        self._left = cuts
        self._range = (min_bytes, max_bytes)
        self._random = random.Random(seed)  # noqa: S311 - repeatable, not secret
        self._after_bytes = after_bytes
        self._at = at
        self._lock = threading.Lock()
        self._passed = 0
        self.done = 0
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._open: set[socket.socket] = set()
        self._threads = [threading.Thread(target=self._accept, daemon=True)]
        self._threads[0].start()

    @property
    def port(self) -> int:
        port: int = self._listener.getsockname()[1]
        return port

    def close(self) -> None:
        """Stop, and end every connection."""
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        with self._lock:
            for connection in self._open:
                with contextlib.suppress(OSError):
                    connection.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join(timeout=10)

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            thread = threading.Thread(target=self._serve, args=(client,), daemon=True)
            self._threads.append(thread)
            thread.start()

    def _serve(self, client: socket.socket) -> None:
        with client:
            try:
                server = socket.create_connection(self._target(), timeout=10)
            except OSError:
                return
            with server:
                with self._lock:
                    self._open |= {client, server}
                    may_pass = self._random.randint(*self._range)
                back = threading.Thread(target=self._answers, args=(server, client), daemon=True)
                back.start()
                self._requests(client, server, may_pass)
                back.join(timeout=10)
                with self._lock:
                    self._open -= {client, server}

    def _requests(self, client: socket.socket, server: socket.socket, may_pass: int) -> None:
        with contextlib.suppress(OSError):
            while data := client.recv(65536):
                cut = len(data) >= may_pass and self._takes_a_cut()
                server.sendall(data[:may_pass] if cut else data)
                may_pass = max(may_pass - len(data), 0)
                self._count(len(data))
                if cut:
                    self._cut(client, server)
                    return
            server.shutdown(socket.SHUT_WR)

    def _takes_a_cut(self) -> bool:
        with self._lock:
            if self._left == 0:
                return False
            self._left -= 1
            self.done += 1
            return True

    def _cut(self, client: socket.socket, server: socket.socket) -> None:
        for end in (server, client):
            if self.done % 2:
                end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)

    def _count(self, size: int) -> None:
        with self._lock:
            self._passed += size
            reached = self._after_bytes is not None and self._passed >= self._after_bytes
            if reached:
                self._after_bytes = None
        if reached:
            self._at()

    @staticmethod
    def _answers(server: socket.socket, client: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while data := server.recv(65536):
                client.sendall(data)
            client.shutdown(socket.SHUT_WR)
