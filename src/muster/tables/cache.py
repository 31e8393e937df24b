"""Objects as local files: the table engine reads only from disk.

A local object store already has them there. Those of a remote one are fetched once and kept while they fit.
Objects of tables never change, so a file that is there is right; it comes into being by rename, so it is
whole, whichever of several processes sharing the directory wrote it.
"""

import os
import secrets
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from muster.errors import StorageFull
from muster.objects.keys import checked, checked_prefix
from muster.objects.store import ObjectStore

_TEMPORARY = ".tmp"


class FileCache:
    """A read-through cache of at most about max_bytes in `directory`, least recently used out first."""

    def __init__(self, directory: Path, max_bytes: int, objects: ObjectStore) -> None:
        self._directory = Path(directory).absolute()
        self._max_bytes = max_bytes
        self._objects = objects

    def path(self, key: str) -> Path:
        """A local file that holds the object. Raises NotFound, Unavailable, StorageFull.

        Who opens it later may find it gone, when meanwhile others filled the cache; asking again fetches it.
        """
        own = self._objects.path_of(key)
        if own is not None:
            return own
        path = self._directory / checked(key)
        try:
            os.utime(path)  # used now
        except FileNotFoundError:
            self._fetch(key, path)
        return path

    def forget(self, prefix: str) -> None:
        """Remove every file whose key starts with `prefix` (whole segments, ending with `/`)."""
        top = self._directory / checked_prefix(prefix)
        for directory, _, names in os.walk(top, topdown=False):
            for name in names:
                with suppress(FileNotFoundError):
                    os.unlink(Path(directory, name))
            with suppress(OSError):  # somebody fetched into it again
                os.rmdir(directory)

    def _fetch(self, key: str, path: Path) -> None:
        source = self._objects.stream(key)
        temporary = self._directory / _TEMPORARY / secrets.token_hex(16)
        try:
            temporary.parent.mkdir(parents=True, exist_ok=True)
            self._make_room(self._objects.size(key))
            with temporary.open("xb") as file:
                for chunk in source:
                    file.write(chunk)
            for _ in range(100):
                path.parent.mkdir(parents=True, exist_ok=True)
                with suppress(FileNotFoundError):  # `forget` removed the directory in between
                    temporary.rename(path)
                    return
            raise FileNotFoundError(str(path.parent))
        except OSError as error:
            raise StorageFull(
                "The disk that holds fetched tables takes no more. Free some space and try again."
            ) from error
        finally:
            with suppress(OSError):
                temporary.unlink()

    def _make_room(self, size_bytes: int) -> None:
        """Remove the files that were used longest ago until `size_bytes` more fit."""
        found = sorted(self._files())
        total = sum(size for _, size, _ in found) + size_bytes
        for _, size, path in found:
            if total <= self._max_bytes:
                return
            with suppress(FileNotFoundError):
                path.unlink()  # who has it open keeps its bytes
            total -= size

    def _files(self) -> Iterator[tuple[float, int, Path]]:
        """When each file was used last, its bytes, its path; half-written ones count as well."""
        for directory, _, names in os.walk(self._directory):
            for name in names:
                path = Path(directory, name)
                with suppress(FileNotFoundError):
                    status = path.stat()
                    yield status.st_mtime, status.st_size, path
