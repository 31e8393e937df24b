"""The local store when the disk fails: at every single call, and by real limits of the system."""

import errno
import signal
import subprocess
import sys
import textwrap
from datetime import timedelta
from itertools import count
from pathlib import Path

import pytest

from muster.errors import OutsideError, StorageFull, Unavailable
from muster.objects.local import LocalStore
from tests.objects.traces import keys_of, leftovers, open_files
from tests.support.system import RecordingSystem

KEY = "uploads/aB/upload-1/records"


@pytest.mark.parametrize("error_number", [errno.ENOSPC, errno.EIO], ids=["full", "broken"])
@pytest.mark.parametrize("and_after", [False, True], ids=["once", "for good"])
@pytest.mark.parametrize("before", [None, b"old object"], ids=["new key", "taken key"])
@pytest.mark.parametrize("create_only", [False, True], ids=["put", "create"])
def test_a_put_that_fails_at_any_call_leaves_a_whole_object_or_none(
    tmp_path: Path, error_number: int, and_after: bool, before: bytes | None, create_only: bool
) -> None:
    if create_only and before is not None:
        before = None  # nothing but a Conflict could come of it
    after = b"new object, longer than the old one"
    for number in count(1):
        root = tmp_path / str(number)
        healthy = LocalStore(root, system=RecordingSystem(root))
        if before is not None:
            healthy.put(KEY, [before])
        system = RecordingSystem(root, fail_at=number, error_number=error_number, and_after=and_after)
        failing = LocalStore(root, system=system)
        files_before = open_files()
        try:
            failing.put(KEY, [after[:5], after[5:]], create_only=create_only)
        except OutsideError as error:
            refused: OutsideError | None = error
        else:
            refused = None
        if system.has_failed_in is None:
            assert number > 10  # open, 2 writes, fsync, close, 4 directories, rename, fsyncs ...
            break
        where = f"call {number}: {system.calls[number - 1]}"
        assert open_files() == files_before, where
        if refused is None:
            assert system.has_failed_in == "unlink", where  # only tidying up may fail unsaid
        else:
            kind = StorageFull if error_number == errno.ENOSPC else Unavailable
            assert type(refused) is kind, where
        found = [b"".join(healthy.stream(key)) for key in keys_of(healthy)]
        assert found in ([after], [] if before is None else [before]), where
        if refused is None:
            assert found == [after], where
        if not and_after and system.has_failed_in != "unlink":
            assert leftovers(root) == [], where
        healthy.clear_temporary(timedelta(hours=-1))
        assert leftovers(root) == [], where
        healthy.put(KEY, [after])  # and it works again without a restart
        assert b"".join(healthy.stream(KEY)) == after, where


@pytest.mark.parametrize("and_after", [False, True], ids=["once", "for good"])
def test_a_delete_that_fails_at_any_call_can_be_repeated(tmp_path: Path, and_after: bool) -> None:
    for number in count(1):
        root = tmp_path / str(number)
        healthy = LocalStore(root, system=RecordingSystem(root))
        healthy.put(KEY, [b"object"])
        system = RecordingSystem(root, fail_at=number, error_number=errno.EIO, and_after=and_after)
        failing = LocalStore(root, system=system)
        files_before = open_files()
        try:
            failing.delete(KEY)
        except Unavailable:
            assert open_files() == files_before
            assert keys_of(healthy) in ([KEY], [])
            healthy.delete(KEY)
            assert keys_of(healthy) == []
            continue
        assert system.has_failed_in is None
        break
    assert number > 5


@pytest.mark.parametrize("error_number", [errno.EIO, errno.EACCES, errno.EMFILE, errno.EROFS])
def test_reads_that_fail_at_any_call_are_unavailable_and_leave_nothing_open(
    root: Path, error_number: int
) -> None:
    def everything(store: LocalStore) -> list[object]:
        whole = b"".join(store.stream(KEY))
        return [store.get_range(KEY, 2, 3), store.get_tail(KEY, 3), store.size(KEY), whole, keys_of(store)]

    healthy = LocalStore(root)
    healthy.put(KEY, [b"0123456789"])
    files_before = open_files()
    for number in count(1):
        system = RecordingSystem(root, fail_at=number, error_number=error_number)
        store = LocalStore(root, system=system)
        try:
            answers = everything(store)
        except Unavailable:
            assert open_files() == files_before, system.calls[number - 1]
            continue
        assert answers == everything(healthy) == [b"234", b"789", 10, b"0123456789", [KEY]]
        break
    assert number > 10


@pytest.mark.parametrize("error_number", [errno.ENOSPC, errno.EDQUOT, errno.EFBIG])
def test_every_way_to_have_no_room_is_storage_full(root: Path, error_number: int) -> None:
    LocalStore(root)
    system = RecordingSystem(root, fail_at=2, error_number=error_number)
    with pytest.raises(StorageFull):
        LocalStore(root, system=system).put(KEY, [b"x"])


def test_a_ping_on_a_full_disk_is_unavailable(root: Path) -> None:
    LocalStore(root)
    system = RecordingSystem(root, fail_at=2, error_number=errno.ENOSPC)
    with pytest.raises(Unavailable, match="no room"):
        LocalStore(root, system=system).ping()


def test_writes_that_take_a_few_bytes_at_a_time_still_write_everything(root: Path) -> None:
    store = LocalStore(root, system=RecordingSystem(root, most_bytes=3))
    assert store.put(KEY, [b"0123456789", memoryview(b"abcdefg")]) == 17
    assert store.get_range(KEY, 0, 100) == b"0123456789abcdefg"


# Real limits and real deaths


def test_a_file_that_may_not_grow_is_storage_full_and_leaves_nothing(root: Path) -> None:
    child = textwrap.dedent(
        """
        import resource, sys
        from pathlib import Path
        from muster.errors import StorageFull
        from muster.objects.local import LocalStore
        store = LocalStore(Path(sys.argv[1]))
        resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, resource.RLIM_INFINITY))
        try:
            store.put("a/b/c/d", [bytes(60_000)] * 3)
        except StorageFull:
            resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
            print(store.put("a/b/c/e", [bytes(60_000)] * 3))
        """
    )
    done = subprocess.run([sys.executable, "-c", child, root], capture_output=True, timeout=60, check=True)
    assert done.stdout == b"180000\n"
    assert keys_of(LocalStore(root)) == ["a/b/c/e"]
    assert leftovers(root) == []


def test_a_process_killed_in_the_middle_of_a_put_leaves_only_what_clearing_removes(root: Path) -> None:
    child = textwrap.dedent(
        """
        import os, signal, sys
        from pathlib import Path
        from muster.objects.local import LocalStore
        def parts():
            yield bytes(100_000)
            os.kill(os.getpid(), signal.SIGKILL)
        LocalStore(Path(sys.argv[1])).put("a/b/c/d", parts())
        """
    )
    done = subprocess.run([sys.executable, "-c", child, root], timeout=60, check=False)
    assert done.returncode == -signal.SIGKILL
    store = LocalStore(root)
    assert keys_of(store) == []
    assert len(leftovers(root)) == 1
    assert store.clear_temporary(timedelta(hours=1)) == 0  # too young: somebody may still be writing it
    assert store.clear_temporary(timedelta(hours=-1)) == 1
    assert leftovers(root) == []
