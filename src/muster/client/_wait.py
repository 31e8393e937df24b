"""Waits until the work on an upload is over: by its events, or by asking when there are none to be had."""

import time
from collections.abc import Callable

from ._address import upload_path
from ._connection import Connection, object_of, shaped
from ._errors import MusterApiError, NotFound, StillWorking
from ._events import read_events
from ._model import Upload
from ._work_model import WorkProgress

OnWork = Callable[[WorkProgress], None]

_NO_INCLUDE = {"include": "none"}


def wait_for(
    connection: Connection,
    upload_id: str,
    *,
    timeout_seconds: float | None,
    on_progress: OnWork | None,
    poll_seconds: float = 1.0,
) -> Upload:
    """Wait until nothing works on an upload; returns it as it is then, whatever has become of it.

    poll_seconds: between two questions where there are no events. Raises StillWorking after `timeout_seconds`, NotFound when there is none or no more.
    """
    until = None if timeout_seconds is None else time.monotonic() + timeout_seconds
    tell = on_progress or _nobody
    try:
        for event in read_events(connection, upload_path(upload_id, "/events"), upload_id, until=until):
            if event.kind == "progress":
                tell(shaped(event.data, WorkProgress))
    except (StillWorking, NotFound):
        raise
    except MusterApiError:
        # A proxy that ends streams, a server with too many of them: the plain answer has the same numbers.
        return _polled(connection, upload_id, until=until, tell=tell, poll_seconds=poll_seconds)
    return _found(connection, upload_id)


def _polled(
    connection: Connection, upload_id: str, *, until: float | None, tell: OnWork, poll_seconds: float
) -> Upload:
    tag = ""
    while True:
        answer = connection.call(
            "GET",
            upload_path(upload_id),
            params=_NO_INCLUDE,
            headers={"If-None-Match": tag} if tag else {},
            ok_statuses=(304,),
        )
        if answer.status_code != 304:
            tag = answer.headers.get("ETag", "")
            upload = Upload.from_wire(object_of(answer), status_member="upload_status")
            if upload.progress is None:
                return upload
            tell(upload.progress)
        if until is not None and time.monotonic() + poll_seconds > until:
            message = f"{upload_id} is still being worked on. It goes on; ask for it again later."
            raise StillWorking(message, code="still_working")
        time.sleep(poll_seconds)


def _found(connection: Connection, upload_id: str) -> Upload:
    said = connection.json("GET", upload_path(upload_id), params=_NO_INCLUDE)
    return Upload.from_wire(said, status_member="upload_status")


def _nobody(_progress: WorkProgress) -> None:
    return None
