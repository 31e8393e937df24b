"""The operating system's calls, written down, and failing where a test wants them to."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

_CALLS = {
    "open", "write", "fsync", "close", "rename", "link", "unlink", "mkdir", "rmdir",
    "fstat", "stat", "pread", "dup", "scandir",
}  # fmt: skip


class RecordingSystem:
    """Stands in for the module `os`; every call is written down and made for real.

    Only fsync is not: nothing can be seen of it from here, and it takes most of the time.

    root: paths are written down relative to it.
    fail_at: the number of the call (from 1) that fails with `error_number` instead; None: none.
    and_after: all later calls fail as well, like a disk that died.
    most_bytes: `write` takes at most so many at a time, as a real one may.
    """

    def __init__(
        self,
        root: Path,
        *,
        fail_at: int | None = None,
        error_number: int = 0,
        and_after: bool = False,
        most_bytes: int | None = None,
    ) -> None:
        self.calls: list[tuple[str, str]] = []
        self.has_failed_in: str | None = None
        self._root = root
        self._fail_at = fail_at
        self._error_number = error_number
        self._and_after = and_after
        self._most_bytes = most_bytes
        self._paths: dict[int, Path] = {}

    def __getattr__(self, name: str) -> Any:
        real = getattr(os, name)
        return self._wrapped(name, real) if name in _CALLS else real

    def only(self, *names: str) -> list[tuple[str, str]]:
        """The calls of these names with the path each was about, in order."""
        return [call for call in self.calls if call[0] in names]

    def _wrapped(self, name: str, real: Callable[..., Any]) -> Callable[..., Any]:
        def call(*arguments: Any, **options: Any) -> Any:
            path = self._path(name, arguments, options)
            self.calls.append((name, os.path.relpath(path, self._root)))
            number = len(self.calls)
            if number == self._fail_at or (
                self._and_after and self._fail_at is not None and number > self._fail_at
            ):
                self.has_failed_in = self.has_failed_in or name
                if name == "close":  # also a close that reports an error has closed the file
                    real(*arguments)
                raise OSError(self._error_number, os.strerror(self._error_number))
            if name == "write" and self._most_bytes is not None:
                arguments = (arguments[0], arguments[1][: self._most_bytes])
            result: Any = None if name == "fsync" else real(*arguments, **options)
            if name == "open":
                self._paths[result] = path
            return result

        return call

    def _path(self, name: str, arguments: tuple[Any, ...], options: dict[str, Any]) -> Path:
        what = arguments[1] if name in {"rename", "link"} else arguments[0]
        if isinstance(what, int):
            return self._paths.get(what, self._root)
        inside = options.get("dst_dir_fd", options.get("dir_fd"))
        return Path(what) if inside is None else self._paths[inside] / what
