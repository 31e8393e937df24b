"""A workbook, checked from outside and opened in a process of its own."""

import subprocess
import sys
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Final

import msgspec

from muster.errors import InputError
from muster.uploads.readers.excel_child import LENGTH, Failed, Message, Opened, Request
from muster.uploads.readers.sources import LocalFile
from muster.uploads.readers.zip_archive import zip_members

_OLE: Final = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ENCRYPTED: Final = "EncryptedPackage".encode("utf-16-le")
_KINDS: Final = {"xl/workbook.xml": ".xlsx", "xl/workbook.bin": ".xlsb", "content.xml": ".ods"}
_MIB: Final = 1024 * 1024


@dataclass(frozen=True, slots=True)
class WorkbookLimits:
    """What a workbook may take. max_ratio (unpacked to packed) counts only beyond ratio_from_bytes."""

    max_memory_bytes: int = 1024 * _MIB
    max_cpu_seconds: int = 600
    max_unpacked_bytes: int = 2048 * _MIB
    max_ratio: int = 200
    ratio_from_bytes: int = 100 * _MIB


_MESSAGES: Final = {
    "file_encrypted": "The workbook is protected by a password. Save it without one and send it again.",
    "file_damaged": "The workbook is damaged. Open it in your spreadsheet program, save it and send it again.",
    "file_bomb": "The workbook unpacks to far more than its size allows, so it was not opened. "
    "Save the sheet as CSV and send that.",
    "workbook_too_large": "The workbook takes more memory than one file may. Save the sheet as CSV and send that.",
    "sheet_not_found": "The workbook has no sheet of that name. Choose one of its sheets.",
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
        while piece := file.read(_MIB):
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
                    while source.read(_MIB):
                        continue
    except (zipfile.BadZipFile, zipfile.zlib.error, EOFError, OSError, NotImplementedError, ValueError) as error:
        raise refusal("file_damaged") from error


@contextmanager
def opened(
    path: Path,
    kind: str,
    scratch: Path,
    *,
    sheet: str | None,
    skip_rows: int = 0,
    skip_filled: int = 0,
    sample_rows: int | None = None,
    limits: WorkbookLimits,
) -> Iterator[tuple[Opened, Iterator[Message]]]:
    """What `excel_child` answers: the first message, then the others as they come.

    kind: see `checked_kind`. Raises InputError, here and while reading on: `workbook_too_large` when the
    process ran out of memory or time, and what `Failed` says.
    """
    link = scratch / f"workbook{kind}"  # the reader goes by the ending of the name
    with suppress(FileExistsError):
        link.symlink_to(path.resolve())
    request = Request(
        str(link),
        sheet,
        skip_rows,
        skip_filled,
        sample_rows,
        limits.max_memory_bytes,
        limits.max_cpu_seconds,
    )
    command = [sys.executable, "-m", "muster.uploads.readers.excel_child", msgspec.json.encode(request).decode()]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
        assert process.stdout is not None
        try:
            messages = _messages(process, process.stdout)
            first = next(messages)
            if not isinstance(first, Opened):
                raise refusal("file_damaged")
            yield first, messages
        finally:
            process.kill()


def _messages(process: subprocess.Popen[bytes], output: IO[bytes]) -> Iterator[Message]:
    decode = msgspec.msgpack.Decoder(Message).decode
    while length := output.read(LENGTH.size):
        size = LENGTH.unpack(length)[0] if len(length) == LENGTH.size else 0
        data = output.read(size)
        if not size or len(data) < size:
            break
        message = decode(data)
        if isinstance(message, Failed):
            raise refusal(message.code)
        yield message
    if process.wait() != 0:
        raise refusal("workbook_too_large")
