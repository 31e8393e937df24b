"""Hundreds of JSON texts, right, wrong and merely odd: whole bodies, and values to put into good ones."""

import random
from collections.abc import Iterator

GOOD = (
    b'{"upload_name":"corpus \\u00e9 \xe2\x82\xac","fields":["email"],"records":'
    b'[{"email":"a@example.com","n":-1.50e+3,"deep":{"list":[null,true,{"k":"\\ud83d\\ude00"}]}}]}'
)

STRINGS = {
    "overlong NUL": b'"\xc0\x80"',
    "overlong slash": b'"\xe0\x80\xaf"',
    "overlong four bytes": b'"\xf0\x80\x80\xaf"',
    "surrogate in UTF-8": b'"\xed\xa0\x80"',
    "surrogate pair in UTF-8": b'"\xed\xa0\xbd\xed\xb8\x80"',
    "over U+10FFFF": b'"\xf4\x90\x80\x80"',
    "five bytes": b'"\xf8\x88\x80\x80\x80"',
    "byte FE": b'"\xfe"',
    "byte FF": b'"\xff"',
    "lone continuation": b'"\x80"',
    "cut two bytes": b'"\xc3"',
    "cut three bytes": b'"\xe2\x82"',
    "cut four bytes": b'"\xf0\x9f\x98"',
    "latin-1": b'"caf\xe9"',
    "U+10FFFF": b'"\xf4\x8f\xbf\xbf"',
    "noncharacter": b'"\xef\xbf\xbf"',
    "BOM inside": b'"\xef\xbb\xbf"',
    "line separator": b'"\xe2\x80\xa8"',
    "DEL": b'"\x7f"',
    "escaped NUL": b'"\\u0000"',
    "all escapes": b'"\\"\\\\\\/\\b\\f\\n\\r\\t\\u00E9"',
    "pair": b'"\\ud83d\\ude00"',
    "high surrogate alone": b'"\\ud83d"',
    "low surrogate alone": b'"\\ude00"',
    "reversed pair": b'"\\ude00\\ud83d"',
    "high then letter": b'"\\ud83d\\u0041"',
    "high then plain": b'"\\ud83dx"',
    "two highs": b'"\\ud83d\\ud83d\\ude00"',
    "short escape": b'"\\u00"',
    "no hexadecimal": b'"\\uZZZZ"',
    "signed hexadecimal": b'"\\u+041"',
    "braced escape": b'"\\u{41}"',
    "upper U": b'"\\U00000041"',
    "hex escape": b'"\\x41"',
    "quote escape": b'"\\\'"',
    "octal escape": b'"\\012"',
    "unknown escape": b'"\\a"',
    "not closed": b'"abc',
    "backslash at the end": b'"abc\\"',
    "single quotes": b"'abc'",
    "backticks": b"`abc`",
} | {f"raw control {byte:02x}": b'"' + bytes([byte]) + b'"' for byte in range(0x20)}

NUMBERS = {
    text.decode("latin-1"): text
    for text in (
        *(b"0", b"-0", b"-0.0", b"1.0", b"1e5", b"1E+5", b"1e-5", b"12345678901234567890", b"0.1e-400"),
        *(b"1e400", b"-1e400", b"1" * 5000, b"0." + b"1" * 5000, b"1e" + b"9" * 30, b"9007199254740993"),
        *(
            b"01",
            b"-01",
            b"+1",
            b".5",
            b"5.",
            b"-",
            b"--1",
            b"1e",
            b"1e+",
            b"1.e5",
            b"0x10",
            b"1_000",
            b"1,5",
        ),
        *(b"NaN", b"nan", b"Infinity", b"-Infinity", b"inf", b"-NaN", b"1f", b"1L", b"\xd9\xa1"),
    )
}

