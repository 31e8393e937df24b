"""SQL of uploaded files: what arrived of them, and who may append."""

from collections.abc import Sequence
from dataclasses import fields
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, delete, exists, insert, or_, select, update

from muster.db.database import Connection
from muster.db.schema import upload_files, uploads
from muster.ids import UploadId, UserId
from muster.uploads.file_model import FilePart, UploadFile
from muster.uploads.model import UploadStatus

_PLAIN = tuple(
    field.name for field in fields(UploadFile) if field.name not in {"upload_id", "parts", "metadata"}
)


class FileStore:
    """The files of one user, inside the caller's transaction. Whose an upload is, `UploadStore` has asked."""

    def __init__(self, connection: Connection, user_id: UserId) -> None:
        self._connection = connection
        self._user_id = user_id

    def _mine(self, upload_id: str) -> ColumnElement[bool]:
        mine = exists().where(uploads.c.id == upload_files.c.upload_id, uploads.c.user_id == self._user_id)
        return (upload_files.c.upload_id == upload_id) & mine

    def add(self, file: UploadFile) -> None:
        """The upload's own row is written before."""
        self._connection.execute(
            insert(upload_files),
            {
                **{name: getattr(file, name) for name in _PLAIN},
                "upload_id": file.upload_id,
                "parts": _json(file.parts),
                "resumable": None if file.metadata is None else dict(file.metadata),
            },
        )

    def get(self, upload_id: str) -> UploadFile | None:
        """None for an upload that did not come as a file."""
        row = self._connection.execute(select(upload_files).where(self._mine(upload_id))).one_or_none()
        return None if row is None else _file(row)

    def several(self, upload_ids: Sequence[str]) -> Sequence[UploadFile]:
        """Those of these uploads that came as files."""
        is_mine = exists().where(uploads.c.id == upload_files.c.upload_id, uploads.c.user_id == self._user_id)
        found = select(upload_files).where(upload_files.c.upload_id.in_(upload_ids), is_mine)
        return [_file(row) for row in self._connection.execute(found)]

    def take(self, upload_id: str, offset: int, writer: str, now: datetime, until: datetime) -> bool:
        """Become the one who may append at `offset`; False when it moved on or another one may until later."""
        free = or_(upload_files.c.writer.is_(None), upload_files.c.writer_until < now)
        return self._change(
            self._mine(upload_id) & free & (upload_files.c.received_bytes == offset),
            writer=writer,
            writer_until=until,
        )

    def renew(self, upload_id: str, writer: str, until: datetime) -> bool:
        """Keep the right to append; False when someone else has it."""
        return self._change(self._mine(upload_id) & (upload_files.c.writer == writer), writer_until=until)

    def append(
        self, file: UploadFile, part: FilePart, writer: str, until: datetime, expires_at: datetime
    ) -> UploadFile | None:
        """Add a part to the file as it was read before; None when it moved on or someone else took over."""
        received = file.received_bytes + part.size_bytes
        parts = (*file.parts, part)
        still = (upload_files.c.writer == writer) & (upload_files.c.received_bytes == file.received_bytes)
        done = self._change(
            self._mine(file.upload_id) & still,
            received_bytes=received,
            parts=_json(parts),
            writer_until=until,
            expires_at=expires_at,
        )
        return self.get(file.upload_id) if done else None

    def set_length(self, upload_id: str, length_bytes: int) -> bool:
        """Tell the length of a file that came without; False when it has one."""
        return self._change(
            self._mine(upload_id) & upload_files.c.length_bytes.is_(None), length_bytes=length_bytes
        )

    def decision(self, upload_id: str) -> Any:
        """How the file is to be read, as `set_decision` was told; None when nothing is decided."""
        return self._connection.execute(
            select(upload_files.c.mapping).where(self._mine(upload_id))
        ).scalar_one_or_none()

    def set_decision(self, upload_id: str, decision: Any) -> None:
        """Keep how the file is to be read, in place of any decision before."""
        self._change(self._mine(upload_id), mapping=decision)

    def detected(self, upload_id: str) -> Any:
        """What the file seems to be, as `set_detected` was told; None when nobody looked yet."""
        return self._connection.execute(
            select(upload_files.c.detected).where(self._mine(upload_id))
        ).scalar_one_or_none()

    def set_detected(self, upload_id: str, detected: Any) -> None:
        """Keep what a look at the complete file found."""
        self._change(self._mine(upload_id), detected=detected)

    def finish(self, upload_id: str) -> None:
        """Nothing is appended any more, and it does not expire."""
        self._change(self._mine(upload_id), expires_at=None, writer=None, writer_until=None)

    def release(self, upload_id: str, writer: str) -> None:
        """Let the next one append."""
        self._change(
            self._mine(upload_id) & (upload_files.c.writer == writer), writer=None, writer_until=None
        )

    def _change(self, condition: ColumnElement[bool], **values: object) -> bool:
        return self._connection.execute(update(upload_files).where(condition).values(**values)).rowcount == 1


def _file(row: Row[*tuple[Any, ...]]) -> UploadFile:
    return UploadFile(
        upload_id=UploadId(row.upload_id),
        parts=tuple(FilePart(key, size_bytes) for key, size_bytes in row.parts),
        metadata=row.resumable,
        **{name: getattr(row, name) for name in _PLAIN},
    )


def expired(connection: Connection, now: datetime, limit: int) -> Sequence[tuple[UserId, UploadId]]:
    """Unfinished files of all users that nobody went on with in time, and nobody writes to now."""
    rows = connection.execute(
        select(uploads.c.user_id, uploads.c.id)
        .join(upload_files, upload_files.c.upload_id == uploads.c.id)
        .where(*_expired(now))
        .order_by(upload_files.c.expires_at)
        .limit(limit)
    )
    return [(UserId(row[0]), UploadId(row[1])) for row in rows]


def remove_expired(connection: Connection, upload_id: UploadId, now: datetime) -> bool:
    """Remove such an upload with all its rows; False when somebody went on with it after all."""
    still = exists().where(upload_files.c.upload_id == uploads.c.id, *_expired(now))
    return connection.execute(delete(uploads).where(uploads.c.id == upload_id, still)).rowcount == 1


def _expired(now: datetime) -> tuple[ColumnElement[bool], ...]:
    return (
        uploads.c.status == UploadStatus.RECEIVING.value,
        upload_files.c.expires_at < now,
        or_(upload_files.c.writer.is_(None), upload_files.c.writer_until < now),
    )


def _json(parts: Sequence[FilePart]) -> list[list[str | int]]:
    return [[part.key, part.size_bytes] for part in parts]
