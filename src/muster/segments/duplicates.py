"""Groups of rows that are the same person, and what joining them would do, before anything is kept."""

from collections.abc import Sequence
from dataclasses import dataclass

import pyarrow.compute as pc

from muster.accounts.model import Principal
from muster.segments.base import Base, base_of
from muster.segments.define import resolved
from muster.segments.groups import Groups
from muster.segments.identity import record_key, shown_key
from muster.segments.model import By, Dedupe, Definition, MemberColumn, Policy
from muster.segments.patience import Patience, of_request
from muster.segments.room import SegmentsRoom
from muster.segments.sources import newest_sources
from muster.segments.values import MemberRow, chosen_columns, rows_shown
from muster.tables.stop import Stop

MAX_ROWS_SHOWN = 100
"""Rows of one group."""


@dataclass(frozen=True, slots=True)
class DuplicatesWish:
    """offset, limit: groups, the largest first. columns: None for all."""

    uploads: tuple[str, ...]
    dedupe: Dedupe
    offset: int = 0
    limit: int = 20
    columns: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class FieldChange:
    """What joining does to one field. before: of the row that stands for the group; origin: place in `rows`."""

    field: str
    before: str | None
    after: str | None
    policy: Policy
    origin: int | None


@dataclass(frozen=True, slots=True)
class Group:
    """identity: what the rows have in common, empty where a match says that they are the same. size: rows in all.

    rows: those shown, the one that stands for the group first. merged: its joined values.
    """

    identity: str
    size: int
    rows: Sequence[MemberRow]
    merged: Sequence[str | None]
    changes: Sequence[FieldChange]


@dataclass(frozen=True, slots=True)
class Duplicates:
    """dedupe: as it was understood. duplicates: rows that would not stand for themselves."""

    dedupe: Dedupe
    rows: int
    groups: int
    duplicates: int
    columns: tuple[MemberColumn, ...]
    items: Sequence[Group]


def duplicates(room: SegmentsRoom, principal: Principal, wish: DuplicatesWish, stop: Stop) -> Duplicates:
    """Raises NotFound, Forbidden, Conflict, InputError (`dedupe_invalid`, `column_unknown`), Overloaded."""
    patience = of_request(stop)
    sources = newest_sources(room.reading, principal, wish.uploads)
    definition = resolved(room, Definition(wish.uploads, None, wish.dedupe), sources)
    columns = chosen_columns(sources, wish.columns)
    base = base_of(room, sources, definition.dedupe, patience)
    dedupe, groups = definition.dedupe or wish.dedupe, base.groups
    if groups is None:
        return Duplicates(dedupe, sources.rows, 0, 0, columns, ())
    patience.check()
    items = [
        _group(room, base, dedupe, winner, size, columns, patience)
        for winner, size in _largest(groups, wish.offset, wish.limit)
    ]
    return Duplicates(dedupe, sources.rows, groups.groups, groups.duplicates, columns, items)


def _largest(groups: Groups, offset: int, limit: int) -> Sequence[tuple[int, int]]:
    """Winners and sizes of some groups, the largest first, of equals the newest."""
    sizes = groups.members.group_by("winner").aggregate([("place", "count")])
    keys = [("place_count", "descending"), ("winner", "descending")]
    chosen = sizes.take(pc.sort_indices(sizes, sort_keys=keys).slice(offset, limit))
    return list(zip(chosen["winner"].to_pylist(), chosen["place_count"].to_pylist(), strict=True))


def _group(
    room: SegmentsRoom,
    base: Base,
    dedupe: Dedupe,
    winner: int,
    size: int,
    columns: Sequence[MemberColumn],
    patience: Patience,
) -> Group:
    sources = base.sources
    places = base.groups.rows_of(winner) if base.groups is not None else [winner]
    rest = sorted((place for place in places if place != winner), reverse=True)
    every = chosen_columns(sources, None)
    [whole] = rows_shown(room, base, [sources.row_of(winner)], every, patience)
    joined = dict(zip((column.name for column in every), whole.values, strict=True))
    shown = _origins(whole, [winner, *rest[: MAX_ROWS_SHOWN - 1]], base)
    own = rows_shown(room, Base(sources), [sources.row_of(place) for place in shown], every, patience)
    winners_own = dict(zip((column.name for column in every), own[0].values, strict=True))
    names = [column.name for column in columns]
    at = {sources.row_of(place): number for number, place in enumerate(shown)}
    return Group(
        identity=_identity(dedupe, own, [column.name for column in every]),
        size=size,
        rows=[_only(row, every, names) for row in own],
        merged=[joined[name] for name in names],
        changes=[
            FieldChange(
                name,
                winners_own[name],
                joined[name],
                dedupe.policy(name),
                at.get(whole.origins[name]) if name in whole.origins else None,
            )
            for name in names
            if joined[name] != winners_own[name]
        ],
    )


def _origins(whole: MemberRow, shown: Sequence[int], base: Base) -> list[int]:
    """The places shown, and those a joined value comes from."""
    origins = [base.sources.place(*row) for row in whole.origins.values()]
    return list(dict.fromkeys([*shown, *origins]))


def _only(row: MemberRow, every: Sequence[MemberColumn], names: Sequence[str]) -> MemberRow:
    values = dict(zip((column.name for column in every), row.values, strict=True))
    return MemberRow(row.upload_id, row.row_id, [values[name] for name in names], {})


def _identity(dedupe: Dedupe, rows: Sequence[MemberRow], names: Sequence[str]) -> str:
    if dedupe.identity.by is By.MATCH:
        return ""
    return shown_key(record_key(dedupe.identity, dict(zip(names, rows[0].values, strict=True))) or "")
