"""The decoded bytes of a file from any place on, and how far into the stored file they reach."""

from collections.abc import Iterator
from pathlib import Path

from muster.uploads.readers.model import Compression, Layout, RawFile
from muster.uploads.readers.transcode import codec_name, to_utf8
from muster.uploads.readers.unpack import unpacked

_CHUNK_BYTES = 256 * 1024
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


def local_path(file: RawFile, layout: Layout, scratch: Path) -> Path:
    """The unpacked file on this machine's disk, for readers that need to jump about in it.

    scratch: where it is unpacked, once, if it is compressed. Raises InputError when it cannot be.
    """
    if layout.compression is Compression.NONE:
        return file.path()
    target = scratch / "unpacked"
    if not target.exists():
        part = scratch / "unpacked.part"
        with part.open("wb") as output:
            for piece in unpacked(file, layout.compression):
                output.write(piece.data)
        part.replace(target)
    return target


class LocalFile:
    """A file on this machine's disk."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self.size_bytes = path.stat().st_size

    def stream(self, start: int = 0) -> Iterator[bytes]:
        with self._path.open("rb") as source:
            source.seek(start)
            while chunk := source.read(_CHUNK_BYTES):
                yield chunk

    def path(self) -> Path:
        return self._path
