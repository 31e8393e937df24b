"""A request as its own sender sees it later, and which ones are asked for; pure."""

import re
from dataclasses import dataclass
from datetime import datetime

from muster.errors import InputError, Issue
from muster.ids import KeyId, UserId

_STATUS = re.compile(r"([1-5])(xx|[0-9]{2})")


@dataclass(frozen=True, slots=True)
class LoggedRequest:
    """via: `key`, `session`, `oidc` or `link`. route: the path's pattern. query_names: without their values.

    micros: from the head to the last byte, in microseconds. bytes_in: of the body as read, bytes_out: of the
    body as sent. client: the program's name, or the browser in words.
    """

    id: int
    at: datetime
    user_id: UserId
    via: str
    key_id: KeyId | None
    key_name: str | None
    method: str
    route: str
    path: str
    query_names: list[str]
    status: int
    micros: int
    request_id: str
    bytes_in: int
    bytes_out: int
    error_code: str | None
    client: str | None


@dataclass(frozen=True, slots=True)
class RequestFilter:
    """Which requests are wanted; None: any.

    statuses: the least and the greatest. path: is contained in it. request_id: is it; a caller that names
    its requests itself may have used it more than once.
    """

    statuses: tuple[int, int] | None = None
    method: str | None = None
    path: str | None = None
    key_id: str | None = None
    via: str | None = None
    request_id: str | None = None


def parse_status(text: str) -> tuple[int, int]:
    """`404` or `4xx` as the least and the greatest status; raises InputError (`status_invalid`)."""
    match = _STATUS.fullmatch(text)
    if match is None:
        message = "Write a status such as `404`, or a class of them such as `4xx`."
        raise InputError(
            message,
            code="status_invalid",
            issues=[Issue(None, "status", "/status", "status_invalid", message)],
        )
    if match[2] == "xx":
        return int(match[1]) * 100, int(match[1]) * 100 + 99
    return int(text), int(text)
