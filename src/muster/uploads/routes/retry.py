"""The route that takes corrected rejects back (API.md, section 4)."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response

from muster.accounts.guard import Guard
from muster.accounts.model import Principal, Scope
from muster.uploads import openapi, wire
from muster.uploads.requests_retry import parse_corrected
from muster.uploads.retry import Corrected, retry
from muster.uploads.room import UploadsRoom
from muster.web.body import BodyReader, media_type_of
from muster.web.idempotency import Answer, Keyed, fingerprint, key_of, response_of


@dataclass(frozen=True, slots=True)
class _Incoming:
    corrected: tuple[Corrected, ...]
    keyed: Keyed | None


def router(room: UploadsRoom, guard: Guard, bodies: BodyReader) -> APIRouter:
    """The route, bound to its room."""
    api = APIRouter(tags=["uploads"])
    writer = Annotated[Principal, Depends(guard.signed_in(Scope.UPLOADS_WRITE))]

    async def incoming(request: Request, principal: writer) -> AsyncIterator[_Incoming]:
        key = key_of(request)
        async with bodies.open(request) as body:

            def parse() -> _Incoming:
                decoded = body.decoded()
                corrected = parse_corrected(decoded, media_type_of(request), max_rows=room.max_records)
                keyed = Keyed(principal.user_id, key, fingerprint(request, decoded)) if key else None
                return _Incoming(corrected, keyed)

            yield await bodies.check(body, parse)

    @api.post(
        "/api/audience/batch-upload/{upload_id}/retry", response_model=wire.RetriedJson, **openapi.RETRY
    )
    def retry_(principal: writer, upload_id: str, sent: Annotated[_Incoming, Depends(incoming)]) -> Response:
        def work(remember: Any) -> Answer:
            retried = retry(
                room,
                principal,
                upload_id,
                sent.corrected,
                lambda connection, done: remember(connection, Answer(200, wire.retried_json(done))),
            )
            return Answer(200, wire.retried_json(retried))

        return response_of(room.idempotency.once(sent.keyed, work))

    return api
