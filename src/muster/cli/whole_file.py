"""Bytes that arrive in pieces, written to stdout or to a file that is whole or not there."""

import os
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from muster.cli.output import note, size_text


def write_pieces(pieces: Iterable[bytes], output: Path | None, *, is_text: bool = True) -> None:
    """Write to `output`, or to stdout without one. is_text: the last line gets its end if it has none."""
    if output is None:
        _write(pieces, sys.stdout.buffer, is_text=is_text)
        return
    with _whole_file(output) as file:
        _write(pieces, file, is_text=is_text)
    note(f"Wrote {output} ({size_text(output.stat().st_size)}).")


def _write(pieces: Iterable[bytes], file: BinaryIO, *, is_text: bool) -> None:
    last = b""
    for piece in pieces:
        file.write(piece)
        last = piece or last
    if is_text and last and not last.endswith(b"\n"):
        file.write(b"\n")
    file.flush()


@contextmanager
def _whole_file(path: Path) -> Iterator[BinaryIO]:
    """A file that appears under its name only when it is complete."""
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        with part.open("xb") as file:
            yield file
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
