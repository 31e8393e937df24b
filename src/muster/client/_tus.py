"""Sends a file so that it arrives whole over any connection: tus 1.0.0, or one plain request when it is small.

Whoever was cut off asks the server how much it has and goes on from there; the server keeps what arrived. The
upload's id is remembered on disk, so the next run of the program goes on as well.
"""

import base64
import time
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import BinaryIO, Final

from ._address import FILES, TUS, tus_path, upload_path
from ._connection import Connection, object_of, usually_again
from ._errors import Forbidden, InvalidRequest, MusterApiError, NotFound, ServerError, TooLarge
from ._model import MIB, Upload
from ._remember import FileState, Remembered
from ._work_model import SendingProgress

OnSending = Callable[[SendingProgress], None]

SMALL_FILE_BYTES: Final = 4 * MIB
"""Up to here a file goes out in one request that is simply sent again when it is cut off."""
CHUNK_BYTES: Final = 64 * MIB
_LEAST_CHUNK_BYTES = 256 * 1024
_PIECE_BYTES = 256 * 1024
_SPOKEN = {"Tus-Resumable": "1.0.0"}
_ASK_WHERE_IT_IS = frozenset({"offset_mismatch", "upload_complete", "upload_locked", "checksum_mismatch"})
_GONE = frozenset({"upload_expired", "http_410"})


