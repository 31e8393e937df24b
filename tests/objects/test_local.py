"""The local store: what is flushed when, and what it does to its directory.

What it shares with other stores is in tests/contracts/test_object_stores.py.
"""

import os
import stat
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from muster.errors import Conflict, NotFound, Unavailable
from muster.objects.local import LocalStore
from tests.objects.traces import keys_of, leftovers, open_files
from tests.support.system import RecordingSystem

KEY = "uploads/aB/upload-1/records"
OTHER = "uploads/aB/upload-1/rejects"


# Order of flushes


def test_an_object_and_every_new_name_on_its_way_are_flushed_in_order(root: Path) -> None:
    LocalStore(root)
    system = RecordingSystem(root)
    LocalStore(root, system=system).put(KEY, [b"ab", b"cd"])
    [temporary] = {path for name, path in system.only("write")}
    assert temporary.startswith(".tmp/")
    assert system.only("write", "fsync", "rename", "link") == [
        ("write", temporary),
        ("write", temporary),
        ("fsync", temporary),
        ("rename", KEY),
        ("fsync", "uploads/aB/upload-1"),
        ("fsync", "uploads/aB"),
        ("fsync", "uploads"),
        ("fsync", "."),
    ]


def test_later_puts_do_not_flush_the_shared_shelves_again(root: Path) -> None:
    system = RecordingSystem(root)
    store = LocalStore(root, system=system)
    store.put(KEY, [b"x"])
    system.calls.clear()
    store.put("uploads/aB/upload-2/records", [b"x"])
    assert system.only("fsync")[1:] == [("fsync", "uploads/aB/upload-2"), ("fsync", "uploads/aB")]


def test_a_shelf_made_by_another_process_is_flushed_by_this_one_too(root: Path) -> None:
    # The other one may not have come to it yet when the power goes.
    LocalStore(root).put(KEY, [b"x"])
    system = RecordingSystem(root)
    LocalStore(root, system=system).put("uploads/aB/upload-2/records", [b"x"])
    assert ("fsync", "uploads") in system.calls
    assert ("fsync", ".") in system.calls


def test_a_shelf_that_somebody_removed_is_flushed_when_it_is_made_again(root: Path) -> None:
    system = RecordingSystem(root)
    store = LocalStore(root, system=system)
    store.put(KEY, [b"x"])
    store.delete(KEY)
    (root / "uploads" / "aB").rmdir()
    (root / "uploads").rmdir()
    system.calls.clear()
    store.put(KEY, [b"x"])
    assert system.only("fsync")[2:] == [("fsync", "uploads/aB"), ("fsync", "uploads"), ("fsync", ".")]


def test_create_only_links_so_that_it_can_never_replace(root: Path) -> None:
    system = RecordingSystem(root)
    LocalStore(root, system=system).put(KEY, [b"x"], create_only=True)
    names = [name for name, _ in system.calls]
    assert "rename" not in names
    assert names.index("write") < names.index("fsync", names.index("write")) < names.index("link")
    assert leftovers(root) == []


def test_a_new_root_is_flushed_with_its_parents(tmp_path: Path) -> None:
    system = RecordingSystem(tmp_path)
    LocalStore(tmp_path / "a" / "b", system=system)
    assert system.only("mkdir", "fsync") == [
        ("mkdir", "a"),
        ("fsync", "."),
        ("mkdir", "a/b"),
        ("fsync", "a"),
        ("mkdir", "a/b/.tmp"),
        ("fsync", "a/b"),
    ]


def test_a_delete_is_flushed_and_takes_the_empty_directory_but_not_the_shelves(root: Path) -> None:
    system = RecordingSystem(root)
    store = LocalStore(root, system=system)
    store.put(KEY, [b"x"])
    store.put(OTHER, [b"x"])
    system.calls.clear()
    store.delete(KEY)
    assert system.only("unlink", "fsync") == [("unlink", KEY), ("fsync", "uploads/aB/upload-1")]
    system.calls.clear()
    store.delete(OTHER)
    assert system.only("unlink", "rmdir", "fsync") == [
        ("unlink", OTHER),
        ("rmdir", "uploads/aB/upload-1"),
        ("fsync", "uploads/aB"),
    ]
    assert (root / "uploads" / "aB").is_dir()
    system.calls.clear()
    store.delete(OTHER)
    assert system.only("fsync") == [("fsync", "uploads/aB")]  # the first delete may have failed there