OTHERS = {
    text.decode("latin-1"): text
    for text in (
        *(b"null", b"true", b"false", b"{}", b"[]", b"[ ]", b"{ }", b"[[],{}]", b'{"":""}', b'{"a":1,"a":2}'),
        *(b"[1 ]", b'{"a" :\t1\r\n}', b'"a"', b"[null]", b'[{"a":[]}]'),
        *(b"", b" ", b"Null", b"TRUE", b"None", b"undefined", b"nul", b"truetrue", b"true false", b"[1,]"),
        *(b"[,1]", b"[1 2]", b"[1", b"1]", b'{"a"}', b'{"a":}', b'{"a":1,}', b'{,"a":1}', b"{a:1}", b"{1:1}"),
        *(
            b"{'a':1}",
            b'{"a" 1}',
            b'{"a"::1}',
            b'{"a":1 "b":2}',
            b"[1}",
            b'{"a":1]',
            b"/*c*/1",
            b"1//c",
            b"#",
        ),
        *(b"[1]\x0b", b"\xc2\xa01", b"\xe2\x80\x83[]", b"\x00", b"[\x00]", b"\x1e1", b"\x0c1", b"{null:1}"),
    )
}

VALUES = STRINGS | NUMBERS | OTHERS


def bodies() -> Iterator[tuple[str, bytes]]:
    """Whole bodies that are not what they should be, or only look it."""
    yield "as it is", GOOD
    yield "spaced out", b" \r\n\t" + GOOD.replace(b",", b" ,\n ").replace(b":", b" : ") + b"\n\n"
    yield "with a BOM", b"\xef\xbb\xbf" + GOOD
    yield "with two BOMs", b"\xef\xbb\xbf" * 2 + GOOD
    yield "twice", GOOD + GOOD
    yield "with a tail", GOOD + b"x"
    yield "with a NUL", GOOD + b"\0"
    yield "with a comma", GOOD + b","
    text = GOOD.decode()
    for encoding in ("utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-be", "utf-7"):
        yield encoding, text.encode(encoding)
    for encoding in ("latin-1", "cp037"):
        yield encoding, text.replace("€", "é").encode(encoding)
    for whole in (b"", b" ", b"null", b"true", b"0", b'"text"', b"[]", b"{}", b"[[]]", b'{"records":[]}'):
        yield f"only {whole.decode()!r}", whole
    for member in (
        b'"upload_name":1',
        b'"upload_name":null',
        b'"records":{}',
        b'"records":"x"',
        b'"fields":{}',
    ):
        yield f"again {member.decode()}", GOOD[:-1] + b"," + member + b"}"
        yield f"before {member.decode()}", b"{" + member + b"," + GOOD[1:]
    for member in (
        b'"fields":[1]',
        b'"fields":null',
        b'"fields":[]',
        b'"on_invalid":"x"',
        b'"on_invalid":null',
    ):
        yield f"with {member.decode()}", GOOD[:-1] + b"," + member + b"}"
    for length in (99, 100, 101):
        yield f"{length} characters", _named(("\N{GRINNING FACE}" * length).encode())
    yield "100 escaped", _named(b"\\ud83d\\ude00" * 100)
    yield "NUL in the name", _named(b"a\\u0000b")
    yield "half a pair in the name", _named(b"a\\ud83d")
    yield "blank name", _named(b"   ")
    yield "no name", _named(b"")


def _named(name: bytes) -> bytes:
    return b'{"upload_name":"' + name + b'","records":[{"email":"a@example.com"}]}'


def truncations() -> Iterator[tuple[str, bytes]]:
    """The good body, ended after each of its bytes."""
    for length in range(len(GOOD)):
        yield f"the first {length} bytes", GOOD[:length]


def mutations(seed: int, count: int) -> Iterator[tuple[str, bytes]]:
    """The good body with a byte changed, dropped or put in at random."""
    rng = random.Random(seed)  # noqa: S311 - repeatable, not secret
    signs = b'"\\{}[],:0-eE.u \n\x00\x7f\x80\xc3\xff'
    for number in range(count):
        position = rng.randrange(len(GOOD))
        byte = bytes([rng.choice(signs)])
        skipped, inserted = rng.choice([(1, byte), (1, b""), (0, byte), (0, byte * 2)])
        yield f"mutation {number} at {position}", GOOD[:position] + inserted + GOOD[position + skipped :]


def nested(levels: int, kind: bytes) -> bytes:
    """A value that nests `levels` deep."""
    opening, closing = (b"[", b"]") if kind == b"[" else (b'{"k":', b"}")
    return opening * levels + b"1" + closing * levels
