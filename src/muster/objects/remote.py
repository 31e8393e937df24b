"""Objects in S3, Google Cloud Storage or Azure Blob Storage, through obstore; the only file that imports it.

Credentials, endpoints and regions come from the environment variables each service is known by (AWS_*,
GOOGLE_*, AZURE_*), instance roles included; obstore reads them. These services answer a put only when the
object is durable and list keys in byte order. Parts of a large object whose upload a crash cut short stay
with the service until a lifecycle rule of the bucket ends them (docs/operations.md).
"""

import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from itertools import chain
from typing import TYPE_CHECKING, Self

import obstore
from obstore import exceptions
from obstore.store import MemoryStore, from_url

from muster.errors import Conflict, InputError, NotFound, StorageFull, Unavailable
from muster.objects.keys import PINGS, checked, checked_prefix
from muster.objects.store import CHUNK_BYTES, ObjectInfo, write_read_delete

if TYPE_CHECKING:
    from obstore.store import ClientConfig, ObjectStore, RetryConfig

_ONE_REQUEST_BYTES = 8 * 1024 * 1024
"""Objects up to this size are one request; larger ones go up in parts, a few of them at once."""

_BLOCK_BYTES = 4 * 1024 * 1024
"""What `stream` asks for at a time: a slow reader then holds no connection open and meets no timeout."""

_PARTS_AT_ONCE = 4
_CONNECT_TIMEOUT = timedelta(seconds=5)
_REQUEST_TIMEOUT = timedelta(seconds=30)
_RETRIES: "RetryConfig" = {
    "max_retries": 4,
    "retry_timeout": timedelta(seconds=20),
    "backoff": {"init_backoff": timedelta(milliseconds=100), "max_backoff": timedelta(seconds=2), "base": 2},
}
_ENDPOINTS = (
    "AWS_ENDPOINT_URL_S3",
    "AWS_ENDPOINT_URL",
    "AWS_ENDPOINT",
    "AZURE_ENDPOINT",
    "AZURE_STORAGE_ENDPOINT",
)
_NO_BUCKET = ("NoSuchBucket", "ContainerNotFound", "The specified bucket does not exist")
_FULL = ("XMinioStorageFull", "507 Insufficient Storage", "QuotaExceeded")


