"""Turns text in any encoding into UTF-8 as a stream, and never hides what it could not read.

A byte that means nothing in the encoding becomes the lone surrogate U+DC00 + byte, written the way UTF-8 would:
three bytes that no UTF-8 holds. So a damaged row of a Windows-1252 file looks to the reader of rows just like
a damaged row of a UTF-8 file, and `shown` can still say which bytes there were.
"""

import codecs
from collections.abc import Iterable, Iterator
from typing import Final

from muster.errors import InputError
from muster.uploads.readers.unpack import Piece

_MARK: Final = "muster.mark_undecodable"
_TEXT_CODECS: Final = frozenset({"utf-8", "utf-8-sig"})


def _mark_undecodable(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeDecodeError):
        raise error
    return "".join(chr(0xDC00 + byte) for byte in error.object[error.start : error.end]), error.end


codecs.register_error(_MARK, _mark_undecodable)


def codec_name(encoding: str) -> str:
    """Python's name of a text encoding, `utf-8` for every spelling of it. Raises InputError (`encoding_unknown`)."""
    try:
        info = codecs.lookup(encoding)
        # Not every codec is one of text, and a few stop at the first wrong byte whatever the error handler.
        is_text = isinstance(b"\xff".decode(info.name, _MARK), str)
    except (LookupError, UnicodeError, ValueError):
        is_text = False
    if not is_text or info.name in {"idna", "punycode", "raw_unicode_escape", "unicode_escape", "utf-7"}:
        raise InputError(
            "This encoding is not known here. Name one like utf-8, utf-16, windows-1252 or shift_jis.",
            code="encoding_unknown",
        )
    return "utf-8" if info.name == "utf-8-sig" else str(info.name)


def to_utf8(pieces: Iterable[Piece], encoding: str) -> Iterator[Piece]:
    """The same text in UTF-8, without a byte order mark at its start.

    encoding: as `codec_name` gives it. UTF-8 passes unchecked: whoever reads the rows checks it.
    """
    if encoding in _TEXT_CODECS:
        yield from _without_bom(pieces)
        return
    decoder = codecs.getincrementaldecoder(encoding)(_MARK)
    is_first, stored_bytes = True, 0
    for piece in pieces:
        stored_bytes = piece.stored_bytes
        text = decoder.decode(piece.data)
        if is_first and text:
            text, is_first = text.removeprefix("\ufeff"), False
        if text:
            yield Piece(text.encode("utf-8", "surrogatepass"), stored_bytes)
    if rest := decoder.decode(b"", final=True):
        yield Piece(rest.encode("utf-8", "surrogatepass"), stored_bytes)


def _without_bom(pieces: Iterable[Piece]) -> Iterator[Piece]:
    head = b""
    is_first = True
    for piece in pieces:
        if not is_first:
            yield piece
            continue
        head += piece.data
        if len(head) >= len(codecs.BOM_UTF8):
            is_first = False
            yield Piece(head.removeprefix(codecs.BOM_UTF8), piece.stored_bytes)
    if is_first and head:
        yield Piece(head, len(head))


def shown(data: bytes, *, transcoded: bool) -> str:
    """Text for people: bytes that could not be read as `\\xNN`, never replaced by a question mark."""
    if not transcoded:
        return data.decode("utf-8", "backslashreplace")
    text = data.decode("utf-8", "surrogatepass")
    return "".join(
        f"\\x{ord(letter) - 0xDC00:02x}" if "\udc00" <= letter <= "\udcff" else letter for letter in text
    )
