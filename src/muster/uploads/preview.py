"""Look at a file before it is read: how it seems to be laid out, or how it reads when overruled."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from muster.accounts.model import Principal
from muster.db.database import Connection
from muster.errors import Conflict, InputError, Issue
from muster.uploads.decide import Decision, Suggestion, look, open_file, stored_decision, suggest
from muster.uploads.file_model import UploadFile
from muster.uploads.file_store import FileStore
from muster.uploads.first_rows import MAX_HEADER_ROW, with_first_rows
from muster.uploads.model import Upload, UploadStatus
from muster.uploads.readers import csv_describe, excel, json, ndjson, parquet
from muster.uploads.readers.detect import layout_overruled
from muster.uploads.readers.model import Detected, FileFormat, Guess, Layout, RawFile
from muster.uploads.room import UploadsRoom
from muster.uploads.store import UploadStore

_DESCRIBE: Final[dict[FileFormat, Callable[[RawFile, Layout], Detected]]] = {
    FileFormat.CSV: csv_describe.describe,
    FileFormat.NDJSON: ndjson.describe,
    FileFormat.JSON: json.describe,
    FileFormat.XLSX: excel.describe,
    FileFormat.PARQUET: parquet.describe,
}
_COARSE: Final = ("format", "compression", "encoding", "sheet")
"""Members that everything else was guessed under: overrule one and the rest is guessed again."""


@dataclass(frozen=True, slots=True)
class Preview:
    """An upload's file as it would be read. decision: how it is or will be read, None when that is open."""

    upload: Upload
    file: UploadFile
    detected: Detected
    suggestion: Suggestion
    decision: Decision | None


def preview(room: UploadsRoom, principal: Principal, upload_id: str, overrides: Mapping[str, Any]) -> Preview:
    """Look at the file of an upload. overrides: members of the layout by name.

    Raises NotFound, Forbidden, Conflict (`upload_not_complete`, `not_a_file`), InputError (`layout_invalid` and
    other codes of what cannot be a layout), Unavailable.
    """
    with room.db.read() as connection:
        upload, file = complete_file(connection, principal, upload_id)
    detected = seen_as(room, principal, file, overrides)
    with room.db.read() as connection:
        return Preview(
            upload,
            file,
            detected,
            suggest(connection, principal.user_id, detected),
            stored_decision(connection, principal.user_id, upload.id),
        )


def complete_file(connection: Connection, principal: Principal, upload_id: str) -> tuple[Upload, UploadFile]:
    """An upload whose file is there as a whole. Raises NotFound, Forbidden, Conflict."""
    upload = UploadStore(connection, principal).get(upload_id)
    file = FileStore(connection, principal.user_id).get(upload.id)
    if file is None:
        raise Conflict(
            "This upload came as records, not as a file; there is no layout to decide.", code="not_a_file"
        )
    if upload.status in {UploadStatus.RECEIVING, UploadStatus.DELETING}:
        raise Conflict("The file is not complete yet. Send the rest of it first.", code="upload_not_complete")
    return upload, file


def seen_as(
    room: UploadsRoom, principal: Principal, file: UploadFile, overrides: Mapping[str, Any]
) -> Detected:
    """What the file is when these members of its layout are overruled; its `problem` when it cannot be read so.

    The columns are filled in: what is shown is what will be read. Raises InputError for what is no layout.
    """
    raw = open_file(room, file)
    try:
        detected = look(room, principal.user_id, file)
    except InputError as error:
        return Detected(Layout(FileFormat.CSV), {}, (), (), error.error_code, error.message)
    if not overrides:
        return detected
    layout = _checked(detected, overrides)
    try:
        if detected.problem is not None or any(
            getattr(layout, name) != getattr(detected.layout, name) for name in _COARSE
        ):
            detected = _again(raw, detected, layout, overrides)
            if detected.problem is not None:
                return detected
            layout = _checked(detected, overrides)
        said = {name: Guess(getattr(layout, name), 1.0, "You said so.") for name in overrides}
        seen = replace(detected, layout=layout, guesses={**detected.guesses, **said})
        return with_first_rows(raw, seen, room.scratch)
    except InputError as error:
        return replace(
            detected, layout=layout, sample=(), problem_code=error.error_code, problem=error.message
        )


def _again(raw: RawFile, detected: Detected, layout: Layout, overrides: Mapping[str, Any]) -> Detected:
    """Everything finer, guessed under other decisions about format, compression, encoding or sheet."""
    coarse = Layout(layout.format, layout.compression, layout.encoding, sheet=overrides.get("sheet"))
    described = _DESCRIBE[layout.format](raw, coarse)
    before = {name: guess for name, guess in detected.guesses.items() if name in _COARSE}
    return replace(described, guesses={**before, **described.guesses})


def _checked(detected: Detected, overrides: Mapping[str, Any]) -> Layout:
    layout = layout_overruled(detected, overrides)
    if layout.format is FileFormat.BATCH:
        raise _refused("format", "A file is never of the format `batch`.")
    if (layout.header_row or 0) > MAX_HEADER_ROW:
        raise _refused("header_row", f"`header_row` is at most {MAX_HEADER_ROW}.")
    return layout


def _refused(member: str, message: str) -> InputError:
    issue = Issue(None, member, f"/layout/{member}", "layout_invalid", message)
    return InputError(message, code="layout_invalid", issues=[issue])
