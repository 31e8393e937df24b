"""`muster upload`: files of any kind and size, with a bar, and a second chance after Ctrl-C.

A file goes as it is and is read on the server. Small JSON goes as batches of records instead, which the server
checks before it stores any, and so does everything under --skip-invalid.
"""

import time
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any, BinaryIO, Self

import msgspec
import typer

from muster.cli.options import AsJson, Key, Url, connect
from muster.cli.output import FAILED, explain, note, print_json, say, size_text
from muster.cli.progress import shown_progress
from muster.cli.upload_file import FileAttempt, goes_as_batches
from muster.client import (
    Client,
    InvalidRecords,
    MusterApiError,
    Part,
    Progress,
    RejectedRecord,
    ServerError,
    Unreachable,
    UploadReport,
)

_ERRORS_SHOWN = 10
_GO_ON = "Run the same command again to go on: what is stored is not stored twice."


def upload(
    files: Annotated[
        list[Path],
        typer.Argument(
            metavar="FILE",
            exists=True,
            dir_okay=False,
            readable=True,
            help="CSV, TSV, XLSX, Parquet, JSON or NDJSON; also as .gz, .zst or .zip",
        ),
    ],
    name: Annotated[str | None, typer.Option(help="The upload's name; the file's unless given.")] = None,
    skip_invalid: Annotated[
        bool,
        typer.Option(
            "--skip-invalid",
            help="Send .json, .ndjson or .csv as batches; store the good records, write the others to a file.",
        ),
    ] = False,
    rejects: Annotated[
        Path | None,
        typer.Option(
            dir_okay=False,
            help="Where --skip-invalid writes rejected records; FILE.rejects.ndjson unless given.",
        ),
    ] = None,
    no_wait: Annotated[bool, typer.Option("--no-wait", help="Do not wait until a file is a table.")] = False,
    no_auto: Annotated[
        bool, typer.Option("--no-auto", help="Show how a file would be read, and stop there.")
    ] = False,
    *,
    url: Url = None,
    key: Key = None,
    as_json: AsJson = False,
) -> None:
    """Upload files of records, of any size."""
    if len(files) > 1 and (name is not None or rejects is not None):
        raise typer.BadParameter("--name and --rejects are for one file")
    if skip_invalid and no_auto:
        raise typer.BadParameter("--no-auto is for files; --skip-invalid sends records")
    done: list[dict[str, Any]] = []
    all_well = True
    with connect(url, key) as client:
        for path in files:
            if not skip_invalid and (no_auto or not goes_as_batches(path)):
                whole = FileAttempt(path, name, auto=not no_auto, wait=not no_wait)
                try:
                    said, is_well = whole.run(client, as_json=as_json)
                except (MusterApiError, OSError) as error:
                    _tell_file_failed(path, whole, error, done, as_json=as_json)
                    raise typer.Exit(FAILED) from error
                done.append(said)
                all_well &= is_well
                continue
            attempt = _Attempt(path, name or path.name, skip_invalid, rejects)
            try:
                done.append(attempt.run(client, as_json=as_json))
            except KeyboardInterrupt as error:
                _tell_interrupted(attempt, done, as_json=as_json)
                raise typer.Exit(FAILED) from error
            except (MusterApiError, OSError) as error:
                _tell_failed(attempt, error, done, as_json=as_json)
                raise typer.Exit(FAILED) from error
    if as_json:
        print_json({"files": done})
    if not all_well:
        raise typer.Exit(FAILED)


class _Attempt:
    """One file on its way; remembers what is stored, for whoever has to tell of it."""

    def __init__(self, path: Path, name: str, skip_invalid: bool, rejects: Path | None) -> None:
        self.path = path
        self.stored: tuple[Part, ...] = ()
        self._name = name
        self._skip_invalid = skip_invalid
        self._rejects = rejects or path.with_name(f"{path.name}.rejects.ndjson")

    def run(self, client: Client, *, as_json: bool) -> dict[str, Any]:
        started = time.monotonic()
        with RejectsFile(self._rejects) as rejects, shown_progress(self.path.name) as show:

            def on_progress(progress: Progress) -> None:
                self.stored = progress.parts
                show(progress)

            report = client.upload_records_file(
                self.path,
                name=self._name,
                skip_invalid=self._skip_invalid,
                on_progress=on_progress,
                on_reject=rejects.write,
            )
        seconds = time.monotonic() - started
        if not as_json:
            _tell_done(self.path, report, seconds)
        if rejects.rows:
            note(f"Rejected records, {rejects.rows:,} in all, are in {self._rejects}.")
        return {
            "file": str(self.path),
            "upload_name": report.upload_name,
            "upload_ids": report.upload_ids,
            "rows_received": report.rows_received,
            "rows_accepted": report.rows_accepted,
            "rows_rejected": report.rows_rejected,
            "rejects_file": str(self._rejects) if rejects.rows else None,
            "seconds": round(seconds, 3),
            "parts": _facts(report.parts),
        }


