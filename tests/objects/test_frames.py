import io
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
import pyzstd
from hypothesis import given, settings
from hypothesis import strategies as st

from muster.errors import NotFound, Unavailable
from muster.objects import frames
from muster.objects.local import LocalStore

KEY = "uploads/xx/thing/records.json.zst"


class CountingStore(LocalStore):
    """A local store that remembers which bytes were asked for."""

    def __init__(self, root: Path) -> None:
        super().__init__(root)
        self.ranges: list[tuple[int, int]] = []

    def get_range(self, key: str, start: int, length: int) -> bytes:
        self.ranges.append((start, length))
        return super().get_range(key, start, length)


@pytest.fixture
def store(tmp_path: Path) -> CountingStore:
    return CountingStore(tmp_path / "objects")


def record(number: int) -> bytes:
    return json.dumps({"n": number, "text": "é" * (number % 7)}, ensure_ascii=False).encode()


def write(store: LocalStore, counts: list[int]) -> list[bytes]:
    """Records in frames of these sizes."""
    numbers = iter(range(sum(counts)))
    groups = [[record(next(numbers)) for _ in range(count)] for count in counts]
    store.put(KEY, frames.frame_records((b",".join(group), len(group)) for group in groups))
    return [one for group in groups for one in group]


def test_any_zstd_reader_gets_the_whole_array(store: CountingStore) -> None:
    records = write(store, [3, 1, 5])
    raw = b"".join(store.stream(KEY))
    assert pyzstd.decompress(raw) == b"[" + b",".join(records) + b"]"


def test_the_seek_table_is_the_standard_one(store: CountingStore) -> None:
    records = write(store, [400, 300, 2])
    whole = b"[" + b",".join(records) + b"]"
    with pyzstd.SeekableZstdFile(io.BytesIO(b"".join(store.stream(KEY)))) as file:
        file.seek(len(whole) - 50)
        assert file.read() == whole[-50:]
        file.seek(7000)
        assert file.read(100) == whole[7000:7100]


@settings(max_examples=60, deadline=None)
@given(
    counts=st.lists(st.integers(1, 9), min_size=1, max_size=8),
    start=st.integers(0, 80),
    length=st.integers(0, 80),
)
def test_a_window_is_the_slice_of_the_records(
    tmp_path_factory: pytest.TempPathFactory, counts: list[int], start: int, length: int
) -> None:
    store = LocalStore(tmp_path_factory.mktemp("frames"))
    records = write(store, counts)
    index = frames.read_index(store, KEY)
    assert index.records == len(records)
    window = [bytes(raw) for raw in frames.window(store, KEY, index, start, start + length)]
    assert window == records[start : start + length]


def test_a_window_decompresses_only_its_own_frames(store: CountingStore) -> None:
    write(store, [100] * 50)
    index = frames.read_index(store, KEY)
    store.ranges.clear()
    assert len(list(frames.window(store, KEY, index, 4_050, 4_150))) == 100
    assert len(store.ranges) == 2
    assert sum(length for _, length in store.ranges) < index.data_bytes / 10


def test_the_stream_is_the_array_and_its_size_is_known(store: CountingStore) -> None:
    records = write(store, [2, 2])
    index = frames.read_index(store, KEY)
    whole = b"".join(frames.stream_json(store, KEY, index))
    assert whole == b"[" + b",".join(records) + b"]"
    assert index.json_bytes == len(whole)
    packed = (
        frames.compress(b"{") + b"".join(frames.stream_compressed(store, KEY, index)) + frames.compress(b"}")
    )
    assert pyzstd.decompress(packed) == b"{" + whole + b"}"
    assert b",".join(frames.frame_chunks(store, KEY, index)) == b",".join(records)


def test_no_records_are_the_empty_array(store: CountingStore) -> None:
    store.put(KEY, frames.frame_records([]))
    index = frames.read_index(store, KEY)
    assert index.records == 0
    assert b"".join(frames.stream_json(store, KEY, index)) == b"[]"
    assert list(frames.window(store, KEY, index, 0, 10)) == []
    assert list(frames.frame_chunks(store, KEY, index)) == []


def test_white_space_before_the_end_of_the_array_is_kept(store: CountingStore) -> None:
    store.put(KEY, frames.frame_records([(b'\n {"a": 1}', 1), (b'\n {"b": 2}\n', 1)]))
    index = frames.read_index(store, KEY)
    assert b"".join(frames.stream_json(store, KEY, index)) == b'[\n {"a": 1},\n {"b": 2}\n]'
    assert [bytes(raw) for raw in frames.window(store, KEY, index, 1, 2)] == [b'{"b": 2}']


def test_an_index_longer_than_the_first_look_is_read_whole(store: CountingStore) -> None:
    write(store, [1] * 8_000)
    index = frames.read_index(store, KEY)
    assert index.records == 8_000
    assert [bytes(raw) for raw in frames.window(store, KEY, index, 7_999, 8_100)] == [record(7_999)]


def _damaged() -> Iterator[tuple[str, bytes]]:
    good = b"".join(frames.frame_records([(b'{"a":1}', 1)]))
    yield "empty", b""
    yield "short", good[-5:]
    yield "no table", good[:-9]
    yield "not ours", pyzstd.compress(b"[]")
    yield "another index", good.replace(b"MREC", b"XXXX")


@pytest.mark.parametrize(
    ("name", "content"), list(_damaged()), ids=lambda value: value if isinstance(value, str) else ""
)
def test_a_damaged_object_is_a_clear_refusal(store: CountingStore, name: str, content: bytes) -> None:
    store.put(KEY, [content])
    with pytest.raises(Unavailable) as refused:
        frames.read_index(store, KEY)
    assert refused.value.error_code == "object_damaged"


def test_a_damaged_frame_is_a_clear_refusal(store: CountingStore) -> None:
    parts = frames.frame_records([(b'{"a":1}', 1), (b'{"b":2}', 1)])
    store.put(KEY, [parts[0][:4] + b"\0" * (len(parts[0]) - 4), *parts[1:]])
    index = frames.read_index(store, KEY)
    with pytest.raises(Unavailable):
        list(frames.window(store, KEY, index, 0, 1))
    assert [bytes(raw) for raw in frames.window(store, KEY, index, 1, 2)] == [b'{"b":2}']


def test_a_missing_object_is_not_found(store: CountingStore) -> None:
    with pytest.raises(NotFound):
        frames.read_index(store, KEY)
