"""One window of the members a route shows: all of a version, or those who came or went."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from muster.accounts.model import Principal
from muster.errors import InputError, Issue
from muster.segments.members import Members, open_changes, open_members
from muster.segments.model import MemberColumn
from muster.segments.patience import Patience, of_request
from muster.segments.refresh import current
from muster.segments.room import SegmentsRoom
from muster.segments.values import MemberRow
from muster.tables.stop import Stop

MAX_WINDOW_CELLS = 1_000_000
"""Rows times columns of one window."""


class MembersPart(StrEnum):
    """Which members are shown."""

    ALL = "all"
    JOINED = "joined"
    LEFT = "left"


@dataclass(frozen=True, slots=True)
class WindowWish:
    """offset, limit: members. names: of columns, None for all. version: None for the newest.

    since: the version JOINED and LEFT compare with; None: the one before.
    """

    offset: int = 0
    limit: int = 100
    names: tuple[str, ...] | None = None
    version: int | None = None
    part: MembersPart = MembersPart.ALL
    since: int | None = None


@dataclass(frozen=True, slots=True)
class MembersWindow:
    """Rows of one version. total: how many there are in all."""

    segment_id: str
    version: int
    offset: int
    limit: int
    total: int
    columns: Sequence[MemberColumn]
    rows: Sequence[MemberRow]


def members_window(
    room: SegmentsRoom, principal: Principal, segment_id: str, wish: WindowWish, stop: Stop
) -> MembersWindow:
    """The newest version of a live segment is brought up to date first.

    Raises InputError (`column_unknown`, `window_too_large`), NotFound, Forbidden, Conflict, Overloaded, Unavailable.
    """
    patience = of_request(stop)
    if wish.version is None:
        current(room, principal, segment_id)
    members = _chosen(room, principal, segment_id, wish, patience)
    shown = len(members.columns) if wish.names is None else len(wish.names)
    if wish.limit * shown > MAX_WINDOW_CELLS:
        message = (
            f"A window may have {MAX_WINDOW_CELLS:,} cells; ask for fewer rows, or name the columns you need."
        )
        issue = Issue(None, "limit", "/limit", "window_too_large", message)
        raise InputError(message, code="window_too_large", issues=[issue])
    columns, rows = members.window(wish.offset, wish.limit, wish.names, patience)
    return MembersWindow(segment_id, members.version, wish.offset, wish.limit, members.count, columns, rows)


def _chosen(
    room: SegmentsRoom, principal: Principal, segment_id: str, wish: WindowWish, patience: Patience
) -> Members:
    members = open_members(room, principal, segment_id, version=wish.version)
    if wish.part is MembersPart.ALL:
        return members
    since = wish.since or members.version - 1
    if since == 0:  # before the first count nobody was a member
        return members if wish.part is MembersPart.JOINED else members.nobody()
    changes = open_changes(
        room, principal, segment_id, since=since, version=members.version, patience=patience
    )
    return changes.joined if wish.part is MembersPart.JOINED else changes.departed
