"""Objects as local files, from a store that has none."""

import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from muster.errors import InputError, NotFound
from muster.objects.local import LocalStore
from muster.objects.open import open_store
from muster.objects.store import ObjectStore
from muster.tables.cache import FileCache


@pytest.fixture
def remote() -> ObjectStore:
    return open_store("memory://")


def key(name: object) -> str:
    return f"tables/xx/t/job/{name}.parquet"


def kept(directory: Path) -> set[str]:
    return {path.name for path in directory.rglob("*") if path.is_file()}


def test_what_is_not_there_is_not_found_and_leaves_nothing(remote: ObjectStore, tmp_path: Path) -> None:
    cache = FileCache(tmp_path / "cache", 1000, remote)
    with pytest.raises(NotFound):
        cache.path(key("a"))
    assert kept(tmp_path) == set()


@pytest.mark.parametrize("odd", ["../a", "/etc/passwd", "tables/../../a", ".tmp/x", ""])
def test_a_key_cannot_leave_the_directory(remote: ObjectStore, tmp_path: Path, odd: str) -> None:
    with pytest.raises(InputError):
        FileCache(tmp_path / "cache", 1000, remote).path(odd)


def test_a_local_store_is_read_where_it_lies(tmp_path: Path) -> None:
    store = LocalStore(tmp_path / "objects")
    store.put(key("a"), [b"abc"])
    path = FileCache(tmp_path / "cache", 1000, store).path(key("a"))
    assert path.read_bytes() == b"abc"
    assert path.is_relative_to(tmp_path / "objects")
    assert not (tmp_path / "cache").exists()


def test_an_object_is_fetched_once(remote: ObjectStore, tmp_path: Path) -> None:
    cache = FileCache(tmp_path / "cache", 1000, remote)
    remote.put(key("a"), [b"abc"])
    assert cache.path(key("a")).read_bytes() == b"abc"
    remote.delete(key("a"))
    assert cache.path(key("a")).read_bytes() == b"abc"
    assert FileCache(tmp_path / "cache", 1000, remote).path(key("a")).read_bytes() == b"abc"


def test_the_file_used_longest_ago_makes_room(remote: ObjectStore, tmp_path: Path) -> None:
    cache = FileCache(tmp_path / "cache", 1000, remote)
    for name, used_at in (("a", 300), ("b", 100), ("c", 200)):
        remote.put(key(name), [b"x" * 300])
        os.utime(cache.path(key(name)), (used_at, used_at))
    cache.path(key("b"))  # used now
    remote.put(key("d"), [b"x" * 300])
    with cache.path(key("c")).open("rb") as held:
        os.utime(cache.path(key("c")), (50, 50))
        cache.path(key("d"))
        assert kept(tmp_path) == {"a.parquet", "b.parquet", "d.parquet"}
        assert held.read() == b"x" * 300


def test_an_object_larger_than_the_cache_is_still_read(remote: ObjectStore, tmp_path: Path) -> None:
    cache = FileCache(tmp_path / "cache", 10, remote)
    remote.put(key("a"), [b"x" * 300])
    assert len(cache.path(key("a")).read_bytes()) == 300


def test_many_at_once_all_get_whole_files(remote: ObjectStore, tmp_path: Path) -> None:
    names = [key(number % 4) for number in range(40)]
    for name in set(names):
        remote.put(name, [name.encode() * 5000])
    caches = [FileCache(tmp_path / "cache", 10**9, remote) for _ in range(2)]
    with ThreadPoolExecutor(8) as pool:
        read = list(pool.map(lambda at: caches[at % 2].path(names[at]).read_bytes(), range(len(names))))
    assert read == [name.encode() * 5000 for name in names]
    assert kept(tmp_path) == {Path(name).name for name in names}


def test_forgetting_removes_one_table_only_and_may_be_repeated(remote: ObjectStore, tmp_path: Path) -> None:
    cache = FileCache(tmp_path / "cache", 1000, remote)
    for name in ("tables/xx/t/job/a", "tables/xx/t/b", "tables/xx/tt/a"):
        remote.put(name, [b"x"])
        cache.path(name)
    cache.forget("tables/xx/t/")
    cache.forget("tables/xx/t/")
    assert kept(tmp_path) == {"a"}
    assert not (tmp_path / "cache/tables/xx/t").exists()
    assert cache.path("tables/xx/t/b").read_bytes() == b"x"
