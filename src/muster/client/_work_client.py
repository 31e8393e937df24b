"""The client's calls about files on their way and about the work on uploads; a part of `Client`."""

import uuid
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from ._address import upload_path
from ._connection import Connection, shaped
from ._events import read_events
from ._model import Upload
from ._tus import FileRun, OnSending
from ._wait import OnWork, wait_for
from ._work_model import Event, Preview


class WorkClient:
    """Files of any size, and what the server does with them: follow it, steer it."""

    _connection: Connection
    base_url: str

    def upload_file(
        self,
        path: str | Path,
        *,
        name: str | None = None,
        auto: bool = True,
        resume: bool = True,
        on_progress: OnSending | None = None,
    ) -> Upload:
        """Send a file of any size and kind as it is: CSV, TSV, JSON, NDJSON, XLSX, Parquet, also compressed.

        name: 1 to 100 characters; the file's name unless given. auto: processed at once as it was detected;
        otherwise it waits for `set_mapping`. Returns when the file is safe on the server; `wait` until it is a
        table.

        Over 4 MiB it goes in pieces: a cut connection costs no more than what was on its way. resume: an
        upload that was interrupted, by Ctrl-C or a crash, is gone on with when this is called again for the
        same unchanged file. Raises OSError when the file cannot be read, InvalidRequest (`file_changed`) when
        it changes meanwhile.
        """
        return FileRun(
            self._connection,
            Path(path),
            base_url=self.base_url,
            name=name,
            auto=auto,
            resume=resume,
            on_progress=on_progress,
        ).run()

    def wait(
        self, upload_id: str, *, timeout_seconds: float | None = None, on_progress: OnWork | None = None
    ) -> Upload:
        """Wait until nothing works on an upload any more, and return it as it is then.

        Whether it went well is in `Upload.status`: ready, ready_with_errors, failed, cancelled; or uploaded,
        with the reason `awaiting_mapping`, when it waits for somebody. Raises StillWorking when that takes
        longer than `timeout_seconds`.
        """
        return wait_for(self._connection, upload_id, timeout_seconds=timeout_seconds, on_progress=on_progress)

    def events(self, upload_id: str, *, after: int = 0) -> Iterator[Event]:
        """What happens to an upload, as it happens, until nothing works on it any more.

        after: leave out events up to this number; 0 begins with the first there ever was. A cut connection is
        made again, and nothing is missed.
        """
        return read_events(self._connection, upload_path(upload_id, "/events"), upload_id, after=after)

    def preview(self, upload_id: str, **layout: str | int | bool) -> Preview:
        """How the file of an upload would be read, with every confidence, and its first rows.

        layout: what to overrule in this look: format, compression, encoding, delimiter, quote, escape,
        header_row (a number from 0, or "none"), decimal_comma, sheet.
        """
        params = {
            name: str(value).lower() if isinstance(value, bool) else value for name, value in layout.items()
        }
        return shaped(
            self._connection.json("GET", upload_path(upload_id, "/preview"), params=params), Preview
        )

    def set_mapping(
        self,
        upload_id: str,
        mapping: Mapping[str, Any] | None = None,
        *,
        layout: Mapping[str, Any] | None = None,
        template: str | None = None,
        use_template: str | None = None,
    ) -> Upload:
        """Decide how the file of an upload is read, and have it processed.

        mapping: `{"columns": [{"from": "E-Mail", "to": "email"}], "keep_others": true}`; without it and
        without use_template the guesses are taken. layout: what to overrule of the file's format.
        template: keep this mapping under a name; use_template: take the one of that name.
        """
        wish = {"mapping": mapping, "layout": layout, "template": template, "use_template": use_template}
        is_auto = mapping is None and use_template is None
        said = self._connection.json(
            "PUT",
            upload_path(upload_id, "/mapping"),
            params={"auto": "true"} if is_auto else None,
            body={name: value for name, value in wish.items() if value is not None},
            headers={"Idempotency-Key": str(uuid.uuid4())},
        )
        return Upload.from_wire(said, status_member="upload_status")

    def cancel(self, upload_id: str) -> Upload:
        """Stop the work on an upload within two seconds; its bytes stay."""
        return self._steered(upload_id, "/cancel")

    def pause(self, upload_id: str) -> Upload:
        """Let the work rest after the step it is in."""
        return self._steered(upload_id, "/pause")

    def resume(self, upload_id: str) -> Upload:
        """Let paused work go on."""
        return self._steered(upload_id, "/resume")

    def reprocess(self, upload_id: str) -> Upload:
        """Make the table anew from the same bytes, with mapping and rules as they are now."""
        return self._steered(upload_id, "/reprocess")

    def _steered(self, upload_id: str, what: str) -> Upload:
        said = self._connection.json("POST", upload_path(upload_id, what))
        return Upload.from_wire(said, status_member="upload_status")