# The directory itself


def test_nobody_else_may_read_objects_whatever_the_umask_says(root: Path) -> None:
    before = os.umask(0)
    try:
        LocalStore(root).put(KEY, [b"x"])
    finally:
        os.umask(before)
    for path in (root, *root.rglob("*")):
        assert stat.S_IMODE(path.stat().st_mode) == (0o700 if path.is_dir() else 0o600), path


def test_a_disk_that_is_not_mounted_has_not_lost_its_objects(root: Path, tmp_path: Path) -> None:
    store = LocalStore(root)
    store.put(KEY, [b"x"])
    root.rename(tmp_path / "elsewhere")
    root.mkdir()  # the empty mount point
    for use in (
        lambda: store.size(KEY),
        lambda: store.stream(KEY),
        lambda: keys_of(store),
        lambda: store.put(OTHER, [b"x"]),
        lambda: store.clear_temporary(timedelta(0)),
        store.ping,
    ):
        with pytest.raises(Unavailable):
            use()
    root.rmdir()
    with pytest.raises(Unavailable):
        store.delete(KEY)
    (tmp_path / "elsewhere").rename(root)
    assert keys_of(store) == [KEY]


def test_a_link_in_place_of_a_directory_or_an_object_is_not_followed(root: Path, tmp_path: Path) -> None:
    store = LocalStore(root)
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "secret").write_bytes(b"secret")
    (root / "linked").symlink_to(outside)
    (root / "object").symlink_to(outside / "secret")
    with pytest.raises((Conflict, Unavailable)):
        store.put("linked/x", [b"x"])
    with pytest.raises((NotFound, Unavailable)):
        store.size("object")
    store.delete("linked/secret")
    assert sorted(os.listdir(outside)) == ["secret"]
    assert keys_of(store) == []


def test_a_root_that_is_a_link_to_a_bigger_disk_works(tmp_path: Path) -> None:
    (tmp_path / "big").mkdir()
    (tmp_path / "objects").symlink_to(tmp_path / "big")
    store = LocalStore(tmp_path / "objects")
    store.put(KEY, [b"x"])
    assert (tmp_path / "big" / KEY).read_bytes() == b"x"
    assert keys_of(store) == [KEY]


def test_a_key_cannot_be_the_directory_of_another(root: Path) -> None:
    store = LocalStore(root)
    store.put("a/b", [b"x"])
    for key in ("a/b/c", "a"):
        with pytest.raises(Conflict):
            store.put(key, [b"y"])
    assert keys_of(store) == ["a/b"]
    assert leftovers(root) == []


def test_files_that_are_no_objects_are_not_listed(root: Path) -> None:
    store = LocalStore(root)
    (root / "lost+found").mkdir()
    (root / "lost+found" / "x").write_bytes(b"")
    (root / ".hidden").write_bytes(b"")
    (root / "with space").write_bytes(b"")
    os.mkfifo(root / "pipe")
    assert keys_of(store) == []


def test_streams_close_their_file_at_the_end_or_when_nobody_reads_on(root: Path) -> None:
    store = LocalStore(root)
    store.put(KEY, [bytes(600_000)])
    files_before = open_files()
    read_to_the_end = store.stream(KEY)
    assert sum(map(len, read_to_the_end)) == 600_000
    assert open_files() == files_before
    never_begun = store.stream(KEY)
    begun = store.stream(KEY)
    next(begun)
    assert open_files() == files_before + 2
    del never_begun, begun
    assert open_files() == files_before


def test_an_object_cut_short_on_disk_never_ends_as_if_it_were_whole(root: Path) -> None:
    store = LocalStore(root)
    store.put(KEY, [bytes(600_000)])
    chunks: Iterator[bytes] = store.stream(KEY)
    next(chunks)
    os.truncate(root / KEY, 300_000)
    with pytest.raises(Unavailable, match="shorter"):
        list(chunks)