class RejectsFile:
    """Rejected records as NDJSON: `_row`, `_code` and `_reason`, then the record's own members byte for byte.

    Made only when there is something to write. A record that is no JSON object comes as `_raw`.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file: BinaryIO | None = None
        self.rows = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._file is not None:
            self._file.close()

    def write(self, rejected: RejectedRecord) -> None:
        if self._file is None:
            self._file = self._path.open("wb")
        self._file.write(rejected_line(rejected))
        self.rows += 1


def rejected_line(rejected: RejectedRecord) -> bytes:
    """One line of a rejects file."""
    about = {"_row": rejected.row, "_code": rejected.code, "_reason": rejected.message}
    own = _own_members(rejected.raw)
    if own is None:
        about["_raw"] = rejected.raw.decode("utf-8", "backslashreplace")
    head = msgspec.json.encode(about)
    return head + b"\n" if not own else head[:-1] + b"," + own + b"}\n"


def _own_members(raw: bytes) -> bytes | None:
    """What stands between the braces of a JSON object, on one line; None when it is no such thing."""
    try:
        msgspec.json.decode(raw, type=dict[str, msgspec.Raw])
        raw.decode()
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
    # Line ends in valid JSON stand only between members, never inside a text.
    return raw.strip()[1:-1].strip().replace(b"\n", b" ").replace(b"\r", b" ")


def _tell_done(path: Path, report: UploadReport, seconds: float) -> None:
    wire_bytes = sum(part.wire_bytes for part in report.parts)
    rate = report.rows_received / max(seconds, 0.001)
    say(
        f"{path.name}: {report.rows_accepted:,} of {report.rows_received:,} records stored "
        f"in {seconds:.1f} s ({rate:,.0f}/s, {size_text(wire_bytes)} sent)"
    )
    for part in report.parts:
        again = "  stored before, not stored twice" if part.replayed else ""
        say(f"  {part.upload_id}  {part.upload_name}  {part.rows_accepted:,} records{again}")


def _tell_interrupted(attempt: _Attempt, done: Sequence[dict[str, Any]], *, as_json: bool) -> None:
    note(f"muster: interrupted. {_stored_so_far(attempt)} {_GO_ON}")
    if as_json:
        error = {"code": "interrupted", "file": str(attempt.path), "stored": _facts(attempt.stored)}
        print_json({"files": done, "error": error})


def _tell_failed(
    attempt: _Attempt, error: MusterApiError | OSError, done: Sequence[dict[str, Any]], *, as_json: bool
) -> None:
    note(f"muster: {attempt.path.name}: {explain(error)}")
    if isinstance(error, InvalidRecords):
        for one in error.errors[1:_ERRORS_SHOWN]:
            note(f"  Record {one.row}: {one.message}")
        if error.errors_total > _ERRORS_SHOWN:
            note(f"  and {error.errors_total - _ERRORS_SHOWN:,} more.")
        note("  --skip-invalid stores the good records and writes the others to a file.")
    if attempt.stored:
        note(f"  {_stored_so_far(attempt)} {_GO_ON}")
    if as_json:
        said = {**_error_facts(attempt.path, error), "stored": _facts(attempt.stored)}
        print_json({"files": done, "error": said})


def _tell_file_failed(
    path: Path,
    attempt: FileAttempt,
    error: MusterApiError | OSError,
    done: Sequence[dict[str, Any]],
    *,
    as_json: bool,
) -> None:
    note(f"muster: {path.name}: {explain(error)}")
    if isinstance(error, Unreachable | ServerError):
        note(f"  {attempt.kept()}")
    if as_json:
        print_json({"files": done, "error": _error_facts(path, error)})


def _error_facts(path: Path, error: MusterApiError | OSError) -> dict[str, Any]:
    said: dict[str, Any] = {"file": str(path), "message": explain(error), "code": "os_error"}
    if isinstance(error, MusterApiError):
        said |= {
            "message": error.message,
            "code": error.code,
            "request_id": error.request_id,
            "errors": error.errors,
            "errors_total": error.errors_total,
        }
    return said


def _stored_so_far(attempt: _Attempt) -> str:
    if not attempt.stored:
        return f"Nothing of {attempt.path.name} is stored."
    rows = sum(part.rows_accepted for part in attempt.stored)
    ids = ", ".join(part.upload_id for part in attempt.stored)
    return f"Stored of {attempt.path.name} so far: {rows:,} records ({ids})."


def _facts(parts: Sequence[Part]) -> list[dict[str, Any]]:
    """Parts for JSON, without the session token: output ends up in logs."""
    return [
        {name: value for name, value in asdict(part).items() if name != "session_token"} for part in parts
    ]
