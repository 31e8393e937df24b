"""Guesses the encoding of text from samples of its bytes, with a confidence and a reason; pure."""

import codecs
import re
from collections.abc import Sequence
from typing import Final

from charset_normalizer import from_bytes

from muster.uploads.readers.model import Guess

_BOMS: Final = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),  # before UTF-16: its mark begins with that one
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_WORD = re.compile(rb"[A-Za-z\x80-\xff]*[\x80-\xff][A-Za-z\x80-\xff]*")
_LINE = re.compile(rb"[^\r\n\x80-\xff]*[\x80-\xff][^\r\n]*")
_ALONE = re.compile(rb"(?<![\x80-\xff])[\x80-\xff](?![\x80-\xff])")
_MAX_WORDS_BYTES: Final = 4 * 1024

_EAST_ASIAN: Final = {
    "cp932": "cp932",
    "shift_jis": "cp932",
    "shift_jis_2004": "cp932",
    "shift_jisx0213": "cp932",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "gb18030": "gb18030",
    "big5": "cp950",
    "big5hkscs": "big5hkscs",
    "cp950": "cp950",
    "euc_kr": "cp949",
    "cp949": "cp949",
    "johab": "johab",
    "euc_jp": "euc_jp",
    "euc_jis_2004": "euc_jp",
    "euc_jisx0213": "euc_jp",
}
_WESTERN: Final = "éèàùâêîôûçëïüöäßñáíóúÉÈÀÊÇÜÖÄÑÁÍÓÚøåæØÅÆãõÃÕœŒ’‘“”–—€…«»°"  # noqa: RUF001
_CENTRAL: Final = "ąćęłńóśźżĄĆĘŁŃÓŚŹŻáčďéěíňřšťúůýžÁČĎÉĚÍŇŘŠŤÚŮÝŽäôľĺŕőűŐŰöüÖÜßăâîşţŞŢĂđĐ’“”„–€"  # noqa: RUF001
_TURKISH: Final = "ğışİĞŞçöüÇÖÜâ’“”–€"  # noqa: RUF001
_BALTIC: Final = "āčēģīķļņšūžąęėįųĀČĒĢĪĶĻŅŠŪŽĄĘĖĮŲõäöüÕÄÖÜ’“”„–€"  # noqa: RUF001
_CYRILLIC: Final = "".join(map(chr, range(0x410, 0x450))) + "ёЁіїєґІЇЄҐ№«»—–"  # noqa: RUF001
_GREEK: Final = "".join(map(chr, range(0x391, 0x3CA))) + "άέήίόύώΆΈΉΊΌΎΏϊϋΐΰ«»–€"  # noqa: RUF001
_HEBREW: Final = "".join(map(chr, range(0x5D0, 0x5EB)))
_ARABIC: Final = "".join(map(chr, range(0x621, 0x64B))) + "،؛؟پچژگ"

# In the order that decides a tie; the most common first.
_SINGLE_BYTE: Final = {
    "cp1252": _WESTERN,
    "cp1250": _CENTRAL,
    "iso8859-2": _CENTRAL,
    "cp1254": _TURKISH,
    "cp1257": _BALTIC,
    "cp1251": _CYRILLIC,
    "koi8-r": _CYRILLIC,
    "iso8859-5": _CYRILLIC,
    "cp866": _CYRILLIC,
    "cp1253": _GREEK,
    "cp1255": _HEBREW,
    "cp1256": _ARABIC,
    "mac_roman": _WESTERN,
    "iso8859-15": _WESTERN,
    "cp850": _WESTERN,
}
_TWO_CASES: Final = (_CYRILLIC, _GREEK)


def guess_encoding(samples: Sequence[bytes]) -> Guess:
    """The encoding of a file by its Python name. samples: its start first, then pieces from anywhere in it."""
    head = samples[0] if samples else b""
    for mark, name in _BOMS:
        if head.startswith(mark):
            return Guess(name, 1.0, "The file starts with the byte order mark of this encoding.")
    if wide := _wide(head):
        return Guess(wide, 0.95, "Every other byte of the text is zero, as in this encoding.")
    whole, broken = 0, 0
    for number, sample in enumerate(samples):
        here, wrong = _utf8_letters(sample, is_cut_before=number > 0)
        whole, broken = whole + here, broken + wrong
    if not broken:
        if not whole:
            return Guess("utf-8", 0.9, "Only ASCII in the parts that were looked at.")
        return Guess("utf-8", 0.99, "All letters beyond ASCII are valid UTF-8.")
    if whole > broken:
        reason = f"{whole} letters beyond ASCII are valid UTF-8 and {broken} bytes are not; their rows are rejected."
        return Guess("utf-8", round(max(0.5, 0.95 - broken / whole), 2), reason)
    return _legacy(samples)


