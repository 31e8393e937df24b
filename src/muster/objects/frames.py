"""How records are kept: one JSON array in a zstd file that can be read from the middle.

The file is the standard *zstd seekable format* (facebook/zstd, contrib/seekable_format): independent frames
and, in a skippable frame at the end, a table of their sizes; any zstd tool decompresses it to
`[record,record,...]`, byte for byte as the records were sent. One more skippable frame before the table says
how many records each frame holds, so a window of records decompresses only its own frames.

    frame 0   `[r0,r1,...,rk`
    frame i   `,rk+1,...`
    last      `...,rn]`
    skippable record index: b"MREC", version 1, one u32 a frame
    skippable seek table

Measured against one frame per 1,000 records in docs/decisions/0020-frames-cut-by-bytes.md.
"""

import struct
import sys
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import accumulate

import msgspec

from muster.errors import Unavailable
from muster.objects.store import ObjectStore

if sys.version_info >= (3, 14):  # pragma: no cover - the same module under its later name
    from compression import zstd
else:
    from backports import zstd

_LEVEL = 1
_SKIPPABLE = struct.Struct("<II")  # magic, bytes that follow
_INDEX_MAGIC = 0x184D2A5D
_SEEK_MAGIC = 0x184D2A5E
_SEEK_FOOTER = struct.Struct("<IBI")  # frames, descriptor, magic
_SEEKABLE = 0x8F92EAB1
_ENTRY = struct.Struct("<II")  # compressed bytes, decompressed bytes
_INDEX_HEAD = struct.Struct("<4sI")
_INDEX_NAME = b"MREC"
_INDEX_VERSION = 1
_TAIL_BYTES = 64 * 1024

_raws = msgspec.json.Decoder(list[msgspec.Raw])


@dataclass(frozen=True, slots=True)
class FrameIndex:
    """Where each frame starts and which records it holds; immutable like the object it describes.

    offsets: file position of each frame, and behind the last the end of the data.
    first_rows: index of each frame's first record, and behind the last the number of records.
    json_bytes: size of the whole array, decompressed.
    """

    offsets: tuple[int, ...]
    first_rows: tuple[int, ...]
    json_bytes: int

    @property
    def records(self) -> int:
        return self.first_rows[-1]

    @property
    def data_bytes(self) -> int:
        """Bytes of the frames alone, without index and seek table."""
        return self.offsets[-1]

    def frames_of(self, start: int, stop: int) -> range:
        """The frames that hold records start (inclusive) to stop (exclusive)."""
        return range(_frame_with(self.first_rows, start), _frame_with(self.first_rows, stop - 1) + 1)


def _frame_with(first_rows: tuple[int, ...], row: int) -> int:
    return bisect_right(first_rows, row) - 1


def frame_records(chunks: Iterable[tuple[bytes | memoryview, int]]) -> list[bytes]:
    """Compress chunks of records into the parts of one object, a frame a chunk.

    chunks: JSON of consecutive records separated by commas, without brackets, and how many records it is;
    no chunk is empty. Without any chunk the object is the empty array.
    """
    return list(stream_frames(chunks))


def stream_frames(chunks: Iterable[tuple[bytes | memoryview, int]]) -> Iterator[bytes]:
    """What `frame_records` gives, one part at a time, for more records than fit into memory."""
    sizes: list[tuple[int, int]] = []
    counts: list[int] = []
    pending: tuple[bytes | memoryview, int] | None = None
    for chunk in chunks:
        if pending is not None:
            yield _frame_of(sizes, counts, pending, last=False)
        pending = chunk
    yield _frame_of(sizes, counts, pending or (b"", 0), last=True)
    index = _INDEX_HEAD.pack(_INDEX_NAME, _INDEX_VERSION) + struct.pack(f"<{len(counts)}I", *counts)
    index_frame = _SKIPPABLE.pack(_INDEX_MAGIC, len(index)) + index
    sizes.append((len(index_frame), 0))
    table = b"".join(_ENTRY.pack(*size) for size in sizes) + _SEEK_FOOTER.pack(len(sizes), 0, _SEEKABLE)
    yield index_frame + _SKIPPABLE.pack(_SEEK_MAGIC, len(table)) + table


