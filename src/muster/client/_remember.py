"""Which uploads of files are unfinished, kept between runs: one small file each in the user's cache directory.

A file on disk is known by its absolute path, size and time of change, so that a changed file is never sent as
the rest of another. No key and no content is kept. Whatever cannot be read or written here only costs the
beginning of a file sent twice.
"""

import hashlib
import os
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import msgspec

_KEPT_SECONDS = 14 * 86_400  # far longer than a server waits for the rest (48 hours by default)


@dataclass(frozen=True, slots=True)
class Sending:
    """An unfinished upload: its id, and what it was made for, for people who look into the file."""

    upload_id: str
    path: str
    base_url: str


@dataclass(frozen=True, slots=True)
class FileState:
    """A file as it lies on disk; another size or time means other content."""

    path: str
    size_bytes: int
    changed_at_ns: int

    @classmethod
    def of(cls, path: Path) -> "FileState":
        """Raises OSError when there is no such file."""
        found = path.stat()
        return cls(str(path.absolute()), found.st_size, found.st_mtime_ns)


class Remembered:
    """The place of one unfinished upload: of one file, to one server, under one name."""

    def __init__(self, state: FileState, base_url: str, name: str | None, *, auto: bool) -> None:
        facts = [state.path, state.size_bytes, state.changed_at_ns, base_url, name, auto]
        self._state = state
        self._base_url = base_url
        self._file = _directory() / f"{hashlib.sha256(msgspec.json.encode(facts)).hexdigest()[:32]}.json"

    def upload_id(self) -> str | None:
        """The upload to go on with; None when there is none."""
        try:
            return msgspec.json.decode(self._file.read_bytes(), type=Sending).upload_id
        except (OSError, msgspec.DecodeError):
            return None

    def keep(self, upload_id: str) -> bool:
        """Remember the upload; False when that is not possible here."""
        new = self._file.with_suffix(f".{os.getpid()}.new")
        try:
            self._file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            _drop_old(self._file.parent)
            new.write_bytes(msgspec.json.encode(Sending(upload_id, self._state.path, self._base_url)))
            new.replace(self._file)
        except OSError:
            return False
        return True

    def forget(self) -> None:
        """The upload is complete, or can never be."""
        try:
            self._file.unlink(missing_ok=True)
        except OSError:
            return  # the server will say that there is nothing to go on with


def _directory() -> Path:
    if sys.platform == "win32":
        base = Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local")
    elif sys.platform == "darwin":
        base = Path.home() / "Library" / "Caches"
    else:
        base = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return base / "muster" / "unfinished"


def _drop_old(directory: Path) -> None:
    until = time.time() - _KEPT_SECONDS
    for file in directory.iterdir():
        if file.stat().st_mtime < until:
            file.unlink(missing_ok=True)
