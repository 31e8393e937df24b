"""The one place that speaks HTTP: addresses, the key, retries, and every failure turned into our own errors."""

import time
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from typing import Any, TypeVar

import httpx2
import msgspec
import stamina

from ._errors import InvalidRequest, MusterApiError, ServerError, Unreachable, error_from_answer
from ._retry import wait_before_retry

_LONGEST_CONNECT_SECONDS = 5.0
_PIECE_BYTES = 64 * 1024
_LOOPBACK = ("localhost", "127.0.0.1", "[::1]")

Params = Mapping[str, str | int]
Again = Callable[[Exception, float, float], bool | float]
"""Whether to try again: the error, the seconds since the first attempt, the timeout in seconds."""

_T = TypeVar("_T")


def usually_again(error: Exception, elapsed_seconds: float, timeout_seconds: float) -> bool | float:
    """The decision of `_retry`, for requests that have no better one of their own."""
    return wait_before_retry(error, elapsed_seconds=elapsed_seconds, timeout_seconds=timeout_seconds)


class Connection:
    """A pool of connections to one server.

    timeout_seconds: how long the server may be silent, and how long one that is not there is asked again.
    attempts: tries of one request, in all.
    """

    def __init__(
        self,
        *,
        base_url: str,
        api_key: str | None,
        timeout_seconds: float,
        attempts: int,
        transport: httpx2.BaseTransport | None,
    ) -> None:
        self._timeout_seconds = timeout_seconds
        self._attempts = attempts
        headers = {"Accept": "application/json", "User-Agent": "muster-python"}
        if api_key:
            headers["Authorization"] = f"Bearer {api_key}"
        try:
            self._http = httpx2.Client(
                base_url=base_url,
                headers=headers,
                timeout=httpx2.Timeout(
                    timeout_seconds, connect=min(timeout_seconds, _LONGEST_CONNECT_SECONDS)
                ),
                transport=transport,
                # A proxy from the environment cannot know this machine's own addresses.
                mounts=None if transport else {f"all://{host}": None for host in _LOOPBACK},
            )
        except (httpx2.InvalidURL, UnicodeEncodeError, ValueError) as error:
            raise InvalidRequest(
                f"The address or the key of the server cannot be used: {error}.", code="bad_address"
            ) from error
        if self._http.base_url.scheme not in {"http", "https"} or not self._http.base_url.host:
            self._http.close()
            raise InvalidRequest(
                f"{base_url!r} is no address of a server; write it like http://localhost:3000.",
                code="bad_address",
            )

    def close(self) -> None:
        self._http.close()

    def attempts(
        self, *, retry: bool = True, again: Again = usually_again, is_patient: bool = False
    ) -> Iterator[stamina.Attempt]:
        """Attempts to be made one after the other, with the waits between them; see stamina.retry_context.

        is_patient: only `again` ends them, not their number, unless there is to be one in all.
        """
        started = time.monotonic()

        def hook(error: Exception) -> bool | float:
            return retry and again(error, time.monotonic() - started, self._timeout_seconds)

        attempts = None if is_patient and self._attempts > 1 else self._attempts
        yield from stamina.retry_context(hook, attempts=attempts, timeout=None, wait_jitter=0.3)

    def call(
        self,
        method: str,
        path: str,
        *,
        params: Params | None = None,
        content: bytes = b"",
        headers: Mapping[str, str] | None = None,
        on_sent: Callable[[int], None] | None = None,
        on_attempt: Callable[[int], None] | None = None,
        retry: bool = True,
        ok_statuses: Collection[int] = (),
    ) -> httpx2.Response:
        """Send one request and return its 2xx answer, or one of `ok_statuses`, read to the end.

        on_sent is told the bytes of each piece of the body that went out, again for each attempt.
        on_attempt is told the number of each attempt, from 1, before it is made.
        Raises a MusterApiError for everything else, after the retries that `_retry` allows.
        """
        for attempt in self.attempts(retry=retry):
            with attempt:
                if on_attempt is not None:
                    on_attempt(attempt.num)
                length = {"Content-Length": str(len(content))} if content else {}
                request = self._request(
                    method,
                    path,
                    params=params,
                    headers={**length, **(headers or {})},
                    content=_in_pieces(content, on_sent) if content else None,
                )
                with self._answer(request, ok_statuses) as answer:
                    self._read(answer)
                    return answer
        raise AssertionError("stamina lets the last error through")  # pragma: no cover

    @contextmanager
    def stream(
        self,
        method: str,
        path: str,
        *,
        params: Params | None = None,
        headers: Mapping[str, str] | None = None,
        retry: bool = False,
        silence_seconds: float | None = None,
        on_answer: Callable[[httpx2.Response], None] | None = None,
    ) -> Iterator[Iterator[bytes]]:
        """Send one request and yield its body in pieces as they arrive.

        retry: ask again as long as no answer has begun; from then on it is never repeated, the caller has
        seen the beginning. silence_seconds: how long the server may be silent, when not as long as usual.
        on_answer is told the 2xx answer before its body is read. Raises Unreachable when the body is cut short.
        """
        with ExitStack() as stack:
            for attempt in self.attempts(retry=retry):
                with attempt:
                    request = self._request(method, path, params=params, headers=headers)
                    if silence_seconds is not None:
                        request.extensions["timeout"]["read"] = min(silence_seconds, self._timeout_seconds)
                    answer = stack.enter_context(self._answer(request))
            if on_answer is not None:
                on_answer(answer)
            yield self._pieces(answer)

    def send(
        self, method: str, path: str, pieces: Iterator[bytes], *, size_bytes: int, headers: Mapping[str, str]
    ) -> httpx2.Response:
        """Send one request whose body comes in pieces, once, and return its 2xx answer, read to the end."""
        about = {"Content-Length": str(size_bytes), **headers}
        request = self._request(method, path, params=None, headers=about, content=pieces)
        with self._answer(request) as answer:
            self._read(answer)
            return answer

    def json(self, method: str, path: str, *, body: object = None, **options: Any) -> dict[str, Any]:
        """`call` with a JSON body, if any, and a JSON object as the answer."""
        if body is not None:
            options["content"] = msgspec.json.encode(body)
            options["headers"] = {"Content-Type": "application/json", **options.get("headers", {})}
        return object_of(self.call(method, path, **options))

    def _request(
        self,
        method: str,
        path: str,
        *,
        params: Params | None,
        headers: Mapping[str, str] | None,
        content: Iterator[bytes] | None = None,
    ) -> httpx2.Request:
        return self._http.build_request(
            method, path, params=dict(params) if params else None, headers=headers, content=content
        )

    @contextmanager
    def _answer(
        self, request: httpx2.Request, ok_statuses: Collection[int] = ()
    ) -> Iterator[httpx2.Response]:
        try:
            answer = self._http.send(request, stream=True)
        except httpx2.RequestError as error:
            raise self._unreachable(error) from error
        try:
            if not answer.is_success and answer.status_code not in ok_statuses:
                self._read(answer)
                raise error_from_answer(
                    answer.status_code,
                    answer.content,
                    request_id=answer.headers.get("X-Request-Id"),
                    retry_after=answer.headers.get("Retry-After"),
                )
            yield answer
        finally:
            answer.close()

    def _read(self, answer: httpx2.Response) -> None:
        try:
            answer.read()
        except httpx2.RequestError as error:
            raise self._unreachable(error) from error

    def _pieces(self, answer: httpx2.Response) -> Iterator[bytes]:
        try:
            yield from answer.iter_bytes()
        except httpx2.RequestError as error:
            raise self._unreachable(error) from error

    def _unreachable(self, error: httpx2.RequestError) -> Unreachable:
        address = str(self._http.base_url).rstrip("/")
        if isinstance(error, httpx2.TimeoutException):
            said = f"{address} did not answer within {self._timeout_seconds:g} s."
        elif isinstance(error, httpx2.ConnectError):
            said = f"Nothing answers at {address}; is the server running there? ({error})"
        else:
            said = f"The connection to {address} broke: {error or type(error).__name__}."
        return Unreachable(said, code="unreachable")


def _in_pieces(content: bytes, on_sent: Callable[[int], None] | None) -> Iterator[bytes]:
    view = memoryview(content)
    for start in range(0, len(view), _PIECE_BYTES):
        piece = view[start : start + _PIECE_BYTES]
        yield bytes(piece)
        if on_sent is not None:
            on_sent(len(piece))


def object_of(answer: httpx2.Response) -> dict[str, Any]:
    """The JSON object of a 2xx answer; ServerError when it is something else (a proxy's page, for example)."""
    try:
        said = msgspec.json.decode(answer.content)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise _not_ours(answer) from error
    if not isinstance(said, dict):
        raise _not_ours(answer)
    return said


def shaped(said: Any, shape: type[_T]) -> _T:
    """Part of an answer as a value; members this client does not know are left out.

    Raises ServerError when it is something else.
    """
    try:
        return msgspec.convert(said, shape)
    except msgspec.ValidationError as error:
        message = f"The address answered in a way this client does not understand: {error}."
        raise ServerError(message, code="not_muster") from error


def _not_ours(answer: httpx2.Response) -> MusterApiError:
    return ServerError(
        "The address answered, but not with Muster's JSON; is it a Muster server?",
        status=answer.status_code,
        code="not_muster",
    )
