"""A network that hangs: a TCP proxy that passes so many bytes and then no more until it is opened."""

import contextlib
import socket
import threading
from typing import Self


class StickyDoor:
    """Passes bytes on to a port of this machine; `is_full` is set when `passes_bytes` went to the server."""

    def __init__(self, port: int, passes_bytes: int) -> None:
        self._target = ("127.0.0.1", port)
        self._left = passes_bytes
        self._opened = threading.Event()
        self.is_full = threading.Event()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]

    def __enter__(self) -> Self:
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.open()
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def open(self) -> None:
        """From now on everything passes."""
        self._opened.set()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                server = socket.create_connection(self._target, timeout=10)
                server.settimeout(None)
                threading.Thread(target=self._requests, args=(client, server), daemon=True).start()
                threading.Thread(target=self._answers, args=(server, client), daemon=True).start()

    def _requests(self, client: socket.socket, server: socket.socket) -> None:
        with contextlib.suppress(OSError), server:
            while data := client.recv(65536):
                self._left -= len(data)
                if self._left < 0 and not self._opened.is_set():
                    self.is_full.set()
                    self._opened.wait(60)
                    return  # what was on its way is lost, as by a dead line
                server.sendall(data)
            server.shutdown(socket.SHUT_WR)

    @staticmethod
    def _answers(server: socket.socket, client: socket.socket) -> None:
        with contextlib.suppress(OSError), client:
            while data := server.recv(65536):
                client.sendall(data)
