"""One HTTP call of a destination: what an answer means for the rows, and what no answer means."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from muster.errors import InputError, Unavailable
from muster.exports.destination import Call
from muster.web.outgoing.addresses import AddressRefused, parse_url
from muster.web.outgoing.caller import HttpCaller, Reply, Request, Trouble

TIMEOUT_SECONDS: Final = 60.0
_MAX_ANSWER_BYTES: Final = 4 * 1024 * 1024
_BUSY: Final = frozenset({408, 425, 429})


@dataclass(frozen=True, slots=True)
class Sent:
    """What is sent. url: whole; headers: may hold secrets, so neither goes into a log or a repr."""

    url: str = field(repr=False)
    method: str = "POST"
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    body: bytes | None = field(default=None, repr=False)


def ask(call: Call, sent: Sent, timeout_seconds: float = TIMEOUT_SECONDS) -> Reply:
    """The answer, whatever its status, but for those that say "later".

    Raises InputError (`destination_address_refused`) for an address that is not called, Unavailable for no answer, 408,
    425, 429 and 5xx.
    """
    try:
        address, target = parse_url(sent.url, allow_private=call.allow_private_addresses)
    except AddressRefused as error:
        raise InputError(str(error), code="destination_address_refused") from error
    caller = call.resource(
        "http",
        lambda: HttpCaller(allow_private=call.allow_private_addresses, max_answer_bytes=_MAX_ANSWER_BYTES),
    )
    headers = {name: value.encode("latin-1", "replace") for name, value in sent.headers.items()}
    request = Request(address, sent.method, target, headers, sent.body)
    reply = caller.call(request, timeout_seconds=timeout_seconds, is_stopping=call.is_stopping)
    if isinstance(reply, Trouble):
        raise _trouble(reply)
    if reply.status in _BUSY or reply.status >= 500:
        raise Unavailable(
            f"The destination answered {reply.status}; it is tried again later.",
            code="destination_unavailable",
            retry_after_seconds=_retry_after(reply),
        )
    return reply


def json_of(reply: Reply) -> Mapping[str, Any]:
    """The object in an answer; empty when there is none."""
    try:
        found = json.loads(reply.body)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def json_bytes(value: object) -> bytes:
    """Compact JSON in UTF-8."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


def _trouble(trouble: Trouble) -> InputError | Unavailable:
    if trouble is Trouble.ADDRESS_REFUSED:
        return InputError(
            "The name of the destination stands for an address in the server's own network, which is called only where "
            "the operator set MUSTER_ALLOW_PRIVATE_ADDRESSES.",
            code="destination_address_refused",
        )
    words = {
        Trouble.TIMEOUT: "did not answer in time",
        Trouble.UNREACHABLE: "cannot be reached",
        Trouble.ANSWER_TOO_LARGE: "answered with too much",
        Trouble.ANSWER_BROKEN: "broke its answer off",
        Trouble.STOPPED: "was left, as the export is to stop",
    }
    return Unavailable(f"The destination {words[trouble]}.", code="destination_unavailable")


def _retry_after(reply: Reply) -> int | None:
    text = reply.headers.get("retry-after", "")
    return min(int(text), 3600) if text.isascii() and text.isdigit() and len(text) < 6 else None
