"""Look at uploads: the list, one upload, its records."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import msgspec

from muster.accounts.model import Principal
from muster.db.database import Connection
from muster.errors import Conflict
from muster.jobs.model import Job
from muster.jobs.read import unfinished_jobs
from muster.objects import frames
from muster.objects.frames import FrameIndex
from muster.objects.keys import records as records_key
from muster.records.fields import union_of_keys
from muster.uploads.file_model import UploadFile
from muster.uploads.file_store import FileStore
from muster.uploads.job_state import working_job
from muster.uploads.model import Source, Upload, UploadFilter, UploadStatus
from muster.uploads.order import NEWEST_FIRST, Order, Place
from muster.uploads.room import UploadsRoom
from muster.uploads.store import UploadStore


@dataclass(frozen=True, slots=True)
class UploadPage:
    """Some uploads in order; how many match in all; where the next page starts.

    work: the jobs on those that are in work, and the files that are still coming, by upload.
    """

    uploads: Sequence[Upload]
    total: int
    next_cursor: Place | None
    work: Mapping[str, tuple[Job | None, UploadFile | None]]


_IN_WORK = frozenset({UploadStatus.UPLOADED, UploadStatus.PROCESSING})


def list_uploads(
    room: UploadsRoom,
    principal: Principal,
    wanted: UploadFilter,
    limit: int,
    after: Place | None,
    order: Order = NEWEST_FIRST,
) -> UploadPage:
    """One page of the principal's own uploads. after: of the same order."""
    with room.db.read() as connection:
        store = UploadStore(connection, principal)
        found = store.list(wanted, order, limit + 1, after)
        page = found[:limit]
        total = store.count(wanted)
        work = _works_on(connection, principal, page)
    more = len(found) > limit
    return UploadPage(page, total, Place.of(order, page[-1]) if more else None, work)


def _works_on(
    connection: Connection, principal: Principal, page: Sequence[Upload]
) -> Mapping[str, tuple[Job | None, UploadFile | None]]:
    """What `work_on` says of each upload of a page, by one query for jobs and one for files, if any."""
    in_work = [upload.id for upload in page if upload.status in _IN_WORK]
    coming = [upload.id for upload in page if upload.status is UploadStatus.RECEIVING]
    work: dict[str, tuple[Job | None, UploadFile | None]] = {}
    if in_work:
        work |= {
            subject: (job, None)
            for subject, job in unfinished_jobs(connection, principal.user_id, in_work).items()
        }
    if coming:
        files = FileStore(connection, principal.user_id).several(coming)
        work |= {file.upload_id: (None, file) for file in files}
    return work


def get_upload(room: UploadsRoom, principal: Principal, upload_id: str) -> Upload:
    """One upload with its `fields` worked out. Raises NotFound, Forbidden."""
    with room.db.read() as connection:
        upload = UploadStore(connection, principal).get(upload_id)
    if upload.fields is not None or upload.source is Source.FILE:
        return upload  # the columns of a file are found out by its job
    names = tuple(union_of_keys(Records(room, upload).chunks()))
    with room.db.begin() as connection:
        UploadStore(connection, principal).set_fields(upload_id, names)
    return replace(upload, fields=names)


def work_on(room: UploadsRoom, principal: Principal, upload: Upload) -> tuple[Job | None, UploadFile | None]:
    """What goes on with an upload: the job that works on it, or the file that is still coming."""
    with room.db.read() as connection:
        if upload.status is UploadStatus.RECEIVING:
            return None, FileStore(connection, principal.user_id).get(upload.id)
        return working_job(connection, principal, upload.id), None


class _Framed:
    """The records in one framed object of an upload; the index is read when made."""

    def __init__(self, room: UploadsRoom, key: str) -> None:
        self._store = room.objects
        self._key = key
        self.index: FrameIndex = room.indexes.get(room.objects, key)

    def stream_json(self) -> Iterator[bytes]:
        """`[...]` exactly as sent, in pieces, without parsing."""
        return frames.stream_json(self._store, self._key, self.index)

    def stream_compressed(self) -> Iterator[bytes]:
        """The same as zstd frames, without decompressing."""
        return frames.stream_compressed(self._store, self._key, self.index)

    def window(self, start: int, stop: int) -> Iterator[msgspec.Raw]:
        """The exact JSON of records start to stop (exclusive), clipped to what there is."""
        return frames.window(self._store, self._key, self.index, start, stop)

    def chunks(self) -> Iterator[bytes]:
        """Consecutive records separated by commas, about 128 KiB at a time."""
        return frames.frame_chunks(self._store, self._key, self.index)


class Records(_Framed):
    """The accepted records of a batch.

    Raises NotFound when it was deleted meanwhile, Conflict (`records_in_table`) for an upload that is a file.
    """

    def __init__(self, room: UploadsRoom, upload: Upload) -> None:
        if upload.source is Source.FILE:
            raise Conflict(
                "The records of a file are read from its table: ask for its /rows.", code="records_in_table"
            )
        super().__init__(room, records_key(upload.id))


class Rejects(_Framed):
    """The rejected records of an upload, each with row, code and reason. key: `rejects.rejects_key_of`."""

    @property
    def count(self) -> int:
        return self.index.records

    def __init__(self, room: UploadsRoom, key: str) -> None:
        super().__init__(room, key)
