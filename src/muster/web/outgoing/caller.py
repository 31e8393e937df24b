"""One call to somebody else's service: one request on the wire, one answer or the reason there is none.

No redirect is followed (a 3xx is an answer), no cookie kept, no proxy or password taken from the environment, nothing
sent twice. What comes back is bounded in bytes, unpacked too, and in time, and is only read, never believed.
"""

import ssl
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final, Protocol

import httpcore2

from muster import __version__
from muster.errors import InputError
from muster.web.encodings import stream_decoder_for
from muster.web.outgoing.addresses import Address
from muster.web.outgoing.line import (
    GuardedNetwork,
    Late,
    Patience,
    Refused,
    Resolve,
    Stopped,
    TooMuch,
    resolve_by_system,
)

MAX_ANSWER_BYTES: Final = 1024 * 1024
_HEAD_BYTES: Final = 128 * 1024  # the parser itself takes 100 KiB
_IDLE_SECONDS: Final = 4.0
"""How long an open connection waits for the next call; most servers close theirs after five seconds."""


class Trouble(StrEnum):
    """Why a call has no answer."""

    TIMEOUT = "timeout"
    UNREACHABLE = (
        "unreachable"  # no such name, nobody accepts, no certificate for it, or hung up without a word
    )
    ADDRESS_REFUSED = "address_refused"  # the name stands for a network that is not called; nothing was sent
    ANSWER_TOO_LARGE = "answer_too_large"
    ANSWER_BROKEN = "answer_broken"  # not HTTP, cut off in the middle, packed wrongly
    STOPPED = "stopped"


@dataclass(frozen=True, slots=True)
class Request:
    """What is sent. target: path and query, ASCII. headers: none of those the caller sets itself (`OWN_HEADERS`).

    Neither goes into a log or a repr: both may hold secrets and personal data.
    """

    address: Address
    method: str
    target: str = field(repr=False)
    headers: Mapping[str, bytes] = field(default_factory=dict, repr=False)
    body: bytes | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Reply:
    """What came back. headers: names in lower case, the last one of a name. body: unpacked."""

    status: int
    headers: Mapping[str, str]
    body: bytes = field(repr=False)


OWN_HEADERS: Final = frozenset(
    {
        "host", "content-length", "transfer-encoding", "connection", "keep-alive", "te", "trailer", "upgrade",
        "expect", "accept-encoding", "proxy-authorization", "proxy-connection", "via",
    }
)  # fmt: skip


class Caller(Protocol):
    """Whoever can make a call; `close` when done."""

    def call(
        self,
        request: Request,
        *,
        timeout_seconds: float,
        is_stopping: Callable[[], bool] = ...,
        on_sent: Callable[[], None] = ...,
    ) -> Reply | Trouble:
        """Send the request once. on_sent: called when all of it is on its way, not at all when it never was."""
        ...

    def close(self) -> None: ...


def system_trust() -> ssl.SSLContext:
    """Who vouches for names: the system's authorities, or those of `SSL_CERT_FILE`. Reading them takes 20 ms."""
    return httpcore2.default_ssl_context()


class HttpCaller:
    """A `Caller` for one thread at a time; keeps its connection open for the next call.

    allow_private: see `addresses`. max_answer_bytes: of a body, on the wire and unpacked. trust: shared by callers;
    None: the system's. resolve: how names are looked up; tests bring their own.
    """

    def __init__(
        self,
        *,
        allow_private: bool = False,
        max_answer_bytes: int = MAX_ANSWER_BYTES,
        resolve: Resolve = resolve_by_system,
        trust: ssl.SSLContext | None = None,
    ) -> None:
        self._max_bytes = max_answer_bytes
        self._network = GuardedNetwork(allow_private=allow_private, resolve=resolve)
        self._pool = httpcore2.ConnectionPool(
            ssl_context=trust or system_trust(),
            max_connections=1,
            keepalive_expiry=_IDLE_SECONDS,
            network_backend=self._network,
        )

    def call(
        self,
        request: Request,
        *,
        timeout_seconds: float,
        is_stopping: Callable[[], bool] = lambda: False,
        on_sent: Callable[[], None] = lambda: None,
    ) -> Reply | Trouble:
        """See `Caller`."""
        patience = Patience(timeout_seconds, _HEAD_BYTES, is_stopping, on_sent)
        self._network.patience = patience
        try:
            answer = self._pool.handle_request(_on_the_wire(request))
            patience.allow(2 * self._max_bytes)  # framed in pieces it takes more than the body has
            try:
                return self._read(answer, patience)
            finally:
                answer.close()
        except Stopped:
            return Trouble.STOPPED
        except Late:
            return Trouble.TIMEOUT
        except Refused:
            return Trouble.ADDRESS_REFUSED
        except TooMuch:
            return Trouble.ANSWER_TOO_LARGE
        except (httpcore2.RemoteProtocolError, httpcore2.NetworkError, InputError):
            return Trouble.ANSWER_BROKEN if patience.has_got else Trouble.UNREACHABLE

    def close(self) -> None:
        self._pool.close()

    def _read(self, answer: httpcore2.Response, patience: Patience) -> Reply:
        headers = {
            name.decode("latin-1").lower(): value.decode("latin-1").strip() for name, value in answer.headers
        }
        decode = stream_decoder_for(headers.get("content-encoding"))
        pieces = answer.iter_stream()
        body = bytearray()
        for piece in decode(pieces) if decode else pieces:
            body += piece
            if len(body) > self._max_bytes:
                raise TooMuch
            patience.slice()  # many small pieces may have come at once
        return Reply(answer.status, headers, bytes(body))


def _on_the_wire(request: Request) -> httpcore2.Request:
    headers = [
        (b"Host", request.address.authority.encode("ascii")),
        (b"Accept-Encoding", b"gzip"),
        *((name.encode("ascii"), value) for name, value in request.headers.items()),
    ]
    given = {name.lower() for name in request.headers}
    if "user-agent" not in given:
        headers.append((b"User-Agent", f"muster/{__version__}".encode("ascii")))
    if request.body is not None:
        headers.append((b"Content-Length", str(len(request.body)).encode("ascii")))
    address = request.address
    url = httpcore2.URL(
        scheme=address.scheme.encode("ascii"),
        host=address.host.encode("ascii"),
        port=address.port,
        target=request.target.encode("ascii"),
    )
    return httpcore2.Request(request.method, url, headers=headers, content=request.body or b"")
