"""A file of a server that is downloaded to the end: what broke off goes on where it ended."""

from collections.abc import Iterator
from pathlib import Path

import httpx2

from ._connection import Connection
from ._errors import ServerError, Unreachable

_QUIET_ANSWERS = 5
"""So many answers in a row may be cut without a byte before that is given up."""


def read_file(connection: Connection, path: str, *, start: int = 0) -> Iterator[bytes]:
    """The bytes of a file from one on, in pieces as they arrive. The file must not change while it is read.

    Raises Unreachable when the connection breaks again and again without a byte in between.
    """
    at, total, quiet = start, None, 0
    while total is None or at < total:
        headers = {"Accept": "*/*", "Accept-Encoding": "identity"}
        if at:
            headers["Range"] = f"bytes={at}-"
        answers: list[httpx2.Response] = []
        before = at
        try:
            with connection.stream(
                "GET", path, headers=headers, retry=True, on_answer=answers.append
            ) as pieces:
                begin, total = _range(answers[0])
                if begin > at:
                    raise _not_ours("another part of the file than the one asked for")
                # A proxy that knows no ranges sends all of it again.
                skipped = at - begin
                for piece in pieces:
                    kept = piece[skipped:]
                    skipped -= len(piece) - len(kept)
                    at += len(kept)
                    if kept:
                        yield kept
        except Unreachable:
            if quiet >= _QUIET_ANSWERS:
                raise
        else:
            if total is None:  # no length was said, so the end of the body is the end of the file
                return
            if quiet >= _QUIET_ANSWERS:
                raise _not_ours(f"{at} bytes of {total} and no more")
        quiet = quiet + 1 if at == before else 0


def save_file(connection: Connection, path: str, target: Path, part: Path, size_bytes: int) -> int:
    """A file into `target`, which appears when it is whole. What an earlier call left in `part` is not fetched again.

    part: a path that stands for this one file; it stays when something goes wrong. Returns the size in bytes.
    """
    part.touch()
    with part.open("r+b") as file:
        there = min(part.stat().st_size, size_bytes)
        file.truncate(there)
        file.seek(there)
        if there < size_bytes:
            for piece in read_file(connection, path, start=there):
                file.write(piece)
        if file.tell() != size_bytes:
            raise _not_ours(f"{file.tell()} bytes instead of {size_bytes}")
    part.replace(target)
    return size_bytes


def _range(answer: httpx2.Response) -> tuple[int, int | None]:
    """The first byte of an answer, and how many there are in the whole file, when that is said."""
    try:
        if answer.status_code == httpx2.codes.PARTIAL_CONTENT:
            bounds, _, total = answer.headers["Content-Range"].removeprefix("bytes ").partition("/")
            return int(bounds.partition("-")[0]), int(total)
        length = answer.headers.get("Content-Length")
        return 0, None if length is None else int(length)
    except (KeyError, ValueError) as error:
        raise _not_ours("a part of a file without saying which") from error


def _not_ours(what: str) -> ServerError:
    return ServerError(f"The address answered with {what}; is it a Muster server?", code="not_muster")
