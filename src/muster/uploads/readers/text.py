"""The text of a stored file as UTF-8: unpacked, transcoded, without a byte order mark."""

import codecs
from collections import deque
from collections.abc import Iterator

from muster.uploads.readers.model import Compression, Layout, RawFile
from muster.uploads.readers.transcode import codec_name, to_utf8
from muster.uploads.readers.unpack import Piece, UnpackLimits, unpacked
from muster.uploads.readers.zip_archive import read_range


class TextSource:
    """The text of a file from an offset on, read as far as asked.

    An offset counts bytes of the UTF-8 text. A plain UTF-8 file is read from there; any other from its start,
    as neither a compressed nor a transcoded stream can be entered in the middle.
    """

    def __init__(
        self, file: RawFile, layout: Layout, offset: int = 0, limits: UnpackLimits | None = None
    ) -> None:
        encoding = codec_name(layout.encoding)
        self.transcoded = encoding != "utf-8"
        self._size_bytes = file.size_bytes
        self._bom_bytes = 0
        self.offset = offset
        """Where the bytes of the next `read` begin."""
        is_plain = layout.compression is Compression.NONE and not self.transcoded
        self._marks: deque[tuple[int, int]] | None = None if is_plain else deque()
        if is_plain:
            head = read_range(file, 0, len(codecs.BOM_UTF8))
            self._bom_bytes = len(head) if head == codecs.BOM_UTF8 else 0
            pieces = unpacked(file, Compression.NONE, limits, self._bom_bytes + offset)
            self._pieces: Iterator[Piece] = pieces
            self._end = offset
        else:
            self._pieces = to_utf8(unpacked(file, layout.compression, limits), encoding)
            self._end = 0
        self._held: list[bytes] = []
        self._held_bytes = 0
        self.at_end = False
        if not is_plain:
            self._skip_to(offset)

    def _skip_to(self, offset: int) -> None:
        while self._end < offset and self._pull():
            if self._end <= offset:
                self._held.clear()
        if self._held:
            self._held = [self._held[-1][len(self._held[-1]) - (self._end - offset) :]]
        self._held_bytes = sum(map(len, self._held))

    def _pull(self) -> bool:
        piece = next(self._pieces, None)
        if piece is None:
            self.at_end = True
            return False
        self._held.append(piece.data)
        self._held_bytes += len(piece.data)
        self._end += len(piece.data)
        if self._marks is not None:
            self._marks.append((self._end, piece.stored_bytes))
        return True

    def read(self, size: int) -> bytes:
        """What is there from `offset` on: at least `size` bytes unless the text ends (`at_end`)."""
        while self._held_bytes < size and not self.at_end:
            self._pull()
        data = self._held[0] if len(self._held) == 1 else b"".join(self._held)
        self._held = [data]
        return data

    def take(self, size: int) -> tuple[bytes, bool]:
        """The next `size` bytes, fewer only where the text ends; and whether it ends with them."""
        while self._held_bytes <= size and not self.at_end:
            self._pull()
        if self._held_bytes <= size:
            return self.read(size), True
        # What was read too far is cut off first: to cut it off the whole would copy the whole.
        behind = self._held_bytes - size
        tail: list[bytes] = []
        while behind >= len(self._held[-1]):
            tail.insert(0, self._held.pop())
            behind -= len(tail[0])
        last = self._held.pop()
        data = b"".join([*self._held, last[: len(last) - behind]])
        self._held = [data, last[len(last) - behind :], *tail]
        return data, False

    def advance(self, count: int) -> None:
        """Go on `count` bytes, of those that the last `read` or `take` gave."""
        if self._held:
            self._held[0] = self._held[0][count:]
            self._held_bytes -= count
        self.offset += count
        while self._marks is not None and len(self._marks) > 1 and self._marks[0][0] < self.offset:
            self._marks.popleft()

    @property
    def done_bytes(self) -> int:
        """Bytes of the stored file that were needed for the text before `offset`."""
        if self.at_end and not self._held_bytes:
            return self._size_bytes
        if self._marks is None:
            return min(self._bom_bytes + self.offset, self._size_bytes)
        return self._marks[0][1] if self._marks and self.offset else 0
