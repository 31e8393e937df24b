"""What a table is built from, fixed when its job starts: later changes of rules or mappings do not mix in.

The plan and the notes lie with the table, not in what the job engine remembers: they name columns, and a
file without a header row has data for names.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from muster.accounts.model import Principal, Scope
from muster.db.database import Connection
from muster.errors import NotFound
from muster.ids import KeyId
from muster.jobs.model import Job
from muster.objects.keys import table_file
from muster.objects.store import read_whole
from muster.records.rules import Rule
from muster.rules.keep import load_rules
from muster.uploads.decide import decide
from muster.uploads.file_store import FileStore
from muster.uploads.mapping import Mapping as ColumnsMapping
from muster.uploads.model import Upload, UploadStatus
from muster.uploads.readers.model import Layout
from muster.uploads.room import UploadsRoom
from muster.uploads.store import UploadStore

_REBUILT_FROM = frozenset(UploadStatus) - {UploadStatus.RECEIVING, UploadStatus.DELETING}


@dataclass(frozen=True, slots=True)
class BuildPlan:
    """layout: how the file is read, None for a batch. total_bytes: of what is read."""

    layout: Layout | None
    mapping: ColumnsMapping
    rules: Sequence[Rule]
    total_bytes: int


@dataclass(frozen=True, slots=True)
class PortionNote:
    """What is known after one portion. position: where the next one starts, None after the last.

    accepted, rejected, issues: rows of this portion. total_accepted, total_rejected: up to and with it.
    """

    number: int
    position: Mapping[str, Any] | None
    done_bytes: int
    accepted: int
    rejected: int
    issues: int
    total_accepted: int
    total_rejected: int


def principal_of(job: Job) -> Principal:
    """The user a job works for; a job may do what its user may."""
    key_id = job.payload.get("key_id")
    return Principal(job.user_id, frozenset(Scope), actor=f"job:{job.id}", key_id=key_id and KeyId(key_id))


def make_plan(room: UploadsRoom, job: Job) -> BuildPlan:
    """Fix and keep the plan of a job, and note that its upload is being processed.

    Raises NotFound when the upload was deleted, InputError when the file cannot be read.
    """
    upload = begin(room, job)
    with room.db.read() as connection:
        file = FileStore(connection, job.user_id).get(upload.id)
        rules = load_rules(connection, job.user_id)
    if file is None:
        plan = BuildPlan(None, ColumnsMapping(), rules, upload.size_bytes)
    else:
        decision = decide(room, job.user_id, file)
        plan = BuildPlan(decision.layout, decision.mapping, rules, file.received_bytes)
    room.objects.put(_plan_key(job), [msgspec.json.encode(plan)])
    return plan


def load_plan(room: UploadsRoom, job: Job) -> BuildPlan:
    """The plan as it was made. Raises NotFound."""
    return msgspec.json.decode(read_whole(room.objects, _plan_key(job)), type=BuildPlan)


def begin(room: UploadsRoom, job: Job) -> Upload:
    """Note that the upload is being processed by this job. Raises NotFound when it was deleted or taken over."""
    with room.db.begin() as connection:
        store = UploadStore(connection, principal_of(job))
        store.move(job.subject, _REBUILT_FROM, UploadStatus.PROCESSING, None)
        upload = store.get(job.subject)
        check_is_current(connection, job)
    return upload


def check_is_current(connection: Connection, job: Job) -> None:
    """Raises NotFound unless the upload is there and this is the newest job that works on it."""
    if UploadStore(connection, principal_of(job)).job_of(job.subject) != job.id:
        raise NotFound(
            "The upload was deleted, or is processed anew by another job.", code="upload_not_found"
        )


def keep_note(room: UploadsRoom, job: Job, note: PortionNote) -> None:
    """Keep what is known after a portion, durably."""
    room.objects.put(_note_key(job, note.number), [msgspec.json.encode(note)])


def load_note(room: UploadsRoom, job: Job, number: int) -> PortionNote:
    """Raises NotFound for a portion that was not finished."""
    return msgspec.json.decode(read_whole(room.objects, _note_key(job, number)), type=PortionNote)


def load_notes(room: UploadsRoom, job: Job) -> Sequence[PortionNote]:
    """The notes of every finished portion, in order."""
    notes: list[PortionNote] = []
    while True:
        try:
            notes.append(load_note(room, job, len(notes)))
        except NotFound:
            return notes
        if notes[-1].position is None:
            return notes


def rejects_key(job: Job, number: int) -> str:
    """The rejects of one portion."""
    return table_file(job.subject, job.id, f"rejects/part-{number:05d}.json.zst")


def issues_key(job: Job, number: int) -> str:
    """The warnings and fixes of one portion."""
    return table_file(job.subject, job.id, f"issues/part-{number:05d}.parquet")


def all_rejects_key(job: Job) -> str:
    """The rejects of the whole upload."""
    return table_file(job.subject, job.id, "rejects.json.zst")


def _plan_key(job: Job) -> str:
    return table_file(job.subject, job.id, "plan.json")


def _note_key(job: Job, number: int) -> str:
    return table_file(job.subject, job.id, f"notes/portion-{number:05d}.json")
