"""What the clients of a crash test know: what was acknowledged, what was not, and what must hold afterwards.

The client's side of Jepsen's set test: an acknowledged write is there, an acknowledged delete is gone, and
an unanswered request has happened in full or not at all.
"""

import http.client
import random
import threading
from dataclasses import dataclass, field
from typing import Any

from tests.support.live import BATCH, LiveServer

NO_ANSWER = (OSError, http.client.HTTPException)
SIZES = (1, 1, 3, 3, 200, 3000)
"""Records in one upload: mostly small, so that kills hit every step; some large, so that they hit the middle."""


@dataclass(frozen=True, slots=True)
class Batch:
    """One upload as its client made it. name is unique; accepted and rejected are exact JSON texts."""

    name: str
    accepted: tuple[bytes, ...]
    rejected: tuple[bytes, ...]
    body: bytes

    @classmethod
    def random(cls, rng: random.Random, name: str) -> "Batch":
        count = rng.choice(SIZES)
        skips = rng.random() < 0.3
        accepted, rejected, everything = [], [], []
        for row in range(count):
            if skips and row and rng.random() < 0.1:
                raw = b'{"first_name":"no identifier in row %d"}' % row
                rejected.append(raw)
            else:
                raw = b'{"email":"p%d@example.com","n":%d.0,"x":"%032x"}' % (row, row, rng.getrandbits(128))
                accepted.append(raw)
            everything.append(raw)
        mode = b"skip" if skips else b"reject"
        body = b'{"upload_name":"%s","on_invalid":"%s","records":[%s]}' % (
            name.encode(),
            mode,
            b",".join(everything),
        )
        return cls(name, tuple(accepted), tuple(rejected), body)


@dataclass(slots=True)
class Ledger:
    """Shared by all writers; `lock` guards every field.

    stored: acknowledged and never asked to be deleted. erased: the delete was acknowledged.
    attempted: sent, no answer. erasing: asked to be deleted, no answer.
    """

    lock: threading.Lock = field(default_factory=threading.Lock)
    stored: dict[str, Batch] = field(default_factory=dict)
    erased: set[str] = field(default_factory=set)
    attempted: dict[str, Batch] = field(default_factory=dict)
    erasing: dict[str, Batch] = field(default_factory=dict)
    created: int = 0

    def write_until_dead(self, server: LiveServer, rng: random.Random) -> None:
        """One client: creates and deletes until the server stops answering."""
        while True:
            try:
                if rng.random() < 0.7:
                    self._create(server, rng)
                else:
                    self._erase(server, rng)
            except NO_ANSWER:
                return

    def _create(self, server: LiveServer, rng: random.Random) -> None:
        with self.lock:
            self.created += 1
            batch = Batch.random(rng, f"upload {self.created}")
            self.attempted[batch.name] = batch
        self._send(server, batch)

    def _send(self, server: LiveServer, batch: Batch) -> None:
        headers = {"Idempotency-Key": batch.name.replace(" ", "-")}
        answer = server.api.call("POST", BATCH, batch.body, headers=headers)
        assert answer.status == 200, answer.body
        assert answer.json["rows_accepted"] == len(batch.accepted)
        with self.lock:
            del self.attempted[batch.name]
            self.stored[answer.json["upload_id"]] = batch

    def _erase(self, server: LiveServer, rng: random.Random) -> None:
        with self.lock:
            if not self.stored:
                return
            upload_id = rng.choice(list(self.stored))
            self.erasing[upload_id] = self.stored.pop(upload_id)
        answer = server.api.delete(upload_id)
        assert answer.status == 200, answer.body
        with self.lock:
            del self.erasing[upload_id]
            self.erased.add(upload_id)

    def settle(self, server: LiveServer) -> None:
        """Compare with a server that was started again, then learn from it what the unanswered became."""
        listed = server.api.every_upload()
        lost = set(self.stored) - set(listed)
        assert not lost, f"acknowledged uploads are gone: {lost}"
        undone = self.erased & set(listed)
        assert not undone, f"acknowledged deletes are undone: {undone}"
        names = {upload["upload_name"] for upload in listed.values()}
        assert len(names) == len(listed), "an upload is there twice"
        for upload_id, upload in listed.items():
            if upload_id in self.stored:
                continue
            batch = self.erasing.pop(upload_id, None) or self.attempted.pop(upload["upload_name"], None)
            assert batch is not None, f"nobody sent {upload}"
            self.stored[upload_id] = batch
        self.erased |= set(self.erasing)
        self.erasing.clear()

    def send_again(self, server: LiveServer) -> None:
        """Repeat what had no answer, as a client with an idempotency key does."""
        for batch in list(self.attempted.values()):
            self._send(server, batch)

    def check_contents(self, server: LiveServer, *, only: set[str] | None = None) -> None:
        """Every stored upload byte for byte, its counts and its rejects."""
        listed = server.api.every_upload()
        assert set(listed) == set(self.stored)
        for upload_id, batch in self.stored.items():
            if only is None or upload_id in only:
                check_content(server, upload_id, batch, listed[upload_id])


def check_content(server: LiveServer, upload_id: str, batch: Batch, listed: dict[str, Any]) -> None:
    """One upload is exactly what was sent."""
    answer = server.api.get(upload_id)
    assert answer.status == 200, answer.body
    assert b'"records":[' + b",".join(batch.accepted) + b"]" in answer.body
    received = len(batch.accepted) + len(batch.rejected)
    for counted in (answer.json, listed):
        assert counted["upload_name"] == batch.name
        assert counted["rows_received"] == received
        assert counted["rows_accepted"] == len(batch.accepted)
        assert counted["rows_rejected"] == len(batch.rejected)
    rejects = server.api.call("GET", f"{BATCH}/{upload_id}/rejects?limit=10000")
    assert rejects.status == 200, rejects.body
    assert rejects.json["total"] == len(rejects.json["rejects"]) == len(batch.rejected)
    for raw in batch.rejected:
        assert raw[1:-1] in rejects.body  # its members, between `_row`, `_code`, `_reason` and the end
