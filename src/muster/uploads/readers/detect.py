"""What a file is and how to read it: guessed with a confidence and a reason, never silently."""

from collections.abc import Callable, Mapping
from dataclasses import fields, replace
from typing import Any, Final

import msgspec

from muster.errors import InputError
from muster.uploads.readers import csv_describe, excel, json, ndjson, parquet
from muster.uploads.readers.csv_head import column_names
from muster.uploads.readers.dialect import dialect_of
from muster.uploads.readers.encoding import guess_encoding
from muster.uploads.readers.model import Compression, Detected, FileFormat, Guess, Layout, RawFile
from muster.uploads.readers.text import TextSource
from muster.uploads.readers.transcode import codec_name
from muster.uploads.readers.unpack import compression_of, unpacked
from muster.uploads.readers.zip_archive import read_range, zip_members

_HEAD_BYTES: Final = 256 * 1024
_SPOT_BYTES: Final = 64 * 1024
_SPOTS: Final = 4
_TEXT_FORMATS: Final = {FileFormat.CSV, FileFormat.NDJSON, FileFormat.JSON}

_BY_ENDING: Final = {
    "csv": FileFormat.CSV,
    "tsv": FileFormat.CSV,
    "tab": FileFormat.CSV,
    "txt": FileFormat.CSV,
    "ndjson": FileFormat.NDJSON,
    "jsonl": FileFormat.NDJSON,
    "json": FileFormat.JSON,
}
_BY_MEDIA_TYPE: Final = {
    "text/csv": FileFormat.CSV,
    "text/tab-separated-values": FileFormat.CSV,
    "application/x-ndjson": FileFormat.NDJSON,
    "application/jsonl": FileFormat.NDJSON,
    "application/json": FileFormat.JSON,
}
_NOT_TABLES: Final = (
    (b"%PDF-", "a PDF"),
    (b"\x89PNG", "a picture"),
    (b"\xff\xd8\xff", "a picture"),
    (b"GIF8", "a picture"),
    (b"Rar!", "a RAR archive"),
    (b"7z\xbc\xaf\x27\x1c", "a 7z archive"),
    (b"BZh", "a bzip2 file"),
    (b"\xfd7zXZ\x00", "an xz file"),
    (b"SQLite format 3\x00", "a database"),
    (b"\x7fELF", "a program"),
    (b"MZ\x90", "a program"),
)
_OLE: Final = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


def detect(file: RawFile, file_name: str | None, media_type: str | None) -> Detected:
    """Look at a few MiB of a file. Never raises for what is in it: `problem` says why it cannot be read."""
    layout = Layout(FileFormat.CSV)
    guesses: dict[str, Guess] = {}
    try:
        return _detect(file, (file_name or "").lower(), (media_type or "").partition(";")[0].strip(), guesses)
    except InputError as error:
        for member in ("format", "compression", "encoding"):
            if member in guesses:
                layout = replace(layout, **{member: guesses[member].value})
        return Detected(layout, guesses, (), (), error.error_code, error.message)


def _detect(file: RawFile, name: str, media_type: str, guesses: dict[str, Guess]) -> Detected:
    if not file.size_bytes:
        raise InputError("The file is empty; there is nothing to read.", code="file_empty")
    head = read_range(file, 0, _HEAD_BYTES)
    compression = compression_of(head)
    if compression is Compression.ZIP and _is_workbook(file):
        guesses["format"] = Guess(FileFormat.XLSX, 1.0, "The file is a workbook.")
        guesses["compression"] = Guess(Compression.NONE, 1.0, "A workbook is read as it is.")
        return _described(excel.describe(file, Layout(FileFormat.XLSX)), guesses)
    guesses["compression"] = Guess(compression, 1.0, "By the first bytes of the file.")
    samples = [head]
    if compression is not Compression.NONE:
        samples = [_first_bytes(file, compression)]
        name = name.removesuffix(".gz").removesuffix(".zst").removesuffix(".zip")
    else:
        samples += _spots(file)
    binary = _binary_format(samples[0], name)
    if binary is not None:
        guesses["format"] = Guess(binary, 1.0, "By the first bytes of the file.")
        return _described(parquet.describe(file, Layout(binary, compression)), guesses)
    guesses["encoding"] = guess_encoding(samples)
    layout = Layout(FileFormat.CSV, compression, guesses["encoding"].value)
    text = TextSource(file, layout).read(_HEAD_BYTES)
    _check_text(text)
    guesses["format"] = _format_guess(text, name, media_type)
    layout = replace(layout, format=guesses["format"].value)
    if layout.format is FileFormat.CSV:
        is_tab = name.endswith((".tsv", ".tab")) or media_type == "text/tab-separated-values"
        return _described(csv_describe.describe(file, layout, "\t" if is_tab else None), guesses)
    return _described(_TEXT[layout.format](file, layout), guesses)


def _described(detected: Detected, guesses: Mapping[str, Guess]) -> Detected:
    return replace(detected, guesses={**guesses, **detected.guesses})


def _is_workbook(file: RawFile) -> bool:
    names = {member.name for member in zip_members(file)}
    return "[Content_Types].xml" in names and any(name.startswith("xl/") for name in names)


def _first_bytes(file: RawFile, compression: Compression) -> bytes:
    parts: list[bytes] = []
    size = 0
    for piece in unpacked(file, compression):
        parts.append(piece.data)
        size += len(piece.data)
        if size >= _HEAD_BYTES:
            break
    return b"".join(parts)


