"""Objects as files under one directory, every byte and every name flushed before `put` returns.

What lies on disk: an object under its key, below `root`; half-written ones in `root/.tmp` until they are
renamed into place. Files are 0600, directories 0700. A directory goes when its last object goes, except
the two levels below the root: these are shared shelves, and because nobody ever removes them, a process
may remember that their names are already durable.
"""

import errno
import os
import secrets
import stat
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from muster.errors import Conflict, NotFound, StorageFull, Unavailable
from muster.objects.keys import PINGS, checked, checked_prefix, is_segment
from muster.objects.store import CHUNK_BYTES, ObjectInfo, write_read_delete

_TEMPORARY = ".tmp"
_SHELF_LEVELS = 2
_NEW_FILE = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
_FILE = os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC
_DIRECTORY = os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC
_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
_MISSING = {errno.ENOENT, errno.ENOTDIR, errno.EISDIR}
_MAX_RACES = 100


class LocalStore:
    """An `ObjectStore` in a directory of a file system that has fsync and hard links.

    root: made when missing, with its parents.
    system: where open, write, fsync and the rest come from; tests pass one whose calls fail.
    """

    def __init__(self, root: Path, *, system: Any = os) -> None:
        self._root = Path(root).absolute()
        self._system = system
        self._durable_shelves: set[tuple[str, ...]] = set()
        with _translated():
            self._make_root()

    def put(
        self, key: str, parts: Iterable[bytes | bytearray | memoryview], *, create_only: bool = False
    ) -> int:
        """See `ObjectStore.put`."""
        *directories, name = checked(key).split("/")
        temporary = self._root / _TEMPORARY / secrets.token_hex(16)
        with _translated():
            file = self._system.open(temporary, _NEW_FILE, 0o600)
        try:
            size_bytes = self._fill(file, parts)
            with _translated():
                self._publish(temporary, directories, name, create_only=create_only)
        except BaseException:
            self._forget(temporary)
            raise
        if create_only:
            self._forget(temporary)  # the object is a second name of the same file
        return size_bytes

    def get_range(self, key: str, start: int, length: int) -> bytes:
        """See `ObjectStore.get_range`."""
        if start < 0 or length < 0:
            raise ValueError("neither start nor length of a range is negative")
        with self._open(key) as (file, _):
            return self._read(file, start, length)

    def get_tail(self, key: str, length: int) -> bytes:
        """See `ObjectStore.get_tail`."""
        if length < 0:
            raise ValueError("the length of a tail is not negative")
        with self._open(key) as (file, size_bytes):
            return self._read(file, max(0, size_bytes - length), length)

    def stream(self, key: str, start: int = 0, end: int | None = None) -> Iterator[bytes]:
        """See `ObjectStore.stream`; the open file keeps its bytes when the object is deleted."""
        if start < 0:
            raise ValueError("a stream does not start before the object")
        with self._open(key) as (file, size_bytes):
            end = size_bytes if end is None else min(end, size_bytes)
            return _Chunks(self._system, self._system.dup(file), start, end)

    def size(self, key: str) -> int:
        """See `ObjectStore.size`."""
        with self._open(key) as (_, size_bytes):
            return size_bytes

    def path_of(self, key: str) -> Path:
        """See `ObjectStore.path_of`."""
        with self._open(key):
            return self._root / key

    def delete(self, key: str) -> None:
        """See `ObjectStore.delete`."""
        *directories, name = checked(key).split("/")
        with _translated(), ExitStack() as opened:
            chain = [self._directory(self._root, opened)]
            try:
                for directory in directories:
                    chain.append(self._directory(directory, opened, inside=chain[-1]))
                self._system.unlink(name, dir_fd=chain[-1])
            except OSError as error:
                if error.errno not in _MISSING:
                    raise
            while len(chain) - 1 > _SHELF_LEVELS and self._remove_if_empty(
                directories[len(chain) - 2], inside=chain[-2]
            ):
                chain.pop()
            # Also when nothing was there: an earlier delete may have failed in this very line.
            self._system.fsync(chain[-1])

    def ping(self) -> None:
        """See `ObjectStore.ping`."""
        write_read_delete(self)

    def clear_temporary(self, older_than: timedelta) -> int:
        """See `ObjectStore.clear_temporary`."""
        latest = time.time() - older_than.total_seconds()
        cleared = 0
        with _translated(), self._system.scandir(self._root / _TEMPORARY) as entries:
            for entry in entries:
                with suppress(FileNotFoundError):  # a put that finished meanwhile
                    if entry.stat(follow_symlinks=False).st_mtime < latest:
                        self._system.unlink(entry.path)
                        cleared += 1
        for ping in self.list(PINGS):
            if ping.modified_at.timestamp() < latest:
                self.delete(ping.key)
                cleared += 1
        return cleared

    # Writing

    def _make_root(self) -> None:
        wanted = self._root / _TEMPORARY
        missing = [path for path in (wanted, *wanted.parents) if not path.exists()]
        for path in reversed(missing):
            with suppress(FileExistsError):  # two processes start at once
                self._system.mkdir(path, 0o700)
            with ExitStack() as opened:
                self._system.fsync(self._directory(path.parent, opened))

    def _fill(self, file: int, parts: Iterable[bytes | bytearray | memoryview]) -> int:
        """Write everything, flush it, close the file; returns the number of bytes."""
        size_bytes = 0
        try:
            for part in parts:  # what this raises is the caller's: it passes through untranslated
                # Released at once, so that the caller may fill the same buffer again.
                with _translated(), memoryview(part).cast("B") as view:
                    written = 0
                    while written < len(view):
                        written += self._system.write(file, view[written:])
                size_bytes += written
            with _translated():
                self._system.fsync(file)
        finally:
            with _translated():
                self._system.close(file)
        return size_bytes

    def _publish(self, temporary: Path, directories: Sequence[str], name: str, *, create_only: bool) -> None:
        """Give the file its name, and flush every directory on the way to it."""
        for _ in range(_MAX_RACES):
            with ExitStack() as opened:
                try:
                    chain = self._make_directories(directories, opened)
                    if create_only:
                        self._system.link(temporary, name, dst_dir_fd=chain[-1], follow_symlinks=False)
                    else:
                        self._system.rename(temporary, name, dst_dir_fd=chain[-1])
                except FileNotFoundError:
                    continue  # a delete emptied and removed a directory under our feet
                except FileExistsError as error:
                    raise Conflict(
                        "There is already an object under this key.", code="object_exists"
                    ) from error
                except (NotADirectoryError, IsADirectoryError) as error:
                    raise Conflict(
                        "One of these keys would have to be the directory of the other.", code="key_clash"
                    ) from error
                self._system.fsync(chain[-1])
                for level in reversed(
                    range(len(directories))
                ):  # chain[level] holds the name of this directory
                    shelf = tuple(directories[: level + 1])
                    if shelf not in self._durable_shelves:
                        self._system.fsync(chain[level])
                        if level < _SHELF_LEVELS:
                            self._durable_shelves.add(shelf)
                return
        raise Unavailable("The object store is busy under this key.", retry_after_seconds=1)

    def _make_directories(self, directories: Sequence[str], opened: ExitStack) -> Sequence[int]:
        """Open the root and every directory on the way, making what is missing."""
        chain = [self._directory(self._root, opened)]
        for level, directory in enumerate(directories):
            try:
                below = self._directory(directory, opened, inside=chain[-1])
            except FileNotFoundError:
                self._durable_shelves.discard(tuple(directories[: level + 1]))
                with suppress(FileExistsError):  # another put was quicker
                    self._system.mkdir(directory, 0o700, dir_fd=chain[-1])
                below = self._directory(directory, opened, inside=chain[-1])
            chain.append(below)
        return chain

    def _directory(self, path: Path | str, opened: ExitStack, *, inside: int | None = None) -> int:
        # The root may be a link to a bigger disk; nothing below it may.
        flags = _DIRECTORY if inside is None else _DIRECTORY | os.O_NOFOLLOW
        file: int = self._system.open(path, flags, dir_fd=inside)
        opened.callback(self._system.close, file)
        return file

    def _remove_if_empty(self, directory: str, *, inside: int) -> bool:
        """Whether the directory is gone now; somebody else may have removed it."""
        try:
            self._system.rmdir(directory, dir_fd=inside)
        except FileNotFoundError:
            return True
        except OSError as error:
            if error.errno in {errno.ENOTEMPTY, errno.EEXIST}:
                return False
            raise
        return True

    def _forget(self, temporary: Path) -> None:
        # An error here must not hide the first one; `clear_temporary` tries again.
        with suppress(OSError):
            self._system.unlink(temporary)

    # Reading

    @contextmanager
    def _open(self, key: str) -> Iterator[tuple[int, int]]:
        """The file of an object, open for reading, and its size. Raises NotFound."""
        path = self._root / checked(key)
        with _translated(), ExitStack() as opened:
            try:
                file: int = self._system.open(path, _FILE)
            except OSError as error:
                if error.errno not in _MISSING:
                    raise
                self._assert_root()
                raise NotFound("There is no such object.") from error
            opened.callback(self._system.close, file)
            status = self._system.fstat(file)
            if not stat.S_ISREG(status.st_mode):
                raise NotFound("There is no such object.")
            yield file, status.st_size

    def _read(self, file: int, start: int, length: int) -> bytes:
        pieces = []
        while length > 0:
            piece: bytes = self._system.pread(file, length, start)
            if not piece:
                break
            pieces.append(piece)
            start += len(piece)
            length -= len(piece)
        return b"".join(pieces)

    def _walk(self, prefix: str) -> Iterator[ObjectInfo]:
        found: list[tuple[str, Any]] = []
        with _translated():
            if not prefix:
                self._assert_root()
            try:
                with self._system.scandir(self._root / prefix) as entries:
                    for entry in entries:
                        if is_segment(entry.name):  # passes over .tmp and lost+found
                            is_directory = entry.is_dir(follow_symlinks=False)
                            found.append((entry.name + "/" * is_directory, entry))
            except OSError as error:
                if error.errno not in _MISSING:
                    raise
                self._assert_root()
        # With its slash a directory sorts where its keys do: a-b, a.b, a/b.
        for name, entry in sorted(found, key=lambda pair: pair[0]):
            if name.endswith("/"):
                yield from self._walk(prefix + name)
                continue
            with _translated():
                try:
                    status = entry.stat(follow_symlinks=False)
                except FileNotFoundError:
                    continue  # deleted since
            if stat.S_ISREG(status.st_mode):
                yield ObjectInfo(prefix + name, status.st_size, datetime.fromtimestamp(status.st_mtime, UTC))

    def list(self, prefix: str) -> Iterator[ObjectInfo]:
        """See `ObjectStore.list`."""
        return self._walk(checked_prefix(prefix))

    def _assert_root(self) -> None:
        """A missing file is only missing while the disk is there: an unmounted one has lost nothing."""
        self._system.stat(self._root / _TEMPORARY)


class _Chunks(Iterator[bytes]):
    """Reads on in an open file and closes it at the end, or when nobody holds this any more."""

    def __init__(self, system: Any, file: int, start: int, end: int) -> None:
        self._system = system
        self._file: int | None = file
        self._start = start
        self._end = end

    def __next__(self) -> bytes:
        if self._file is None or self._start >= self._end:
            self.close()
            raise StopIteration
        try:
            with _translated():
                length = min(CHUNK_BYTES, self._end - self._start)
                chunk: bytes = self._system.pread(self._file, length, self._start)
            if not chunk:
                raise Unavailable("This object is shorter on disk than it was a moment ago.")
        except BaseException:
            self.close()
            raise
        self._start += len(chunk)
        return chunk

    def close(self) -> None:
        file, self._file = self._file, None
        if file is not None:
            with _translated():
                self._system.close(file)

    def __del__(self) -> None:
        self.close()


@contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        if error.errno in _FULL:
            raise StorageFull(
                "There is no room left for objects. Nothing of this request was kept; free some space and "
                "send it again."
            ) from error
        raise Unavailable(
            "The object store cannot be read or written. Try again in a moment.", retry_after_seconds=5
        ) from error
