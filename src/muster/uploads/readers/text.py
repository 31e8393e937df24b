"""The text of a stored file as UTF-8: unpacked, transcoded, without a byte order mark."""

import codecs
from collections import deque
from collections.abc import Iterator
from io import BytesIO

from muster.errors import MusterError
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
        self._ahead: tuple[int, bytes] | None = None
        self._failure: MusterError | None = None
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
        if self._failure is not None:
            raise self._failure
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

    def _pull_if_possible(self) -> bool:
        """What this raises it raises for whoever asks for more: what was read before it is of use."""
        try:
            return self._pull()
        except MusterError as failure:
            self._failure = failure
            return False

    def read(self, size: int) -> bytes:
        """What is there from `offset` on: at least `size` bytes, all that is left where the text ends (`at_end`)."""
        self._drop_ahead()
        while self._held_bytes < size and not self.at_end:
            self._pull()
        if len(self._held) != 1 and (self.at_end or not self._held or len(self._held[0]) < size):
            self._held = [b"".join(self._held)]
        return self._held[0]

    def take(self, size: int) -> tuple[bytes, bool]:
        """The next `size` bytes, fewer only where the text ends; and whether it ends with them."""
        self._drop_ahead()
        if not self._held or len(self._held[0]) != size:
            self._held.insert(0, self._joined(b"", size))
        if len(self._held) == 1 and not self.at_end:
            self._pull()  # to know whether there is more
        return self._held[0], len(self._held) == 1

    def look_ahead(self, count: int, size: int) -> None:
        """Make ready what `take(size)` will give after `advance(count)`; in vain when that is another number."""
        if self._ahead is None and self._held and count <= len(self._held[0]):
            data = self._held.pop(0)
            self._ahead = count, self._joined(data[count:], size)
            self._held.insert(0, data)

    def _drop_ahead(self) -> None:
        if self._ahead is not None:
            count, joined = self._ahead
            self._held.insert(1, joined[len(self._held[0]) - count :])
            self._ahead = None

    def _joined(self, first: bytes, size: int) -> bytes:
        """`size` bytes, or as many as there are, of `first` and what is held or comes behind it; no longer held."""
        # Joined as they come: small pieces are made in the same memory again and again, a heap of them is not.
        joined = BytesIO()
        joined.write(first)
        while (left := size - joined.tell()) > 0 and (self._held or self._pull_if_possible()):
            piece = self._held.pop(0)
            joined.write(memoryview(piece)[:left])
            if left < len(piece):
                self._held.insert(0, piece[left:])
        return joined.getvalue()

    def advance(self, count: int) -> None:
        """Go on `count` bytes, of those that the last `read` or `take` gave."""
        if self._ahead is not None and self._ahead[0] == count:
            self._held[0] = self._ahead[1]
            self._ahead = None
            self._held_bytes -= count
        elif self._held:
            self._drop_ahead()
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
