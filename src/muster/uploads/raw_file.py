"""The bytes of an uploaded file, however many objects they lie in."""

import os
import secrets
from collections.abc import Iterator, Sequence
from hashlib import sha256
from itertools import accumulate
from pathlib import Path
from typing import Protocol

from muster.objects.store import ObjectStore


class LocalFiles(Protocol):
    """What is needed of the cache of objects on the local disk."""

    def path(self, key: str) -> Path:
        """A local copy of the object. Raises NotFound."""
        ...


class StoredFile:
    """One file whose bytes are the concatenation of objects (`RawFile`)."""

    def __init__(
        self, objects: ObjectStore, parts: Sequence[tuple[str, int]], cache: LocalFiles, directory: Path
    ) -> None:
        """parts: key and size in bytes of each object, in order. directory: where joined copies are kept."""
        self._objects = objects
        self._parts = [(key, size) for key, size in parts if size]
        self._starts = list(accumulate((size for _, size in self._parts), initial=0))
        self._cache = cache
        self._directory = directory

    @property
    def size_bytes(self) -> int:
        return self._starts[-1]

    def stream(self, start: int = 0) -> Iterator[bytes]:
        """From byte `start` to the end in pieces of at most 256 KiB. Raises NotFound, Unavailable."""
        for (key, size), first in zip(self._parts, self._starts, strict=False):
            if first + size > start:
                yield from self._objects.stream(key, max(start - first, 0), size)

    def path(self) -> Path:
        """The whole file on this machine's disk; files of several objects are joined once and kept."""
        if len(self._parts) == 1:
            return self._cache.path(self._parts[0][0])
        names = "\n".join(f"{key} {size}" for key, size in self._parts)
        joined = self._directory / f"joined-{sha256(names.encode()).hexdigest()}"
        if joined.exists() and joined.stat().st_size == self.size_bytes:
            os.utime(joined)
            return joined
        self._directory.mkdir(parents=True, exist_ok=True)
        unfinished = joined.with_name(f"{joined.name}.{secrets.token_hex(6)}.part")
        try:
            with unfinished.open("wb") as file:
                file.writelines(self.stream())
            unfinished.replace(joined)
        finally:
            unfinished.unlink(missing_ok=True)
        return joined
