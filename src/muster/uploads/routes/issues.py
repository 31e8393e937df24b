"""Routes of the check before a table is used: issues by cause, and fixing rejects all alike (API.md, section 4)."""

from collections.abc import AsyncIterator
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response

from muster.accounts.guard import Guard
from muster.accounts.model import Principal, Scope
from muster.errors import UnsupportedMedia
from muster.uploads import openapi_issues, wire_issues
from muster.uploads.fix import fix, try_fix
from muster.uploads.issues import upload_issues
from muster.uploads.read import get_upload
from muster.uploads.requests_fix import parse_fix
from muster.uploads.room import UploadsRoom
from muster.uploads.routes.progress import ONE
from muster.web.accept import JSON, negotiate
from muster.web.body import BodyReader, is_json, media_type_of
from muster.web.etag import tagged
from muster.web.idempotency import Answer, Keyed, fingerprint, key_of, response_of


def router(room: UploadsRoom, guard: Guard, bodies: BodyReader) -> APIRouter:
    """The routes, bound to their room."""
    api = APIRouter(tags=["uploads"])
    writer = Annotated[Principal, Depends(guard.signed_in(Scope.UPLOADS_WRITE))]
    link_reader = Annotated[Principal, Depends(guard.signed_in(Scope.UPLOADS_READ, upload_token=True))]

    async def sent(principal: writer, request: Request) -> AsyncIterator[bytes]:
        del principal  # signed in before a byte is read
        if not is_json(media_type_of(request)):
            raise UnsupportedMedia("Send JSON with `Content-Type: application/json`.")
        async with bodies.open(request) as body:
            yield await bodies.check(body, body.decoded)

    @api.get(f"{ONE}/issues", response_model=wire_issues.IssuesJson, **openapi_issues.ISSUES)
    def issues(principal: link_reader, request: Request, upload_id: str) -> Response:
        negotiate(request.headers.get("accept"), (JSON,))
        found = upload_issues(room, principal, get_upload(room, principal, upload_id))
        return tagged(request, wire_issues.issues_json(found), JSON)

    @api.post(f"{ONE}/rejects/fix", response_model=wire_issues.FixedJson, **openapi_issues.FIX)
    def fix_(
        principal: writer, request: Request, upload_id: str, body: Annotated[bytes, Depends(sent)]
    ) -> Response:
        wish, is_trial = parse_fix(body)
        if is_trial:
            tried = try_fix(room, principal, upload_id, wish)
            return Response(wire_issues.fixed_json(tried, dry_run=True), media_type=JSON)
        key = key_of(request)
        keyed = Keyed(principal.user_id, key, fingerprint(request, body)) if key else None

        def work(remember: Any) -> Answer:
            def also(connection: Any, done: Any) -> None:
                remember(connection, Answer(200, wire_issues.fixed_json(done, dry_run=False)))

            done = fix(room, principal, upload_id, wish, also)
            return Answer(200, wire_issues.fixed_json(done, dry_run=False))

        return response_of(room.idempotency.once(keyed, work))

    return api
