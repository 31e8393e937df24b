"""Public JSON names of the request log."""

from collections.abc import Sequence
from typing import Literal

from typing_extensions import TypedDict  # pydantic reads only this one before Python 3.12

from muster.accounts.requests_model import LoggedRequest
from muster.clock import rfc3339


class RequestKeyView(TypedDict):
    """The API key a request came with, as it is called today."""

    id: str
    name: str | None


class RequestView(TypedDict):
    """One request of one's own.

    route: the pattern of its path; path: the same with its ids. query: the names in its query string, never
    their values. ms: from the head to the last byte. via: `key`, `session`, `oidc` or `link`. client: the
    program, or the browser in words. bytes_in, bytes_out: of the bodies, on the wire.
    """

    request_id: str
    at: str
    method: str
    route: str
    path: str
    query: list[str]
    status: int
    error_code: str | None
    ms: float
    bytes_in: int
    bytes_out: int
    via: Literal["key", "session", "oidc", "link"]
    key: RequestKeyView | None
    client: str | None


class RequestsAnswer(TypedDict):
    """One page of requests, newest first. kept_days: how long they are kept; 0: the log is off."""

    status: Literal["success"]
    requests: list[RequestView]
    next_cursor: str | None
    kept_days: int


def request_views(requests: Sequence[LoggedRequest]) -> list[RequestView]:
    return [_view(request) for request in requests]


def _view(request: LoggedRequest) -> RequestView:
    key: RequestKeyView | None = None
    if request.key_id is not None:
        key = {"id": request.key_id, "name": request.key_name}
    return {
        "request_id": request.request_id,
        "at": rfc3339(request.at),
        "method": request.method,
        "route": request.route,
        "path": request.path,
        "query": request.query_names,
        "status": request.status,
        "error_code": request.error_code,
        "ms": round(request.micros / 1000, 1),
        "bytes_in": request.bytes_in,
        "bytes_out": request.bytes_out,
        "via": request.via,  # type: ignore[typeddict-item]  # written from the same few words
        "key": key,
        "client": request.client,
    }
