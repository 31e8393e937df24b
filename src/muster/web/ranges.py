"""Answers that a client may ask for in part (RFC 9110, section 14): a download that broke off goes on where it ended."""

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Final

from fastapi import Request
from fastapi.responses import Response, StreamingResponse

from muster.web.errors import error_body

_RANGE: Final = re.compile(r"bytes=\s*(\d{0,18})\s*-\s*(\d{0,18})\s*", re.IGNORECASE)

Stream = Callable[[int, int], Iterator[bytes]]
"""From the first byte and the one behind the last to the bytes."""


def ranged(
    request: Request,
    stream: Stream,
    size_bytes: int,
    tag: str,
    *,
    media_type: str,
    headers: Mapping[str, str],
) -> Response:
    """The whole, or the one range that was asked for. tag: strong, quoted; the same as long as the bytes are.

    Several ranges at once, and what is no range, give the whole, as the standard allows; a range behind the end is 416.
    What is wrong with the bytes at their start is raised, so that it is an answer still.
    """
    always = {**headers, "ETag": tag, "Accept-Ranges": "bytes"}
    if _is_known(request.headers.get("if-none-match"), tag):
        return Response(status_code=304, headers=always)
    asked = request.headers.get("range")
    if asked is not None and request.headers.get("if-range", tag).strip() == tag:
        wanted = _RANGE.fullmatch(asked.strip())
        if wanted is not None and (wanted[1] or wanted[2]):
            found = _bounds(wanted[1], wanted[2], size_bytes)
            if found is None:
                return _none_such(request, size_bytes, always)
            first, stop = found
            always["Content-Range"] = f"bytes {first}-{stop - 1}/{size_bytes}"
            return _answer(request, stream, first, stop, 206, media_type, always)
    return _answer(request, stream, 0, size_bytes, 200, media_type, always)


def _bounds(first: str, last: str, size: int) -> tuple[int, int] | None:
    """The first byte and the one behind the last; None when there is no such byte."""
    if not first:  # the last so many
        length = min(int(last), size)
        return (size - length, size) if length else None
    start = int(first)
    stop = min(int(last) + 1, size) if last else size
    return (start, stop) if start < stop else None


def _answer(
    request: Request,
    stream: Stream,
    first: int,
    stop: int,
    status: int,
    media_type: str,
    headers: Mapping[str, str],
) -> Response:
    is_head = getattr(request.state, "is_head", False)
    pieces = iter(()) if is_head else stream(first, stop)
    length = {"Content-Length": str(stop - first)}
    return StreamingResponse(pieces, status, {**headers, **length}, media_type=media_type)


def _none_such(request: Request, size: int, headers: Mapping[str, str]) -> Response:
    message = (
        f"The file has {size} bytes, and none where the range begins. It may be there as a whole already."
    )
    body = error_body(416, "range_unusable", message, getattr(request.state, "request_id", ""))
    request.state.error_code = "range_unusable"
    kept = {**headers, "Content-Range": f"bytes */{size}"}
    kept.pop("Content-Disposition", None)
    return Response(body, 416, kept, media_type="application/json")


def _is_known(if_none_match: str | None, tag: str) -> bool:
    if if_none_match is None:
        return False
    given = {part.strip().removeprefix("W/") for part in if_none_match.split(",")}
    return "*" in given or tag in given