def _frame_of(
    sizes: list[tuple[int, int]],
    counts: list[int],
    chunk: tuple[bytes | memoryview, int],
    *,
    last: bool,
) -> bytes:
    # A compressor of its own for every frame: the objects must not be shared between threads.
    compressor = zstd.ZstdCompressor(_LEVEL)
    head = b"," if sizes else b"["
    tail = b"]" if last else b""
    # In one call: zstd then knows the size, sets up small tables for it and needs no buffer of its own
    # (7.5 ms instead of 10 for 5 MB in 128 KiB frames).
    frame = compressor.compress(b"".join((head, chunk[0], tail)), zstd.ZstdCompressor.FLUSH_FRAME)
    sizes.append((len(frame), 1 + len(chunk[0]) + len(tail)))
    counts.append(chunk[1])
    return frame


def read_index(store: ObjectStore, key: str) -> FrameIndex:
    """Read the index at the end of an object written by `frame_records`.

    One request for up to 4,000 frames. Raises NotFound; Unavailable when the object is damaged.
    """
    tail = store.get_tail(key, _TAIL_BYTES)
    try:
        frames, _, magic = _SEEK_FOOTER.unpack_from(tail, len(tail) - _SEEK_FOOTER.size)
        if magic != _SEEKABLE or frames < 2:
            raise ValueError("no seek table")
        needed = _index_bytes(frames)
        if needed > len(tail):
            tail = store.get_tail(key, needed)
        return _parse_index(tail[len(tail) - needed :], frames)
    except (struct.error, ValueError) as error:
        raise Unavailable(
            "The stored records of this upload cannot be read; the object is damaged. Restore it from a backup.",
            code="object_damaged",
        ) from error


def _index_bytes(frames: int) -> int:
    """Bytes from the start of the record index to the end of the object."""
    index = _SKIPPABLE.size + _INDEX_HEAD.size + 4 * (frames - 1)
    table = _SKIPPABLE.size + _ENTRY.size * frames + _SEEK_FOOTER.size
    return index + table


def _parse_index(tail: bytes, frames: int) -> FrameIndex:
    name, version = _INDEX_HEAD.unpack_from(tail, _SKIPPABLE.size)
    if name != _INDEX_NAME or version != _INDEX_VERSION:
        raise ValueError("no record index")
    counts = struct.unpack_from(f"<{frames - 1}I", tail, _SKIPPABLE.size + _INDEX_HEAD.size)
    table_at = _SKIPPABLE.size + _INDEX_HEAD.size + 4 * (frames - 1) + _SKIPPABLE.size
    sizes = [_ENTRY.unpack_from(tail, table_at + _ENTRY.size * number) for number in range(frames - 1)]
    return FrameIndex(
        tuple(accumulate((size[0] for size in sizes), initial=0)),
        tuple(accumulate(counts, initial=0)),
        sum(size[1] for size in sizes),
    )


def stream_compressed(store: ObjectStore, key: str, index: FrameIndex) -> Iterator[bytes]:
    """The whole array as stored: zstd frames that decompress to `[...]`."""
    return store.stream(key, 0, index.data_bytes)


def stream_json(store: ObjectStore, key: str, index: FrameIndex) -> Iterator[bytes]:
    """The whole array decompressed, a frame at a time, without parsing."""
    for number in range(len(index.offsets) - 1):
        yield _frame(store, key, index, number)


def window(store: ObjectStore, key: str, index: FrameIndex, start: int, stop: int) -> Iterator[msgspec.Raw]:
    """The exact JSON of records start (inclusive) to stop (exclusive), both clipped to what there is."""
    stop = min(stop, index.records)
    if start >= stop:
        return
    for number in index.frames_of(start, stop):
        first = index.first_rows[number]
        records = _raws.decode(_as_array(_frame(store, key, index, number)))
        yield from records[max(start - first, 0) : stop - first]


def frame_chunks(store: ObjectStore, key: str, index: FrameIndex) -> Iterator[bytes]:
    """The records of each frame separated by commas, as `frame_records` was given them."""
    if index.records:
        for frame in stream_json(store, key, index):
            yield _as_array(frame)[1:-1]


def _frame(store: ObjectStore, key: str, index: FrameIndex, number: int) -> bytes:
    start, end = index.offsets[number], index.offsets[number + 1]
    try:
        return zstd.decompress(store.get_range(key, start, end - start))
    except zstd.ZstdError as error:
        raise Unavailable(
            "The stored records of this upload cannot be read; the object is damaged. Restore it from a backup.",
            code="object_damaged",
        ) from error


def compress(data: bytes) -> bytes:
    """One zstd frame of its own, to go before or behind stored frames."""
    return zstd.compress(data, _LEVEL)


def _as_array(frame: bytes) -> bytes:
    # Records are objects, so only the end of the whole array ends a frame with `]`.
    body = frame[1:-1] if frame.endswith(b"]") else frame[1:]
    return b"".join((b"[", body, b"]"))
