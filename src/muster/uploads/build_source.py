"""Where the portions of an upload come from."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from muster.jobs.model import Job
from muster.objects.keys import records as records_key
from muster.objects.keys import rejects as rejects_key
from muster.objects.keys import upload_prefix
from muster.uploads.build_plan import BuildPlan, principal_of
from muster.uploads.decide import open_file
from muster.uploads.file_model import UploadFile
from muster.uploads.file_store import FileStore
from muster.uploads.model import Upload
from muster.uploads.readers.batch import batch_portions
from muster.uploads.readers.model import Layout, Portion
from muster.uploads.readers.open import reader_of
from muster.uploads.room import UploadsRoom
from muster.uploads.store import UploadStore


def open_portions(
    room: UploadsRoom, job: Job, plan: BuildPlan, position: Mapping[str, Any] | None
) -> Iterator[Portion]:
    """The portions of a job's upload from `position` on, read as they are asked for."""
    with room.db.read() as connection:
        upload = UploadStore(connection, principal_of(job)).get(job.subject)
        file = FileStore(connection, job.user_id).get(job.subject)
    return portions_of(room, upload, file, plan.layout, position, room.scratch / job.id)


def portions_of(
    room: UploadsRoom,
    upload: Upload,
    file: UploadFile | None,
    layout: Layout | None,
    position: Mapping[str, Any] | None,
    scratch: Path,
) -> Iterator[Portion]:
    """The portions of an upload from `position` on. file, layout: None for a batch. scratch: as for readers."""
    if file is None or layout is None:
        rejects = rejects_key(upload.id)
        # A batch of which nothing was rejected has no such object.
        kept = any(found.key == rejects for found in room.objects.list(upload_prefix(upload.id)))
        return batch_portions(room.objects, records_key(upload.id), rejects if kept else None, position)
    scratch.mkdir(parents=True, exist_ok=True)
    return reader_of(layout.format).portions(open_file(room, file), layout, position, scratch)
