"""Routes of the links that open one upload read-only (API.md, section 2)."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response

from muster.accounts.guard import Guard
from muster.accounts.model import Principal, Scope
from muster.uploads import openapi_issues, wire_issues
from muster.uploads.room import UploadsRoom
from muster.uploads.routes.progress import ONE
from muster.uploads.share import Link, links, share, unshare
from muster.uploads.wire import encode
from muster.web.accept import JSON, negotiate
from muster.web.idempotency import Answer, Keyed, fingerprint, key_of, response_of

LINK = f"{ONE}/session-token"


def router(room: UploadsRoom, guard: Guard) -> APIRouter:
    """The routes, bound to their room; a link itself opens none of them."""
    api = APIRouter(tags=["uploads"])
    reader = Annotated[Principal, Depends(guard.signed_in(Scope.UPLOADS_READ))]

    @api.post(LINK, status_code=201, response_model=wire_issues.LinkJson, **openapi_issues.SHARE)
    def share_(principal: reader, request: Request, upload_id: str) -> Response:
        key = key_of(request)
        keyed = Keyed(principal.user_id, key, fingerprint(request, b"")) if key else None

        def work(remember: Any) -> Answer:
            def also(connection: Any, link: Link) -> None:
                remember(connection, Answer(201, encode(wire_issues.link_json(upload_id, link))))

            link = share(room, principal, upload_id, also)
            return Answer(201, encode(wire_issues.link_json(upload_id, link)))

        return response_of(room.idempotency.once(keyed, work))

    @api.get(LINK, response_model=wire_issues.LinksJson, **openapi_issues.LINKS)
    def links_(principal: reader, request: Request, upload_id: str) -> Any:
        negotiate(request.headers.get("accept"), (JSON,))
        return wire_issues.links_json(upload_id, links(room, principal, upload_id))

    @api.delete(LINK, response_model=wire_issues.RevokedJson, **openapi_issues.UNSHARE)
    def unshare_(principal: reader, upload_id: str) -> Any:
        revoked = unshare(room, principal, upload_id)
        words = "link" if revoked == 1 else "links"
        return {"status": "success", "message": f"{revoked} {words} revoked", "revoked": revoked}

    return api