class RemoteStore:
    """An `ObjectStore` over one of obstore's stores."""

    def __init__(self, store: "ObjectStore") -> None:
        self._store = store

    @classmethod
    def from_url(
        cls,
        url: str,
        *,
        request_timeout: timedelta = _REQUEST_TIMEOUT,
        retries: "RetryConfig" = _RETRIES,
    ) -> Self:
        """The store at `url`, as `open.open_store` says; no request is made yet.

        request_timeout: for one request with its answer; retries come on top.
        Raises InputError (`objects_url_invalid`) when the environment lacks what the service needs.
        """
        if url.startswith("memory:"):
            return cls(MemoryStore())
        options: ClientConfig = {
            "connect_timeout": _CONNECT_TIMEOUT,
            "timeout": request_timeout,
            # Whoever sets an http:// endpoint means it: a MinIO next door. The default is https.
            "allow_http": any(os.environ.get(name, "").startswith("http://") for name in _ENDPOINTS),
        }
        try:
            return cls(from_url(url, client_options=options, retry_config=retries))
        except (exceptions.BaseError, ValueError) as error:
            raise InputError(
                f"This object store cannot be opened: {str(error).splitlines()[0]}",
                code="objects_url_invalid",
            ) from error

    def put(
        self, key: str, parts: Iterable[bytes | bytearray | memoryview], *, create_only: bool = False
    ) -> int:
        """See `ObjectStore.put`.

        A Conflict may be the echo of our own first try, whose answer got lost; who must know compares.
        """
        path = checked(key)
        source = _Source(parts)
        start = source.take(None if create_only else _ONE_REQUEST_BYTES + 1)
        try:
            with _translated(source):
                if create_only:
                    obstore.put(self._store, path, start, mode="create", use_multipart=False)
                elif len(start) <= _ONE_REQUEST_BYTES:
                    obstore.put(self._store, path, start, use_multipart=False)
                else:
                    whole = chain([start], source)
                    obstore.put(self._store, path, whole, use_multipart=True, max_concurrency=_PARTS_AT_ONCE)
        except NotFound as error:
            if error is source.failure:
                raise
            raise Unavailable("The bucket of the object store does not exist.") from error
        return source.size_bytes

    def get_range(self, key: str, start: int, length: int) -> bytes:
        """See `ObjectStore.get_range`."""
        if start < 0 or length < 0:
            raise ValueError("neither start nor length of a range is negative")
        if length == 0:
            self.size(key)  # for its NotFound: services refuse empty ranges
            return b""
        path = checked(key)
        try:
            with _translated():
                return bytes(obstore.get_range(self._store, path, start=start, length=length))
        except Unavailable as error:
            # Each service words "this range starts beyond the end" differently, so the size decides.
            if "range" in str(error.__cause__).lower() and start >= self.size(key):
                return b""
            raise

    def get_tail(self, key: str, length: int) -> bytes:
        """See `ObjectStore.get_tail`."""
        if length < 0:
            raise ValueError("the length of a tail is not negative")
        # Not every service knows suffix ranges, so the size is asked for first.
        start = max(0, self.size(key) - length)
        return self.get_range(key, start, length)

    def stream(self, key: str, start: int = 0, end: int | None = None) -> Iterator[bytes]:
        """See `ObjectStore.stream`; a replaced object raises Conflict, a deleted one NotFound."""
        if start < 0:
            raise ValueError("a stream does not start before the object")
        path = checked(key)
        with _translated():
            found = obstore.head(self._store, path)
        stop = found["size"] if end is None else min(end, found["size"])
        return self._blocks(path, start, stop, found["e_tag"])

    def size(self, key: str) -> int:
        """See `ObjectStore.size`."""
        with _translated():
            return obstore.head(self._store, checked(key))["size"]

    def list(self, prefix: str) -> Iterator[ObjectInfo]:
        """See `ObjectStore.list`."""
        return self._listing(checked_prefix(prefix))

    def path_of(self, key: str) -> None:
        """See `ObjectStore.path_of`: nowhere on this machine."""
        checked(key)

    def delete(self, key: str) -> None:
        """See `ObjectStore.delete`."""
        try:
            with _translated():
                obstore.delete(self._store, checked(key))
        except NotFound:
            return  # S3 says nothing here, GCS and Azure say 404: gone is gone

    def ping(self) -> None:
        """See `ObjectStore.ping`."""
        write_read_delete(self)

    def clear_temporary(self, older_than: timedelta) -> int:
        """See `ObjectStore.clear_temporary`; unfinished parts are left to the bucket's lifecycle rule."""
        latest = datetime.now(UTC) - older_than
        cleared = 0
        for ping in self.list(PINGS):
            if ping.modified_at < latest:
                self.delete(ping.key)
                cleared += 1
        return cleared

    def _blocks(self, path: str, start: int, stop: int, e_tag: str | None) -> Iterator[bytes]:
        while start < stop:
            end = min(start + _BLOCK_BYTES, stop)
            with _translated():
                got = obstore.get(self._store, path, options={"range": (start, end), "if_match": e_tag})
                block = memoryview(got.bytes())
            if len(block) != end - start:
                raise Unavailable("The object store cut its answer short.", retry_after_seconds=5)
            for offset in range(0, len(block), CHUNK_BYTES):
                yield bytes(block[offset : offset + CHUNK_BYTES])
            start = end

    def _listing(self, prefix: str) -> Iterator[ObjectInfo]:
        with _translated():
            pages = iter(obstore.list(self._store, prefix or None, chunk_size=1000))
        while True:
            with _translated():
                page = next(pages, None)
            if page is None:
                return
            for found in page:
                yield ObjectInfo(found["path"], found["size"], found["last_modified"])


class _Source(Iterator[bytes]):
    """The caller's parts, counted; remembers what they raised, because obstore may wrap it."""

    def __init__(self, parts: Iterable[bytes | bytearray | memoryview]) -> None:
        self._parts = iter(parts)
        self.size_bytes = 0
        self.failure: BaseException | None = None

    def __next__(self) -> bytes:
        try:
            part = bytes(next(self._parts))
        except StopIteration:
            raise
        except BaseException as error:
            self.failure = error
            raise
        self.size_bytes += len(part)
        return part

    def take(self, at_least: int | None) -> bytes:
        """The first parts, until there are `at_least` bytes; None: all of them."""
        taken = bytearray()
        for part in self:
            taken += part
            if at_least is not None and len(taken) >= at_least:
                break
        return bytes(taken)


@contextmanager
def _translated(source: _Source | None = None) -> Iterator[None]:
    """Raise what a failure of obstore means; what `source` raised is the caller's and passes unchanged."""
    try:
        yield
    except (exceptions.BaseError, OSError, ValueError) as error:
        if source is not None and source.failure is not None:
            raise source.failure from None
        raise _meaning(error) from error


def _meaning(error: Exception) -> Conflict | NotFound | StorageFull | Unavailable:
    text = str(error)
    if any(sign in text for sign in _FULL):
        return StorageFull("The object store takes no more bytes. Nothing of this request was kept.")
    if isinstance(error, FileNotFoundError) and not any(sign in text for sign in _NO_BUCKET):
        return NotFound("There is no such object.")
    if isinstance(error, exceptions.AlreadyExistsError):
        return Conflict("There is already an object under this key.", code="object_exists")
    if isinstance(error, exceptions.PreconditionError | exceptions.NotModifiedError):
        return Conflict("This object was replaced while it was being read.", code="object_replaced")
    if isinstance(error, exceptions.PermissionDeniedError | exceptions.UnauthenticatedError):
        return Unavailable("The object store refuses our credentials.", retry_after_seconds=60)
    return Unavailable("The object store does not answer. Try again in a moment.", retry_after_seconds=5)