def _wide(head: bytes) -> str | None:
    """UTF-16 without a mark: zeros at one parity only, as ASCII (a delimiter, a line end) stands in any text."""
    head = head[: len(head) & ~1]
    even, odd = head[::2].count(0), head[1::2].count(0)
    for name, zeros, others in (("utf-16-le", odd, even), ("utf-16-be", even, odd)):
        if zeros * 50 >= len(head) > 0 and zeros > 20 * others:
            decoder = codecs.getincrementaldecoder(name)()
            try:
                decoder.decode(head)
            except UnicodeDecodeError:
                continue
            return name
    return None


def _utf8_letters(sample: bytes, *, is_cut_before: bool) -> tuple[int, int]:
    """Characters of several bytes, and bytes that belong to none."""
    if is_cut_before:
        sample = sample[:3].lstrip(bytes(range(0x80, 0xC0))) + sample[3:]
    wrong = at = whole = 0
    while at < len(sample) and wrong < 1_000:
        try:
            text = sample[at:].decode()
        except UnicodeDecodeError as error:
            text = sample[at : at + error.start].decode()
            if at + error.end >= len(sample) and "unexpected end" in error.reason:
                return whole + len(text) - sum(map(str.isascii, text)), wrong
            wrong += 1
            at += error.end
        else:
            at = len(sample)
        whole += 0 if text.isascii() else len(text) - sum(map(str.isascii, text))
    return whole, wrong


def _legacy(samples: Sequence[bytes]) -> Guess:
    words = _distinct(_WORD, samples)
    # Whole lines: half of an East Asian character can be an ASCII letter.
    match = from_bytes(_distinct(_LINE, samples)).best()
    if match is not None and match.encoding in _EAST_ASIAN and not _stands_alone(words):
        name = _EAST_ASIAN[match.encoding]
        return Guess(name, 0.8, "The bytes beyond ASCII form words of this East Asian encoding.")
    scores = {name: _score(words, name, letters) for name, letters in _SINGLE_BYTE.items()}
    best = max(scores, key=lambda name: scores[name])  # the first of equals
    rest = {name: score for name, score in scores.items() if name != best}
    next_best = max(rest, key=lambda name: rest[name])
    confidence = max(0.3, min(0.9, 0.55 + (scores[best] - scores[next_best])))
    return Guess(
        best,
        round(confidence, 2),
        f"Not UTF-8; read so, the letters beyond ASCII make the most sense. Next best: {next_best}.",
    )


def _stands_alone(words: bytes) -> bool:
    """Whether letters beyond ASCII stand alone between ASCII ones and are common in the west: `M\xfcller`.

    With little text every pair of bytes is some rare East Asian character; but those come in rows.
    """
    alone = len(_ALONE.findall(words))
    beyond = sum(byte >= 0x80 for byte in words)
    return alone >= 0.8 * beyond and _score(words, "cp1252", _WESTERN) >= 0.9


def _distinct(pattern: re.Pattern[bytes], samples: Sequence[bytes]) -> bytes:
    """Different words or lines with bytes beyond ASCII, a line each."""
    seen: dict[bytes, None] = {}
    size = 0
    for sample in samples:
        for found in pattern.finditer(sample[: 256 * 1024]):
            word = found.group()[:200]
            if word not in seen:
                seen[word] = None
                size += len(word) + 1
            if size >= _MAX_WORDS_BYTES:
                return b"\n".join(seen)
    return b"\n".join(seen)


def _score(words: bytes, encoding: str, letters: str) -> float:
    """How much the text looks like its language, from -2 to 1 a letter beyond ASCII."""
    text = words.decode(encoding, "replace")
    points = count = 0.0
    before = "\n"
    for letter in text:
        if not letter.isascii():
            count += 1
            if letter == "\ufffd":
                points -= 2
            elif letter in letters:
                points += 1
            elif letter.isalpha():
                points += 0.2
            else:
                points -= 1
            if letter.isupper() and before.islower():
                points -= 1
        before = letter
    others = "".join(letter for letter in text if not letter.isascii())
    if letters in _TWO_CASES and (others.islower() or others.isupper()):
        points -= 0.3 * count
    return points / count if count else 0.0
