"""The decoded bytes of a file from any place on, and how far into the stored file they reach."""

from collections.abc import Iterator
from pathlib import Path

from muster.uploads.readers.decompress import unpacked
from muster.uploads.readers.model import Compression, Layout, RawFile
from muster.uploads.readers.transcode import codec_name, to_utf8

BOM = b"\xef\xbb\xbf"


class CountedFile:
    """A file that knows how many of its bytes have been read."""

    def __init__(self, file: RawFile) -> None:
        self._file = file
        self.done_bytes = 0

    @property
    def size_bytes(self) -> int:
        return self._file.size_bytes

    def stream(self, start: int = 0) -> Iterator[bytes]:
        self.done_bytes = start
        for chunk in self._file.stream(start):
            self.done_bytes += len(chunk)
            yield chunk

    def path(self) -> Path:
        return self._file.path()


def decoded_from(file: RawFile, layout: Layout, start: int) -> Iterator[bytes]:
    """UTF-8 of the unpacked file from byte `start` on; a plain file keeps its byte order mark.

    Where bytes are not stored as they are read, those before `start` are read and dropped.
    Raises InputError when the file cannot be unpacked or its encoding is not known.
    """
    encoding = codec_name(layout.encoding)
    if layout.compression is Compression.NONE and encoding == "utf-8":
        yield from file.stream(start)
        return
    for piece in to_utf8(unpacked(file, layout.compression), encoding):
        if start < len(piece.data):
            yield piece.data[start:] if start else piece.data
        start = max(start - len(piece.data), 0)
