"""Delete segments: rows before bytes, and not while something is made from them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from muster.accounts import audit
from muster.accounts.model import Principal
from muster.db.database import Connection
from muster.errors import Conflict
from muster.ids import UserId
from muster.jobs.abandon import abandon
from muster.objects.keys import segment_prefix
from muster.segments.match import forget_files, remove_match
from muster.segments.match_store import made_from as matches_from
from muster.segments.room import SegmentsRoom
from muster.segments.store import SegmentStore, made_from, matched_by
from muster.tables.dependants import Dependant, named, told

_FOLD_SECONDS = 0.2


def delete(room: SegmentsRoom, principal: Principal, segment_id: str, *, cascade: bool) -> None:
    """Delete one segment; it is gone from every read when this returns.

    cascade: what is made from it goes too. Raises NotFound (also the second time), Forbidden, Conflict
    (`segment_in_use`) naming what is made from it.
    """
    now = room.clock()
    with room.db.begin() as connection:
        SegmentStore(connection, principal).locked(segment_id)
        if not cascade:
            _refuse_in_use(room, connection, principal.user_id, segment_id)
        rest = _remove(room, connection, principal, segment_id, now)
    rest()


@dataclass(frozen=True, slots=True)
class MadeFromUploads:
    """What `tables.dependants.Dependants` asks: the segments and probable matches made from an upload."""

    room: SegmentsRoom

    def of(self, connection: Connection, user_id: UserId, subject: str) -> Sequence[Dependant]:
        """The segments, what is made from them, and the matches."""
        matches = matches_from(connection, user_id, subject)
        found = list(_segments(connection, user_id, subject, matches))
        for segment in tuple(found):
            for each in self.room.dependants:
                found += each.of(connection, user_id, segment.id)
        return [*found, *matches]

    def remove(
        self, connection: Connection, principal: Principal, subject: str, now: datetime
    ) -> Callable[[], None]:
        matches = matches_from(connection, principal.user_id, subject)
        rests = [
            _remove(self.room, connection, principal, segment.id, now)
            for segment in _segments(connection, principal.user_id, subject, matches)
        ]
        for match in matches:
            remove_match(connection, principal, match.id, now)

        def rest() -> None:
            for each in rests:
                each()
            for match in matches:
                forget_files(self.room, match.id)

        return rest


def _segments(
    connection: Connection, user_id: UserId, upload_id: str, matches: Sequence[Dependant]
) -> Sequence[Dependant]:
    """Those made from the upload, and those of other uploads that a match with this one joins."""
    found = made_from(connection, user_id, upload_id)
    matched = matched_by(connection, user_id, [match.id for match in matches]) if matches else ()
    return [*found, *(each for each in matched if each not in found)]


def _refuse_in_use(room: SegmentsRoom, connection: Connection, user_id: UserId, segment_id: str) -> None:
    found = [each for part in room.dependants for each in part.of(connection, user_id, segment_id)]
    if found:
        raise Conflict(
            f"{told(found)} made from this segment. Delete that first, or all of it with `cascade=true`.",
            code="segment_in_use",
            issues=named(found, "segment_in_use"),
        )


def _remove(
    room: SegmentsRoom, connection: Connection, principal: Principal, segment_id: str, now: datetime
) -> Callable[[], None]:
    rests = [each.remove(connection, principal, segment_id, now) for each in room.dependants]
    SegmentStore(connection, principal).remove(segment_id)
    abandon(connection, segment_id, now)
    audit.record(connection, principal, "segment.deleted", segment_id, {}, now)

    def rest() -> None:
        for each in rests:
            each()
        # Best effort: a job that still writes, or a crash at this point, leaves objects to the sweep.
        for found in list(room.objects.list(segment_prefix(segment_id))):
            room.objects.delete(found.key)
        room.reading.tables.cache.forget(segment_prefix(segment_id))
        room.db.fold_log(_FOLD_SECONDS)

    return rest