def _spots(file: RawFile) -> list[bytes]:
    """Pieces from all over a large file: its first letter beyond ASCII may come late."""
    rest = file.size_bytes - _HEAD_BYTES
    if rest <= 0:
        return []
    # At multiples of four, so that no wide character is cut.
    starts = [
        _HEAD_BYTES + (max(rest - _SPOT_BYTES, 0) * spot // _SPOTS & ~3) for spot in range(1, _SPOTS + 1)
    ]
    return [read_range(file, start, _SPOT_BYTES) for start in starts]


def _binary_format(head: bytes, name: str) -> FileFormat | None:
    if head.startswith(b"PAR1"):
        return FileFormat.PARQUET
    if head.startswith(_OLE):
        raise InputError(
            "This is a workbook under a password, or of an old kind (.xls). Save it as .xlsx without a password.",
            code="file_encrypted" if name.endswith(("xlsx", "xlsm")) else "format_unsupported",
        )
    if compression_of(head) is not Compression.NONE:
        raise InputError(
            "The file is packed twice, or is a workbook inside an archive. Send what is inside.",
            code="format_unsupported",
        )
    for magic, what in _NOT_TABLES:
        if head.startswith(magic):
            raise InputError(
                f"This file is {what}, not a table. Send CSV, JSON, XLSX or Parquet.", code="format_unknown"
            )
    return None


def _check_text(text: bytes) -> None:
    if not text.strip():
        raise InputError("The file is empty; there is nothing to read.", code="file_empty")
    controls = sum(text.count(bytes([code])) for code in (*range(1, 9), *range(14, 27)))
    if (controls + text.count(0)) * 10 > len(text):
        raise InputError(
            "This file is neither text nor a format known here. Send CSV, JSON, XLSX or Parquet.",
            code="format_unknown",
        )


def _format_guess(text: bytes, name: str, media_type: str) -> Guess:
    start = text.lstrip()
    told = _BY_ENDING.get(name.rpartition(".")[2]) or _BY_MEDIA_TYPE.get(media_type)
    if start.startswith(b"{"):
        first, _, rest = start.partition(b"\n")
        if _is_object(first) and (not rest.strip() or rest.lstrip().startswith(b"{")):
            if told is FileFormat.JSON and not rest.strip():
                return Guess(FileFormat.JSON, 0.9, "One JSON object, and the file's name says JSON.")
            return Guess(FileFormat.NDJSON, 0.98, "Each line is a JSON object.")
        if told is not FileFormat.CSV:
            is_lines = told is FileFormat.NDJSON
            return Guess(told if is_lines else FileFormat.JSON, 0.9, "The text starts like a JSON object.")
    if start.startswith(b"[") and start[1:].lstrip()[:1] in {b"{", b"[", b"]"} and told is not FileFormat.CSV:
        return Guess(FileFormat.JSON, 0.98, "The text starts like a JSON array.")
    if told is FileFormat.CSV:
        return Guess(told, 0.98, "The file's name or media type says so, and the text fits.")
    if told is not None:
        return Guess(told, 0.6, "The file's name or media type says so, but the text does not begin like it.")
    return Guess(FileFormat.CSV, 0.8, "Text that is not JSON is read as a table with delimiters.")


def _is_object(line: bytes) -> bool:
    try:
        return isinstance(msgspec.json.decode(line), dict)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return False


_TEXT: Final[dict[FileFormat, Callable[[RawFile, Layout], Detected]]] = {
    FileFormat.JSON: json.describe,
    FileFormat.NDJSON: ndjson.describe,
}


def layout_overruled(detected: Detected, overrides: Mapping[str, Any]) -> Layout:
    """The detected layout with what the user says in place of what was guessed. Raises InputError.

    overrides: by member of Layout. When something is overruled that decides where columns are, and the columns
    themselves are not, they are empty in the answer: the reader finds them.
    """
    known = {field.name for field in fields(Layout)}
    if unknown := sorted(set(overrides) - known):
        raise InputError(
            f"A layout has no `{unknown[0][:40]}`; it has {', '.join(sorted(known))}.", code="layout_invalid"
        )
    try:
        said = msgspec.convert({"format": detected.layout.format, **overrides}, Layout)
    except msgspec.ValidationError as error:
        raise InputError(
            "A member of the layout is of the wrong type. See the reference.", code="layout_invalid"
        ) from error
    layout = replace(detected.layout, **{name: getattr(said, name) for name in overrides})
    moved = {"format", "compression", "encoding", "delimiter", "quote", "escape", "header_row", "sheet"}
    if "columns" in overrides:
        if column_names(layout.columns) != layout.columns:
            raise InputError("The names of columns must be different and not empty.", code="layout_invalid")
    elif any(getattr(layout, name) != getattr(detected.layout, name) for name in moved):
        layout = replace(layout, columns=())
    if layout.header_row is not None and layout.header_row < 0:
        raise InputError("`header_row` counts from 0; null means there is none.", code="layout_invalid")
    if layout.format in _TEXT_FORMATS:
        layout = replace(layout, encoding=codec_name(layout.encoding))
    if layout.format is FileFormat.CSV:
        dialect_of(layout, max(len(layout.columns), 1))
    return layout
