"""How a file is to be read and its columns named: what the user decided, or else what was guessed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import msgspec

from muster.db.database import Connection
from muster.errors import InputError
from muster.ids import UploadId, UserId
from muster.records.headers import CERTAIN, ColumnGuess, guess_columns
from muster.uploads import file_store
from muster.uploads.file_model import UploadFile
from muster.uploads.mapping import ColumnMapping
from muster.uploads.mapping import Mapping as ColumnsMapping
from muster.uploads.raw_file import StoredFile
from muster.uploads.readers.detect import detect
from muster.uploads.readers.model import Detected, Layout
from muster.uploads.room import UploadsRoom


@dataclass(frozen=True, slots=True)
class Decision:
    """How a file is read. by: `user`, or `auto` when nobody was asked; then low confidences deserve a look."""

    layout: Layout
    mapping: ColumnsMapping
    by: Literal["user", "auto"]


def open_file(room: UploadsRoom, file: UploadFile) -> StoredFile:
    """The bytes of an uploaded file."""
    parts = [(part.key, part.size_bytes) for part in file.parts]
    return StoredFile(room.objects, parts, room.tables.cache, room.scratch / "files")


def look(room: UploadsRoom, file: UploadFile) -> Detected:
    """What a file seems to be; looks at a few MiB of it. Raises NotFound, Unavailable."""
    return detect(open_file(room, file), file.file_name, file.media_type)


def guessed_mapping(guesses: Sequence[ColumnGuess]) -> ColumnsMapping:
    """The mapping nobody was asked about: only guesses that are certain enough rename a column."""
    return ColumnsMapping(
        tuple(
            ColumnMapping((guess.column,), (guess.field,))
            for guess in guesses
            if guess.field is not None and guess.confidence >= CERTAIN and guess.field != guess.column
        )
    )


def guesses_of(
    detected: Detected, remembered: Mapping[str, str | None] | None = None
) -> tuple[ColumnGuess, ...]:
    """What the columns of a file probably are."""
    return guess_columns(detected.layout.columns, detected.sample, remembered)


def decide(room: UploadsRoom, user_id: UserId, file: UploadFile) -> Decision:
    """The decision that is stored, or the one made and stored now.

    Raises InputError when the file cannot be read at all; its message says why.
    """
    with room.db.read() as connection:
        stored = stored_decision(connection, user_id, file.upload_id)
    if stored is not None:
        return stored
    detected = look(room, file)
    if detected.problem is not None:
        raise InputError(detected.problem, code=detected.problem_code)
    decision = Decision(detected.layout, guessed_mapping(guesses_of(detected)), "auto")
    with room.db.begin() as connection:
        keep_decision(connection, user_id, file.upload_id, decision)
    return decision


def stored_decision(connection: Connection, user_id: UserId, upload_id: UploadId) -> Decision | None:
    """None when nothing is decided yet."""
    value = file_store.FileStore(connection, user_id).decision(upload_id)
    return None if value is None else msgspec.convert(value, Decision)


def keep_decision(connection: Connection, user_id: UserId, upload_id: UploadId, decision: Decision) -> None:
    """Store a decision in place of any before."""
    file_store.FileStore(connection, user_id).set_decision(upload_id, msgspec.to_builtins(decision))