class FileRun:
    """The sending of one file; used once. resume: go on with what an earlier run began, and remember this one."""

    def __init__(
        self,
        connection: Connection,
        path: Path,
        *,
        base_url: str,
        name: str | None,
        auto: bool,
        resume: bool,
        on_progress: OnSending | None,
    ) -> None:
        self._connection = connection
        self._path = path
        self._name = name
        self._auto = auto
        self._on_progress = on_progress
        self._state = FileState.of(path)
        self._remembered = Remembered(self._state, base_url, name, auto=auto) if resume else None
        self._chunk_bytes = CHUNK_BYTES
        self._upload_id: str | None = None
        self._resumed_bytes = 0
        self._failing_since: float | None = None

    def run(self) -> Upload:
        """Send it. What is raised leaves the upload unfinished on the server, to be gone on with."""
        with self._path.open("rb") as file:
            if self._state.size_bytes <= SMALL_FILE_BYTES:
                return self._in_one_request(file)
            at_bytes = self._resumed() or 0
            self._resumed_bytes = at_bytes
            upload_id = self._upload_id or self._created()
            self._tell(at_bytes)
            while at_bytes < self._state.size_bytes:
                self._check_unchanged(upload_id)
                at_bytes = self._one_chunk(file, upload_id, at_bytes)
        if self._remembered is not None:
            self._remembered.forget()
        return self._found(upload_id)

    def _in_one_request(self, file: BinaryIO) -> Upload:
        content = file.read()
        sent_bytes = 0

        def on_sent(size_bytes: int) -> None:
            nonlocal sent_bytes
            sent_bytes += size_bytes
            self._tell(sent_bytes)

        def on_attempt(_number: int) -> None:
            nonlocal sent_bytes
            sent_bytes = 0

        params = {"file_name": self._path.name, "auto": str(self._auto).lower()}
        answer = self._connection.call(
            "POST",
            FILES,
            params=params if self._name is None else {**params, "upload_name": self._name},
            content=content,
            headers={"Content-Type": "application/octet-stream", "Idempotency-Key": str(uuid.uuid4())},
            on_sent=on_sent,
            on_attempt=on_attempt,
        )
        return Upload.from_wire(object_of(answer), status_member="upload_status")

    def _resumed(self) -> int | None:
        """How many bytes the server has of what an earlier run began; None when there is nothing to go on with."""
        if self._remembered is None or (upload_id := self._remembered.upload_id()) is None:
            return None
        try:
            at_bytes, length_bytes = self._asked(upload_id)
        except (NotFound, Forbidden, InvalidRequest) as error:
            if isinstance(error, InvalidRequest) and error.code not in _GONE:
                raise
            length_bytes = None
        if length_bytes != self._state.size_bytes:
            self._remembered.forget()
            return None
        self._upload_id = upload_id
        return at_bytes

    def _created(self) -> str:
        told = {"filename": self._path.name, "auto": str(self._auto).lower()}
        if self._name is not None:
            told["upload_name"] = self._name
        metadata = ",".join(
            f"{name} {base64.b64encode(text.encode('utf-8', 'replace')).decode()}"
            for name, text in told.items()
        )
        # Asked twice after a cut it makes two; the empty one expires by itself.
        answer = self._connection.call(
            "POST",
            TUS,
            headers={
                **_SPOKEN,
                "Upload-Length": str(self._state.size_bytes),
                "Upload-Metadata": metadata,
            },
        )
        upload_id = answer.headers.get("Location", "").rstrip("/").rpartition("/")[2]
        tus_path(upload_id)
        self._upload_id = upload_id
        if self._remembered is not None:
            self._remembered.keep(upload_id)
        return upload_id

    def _one_chunk(self, file: BinaryIO, upload_id: str, at_bytes: int) -> int:
        """Send bytes from a place on; returns the place reached."""
        for attempt in self._connection.attempts(again=self._again, is_patient=True):
            with attempt:
                if attempt.num > 1:
                    there, _ = self._asked(upload_id, retry=False)
                    if there != at_bytes:
                        self._failing_since = None
                        self._tell(there)
                        return there
                size_bytes = min(self._chunk_bytes, self._state.size_bytes - at_bytes)
                try:
                    self._connection.send(
                        "PATCH",
                        tus_path(upload_id),
                        self._pieces(file, upload_id, at_bytes, size_bytes),
                        size_bytes=size_bytes,
                        headers={
                            **_SPOKEN,
                            "Content-Type": "application/offset+octet-stream",
                            "Upload-Offset": str(at_bytes),
                        },
                    )
                except TooLarge as error:
                    # In words that are not Muster's: a proxy in between takes less at once.
                    if error.code != "http_413" or self._chunk_bytes <= _LEAST_CHUNK_BYTES:
                        raise
                    self._chunk_bytes = max(_LEAST_CHUNK_BYTES, self._chunk_bytes // 8)
                    return at_bytes
                self._failing_since = None
                return at_bytes + size_bytes
        raise AssertionError("the last error is let through")  # pragma: no cover

    def _pieces(self, file: BinaryIO, upload_id: str, at_bytes: int, size_bytes: int) -> Iterator[bytes]:
        file.seek(at_bytes)
        end = at_bytes + size_bytes
        while at_bytes < end:
            piece = file.read(min(_PIECE_BYTES, end - at_bytes))
            if not piece:
                self._check_unchanged(upload_id)
                raise OSError(f"{self._path} ended before its end.")
            yield piece
            at_bytes += len(piece)
            self._tell(at_bytes)

    def _check_unchanged(self, upload_id: str) -> None:
        """Raise InvalidRequest when the file is another one by now; what was sent of it is dropped."""
        if FileState.of(self._path) == self._state:
            return
        if self._remembered is not None:
            self._remembered.forget()
        self._connection.call("DELETE", tus_path(upload_id), headers=_SPOKEN)
        message = f"{self._path.name} was changed while it was sent. Nothing of it was kept; send it again."
        raise InvalidRequest(message, code="file_changed")

    def _again(self, error: Exception, _elapsed_seconds: float, timeout_seconds: float) -> bool | float:
        """As usual, and where only the offset has to be asked for again; counted from the first failure on,
        however long the sending went well before."""
        now = time.monotonic()
        self._failing_since = self._failing_since or now
        failing_seconds = now - self._failing_since
        if failing_seconds >= timeout_seconds or getattr(error, "code", "") == "not_muster":
            return False
        if isinstance(error, MusterApiError) and error.code in _ASK_WHERE_IT_IS:
            return error.retry_after_seconds or True
        return usually_again(error, failing_seconds, timeout_seconds)

    def _asked(self, upload_id: str, *, retry: bool = True) -> tuple[int, int | None]:
        """How many bytes the server has, and of how many."""
        answer = self._connection.call("HEAD", tus_path(upload_id), headers=_SPOKEN, retry=retry)
        try:
            length = answer.headers.get("Upload-Length")
            return int(answer.headers["Upload-Offset"]), None if length is None else int(length)
        except (KeyError, ValueError) as error:
            message = "The address answered, but not as tus 1.0.0 does; is it a Muster server?"
            raise ServerError(message, status=answer.status_code, code="not_muster") from error

    def _found(self, upload_id: str) -> Upload:
        said = self._connection.json("GET", upload_path(upload_id), params={"include": "none"})
        return Upload.from_wire(said, status_member="upload_status")

    def _tell(self, bytes_sent: int) -> None:
        if self._on_progress is not None:
            total = self._state.size_bytes
            self._on_progress(SendingProgress(bytes_sent, total, self._resumed_bytes, self._upload_id))
