"""What a local store leaves on disk and open, for tests that look behind it."""

import os
from pathlib import Path

from muster.objects.local import LocalStore


def leftovers(root: Path) -> list[str]:
    return os.listdir(root / ".tmp")


def keys_of(store: LocalStore) -> list[str]:
    return [found.key for found in store.list("")]


def open_files() -> int:
    return len(os.listdir("/dev/fd"))
