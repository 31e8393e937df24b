"""Passwords: Argon2id with the cost OWASP asks for, and the same work for users who do not exist.

Source: OWASP Password Storage Cheat Sheet (19 MiB, 2 passes, 1 lane); NIST SP 800-63B, 3.1.1.2 (length).
"""

import secrets
import threading
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache

from argon2 import PasswordHasher, Type
from argon2.exceptions import VerifyMismatchError

from muster.errors import InputError, Issue, Overloaded

MIN_CHARACTERS = 10
MAX_CHARACTERS = 1024

MEMORY_KIB = 19 * 1024
PASSES = 2
LANES = 1

_AT_ONCE = 4  # each hash takes 19 MiB: this bounds a flood of sign-ins to 76 MiB
_IN_ROOM = 16  # hashing or waiting; more would take the server's threads from everybody else


def check_password(password: str, *, field: str = "password") -> str:
    """The password in composed form (NFC); raises InputError (`password_unfit`) for a length nobody takes.

    field: the member of the body to name in the error.
    """
    composed = unicodedata.normalize("NFC", password)
    if MIN_CHARACTERS <= len(composed) <= MAX_CHARACTERS and _is_text(composed):
        return composed
    message = f"A password has {MIN_CHARACTERS} to {MAX_CHARACTERS} characters."
    raise InputError(
        message,
        code="password_unfit",
        issues=[Issue(None, field, f"/{field}", "password_unfit", message)],
    )


class Passwords:
    """Hashes and verifies; thread-safe, and bounded in memory however many ask at once.

    memory_kib, passes: the cost of one hash; less is for tests that make a user each.
    """

    def __init__(self, *, memory_kib: int = MEMORY_KIB, passes: int = PASSES) -> None:
        self._hasher = _hasher(memory_kib, passes)
        self._running = threading.BoundedSemaphore(_AT_ONCE)
        self._room = threading.BoundedSemaphore(_IN_ROOM)
        self._nobodys_hash = _nobodys_hash(memory_kib, passes)

    def hash(self, password: str, *, field: str = "password") -> str:
        """The encoded Argon2id hash; raises InputError for an unfit password, Overloaded in a flood."""
        composed = check_password(password, field=field)
        with self._turn():
            return self._hasher.hash(composed)

    def verify(self, stored: str | None, password: str) -> bool:
        """Whether `password` belongs to `stored`; takes as long when `stored` is None.

        Raises Overloaded when too many passwords are being checked already.
        """
        composed = unicodedata.normalize("NFC", password)
        if len(composed) > MAX_CHARACTERS or not _is_text(composed):
            stored, composed = None, ""
        with self._turn():
            try:
                self._hasher.verify(stored or self._nobodys_hash, composed)
            except VerifyMismatchError:
                return False
        return stored is not None

    def is_outdated(self, stored: str) -> bool:
        """Whether `stored` was made with another cost than today's."""
        return self._hasher.check_needs_rehash(stored)

    @contextmanager
    def _turn(self) -> Iterator[None]:
        if not self._room.acquire(blocking=False):
            raise Overloaded(
                "Too many passwords are being checked. Try again in a moment.", retry_after_seconds=2
            )
        try:
            with self._running:
                yield
        finally:
            self._room.release()


@cache
def _nobodys_hash(memory_kib: int, passes: int) -> str:
    """Verified against when there is nothing to verify, so that an unknown user takes as long; nobody's password."""
    return _hasher(memory_kib, passes).hash(secrets.token_urlsafe(32))


def _hasher(memory_kib: int, passes: int) -> PasswordHasher:
    return PasswordHasher(time_cost=passes, memory_cost=memory_kib, parallelism=LANES, type=Type.ID)


def _is_text(text: str) -> bool:
    """No lone surrogates, which have no UTF-8."""
    return not any("\ud800" <= character <= "\udfff" for character in text)
