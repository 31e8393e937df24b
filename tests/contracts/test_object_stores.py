"""What `objects/store.py` promises, asked of every store there is."""

import os
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest

from muster.errors import Conflict, InputError, NotFound
from muster.objects.store import CHUNK_BYTES, ObjectStore

KEY = "uploads/aB/some-object.json.zst"


def keys_of(store: ObjectStore, prefix: str = "") -> list[str]:
    return [found.key for found in store.list(prefix)]


def content(store: ObjectStore, key: str) -> bytes:
    return b"".join(store.stream(key))


@pytest.mark.parametrize("prefix", ["/", "..", "../", "uploads", "uploads//", "uploads/a*/", ".tmp/"])
def test_a_prefix_that_is_not_whole_segments_is_refused_at_once(store: ObjectStore, prefix: str) -> None:
    with pytest.raises(InputError):
        store.list(prefix)  # by the call itself, not by the first item


# Nothing there


READS: dict[str, Callable[[ObjectStore, str], object]] = {
    "get_range": lambda store, key: store.get_range(key, 0, 1),
    "an empty range": lambda store, key: store.get_range(key, 0, 0),
    "get_tail": lambda store, key: store.get_tail(key, 1),
    "stream": lambda store, key: store.stream(key),
    "size": lambda store, key: store.size(key),
}


@pytest.mark.parametrize("read", READS.values(), ids=READS.keys())
def test_reading_what_is_not_there_raises_not_found_at_once(
    store: ObjectStore, read: Callable[[ObjectStore, str], object]
) -> None:
    store.put("uploads/aB/neighbour", [b"x"])
    for key in (KEY, "uploads/aB", "nowhere/at/all", "uploads/aB/neighbour/below"):
        with pytest.raises(NotFound):
            read(store, key)


def test_deleting_twice_and_deleting_what_never_was_succeeds(store: ObjectStore) -> None:
    store.put(KEY, [b"x"])
    store.delete(KEY)
    store.delete(KEY)
    store.delete("never/was/there")
    assert keys_of(store) == []
    with pytest.raises(NotFound):
        store.size(KEY)


# Writing and reading back


@pytest.mark.parametrize(
    "parts",
    [
        pytest.param([], id="no parts"),
        pytest.param([b""], id="an empty part"),
        pytest.param([b"\x00\xff\r\n"], id="bytes that are not text"),
        pytest.param([b"", b"a", b"", bytearray(b"bc"), memoryview(b"xdefx")[1:-1], b""], id="many kinds"),
    ],
)
def test_what_was_put_comes_back(store: ObjectStore, parts: list[bytes]) -> None:
    whole = b"".join(parts)
    assert store.put(KEY, parts) == len(whole)
    assert content(store, KEY) == whole
    assert store.size(KEY) == len(whole)
    assert store.get_range(KEY, 0, 100) == whole
    assert store.get_tail(KEY, 100) == whole


def test_a_caller_may_fill_the_same_buffer_again_for_the_next_part(store: ObjectStore) -> None:
    def parts() -> Iterator[bytearray]:
        buffer = bytearray()
        for letter in b"abc":
            buffer.clear()  # raises BufferError while somebody still holds a view
            buffer.extend([letter] * (letter - 90))
            yield buffer

    store.put(KEY, parts())
    assert content(store, KEY) == b"a" * 7 + b"b" * 8 + b"c" * 9


def test_a_second_put_replaces_the_whole_object(store: ObjectStore) -> None:
    store.put(KEY, [b"a long first version"])
    store.put(KEY, [b"short"])
    assert content(store, KEY) == b"short"
    assert keys_of(store) == [KEY]


def big_parts() -> Iterator[bytes]:
    """20 MB in parts of odd sizes, no two alike."""
    for number in range(200):
        yield number.to_bytes(4, "big") * 25_001


def test_twenty_megabytes_from_a_generator_come_back_in_bounded_chunks(store: ObjectStore) -> None:
    whole = b"".join(big_parts())
    assert store.put(KEY, big_parts()) == len(whole)
    chunks = list(store.stream(KEY))
    assert b"".join(chunks) == whole
    assert max(map(len, chunks)) <= CHUNK_BYTES
    assert b"".join(store.stream(KEY, 4_194_000, 8_400_001)) == whole[4_194_000:8_400_001]
    assert store.get_tail(KEY, 100_000) == whole[-100_000:]


class SenderGone(OSError):
    """What a caller's own source may raise: an OSError that is not the store's."""


