"""MAP: kind of refusal → HTTP status, and the one shape every failure has.

    {"status": "error", "code": "...", "message": "...", "request_id": "...",
     "errors": [{"row", "field", "pointer", "code", "message"}], "errors_total": 0}

With `Accept: application/problem+json` the same facts come as RFC 9457 problem details.
"""

from collections.abc import Sequence
from typing import Final

import msgspec
import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import Response
from starlette.exceptions import HTTPException

from muster import errors
from muster.errors import Issue, MusterError
from muster.web.accept import PROBLEM, wants_problem
from muster.web.ratelimit import TooOften

log = structlog.get_logger("muster.web")

STATUS_OF_KIND: Final[tuple[tuple[type[MusterError], int], ...]] = (
    # First match wins: special kinds before general ones.
    (errors.PayloadTooLarge, 413),
    (errors.UnsupportedMedia, 415),
    (errors.NotAcceptable, 406),
    (errors.InputError, 400),
    (errors.NotSignedIn, 401),
    (errors.AccessError, 403),
    (errors.NotFound, 404),
    (errors.Conflict, 409),
    (errors.RateLimited, 429),
    (errors.Overloaded, 503),
    (errors.LimitError, 429),
    (errors.StorageFull, 507),
    (errors.OutsideError, 503),
    (errors.MusterError, 500),
)

_RETRY_SECONDS: Final = 5
"""When to come back after a 503 that does not say (RFC 9110, 15.6.4)."""


def status_of(error: MusterError) -> int:
    """The HTTP status of a refusal."""
    return next(status for kind, status in STATUS_OF_KIND if isinstance(error, kind))


def error_body(
    status: int,
    code: str,
    message: str,
    request_id: str,
    *,
    issues: Sequence[Issue] = (),
    issues_total: int = 0,
    problem: bool = False,
) -> bytes:
    """The bytes of one failure answer, in our own shape or as RFC 9457 problem details."""
    facts: dict[str, object] = {
        "code": code,
        "request_id": request_id,
        "errors": list(issues),
        "errors_total": issues_total,
    }
    if problem:
        shape = {"type": f"urn:muster:error:{code}", "title": code.replace("_", " ").capitalize()}
        return msgspec.json.encode({**shape, "status": status, "detail": message, **facts})
    return msgspec.json.encode({"status": "error", "message": message, **facts})


def answer(request: Request, error: MusterError) -> Response:
    """The whole response for a refusal.

    A protocol with words of its own (tus) sets `request.state.error_statuses` (by code) and `error_headers`.
    """
    status = getattr(request.state, "error_statuses", {}).get(error.error_code, status_of(error))
    headers = {}
    retry_seconds = error.retry_after_seconds
    if retry_seconds is None and status == 503:
        retry_seconds = _RETRY_SECONDS
    if retry_seconds is not None:
        headers["Retry-After"] = str(retry_seconds)
    if status == 401:
        headers["WWW-Authenticate"] = "Bearer"
    if isinstance(error, TooOften):
        # The guard never got to note it: it was refused by the limiter.
        request.state.rate_limit = error.state
    return _response(
        request, status, error.error_code, error.message, headers, error.issues, error.issues_total
    )


def internal_error(request: Request) -> Response:
    """The answer when the bug is ours: nothing of what happened, only the id to find it by."""
    return _response(
        request,
        500,
        "internal_error",
        "Something broke on our side. Nothing to change in the request; report the request id.",
        {},
    )


def _response(
    request: Request,
    status: int,
    code: str,
    message: str,
    headers: dict[str, str],
    issues: Sequence[Issue] = (),
    issues_total: int = 0,
) -> Response:
    headers = {**headers, **getattr(request.state, "error_headers", {})}
    problem = wants_problem(request.headers.get("accept"))
    request.state.error_code = code
    body = error_body(
        status,
        code,
        message,
        getattr(request.state, "request_id", ""),
        issues=issues,
        issues_total=issues_total,
        problem=problem,
    )
    return Response(body, status, headers, media_type=PROBLEM if problem else "application/json")


def install(app: FastAPI) -> None:
    """Make every failure of the app leave in the one shape."""

    @app.exception_handler(MusterError)
    async def refused(request: Request, error: MusterError) -> Response:
        if isinstance(error, errors.OutsideError):
            log.warning("dependency.failed", code=error.error_code, exc_info=error.__cause__)
        return answer(request, error)

    @app.exception_handler(HTTPException)
    async def framework(request: Request, error: HTTPException) -> Response:
        if error.status_code == 405:
            allowed = ", ".join(allowed_methods(app, request))
            if request.method == "OPTIONS":
                return Response(status_code=204, headers={"Allow": allowed})
            why = f"This method is not possible here; use one of {allowed}."
            return _response(request, 405, "method_not_allowed", why, {"Allow": allowed})
        if error.status_code == 404:
            lost = "There is nothing at this address. The API is described at /docs."
            return _response(request, 404, "no_such_route", lost, {})
        headers = dict(error.headers or {})
        return _response(request, error.status_code, "invalid_request", str(error.detail), headers)

    @app.exception_handler(RequestValidationError)
    async def parameters(request: Request, error: RequestValidationError) -> Response:
        issues = [
            Issue(
                None, str(problem["loc"][-1]), f"/{problem['loc'][-1]}", "parameter_invalid", problem["msg"]
            )
            for problem in error.errors()
        ]
        names = ", ".join(f"`{issue.field}`: {issue.message}" for issue in issues)
        return answer(
            request, errors.InputError(f"Correct {names}.", code="parameter_invalid", issues=issues)
        )


def allowed_methods(app: FastAPI, request: Request) -> list[str]:
    """Every method some route offers at this path; Starlette alone names those of one route."""
    methods: set[str] = set()
    for route in app.router.routes:
        matched, _ = route.matches({**request.scope, "method": "TRACE"})
        if matched.value:
            methods |= getattr(route, "methods", None) or set()
    if "GET" in methods:
        methods.add("HEAD")
    return sorted(methods | {"OPTIONS"})
