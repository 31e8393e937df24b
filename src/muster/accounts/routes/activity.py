"""Routes of what happened in one's own account: the audit log and the log of requests."""

from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Query, Response

from muster.accounts import audit, openapi
from muster.accounts.guard import Guard
from muster.accounts.model import Principal, Scope
from muster.accounts.requests import list_requests
from muster.accounts.requests_model import RequestFilter, parse_status
from muster.accounts.room import AccountsRoom
from muster.accounts.routes.pages import After, Limit, cursor_of
from muster.accounts.wire import AuditAnswer, audit_views
from muster.accounts.wire_requests import RequestsAnswer, request_views

_NO_NUL = r"^[^\x00]*$"  # which PostgreSQL cannot even compare with
Method = Literal["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]


def filter_of(
    status: Annotated[str | None, Query(description="`404`, or a class such as `4xx`.")] = None,
    method: Annotated[Method | None, Query()] = None,
    path: Annotated[
        str | None, Query(max_length=300, pattern=_NO_NUL, description="Path contains this, ignoring case.")
    ] = None,
    key_id: Annotated[
        str | None, Query(max_length=8, pattern=_NO_NUL, description="Sent with this API key.")
    ] = None,
    via: Annotated[
        Literal["key", "session", "oidc", "link"] | None, Query(description="How the sender signed in.")
    ] = None,
    request_id: Annotated[
        str | None,
        Query(
            max_length=128, pattern=_NO_NUL, description="`X-Request-Id` of its answer, as errors name it."
        ),
    ] = None,
) -> RequestFilter:
    return RequestFilter(
        statuses=None if status is None else parse_status(status),
        method=method,
        path=path,
        key_id=key_id,
        via=via,
        request_id=request_id,
    )


def router(room: AccountsRoom, guard: Guard) -> APIRouter:
    """The routes, bound to their room."""
    routes = APIRouter(prefix="/api", tags=["audit"])
    reader = guard.signed_in(Scope.USAGE_READ)

    @routes.get("/audit", **openapi.AUDIT)
    def get_audit(
        principal: Annotated[Principal, Depends(reader)],
        response: Response,
        limit: Limit = 100,
        cursor: After = None,
    ) -> AuditAnswer:
        """What was done in one's own account, newest first."""
        lines, following, total = audit.lines(room, principal, limit, cursor_of(cursor))
        response.headers["Cache-Control"] = "no-store"
        return {
            "status": "success",
            "lines": audit_views(lines),
            "next_cursor": None if following is None else following.encode(),
            "total": total,
        }

    @routes.get("/requests", **openapi.REQUESTS)
    def get_requests(
        principal: Annotated[Principal, Depends(reader)],
        response: Response,
        wanted: Annotated[RequestFilter, Depends(filter_of)],
        limit: Limit = 100,
        cursor: After = None,
    ) -> RequestsAnswer:
        """One's own recent requests, newest first; they show up here a second after they were answered."""
        page, following = list_requests(room, principal, wanted, limit, cursor_of(cursor))
        response.headers["Cache-Control"] = "no-store"
        return {
            "status": "success",
            "requests": request_views(page),
            "next_cursor": None if following is None else following.encode(),
            "kept_days": room.request_log_life.days,
        }

    return routes
