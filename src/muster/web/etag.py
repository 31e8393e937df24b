"""Answers that cost nothing when nothing changed (RFC 9110, section 13.1.2)."""

import hashlib

from fastapi import Request
from fastapi.responses import Response


def tagged(request: Request, body: bytes, media_type: str) -> Response:
    """The body with an ETag made of it, or 304 when the client has it already.

    The tag is weak: the same facts may leave here compressed in several ways.
    """
    tag = f'W/"{hashlib.blake2b(body, digest_size=12).hexdigest()}"'
    headers = {"ETag": tag, "Vary": "Accept"}
    if _matches(request.headers.get("if-none-match"), tag):
        return Response(status_code=304, headers=headers)
    return Response(body, media_type=media_type, headers=headers)


def _matches(if_none_match: str | None, tag: str) -> bool:
    if if_none_match is None:
        return False
    given = {part.strip().removeprefix("W/") for part in if_none_match.split(",")}
    return "*" in given or tag.removeprefix("W/") in given