@pytest.mark.parametrize(
    "error", [SenderGone("gone"), FileNotFoundError("mine"), ValueError("mine"), Conflict("mine")]
)
@pytest.mark.parametrize("parts_before", [0, 1, 150])
@pytest.mark.parametrize("create_only", [False, True])
def test_a_source_that_fails_in_the_middle_leaves_nothing_and_its_own_error_comes_through(
    store: ObjectStore, error: Exception, parts_before: int, create_only: bool
) -> None:
    def parts() -> Iterator[bytes]:
        yield from (part for _, part in zip(range(parts_before), big_parts(), strict=False))
        raise error

    with pytest.raises(type(error)) as raised:
        store.put(KEY, parts(), create_only=create_only)
    assert raised.value is error
    assert keys_of(store) == []
    with pytest.raises(NotFound):
        store.size(KEY)
    assert store.clear_temporary(timedelta(0)) == 0


def test_a_source_that_fails_leaves_the_object_that_was_there(store: ObjectStore) -> None:
    def parts() -> Iterator[bytes]:
        yield b"new"
        raise SenderGone

    store.put(KEY, [b"old"])
    with pytest.raises(SenderGone):
        store.put(KEY, parts())
    assert content(store, KEY) == b"old"


# create_only


def test_create_only_refuses_a_key_that_is_taken_and_keeps_the_first_object(store: ObjectStore) -> None:
    store.put(KEY, [b"first"], create_only=True)
    with pytest.raises(Conflict) as refused:
        store.put(KEY, [b"second"], create_only=True)
    assert refused.value.error_code == "object_exists"
    assert content(store, KEY) == b"first"
    store.delete(KEY)
    store.put(KEY, [b"third"], create_only=True)
    assert content(store, KEY) == b"third"


def test_of_many_creating_the_same_key_at_once_exactly_one_wins(
    store: ObjectStore, request: pytest.FixtureRequest
) -> None:
    if request.node.callspec.params["store"] == "s3" and "MUSTER_TEST_S3_URL" not in os.environ:
        pytest.skip("Swift tests If-None-Match before it reads the body and not again; S3 itself is atomic")
    racers = 8
    gate = threading.Barrier(racers)

    def create(number: int) -> int | None:
        gate.wait()
        try:
            store.put(KEY, [b"%d" % number * 1000], create_only=True)
        except Conflict:
            return None
        return number

    with ThreadPoolExecutor(racers) as pool:
        winners = [number for number in pool.map(create, range(racers)) if number is not None]
    assert len(winners) == 1
    assert content(store, KEY) == b"%d" % winners[0] * 1000
    assert store.clear_temporary(timedelta(0)) == 0


# Ranges


def test_ranges_end_with_the_object_and_are_empty_beyond_it(store: ObjectStore) -> None:
    store.put(KEY, [b"0123456789"])
    assert store.get_range(KEY, 0, 4) == b"0123"
    assert store.get_range(KEY, 6, 4) == b"6789"
    assert store.get_range(KEY, 6, 5) == b"6789"
    assert store.get_range(KEY, 9, 1_000_000) == b"9"
    assert store.get_range(KEY, 10, 1) == b""
    assert store.get_range(KEY, 11, 1) == b""
    assert store.get_range(KEY, 10**12, 10) == b""
    assert store.get_range(KEY, 5, 0) == b""


def test_tails_are_the_last_bytes_or_the_whole_object(store: ObjectStore) -> None:
    store.put(KEY, [b"0123456789"])
    assert store.get_tail(KEY, 3) == b"789"
    assert store.get_tail(KEY, 10) == b"0123456789"
    assert store.get_tail(KEY, 11) == b"0123456789"
    assert store.get_tail(KEY, 0) == b""


def test_streams_take_a_start_and_an_end(store: ObjectStore) -> None:
    store.put(KEY, [b"0123456789"])
    assert b"".join(store.stream(KEY, 3)) == b"3456789"
    assert b"".join(store.stream(KEY, 3, 5)) == b"34"
    assert b"".join(store.stream(KEY, 8, 50)) == b"89"
    assert b"".join(store.stream(KEY, 10)) == b""
    assert b"".join(store.stream(KEY, 50, 60)) == b""
    assert b"".join(store.stream(KEY, 5, 3)) == b""


def test_negative_positions_are_a_mistake_of_the_caller(store: ObjectStore) -> None:
    store.put(KEY, [b"0123456789"])
    for call in (
        lambda: store.get_range(KEY, -1, 1),
        lambda: store.get_range(KEY, 0, -1),
        lambda: store.get_tail(KEY, -1),
        lambda: store.stream(KEY, -1),
    ):
        with pytest.raises(ValueError, match=r"negative|before"):
            call()


