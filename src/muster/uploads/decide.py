"""How a file is to be read and its columns named: what the user decided, or else what was guessed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

import msgspec

from muster.db.database import Connection
from muster.errors import InputError
from muster.ids import UploadId, UserId
from muster.records.headers import CERTAIN, ColumnGuess, guess_columns
from muster.uploads import file_store
from muster.uploads.file_model import UploadFile
from muster.uploads.first_rows import with_first_rows
from muster.uploads.mapping import ColumnMapping
from muster.uploads.mapping import Mapping as ColumnsMapping
from muster.uploads.mapping_store import MappingStore
from muster.uploads.raw_file import StoredFile
from muster.uploads.readers.detect import detect
from muster.uploads.readers.model import Detected, Layout
from muster.uploads.room import UploadsRoom
from muster.uploads.templates import recall


@dataclass(frozen=True, slots=True)
class Decision:
    """How a file is read.

    by: `user`; `remembered`: as the user decided for an earlier file with these headers; `auto` when nobody was
    ever asked, then low confidences deserve a look.
    """

    layout: Layout
    mapping: ColumnsMapping
    by: Literal["user", "auto", "remembered"]


@dataclass(frozen=True, slots=True)
class Suggestion:
    """What would be done without asking. guesses: one for each column."""

    mapping: ColumnsMapping
    guesses: Sequence[ColumnGuess]
    by: Literal["auto", "remembered"]
    kept_id: str | None = None


def local_copies(room: UploadsRoom, upload_id: str) -> Path:
    """The directory for copies of an upload's bytes on this machine; goes with its build, or with it."""
    return room.scratch / "files" / upload_id


def open_file(room: UploadsRoom, file: UploadFile) -> StoredFile:
    """The bytes of an uploaded file."""
    parts = [(part.key, part.size_bytes) for part in file.parts]
    return StoredFile(room.objects, parts, room.tables.cache, local_copies(room, file.upload_id))


def look(room: UploadsRoom, user_id: UserId, file: UploadFile) -> Detected:
    """What a complete file seems to be; looks at a few MiB of it, once. Raises NotFound, Unavailable."""
    with room.db.read() as connection:
        known = file_store.FileStore(connection, user_id).detected(file.upload_id)
    if known is not None:
        detected = msgspec.convert(known, Detected)
        if detected.problem is not None:
            return detected
        return with_first_rows(open_file(room, file), detected, room.scratch)
    detected = detect(open_file(room, file), file.file_name, file.media_type)
    # Without the rows: what is in a file belongs into the object store and nowhere else.
    kept = msgspec.to_builtins(replace(detected, sample=()))
    with room.db.begin() as connection:
        file_store.FileStore(connection, user_id).set_detected(file.upload_id, kept)
    return detected


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


def suggest(connection: Connection, user_id: UserId, detected: Detected) -> Suggestion:
    """What was decided for an earlier file with these headers, or else what the columns seem to be."""
    kept = recall(connection, user_id, detected.layout.columns)
    if kept is None:
        guesses = guesses_of(detected)
        return Suggestion(guessed_mapping(guesses), guesses, "auto")
    fields: dict[str, str | None] = dict.fromkeys(detected.layout.columns)
    for step in kept.mapping.steps:
        if len(step.sources) == 1 == len(step.targets):
            fields[step.sources[0]] = step.targets[0]
    return Suggestion(kept.mapping, guesses_of(detected, fields), "remembered", kept.id)


def decide(room: UploadsRoom, user_id: UserId, file: UploadFile) -> Decision:
    """The decision that is stored, or the one made and stored now.

    Raises InputError when the file cannot be read at all; its message says why.
    """
    with room.db.read() as connection:
        stored = stored_decision(connection, user_id, file.upload_id)
    if stored is not None:
        return stored
    detected = look(room, user_id, file)
    if detected.problem is not None:
        raise InputError(detected.problem, code=detected.problem_code)
    with room.db.begin() as connection:
        suggestion = suggest(connection, user_id, detected)
        decision = Decision(detected.layout, suggestion.mapping, suggestion.by)
        keep_decision(connection, user_id, file.upload_id, decision)
        if suggestion.kept_id is not None:
            MappingStore(connection, user_id).touch(suggestion.kept_id, room.clock())
    return decision


def stored_decision(connection: Connection, user_id: UserId, upload_id: UploadId) -> Decision | None:
    """None when nothing is decided yet."""
    value = file_store.FileStore(connection, user_id).decision(upload_id)
    return None if value is None else msgspec.convert(value, Decision)


def keep_decision(connection: Connection, user_id: UserId, upload_id: UploadId, decision: Decision) -> None:
    """Store a decision in place of any before."""
    file_store.FileStore(connection, user_id).set_decision(upload_id, msgspec.to_builtins(decision))
