"""The part of `muster upload` that sends a file as it is and shows what becomes of it."""

import time
from pathlib import Path
from typing import Any

import typer

from muster.cli.output import FAILED, note, say, size_text
from muster.cli.progress import shown_sending
from muster.cli.work import ended_well, facts, tell_outcome, tell_preview, watched
from muster.client import Client, SendingProgress, Upload

SMALL_FILE_BYTES = 4 * 1024 * 1024
"""JSON up to here goes as batches, which are checked before they are stored."""
_BATCH_SUFFIXES = frozenset({".json", ".ndjson", ".jsonl"})
_MB = 1_000_000


def goes_as_batches(path: Path) -> bool:
    """Whether a file is small JSON, which the server answers for record by record at once."""
    return path.suffix.lower() in _BATCH_SUFFIXES and path.stat().st_size <= SMALL_FILE_BYTES


class FileAttempt:
    """One file on its way. auto: processed as detected; otherwise its preview is shown."""

    def __init__(self, path: Path, name: str | None, *, auto: bool, wait: bool) -> None:
        self._path = path
        self._name = name
        self._auto = auto
        self._wait = wait
        self._last: SendingProgress | None = None

    def run(self, client: Client, *, as_json: bool) -> tuple[dict[str, Any], bool]:
        """Send it and see it through; returns what to print as JSON and whether it went well."""
        started = time.monotonic()
        upload = self._sent(client)
        sent_at = time.monotonic()
        said: dict[str, Any] = {"file": str(self._path), "upload_ids": [upload.upload_id]}
        if self._auto and self._wait:
            upload = watched(client, upload.upload_id, self._path.name)
        seconds = time.monotonic() - started
        if not as_json:
            self._tell(client, upload, sent_at - started, seconds)
        said |= facts(upload)
        said["seconds"] = round(seconds, 3)
        said["resumed_bytes"] = 0 if self._last is None else self._last.resumed_bytes
        return said, ended_well(upload)

    def _sent(self, client: Client) -> Upload:
        try:
            with shown_sending(self._path.name) as show:

                def on_progress(progress: SendingProgress) -> None:
                    self._last = progress
                    show(progress)

                return client.upload_file(
                    self._path, name=self._name, auto=self._auto, on_progress=on_progress
                )
        except KeyboardInterrupt:
            note(f"muster: interrupted. {self.kept()}")
            raise typer.Exit(FAILED) from None

    def kept(self) -> str:
        """What an interrupted sending leaves behind and how to go on."""
        if self._last is None or self._last.upload_id is None:
            return f"Nothing of {self._path.name} is stored."
        return (
            f"The server keeps what has arrived of {self._path.name} "
            f"({size_text(self._last.bytes_sent)} of {size_text(self._last.bytes_total)} sent). "
            "Run the same command again to go on."
        )

    def _tell(self, client: Client, upload: Upload, sending_seconds: float, seconds: float) -> None:
        size_bytes = self._path.stat().st_size
        new_bytes = size_bytes - (0 if self._last is None else self._last.resumed_bytes)
        working_seconds = seconds - sending_seconds
        line = f"{self._path.name}: {size_text(size_bytes)} sent in {sending_seconds:.1f} s"
        # Of small files such a number says more about waiting than about speed.
        if new_bytes >= SMALL_FILE_BYTES:
            line += f" ({new_bytes / _MB / max(sending_seconds, 0.001):,.1f} MB/s)"
        if upload.is_ready and self._wait:
            line += f", a table {working_seconds:.1f} s later"
            if new_bytes >= SMALL_FILE_BYTES:
                line += f" ({upload.rows_received / max(working_seconds, 0.001):,.0f} rows/s)"
        say(line)
        if not self._auto:
            tell_preview(client.preview(upload.upload_id))
        elif not self._wait:
            one = upload.upload_id
            say(
                f"  {one}  is being processed; `muster follow {one}` shows it, `muster cancel {one}` stops it"
            )
        else:
            tell_outcome(upload, indent="  ")
