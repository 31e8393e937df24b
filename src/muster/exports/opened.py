"""An export being worked on: what its steps need of it, opened when the first of them needs it."""

from functools import cached_property

from muster.exports.connections import open_call
from muster.exports.destination import Call, Destination, RowDestination
from muster.exports.destinations import destination_of
from muster.exports.model import Export
from muster.exports.prepare import Preparer
from muster.exports.retry_source import open_rows
from muster.exports.room import ExportsRoom
from muster.exports.source import Rows
from muster.exports.store import ExportStore
from muster.exports.suppress import load_suppressed
from muster.exports.work import digest_secret, load_export, principal_of
from muster.ids import UserId
from muster.jobs.model import Json


class OpenExport:
    """Opened inside steps, so that outages are retried there. `close` when done."""

    def __init__(self, room: ExportsRoom, user_id: UserId, export_id: str) -> None:
        self._room = room
        self._user_id = user_id
        self._export_id = export_id
        self._version: int | None = None

    def freeze(self, version: int) -> None:
        """Read the source at this version from now on."""
        self._version = version

    @cached_property
    def export(self) -> Export:
        """Raises NotFound when it was deleted."""
        return load_export(self._room, self._user_id, self._export_id)

    @cached_property
    def rows(self) -> Rows:
        """The source as it is frozen. Raises NotFound, Conflict, Unavailable."""
        principal = principal_of(self._user_id)
        return open_rows(self._room, principal, self.export.definition.source, self._version)

    @cached_property
    def preparer(self) -> Preparer:
        """With the suppressions and dismissals of when it is opened."""
        with self._room.db.read() as connection:
            suppressed = load_suppressed(connection, self._room.seal, self._user_id, self.export.definition)
            dismissed = ExportStore(connection, self._user_id).dismissed(self.export.series)
        secret = digest_secret(self._room, self._user_id)
        return Preparer(self.export.definition, suppressed, dismissed, secret)

    @cached_property
    def destination(self) -> Destination:
        return destination_of(self.export.definition.destination)

    @cached_property
    def call(self) -> Call:
        """Raises NotFound when its connection is gone, InputError for settings that do not fit any more."""
        with self._room.db.read() as connection:
            return open_call(connection, self._room, self.export)

    @property
    def row_destination(self) -> RowDestination:
        assert isinstance(self.destination, RowDestination)  # noqa: S101 - asked of those that take rows
        return self.destination

    def prepare_delivery(self) -> Json:
        self.row_destination.prepare(self.call)
        return {}

    def finish_delivery(self) -> Json:
        self.row_destination.finish(self.call)
        return {}

    def close(self) -> None:
        if "call" in self.__dict__:
            self.call.close()