# Listing


def test_a_listing_is_in_byte_order_of_the_keys_whatever_the_directories(store: ObjectStore) -> None:
    keys = ["a-b/x/y", "a.b", "a/b", "a/b-c", "a0", "A", "Z/z", "a_b", "a/c/d.e", "a/c/d/e", "b"]
    for number, key in enumerate(keys):
        store.put(key, [b"x" * number])
    found = list(store.list(""))
    assert [info.key for info in found] == sorted(keys)
    assert {info.key: info.size_bytes for info in found} == {key: n for n, key in enumerate(keys)}


def test_a_prefix_means_whole_segments(store: ObjectStore) -> None:
    for key in ("uploads/aB/1", "uploads/aB/2/x", "uploads/aBc/3", "uploads/aC/4", "uploads/aB-/5"):
        store.put(key, [b""])
    assert keys_of(store, "uploads/aB/") == ["uploads/aB/1", "uploads/aB/2/x"]
    assert keys_of(store, "uploads/aB/2/") == ["uploads/aB/2/x"]
    assert keys_of(store, "uploads/none/") == []
    assert keys_of(store, "uploads/aB/1/") == []


def test_a_listing_says_when_an_object_was_stored(store: ObjectStore) -> None:
    store.put(KEY, [b"x"])
    [found] = store.list("uploads/")
    assert found.modified_at.utcoffset() == timedelta(0)
    assert abs(found.modified_at - datetime.now(UTC)) < timedelta(minutes=1)


def test_objects_may_come_and_go_while_they_are_listed(store: ObjectStore) -> None:
    for number in range(30):
        store.put(f"uploads/{number:02}/object", [b"x"])
    seen = []
    for found in store.list(""):
        seen.append(found.key)
        store.delete(found.key)
        store.delete("uploads/29/object")
        store.put("uploads/00/another", [b"x"])
    stayed = {f"uploads/{number:02}/object" for number in range(29)}
    assert stayed <= set(seen)
    assert len(seen) == len(set(seen))


# Reading while others write


def test_reading_while_deleted_gives_the_old_bytes_or_says_so(store: ObjectStore) -> None:
    whole = b"".join(big_parts())
    store.put(KEY, [whole])
    chunks = store.stream(KEY)
    got = next(chunks)
    store.delete(KEY)
    try:
        got += b"".join(chunks)
    except NotFound:
        return
    assert got == whole


def test_reading_while_replaced_never_mixes_two_objects(store: ObjectStore) -> None:
    old, new = b"o" * 20_000_000, b"n" * 20_000_000
    store.put(KEY, [old])
    chunks = store.stream(KEY)
    got = next(chunks)
    store.put(KEY, [new])
    try:
        got += b"".join(chunks)
    except Conflict:
        return
    assert got == old


def test_puts_and_deletes_of_neighbours_at_once_lose_nothing(store: ObjectStore) -> None:
    # On a disk each delete may remove the directory the next put is about to use.
    def work(worker: int) -> None:
        for round_ in range(10):
            key = f"uploads/aB/shared/{worker}"
            store.put(key, [b"%d" % round_])
            assert content(store, key) == b"%d" % round_
            store.delete(key)

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(work, range(6)))
    assert keys_of(store) == []


# Health


def test_a_ping_passes_and_leaves_nothing(store: ObjectStore) -> None:
    store.ping()
    assert keys_of(store) == []
    assert store.clear_temporary(timedelta(0)) == 0


def test_clearing_leaves_objects_and_what_is_still_young(store: ObjectStore) -> None:
    store.put(KEY, [b"x"])
    store.put("ping/of-a-process-that-was-killed", [b"ping"])
    assert store.clear_temporary(timedelta(hours=1)) == 0
    assert store.clear_temporary(timedelta(hours=-1)) == 1
    assert keys_of(store) == [KEY]


# As a file


def test_an_object_is_a_file_of_this_machine_or_nowhere(store: ObjectStore) -> None:
    store.put(KEY, [b"abc"])
    path = store.path_of(KEY)
    assert path is None or path.read_bytes() == b"abc"
    with pytest.raises(InputError):
        store.path_of("../outside")


def test_where_objects_are_files_a_missing_one_is_not_found(store: ObjectStore) -> None:
    store.put(KEY, [b"abc"])
    if store.path_of(KEY) is None:
        assert store.path_of("nowhere/at/all") is None
    else:
        with pytest.raises(NotFound):
            store.path_of("nowhere/at/all")
