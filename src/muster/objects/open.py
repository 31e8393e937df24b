"""From a URL to an object store."""

from pathlib import Path
from urllib.parse import unquote, urlsplit

from muster.errors import InputError
from muster.objects.local import LocalStore
from muster.objects.store import ObjectStore

_REMOTE_SCHEMES = ("s3", "gs", "az", "memory")


def open_store(url: str) -> ObjectStore:
    """The store at `url`.

    url: `file:///absolute/directory` (made when missing), `s3://bucket/prefix`, `gs://bucket/prefix`,
    `az://container/prefix`, or `memory://` (forgets everything; for tests). Credentials and endpoints of
    remote stores come from their usual environment variables (docs/operations.md).
    Raises InputError (`objects_url_invalid`) for anything else, Unavailable when the directory cannot be
    made or written.
    """
    parts = urlsplit(url)
    if parts.query or parts.fragment or parts.username or parts.password:
        raise _invalid("it may hold no user, password, `?` or `#`; credentials come from the environment")
    if parts.scheme == "file":
        path = unquote(parts.path)
        if parts.netloc or not path.startswith("/") or path == "/" or "\x00" in path:
            raise _invalid("a directory is written `file:///absolute/path`, with three slashes")
        return LocalStore(Path(path))
    if parts.scheme not in _REMOTE_SCHEMES:
        raise _invalid("it must start with file://, s3://, gs:// or az://")
    if parts.scheme != "memory" and not parts.netloc:
        raise _invalid(f"the bucket is missing: {parts.scheme}://bucket/prefix")
    try:
        # Only here: a server on a local directory needs neither the package nor the time to load it.
        from muster.objects.remote import RemoteStore  # noqa: PLC0415
    except ImportError as error:
        raise _invalid(
            f"{parts.scheme}:// needs the package `obstore`; install it with `pip install 'muster[server]'`"
        ) from error
    return RemoteStore.from_url(url)


def local_directories(url: str) -> tuple[Path, ...]:
    """Where the objects of the store at `url` lie as files of this machine; nowhere for a remote one."""
    parts = urlsplit(url)
    return (Path(unquote(parts.path)),) if parts.scheme == "file" else ()


def _invalid(why: str) -> InputError:
    return InputError(f"This address of the object store cannot be used: {why}.", code="objects_url_invalid")
