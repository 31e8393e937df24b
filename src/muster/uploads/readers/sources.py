"""The decoded bytes of a file from any place on, and how far into the stored file they reach."""

from collections.abc import Iterator
from pathlib import Path

from muster.uploads.readers.decompress import open_decoded
from muster.uploads.readers.model import Compression, Layout, RawFile

BOM = b"\xef\xbb\xbf"
_UTF_8 = ("utf-8", "utf-8-sig", "ascii")


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
    """UTF-8 bytes of the file without compression from byte `start` on, a byte order mark included.

    Where bytes are not stored as they are read, those before `start` are read and dropped.
    Raises InputError when the file cannot be decompressed.
    """
    if layout.compression is Compression.NONE and layout.encoding in _UTF_8:
        return file.stream(start)
    return _dropping(open_decoded(file, layout), start)


def _dropping(chunks: Iterator[bytes], count: int) -> Iterator[bytes]:
    for chunk in chunks:
        if count < len(chunk):
            yield chunk[count:] if count else chunk
        count = max(count - len(chunk), 0)
