"""The same thing done to several uploads, each on its own."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from muster.accounts.model import Principal
from muster.db.database import Connection
from muster.errors import InputError, Issue, MusterError
from muster.uploads.cancel import cancel
from muster.uploads.erase import erase
from muster.uploads.model import UploadFilter
from muster.uploads.reprocess import reprocess
from muster.uploads.room import UploadsRoom
from muster.uploads.store import UploadStore

MAX_BULK: Final = 1000
"""Uploads one bulk operation may name or match."""


class Operation(StrEnum):
    """What can be done to several uploads at once."""

    DELETE = "delete"
    CANCEL = "cancel"
    REPROCESS = "reprocess"


_VERBS: Final[dict[Operation, Callable[[UploadsRoom, Principal, str], Any]]] = {
    Operation.DELETE: erase,
    Operation.CANCEL: cancel,
    Operation.REPROCESS: reprocess,
}


def _with_all_of_it(room: UploadsRoom, principal: Principal, upload_id: str) -> None:
    erase(room, principal, upload_id, cascade=True)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one upload in a bulk operation."""

    upload_id: str
    refusal: MusterError | None


def bulk(
    room: UploadsRoom,
    principal: Principal,
    operation: Operation,
    chosen: Sequence[str] | UploadFilter,
    also: Callable[[Connection, Sequence[Outcome]], None] = lambda _connection, _outcomes: None,
    *,
    cascade: bool = False,
) -> Sequence[Outcome]:
    """Do it to each upload on its own: one that refuses does not keep the others.

    cascade: with DELETE, what is made from the uploads goes too.

    chosen: ids, or a filter; a filter that matches more than MAX_BULK uploads is refused before anything
    is done, and so is an empty one, which would mean everything.
    """
    ids = chosen if not isinstance(chosen, UploadFilter) else _matching(room, principal, operation, chosen)
    verb = _with_all_of_it if cascade and operation is Operation.DELETE else _VERBS[operation]
    outcomes = []
    for upload_id in dict.fromkeys(ids):
        try:
            verb(room, principal, upload_id)
        except MusterError as error:
            outcomes.append(Outcome(upload_id, error))
        else:
            outcomes.append(Outcome(upload_id, None))
    with room.db.begin() as connection:
        also(connection, outcomes)
    return outcomes


def _matching(
    room: UploadsRoom, principal: Principal, operation: Operation, wanted: UploadFilter
) -> Sequence[str]:
    if wanted.is_empty():
        raise _filter_refused(
            f"The filter has no condition and would {operation.value} everything. Name at least one."
        )
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
