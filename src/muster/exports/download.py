"""The file of an export, whole or from any byte on, so that a download that broke off goes on where it ended."""

from collections.abc import Iterator
from dataclasses import dataclass

from muster.accounts.model import Principal
from muster.errors import Conflict, NotFound
from muster.exports.model import StoredFile
from muster.exports.read import get_export
from muster.exports.render import media_type
from muster.exports.room import ExportsRoom
from muster.objects.store import ObjectStore


@dataclass(frozen=True, slots=True)
class Download:
    """A file to be sent. tag: the same as long as its bytes are."""

    file: StoredFile
    media_type: str
    tag: str
    objects: ObjectStore

    def stream(self, start: int, stop: int) -> Iterator[bytes]:
        """Bytes start to stop (exclusive). The first object is looked for by this call, not by the first `next`."""
        pieces = self._pieces(start, stop)
        first = next(pieces, b"")
        return _again(first, pieces)

    def _pieces(self, start: int, stop: int) -> Iterator[bytes]:
        begin = 0
        for key, size in self.file.parts:
            low, high = max(start, begin) - begin, min(stop, begin + size) - begin
            if low < high:
                yield from self.objects.stream(key, low, high)
            begin += size


def open_download(room: ExportsRoom, principal: Principal, export_id: str) -> Download:
    """Raises NotFound (also `export_file_gone`), Forbidden, Conflict (`export_not_ready`)."""
    export = get_export(room, principal, export_id).export
    if not export.status.is_final:
        raise Conflict(
            "This export is still being made. Follow it, and download when it is done.",
            code="export_not_ready",
        )
    is_past = export.expires_at is not None and export.expires_at <= room.clock()
    if export.file is None or export.definition.format is None or is_past:
        raise NotFound(
            "There is no file of this export (any more): files are kept for some days, and destinations other than "
            "`download` leave none here. Make the export anew.",
            code="export_file_gone",
        )
    tag = f'"{export.id[4:]}-{export.file.size_bytes:x}"'
    return Download(export.file, media_type(export.definition.format), tag, room.objects)


def _again(first: bytes, pieces: Iterator[bytes]) -> Iterator[bytes]:
    yield first
    yield from pieces
