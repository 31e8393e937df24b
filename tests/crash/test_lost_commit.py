"""The database commits, and the connection breaks before it can say so: the one moment nobody knows.

Whatever the client is told, a row must never be left without its bytes.
"""

import contextlib
import socket
import threading
from urllib.parse import urlsplit

import pytest

from tests.support.live import BATCH, batch_body
from tests.support.live_fixtures import NewServer
from tests.support.postgres import Cluster

RECORDS = [{"email": "unknown@example.com"}]


class CuttingProxy:
    """Stands between server and PostgreSQL; once armed, cuts the first connection that commits an upload,
    after PostgreSQL has committed and before the server hears of it."""

    def __init__(self, target: tuple[str, int]) -> None:
        self._target = target
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self.armed = threading.Event()
        self.cut = threading.Event()
        self._open: list[socket.socket] = []
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        for each in [self._listener, *self._open]:
            with contextlib.suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
            each.close()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            database = socket.create_connection(self._target)
            self._open += [client, database]
            threading.Thread(target=self._forward, args=(client, database), daemon=True).start()

    def _forward(self, client: socket.socket, database: socket.socket) -> None:
        doomed = threading.Event()
        answers = threading.Thread(target=self._answer, args=(client, database, doomed), daemon=True)
        answers.start()
        inserting = False
        with contextlib.suppress(OSError):
            while data := client.recv(65536):
                inserting = inserting or b"INSERT INTO uploads " in data
                if b"COMMIT" in data:
                    if inserting and self.armed.is_set() and not self.cut.is_set():
                        doomed.set()
                    inserting = False
                database.sendall(data)
            database.shutdown(socket.SHUT_WR)

    def _answer(self, client: socket.socket, database: socket.socket, doomed: threading.Event) -> None:
        with contextlib.suppress(OSError):
            while data := database.recv(65536):
                if doomed.is_set():
                    assert b"COMMIT" in data, data  # PostgreSQL's word that it is done, which stays here
                    self.cut.set()
                    client.shutdown(socket.SHUT_RDWR)
                    return
                client.sendall(data)
            client.shutdown(socket.SHUT_RDWR)


def test_a_commit_nobody_heard_of_leaves_a_whole_upload(
    new_server: NewServer, postgres_cluster: Cluster, request: pytest.FixtureRequest
) -> None:
    proxy = CuttingProxy(("127.0.0.1", postgres_cluster.port))
    request.addfinalizer(proxy.close)
    server = new_server(database="postgresql")
    url = server.environment["MUSTER_DATABASE_URL"]
    through = url.replace(f":{urlsplit(url).port}/", f":{proxy.port}/")
    server.environment = {**server.environment, "MUSTER_DATABASE_URL": through}
    api = server.start().api
    proxy.armed.set()
    body, key = batch_body("outcome unknown", RECORDS), {"Idempotency-Key": "unknown"}
    answer = api.call("POST", BATCH, body, headers=key)
    assert proxy.cut.is_set()
    assert (answer.status, answer.json["code"]) == (503, "unavailable")
    found = api.every_upload()
    assert [upload["upload_name"] for upload in found.values()] == ["outcome unknown"]
    for upload_id in found:
        whole = api.get(upload_id)
        assert whole.status == 200, whole.body
        assert whole.json["records"] == RECORDS
        again = api.call("POST", BATCH, body, headers=key)
        assert (again.status, again.json["upload_id"]) == (200, upload_id)
        assert again.headers["idempotency-replayed"] == "true"
        assert api.delete(upload_id).status == 200
    assert api.every_upload() == {}
    assert api.create("goes on", RECORDS).status == 200
