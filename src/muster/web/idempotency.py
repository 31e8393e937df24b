"""Idempotency-Key: the same request twice does its work once and gets the same answer twice.

A key is claimed before the work, in a transaction of its own; the answer is stored in the transaction that
does the work, so no crash can leave one without the other. A request that fails releases its key. A claim
whose process died is released after LEASE, longer than any request may run.

Answers may hold secrets that are shown once (an upload's session token, an API key). So the key is stored
as a hash only, and the answer is sealed with it: the table alone gives no secret away.

POSTs that store nothing (`/api/audience/validate`) read the key and need no memory of it. Signing in and
out and setting a password ignore it: a session must never be handed out a second time.
Source: API.md, section 1, and Stripe's published behaviour.
"""

import base64
import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import structlog
from cryptography.fernet import Fernet
from fastapi import Request
from fastapi.responses import Response

from muster.clock import Clock
from muster.db.database import Connection, Database
from muster.errors import Conflict, InputError, Issue, MusterError
from muster.ids import UserId
from muster.web.store import AnswerStore, Remembered, purge_answers, release_running

log = structlog.get_logger("muster.web")

LEASE = timedelta(minutes=5)
_KEY = re.compile(r"[\x21-\x7e](?:[\x20-\x7e]{0,253}[\x21-\x7e])?")


@dataclass(frozen=True, slots=True)
class Answer:
    """Status and JSON body of a finished request; replayed when it came from the store."""

    status: int
    body: bytes
    replayed: bool = False


def response_of(answer: Answer) -> Response:
    """The answer over HTTP; a replayed one says so."""
    headers = {"Cache-Control": "no-store"}
    if answer.replayed:
        headers["Idempotency-Replayed"] = "true"
    return Response(answer.body, answer.status, headers, media_type="application/json")


def key_of(request: Request) -> str | None:
    """The Idempotency-Key header, bare or quoted, or None. Raises InputError for an unusable one."""
    given = request.headers.get("idempotency-key")
    if given is None:
        return None
    key = given.strip()
    if len(key) >= 2 and key[0] == key[-1] == '"':
        key = key[1:-1]
    if not _KEY.fullmatch(key):
        message = "Idempotency-Key must have 1 to 255 printable ASCII characters, such as a UUID."
        raise InputError(
            message,
            code="idempotency_key_invalid",
            issues=[Issue(None, "Idempotency-Key", "", "idempotency_key_invalid", message)],
        )
    return key


def fingerprint(request: Request, body: bytes) -> str:
    """SHA-256 over method, path, query and decoded body: what makes two requests the same."""
    digest = hashlib.sha256()
    for part in (request.method, request.url.path, request.url.query):
        digest.update(part.encode())
        digest.update(b"\0")
    digest.update(body)
    return digest.hexdigest()


@dataclass(frozen=True, slots=True)
class Keyed:
    """A request that came with a key."""

    user_id: UserId
    key: str = field(repr=False)
    request_hash: str

    @property
    def stored_key(self) -> str:
        """What stands in the database in place of the key."""
        return hashlib.sha256(b"key\0" + self.key.encode()).hexdigest()

    def seal(self, body: bytes) -> bytes:
        """Encrypt an answer so that only the key opens it."""
        return self._fernet().encrypt(body)

    def unseal(self, sealed: bytes) -> bytes:
        return self._fernet().decrypt(sealed)

    def _fernet(self) -> Fernet:
        secret = hashlib.sha256(b"answer\0" + self.user_id.encode() + b"\0" + self.key.encode()).digest()
        return Fernet(base64.urlsafe_b64encode(secret))


class Idempotency:
    """Remembers answers by user and key, for `keep`."""

    def __init__(self, db: Database, clock: Clock, keep: timedelta) -> None:
        self._db = db
        self._clock = clock
        self._keep = keep

    def once(
        self, keyed: Keyed | None, work: Callable[[Callable[[Connection, Answer], None]], Answer]
    ) -> Answer:
        """Do `work` unless its answer is known.

        work gets a function that remembers the answer; it calls it inside the transaction that does the
        work. Raises Conflict when the key was used for another request, or its first request still runs.
        """
        if keyed is None:
            return work(lambda _connection, _answer: None)
        now = self._clock()
        known = self._claim(keyed, now)
        if known is not None:
            return known
        try:
            return work(lambda connection, answer: self._remember(connection, keyed, now, answer))
        except BaseException:
            self._release(keyed, now)
            raise

    def _claim(self, keyed: Keyed, now: datetime) -> Answer | None:
        """Claim the key for this request, or give the answer its first request got. Raises Conflict."""
        with self._db.begin() as connection:
            store = AnswerStore(connection, keyed.user_id)
            if store.claim(keyed.stored_key, keyed.request_hash, now):
                return None
            known = store.find(keyed.stored_key)
            if known is not None and self._is_over(known, now):
                store.drop(keyed.stored_key, known.claimed_at)
                if store.claim(keyed.stored_key, keyed.request_hash, now):
                    return None
                # Somebody was faster in taking it over.
                known = store.find(keyed.stored_key)
        if known is not None and known.request_hash != keyed.request_hash:
            raise Conflict(
                "This Idempotency-Key was used for a different request. Use a new key for each request.",
                code="idempotency_key_reused",
            )
        if known is None or known.status is None or known.body is None:
            raise _still_running()
        return Answer(known.status, keyed.unseal(known.body), replayed=True)

    def _is_over(self, known: Remembered, now: datetime) -> bool:
        return now - known.claimed_at > (LEASE if known.status is None else self._keep)

    @staticmethod
    def _remember(connection: Connection, keyed: Keyed, claimed_at: datetime, answer: Answer) -> None:
        sealed = keyed.seal(answer.body)
        store = AnswerStore(connection, keyed.user_id)
        if not store.complete(keyed.stored_key, claimed_at, answer.status, sealed):
            # This process slept through its lease and the request was sent again: that one counts. The
            # transaction fails with us, so the work is not done twice.
            raise _still_running()

    def _release(self, keyed: Keyed, claimed_at: datetime) -> None:
        try:
            with self._db.begin() as connection:
                AnswerStore(connection, keyed.user_id).release(keyed.stored_key, claimed_at)
        except MusterError as error:
            # The lease ends the claim anyway; the caller must hear what went wrong first.
            log.warning("idempotency.claim_left_behind", code=error.error_code)

    def sweep(self, *, alone: bool) -> int:
        """Forget what is too old; returns how many keys.

        alone: no other process serves this database, so every running claim is from a process that died.
        """
        now = self._clock()
        with self._db.begin() as connection:
            released = release_running(connection, now if alone else now - LEASE)
            return released + purge_answers(connection, now - self._keep)


def _still_running() -> Conflict:
    return Conflict(
        "The first request with this Idempotency-Key is still running. Ask again in a moment.",
        code="idempotency_key_in_use",
        retry_after_seconds=1,
    )
