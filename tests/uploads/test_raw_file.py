"""A file of several objects is one stream and one path."""

from pathlib import Path

import pytest

from muster.objects.local import LocalStore
from muster.tables.cache import FileCache
from muster.uploads.raw_file import StoredFile

PARTS = [b"a" * 300_000, b"", b"bc", b"d" * 10]
WHOLE = b"".join(PARTS)


@pytest.fixture
def stored(tmp_path: Path) -> StoredFile:
    store = LocalStore(tmp_path / "objects")
    parts = []
    for number, content in enumerate(PARTS):
        store.put(f"files/{number}", [content])
        parts.append((f"files/{number}", len(content)))
    cache = FileCache(tmp_path / "cache", 10_000_000, store)
    return StoredFile(store, parts, cache, tmp_path / "joined")


@pytest.mark.parametrize("start", [0, 1, 262_144, 299_999, 300_000, 300_001, 300_002, 300_011, 300_012])
def test_streams_from_any_byte_on(stored: StoredFile, start: int) -> None:
    pieces = list(stored.stream(start))

    assert b"".join(pieces) == WHOLE[start:]
    assert all(0 < len(piece) <= 256 * 1024 for piece in pieces)
    assert stored.size_bytes == len(WHOLE)


def test_the_path_is_one_file_made_once(stored: StoredFile, tmp_path: Path) -> None:
    first = stored.path()
    made = first.stat().st_mtime_ns, first.stat().st_ino

    assert first.read_bytes() == WHOLE
    assert stored.path().stat().st_ino == made[1]
    assert [path.name for path in (tmp_path / "joined").iterdir()] == [first.name]


def test_a_copy_cut_short_is_made_again(stored: StoredFile) -> None:
    path = stored.path()
    path.write_bytes(b"cut")

    assert stored.path().read_bytes() == WHOLE


def test_one_object_is_read_where_the_cache_has_it(tmp_path: Path) -> None:
    store = LocalStore(tmp_path / "objects")
    store.put("files/one", [b"x"])
    file = StoredFile(
        store, [("files/one", 1)], FileCache(tmp_path / "cache", 1_000, store), tmp_path / "joined"
    )

    assert file.path().read_bytes() == b"x"
    assert not (tmp_path / "joined").exists()
