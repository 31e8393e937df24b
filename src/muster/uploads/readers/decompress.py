"""The text of a stored file from its start, for readers that need nothing but the text."""

from collections.abc import Iterator

from muster.uploads.readers.model import Layout, RawFile
from muster.uploads.readers.transcode import codec_name, to_utf8
from muster.uploads.readers.unpack import UnpackLimits, unpacked


def open_decoded(file: RawFile, layout: Layout, limits: UnpackLimits | None = None) -> Iterator[bytes]:
    """UTF-8 of the whole file in pieces of a few hundred KiB; bytes nobody could read are no valid UTF-8.

    Raises InputError as `unpacked` and `codec_name` do.
    """
    for piece in to_utf8(unpacked(file, layout.compression, limits), codec_name(layout.encoding)):
        yield piece.data
