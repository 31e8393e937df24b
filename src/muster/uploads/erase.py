"""Delete uploads: rows before bytes, so that nothing visible ever points at nothing."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from muster.accounts import audit
from muster.accounts.model import Principal
from muster.db.database import Connection
from muster.errors import InputError, Issue, MusterError
from muster.uploads.model import UploadFilter
from muster.uploads.receive import discard_objects
from muster.uploads.room import UploadsRoom
from muster.uploads.store import UploadStore

MAX_BULK = 1000
"""Uploads one bulk operation may name or match."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one upload in a bulk operation."""

    upload_id: str
    refusal: MusterError | None


def erase(room: UploadsRoom, principal: Principal, upload_id: str) -> None:
    """Delete one upload; it is gone from every read when this returns.

    Raises NotFound (also the second time), Forbidden.
    """
    with room.db.begin() as connection:
        store = UploadStore(connection, principal)
        upload = store.get(upload_id)
        store.remove(upload_id)
        audit.record(
            connection, principal, "upload.deleted", upload_id, {"rows": upload.rows_accepted}, room.clock()
        )
    discard_objects(room, upload.id)


def erase_many(
    room: UploadsRoom,
    principal: Principal,
    chosen: Sequence[str] | UploadFilter,
    also: Callable[[Connection, Sequence[Outcome]], None] = lambda _connection, _outcomes: None,
) -> Sequence[Outcome]:
    """Delete several uploads, each on its own: one that cannot be deleted does not keep the others.

    chosen: ids, or a filter; a filter that matches more than MAX_BULK uploads is refused before anything
    is deleted, and so is an empty one, which would mean everything.
    """
    ids = chosen if not isinstance(chosen, UploadFilter) else _matching(room, principal, chosen)
    outcomes = []
    for upload_id in dict.fromkeys(ids):
        try:
            erase(room, principal, upload_id)
        except MusterError as error:
            outcomes.append(Outcome(upload_id, error))
        else:
            outcomes.append(Outcome(upload_id, None))
    with room.db.begin() as connection:
        also(connection, outcomes)
    return outcomes


def _matching(room: UploadsRoom, principal: Principal, wanted: UploadFilter) -> Sequence[str]:
    if wanted.is_empty():
        raise _filter_refused("The filter has no condition and would delete everything. Name at least one.")
    with room.db.read() as connection:
        ids = UploadStore(connection, principal).ids(wanted, MAX_BULK + 1)
    if len(ids) > MAX_BULK:
        raise _filter_refused(
            f"The filter matches more than {MAX_BULK} uploads. Narrow it, for example by time."
        )
    return ids


def _filter_refused(message: str) -> InputError:
    return InputError(
        message, code="filter_refused", issues=[Issue(None, "filter", "/filter", "filter_refused", message)]
    )
