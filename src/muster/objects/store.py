"""What every object store promises: whole objects under flat keys, durable once `put` returns.

`tests/contracts/test_object_stores.py` holds every store to these words.
"""

import secrets
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Protocol

from muster.errors import NotFound, StorageFull, Unavailable
from muster.objects.keys import PINGS

CHUNK_BYTES = 256 * 1024
"""The most bytes `ObjectStore.stream` gives at a time."""


@dataclass(frozen=True, slots=True)
class ObjectInfo:
    """One object in a listing. modified_at: aware, UTC, by the store's own clock."""

    key: str
    size_bytes: int
    modified_at: datetime


class ObjectStore(Protocol):
    """A flat map from keys to immutable byte strings; thread-safe.

    Keys look as `keys.checked` says; any other raises InputError (`key_invalid`) before the store is asked.
    No key may be the directory of another (`a` and `a/b`): a local disk cannot hold both.
    Every method raises Unavailable when the store does not answer or refuses the credentials.
    """

    def put(
        self, key: str, parts: Iterable[bytes | bytearray | memoryview], *, create_only: bool = False
    ) -> int:
        """Store the concatenated parts as one object; returns its size in bytes.

        All or nothing: no reader ever sees a part of it, and an object that was there before stays
        readable until it is replaced as a whole. When this returns, the object survives a power cut.
        When it raises, the key still holds what it held before; only when the failure came after the
        last byte was handed over (a flush that failed, an answer that got lost) it may hold the whole
        new object instead.
        Whatever `parts` raises passes through unchanged, and nothing is stored.

        create_only: raise Conflict (`object_exists`) when the key is taken. Of many at once exactly one
        wins. Remote stores hold the whole object in memory for it, so it is meant for small ones.
        Raises StorageFull when the disk, the quota or the bucket takes no more.
        """
        ...

    def get_range(self, key: str, start: int, length: int) -> bytes:
        """Bytes `start` up to `start + length`; fewer at the end of the object, none beyond it.

        Raises NotFound; ValueError when start or length is negative.
        """
        ...

    def get_tail(self, key: str, length: int) -> bytes:
        """The last `length` bytes, or the whole object when it is shorter. Raises NotFound."""
        ...

    def stream(self, key: str, start: int = 0, end: int | None = None) -> Iterator[bytes]:
        """Bytes `start` up to `end` (exclusive; None: to the end) in chunks of at most CHUNK_BYTES.

        NotFound is raised by this call, not by the first `next`. An object deleted or replaced meanwhile
        gives its old bytes to the end or raises NotFound or Conflict in the middle; never other bytes,
        and never a short end that looks like the real one.
        """
        ...

    def size(self, key: str) -> int:
        """Bytes of the object. Raises NotFound."""
        ...

    def path_of(self, key: str) -> Path | None:
        """Where the object lies as a file on this machine, to be read and never written; None: nowhere.

        A file only holds the object's bytes as long as nobody replaces or deletes it.
        Raises NotFound where objects are files and this one is missing.
        """
        ...

    def list(self, prefix: str) -> Iterator[ObjectInfo]:
        """Every object whose key starts with `prefix`, lazily, in the byte order of the keys.

        prefix: empty, or whole segments ending with `/`. Objects stored or deleted meanwhile may or may
        not be seen; all others are seen exactly once.
        """
        ...

    def delete(self, key: str) -> None:
        """Remove the object, durably.

        A missing object is success: delete is repeated after a crash, and the second time must not fail
        because the first one worked.
        """
        ...

    def ping(self) -> None:
        """Raise Unavailable unless writing, reading and deleting a small object works right now."""
        ...

    def clear_temporary(self, older_than: timedelta) -> int:
        """Remove what a crash left of puts and pings cut short; returns how many.

        older_than: leave younger ones, they may still be written. Touches no other object.
        """
        ...


def read_whole(store: "ObjectStore", key: str) -> bytes:
    """All of a small object. Raises NotFound, Unavailable."""
    return b"".join(store.stream(key))


def write_read_delete(store: ObjectStore) -> None:
    """How every store pings. Raises Unavailable."""
    key = PINGS + secrets.token_hex(8)
    try:
        store.put(key, [b"ping"])
        answer = store.get_range(key, 0, 8)
        store.delete(key)
    except (StorageFull, NotFound) as error:
        raise Unavailable(error.message, retry_after_seconds=5) from error
    if answer != b"ping":
        raise Unavailable("The object store gave back other bytes than were written.", retry_after_seconds=5)
