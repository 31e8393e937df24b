"""A workbook, checked from outside before anything opens it."""

import zipfile
import zlib
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from muster.errors import InputError
from muster.uploads.readers.child import MIB
from muster.uploads.readers.sources import LocalFile
from muster.uploads.readers.zip_archive import zip_members

_OLE: Final = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ENCRYPTED: Final = "EncryptedPackage".encode("utf-16-le")
_KINDS: Final = {"xl/workbook.xml": ".xlsx", "xl/workbook.bin": ".xlsb", "content.xml": ".ods"}


@dataclass(frozen=True, slots=True)
class WorkbookLimits:
    """What a workbook may unpack to. max_ratio (unpacked to packed) counts only beyond ratio_from_bytes."""

    max_unpacked_bytes: int = 2048 * MIB
    max_ratio: int = 200
    ratio_from_bytes: int = 100 * MIB


_MESSAGES: Final = {
    "file_encrypted": "The workbook is protected by a password. Save it without one and send it again.",
    "file_damaged": "The workbook is damaged. Open it in your spreadsheet program, save it and send it again.",
    "file_bomb": "The workbook unpacks to far more than its size allows, so it was not opened. "
    "Save the sheet as CSV and send that.",
    "workbook_too_large": "The workbook unpacks to more than is read here. Save the sheet as CSV and send that.",
    "file_not_workbook": "The file is no workbook. Say which format it has.",
}


def refusal(code: str) -> InputError:
    """Why a workbook cannot be read, with what to do."""
    return InputError(_MESSAGES[code], code=code)


def checked_kind(path: Path, limits: WorkbookLimits) -> str:
    """The usual ending of such a workbook's file name, after a look at everything that could make it a bomb.

    Raises InputError: `file_encrypted`, `file_damaged`, `file_truncated`, `file_bomb`, `workbook_too_large`,
    `file_not_workbook`.
    """
    with path.open("rb") as file:
        head = file.read(8)
    if head == _OLE:
        if _holds(path, _ENCRYPTED):
            raise refusal("file_encrypted")
        return ".xls"
    if not head.startswith(b"PK"):
        raise refusal("file_not_workbook")
    members = zip_members(LocalFile(path))
    kind = next((_KINDS[member.name] for member in members if member.name in _KINDS), None)
    if kind is None:
        raise refusal("file_not_workbook")
    if any(member.flags & 1 for member in members):
        raise refusal("file_encrypted")
    size = sum(member.unpacked_bytes for member in members)
    if size > limits.ratio_from_bytes and size > limits.max_ratio * path.stat().st_size:
        raise refusal("file_bomb")
    if size > limits.max_unpacked_bytes:
        raise refusal("workbook_too_large")
    _check_sizes(path)
    return kind


def _holds(path: Path, words: bytes) -> bool:
    with path.open("rb") as file:
        kept = b""
        while piece := file.read(MIB):
            if words in kept + piece:
                return True
            kept = piece[-len(words) :]
    return False


def _check_sizes(path: Path) -> None:
    """Unpack every member as far as the directory says, as one that lies about its size could be endless."""
    try:
        with zipfile.ZipFile(path) as archive:
            for member in archive.infolist():
                with archive.open(member) as source:
                    while source.read(MIB):
                        continue
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError, ValueError) as error:
        raise refusal("file_damaged") from error


def linked(path: Path, kind: str, scratch: Path) -> Path:
    """The workbook under a name with the ending of its kind, by which the library goes."""
    link = scratch / f"workbook{kind}"
    with suppress(FileExistsError):
        link.symlink_to(path.resolve())
    return link
