"""Count who would be a member, condition by condition, and show a few; nothing is stored."""

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace

import pyarrow as pa

from muster.accounts.model import Principal
from muster.predicates.check import check
from muster.predicates.compile import where_sql
from muster.predicates.describe import describe
from muster.predicates.model import Predicate
from muster.segments.base import Base, Rows, base_of, rows_of
from muster.segments.choose import Forced
from muster.segments.define import resolved
from muster.segments.force import forced
from muster.segments.manual import NOTHING_BY_HAND, Manual
from muster.segments.model import Definition, MemberColumn
from muster.segments.narrow import top_parts
from muster.segments.patience import Patience, of_request
from muster.segments.read import manual_of
from muster.segments.room import SegmentsRoom
from muster.segments.sources import newest_sources
from muster.segments.values import MemberRow, chosen_columns, rows_shown
from muster.tables.model import ROW_ID
from muster.tables.stop import Stop


@dataclass(frozen=True, slots=True)
class PreviewWish:
    """manual: entries that count as well. token: see running.py. sample: rows to show; columns: None for all."""

    definition: Definition
    manual: Manual = NOTHING_BY_HAND
    token: str | None = None
    sample: int = 10
    columns: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class FunnelStep:
    """How many candidates are left after this condition and those before it."""

    pointer: str
    sentence: str
    count: int


@dataclass(frozen=True, slots=True)
class Preview:
    """definition: as it was understood. rows: of all uploads; candidates: after duplicates are joined."""

    definition: Definition
    count: int
    candidates: int
    rows: int
    included: int
    excluded: int
    funnel: tuple[FunnelStep, ...]
    columns: tuple[MemberColumn, ...]
    sample: Sequence[MemberRow]
    versions: dict[str, int]
    milliseconds: float


def with_manual(
    room: SegmentsRoom, principal: Principal, wish: PreviewWish, segment_id: str | None
) -> PreviewWish:
    """The wish with the manual entries of a segment, if one is named. Raises NotFound, Forbidden."""
    if segment_id is None:
        return wish
    _, manual = manual_of(room, principal, segment_id)
    return replace(wish, manual=manual.of_uploads(wish.definition.uploads))


@dataclass(frozen=True, slots=True)
class _Tally:
    """Of one source. depths: candidates by how many conditions in a row they satisfy. sample: (order, row id)."""

    depths: list[int]
    members: int
    sample: list[tuple[int, int]]


def preview(room: SegmentsRoom, principal: Principal, wish: PreviewWish, stop: Stop) -> Preview:
    """Count. Raises NotFound, Forbidden, Conflict (`table_not_ready`, `preview_superseded`, `identity_unfit`),
    InputError (`filter_invalid`, `column_unknown`, `identity_columns_missing`), Overloaded, Unavailable,
    and what `stop` is given.
    """
    started = time.perf_counter()
    patience = of_request(stop)
    with room.previews.one(principal.user_id, wish.token, stop):
        sources = newest_sources(room.reading, principal, wish.definition.uploads)
        definition = resolved(room, wish.definition, sources)
        if definition.predicate is not None:
            check(definition.predicate, sources.names, pointer="/filter")
        columns = chosen_columns(sources, wish.columns)
        patience.check()
        base = base_of(room, sources, definition.dedupe, patience)
        patience.check()
        by_hand = forced(room, base, wish.manual, patience)
        parts = top_parts(definition.predicate)
        conditions = [part for _, part in parts]
        tallies = []
        for position in range(len(sources.layouts)):
            patience.check()
            tallies.append(_tally(room, base, position, conditions, by_hand, wish.sample, patience))
        shown = sorted(
            (order, position, row_id)
            for position, tally in enumerate(tallies)
            for order, row_id in tally.sample
        )[: wish.sample]
        rows = sorted((position, row_id) for _, position, row_id in shown)
        return Preview(
            definition=definition,
            count=sum(tally.members for tally in tallies),
            candidates=base.candidates,
            rows=sources.rows,
            included=sum(map(len, by_hand.included)),
            excluded=sum(map(len, by_hand.excluded)),
            funnel=tuple(
                FunnelStep(pointer, describe(part), sum(sum(tally.depths[at + 1 :]) for tally in tallies))
                for at, (pointer, part) in enumerate(parts)
            ),
            columns=columns,
            sample=rows_shown(room, base, rows, columns, patience),
            versions={each.upload_id: each.version for each in sources.key},
            milliseconds=round((time.perf_counter() - started) * 1000, 1),
        )


def _tally(
    room: SegmentsRoom,
    base: Base,
    position: int,
    conditions: Sequence[Predicate],
    by_hand: Forced,
    sample: int,
    patience: Patience,
) -> _Tally:
    """One pass over the candidates of a source: every row falls out at the first condition it fails."""
    rows = rows_of(room, base, position, conditions, patience)
    tables = dict(rows.tables)
    source, is_member = rows.sql, f"depth = {len(conditions)}"
    own = [(ids, wanted) for ids, wanted in _by_hand(by_hand, position) if len(ids)]
    if own:
        tables["by_hand"] = pa.concat_tables(
            [pa.table({"id": ids, "wanted": pa.array([wanted] * len(ids))}) for ids, wanted in own]
        )
        source = f"(SELECT c.*, wanted FROM {source} c LEFT JOIN by_hand ON by_hand.id = c.{ROW_ID})"  # noqa: S608
        is_member = f"coalesce(wanted, {is_member})"
    wanted_column = ", wanted" if own else ""
    # Multiplied by a large odd number modulo a prime, neighbours end up far apart: a sample from everywhere.
    spread = f"(({ROW_ID} + 1) % 4294967291) * 2654435761 % 4294967291"
    shown = f", min_by({{'at': spread, 'id': {ROW_ID}}}, spread, {sample})" if sample else ", NULL"
    found = room.reading.queries.run(
        f"""
        SELECT depth, {is_member} AS is_member, count(*) AS n{shown} AS sample FROM (
            SELECT {ROW_ID}, {spread} AS spread, {_depth(rows)} AS depth{wanted_column} FROM {source}
        ) GROUP BY 1, 2
        """,  # noqa: S608 - the compiler's conditions, names and numbers of our own
        tables,
        seconds=patience.query_seconds,
        stop=patience.stop,
    ).to_pylist()
    depths = [0] * (len(conditions) + 1)
    for group in found:
        depths[group["depth"]] += group["n"]
    members = [group for group in found if group["is_member"]]
    return _Tally(
        depths,
        sum(group["n"] for group in members),
        [(each["at"], each["id"]) for group in members for each in group["sample"] or ()],
    )


def _by_hand(by_hand: Forced, position: int) -> tuple[tuple[pa.Array, bool], ...]:
    return (by_hand.included[position], True), (by_hand.excluded[position], False)


def _depth(rows: Rows) -> str:
    """How many conditions in a row a candidate satisfies, as an expression; later ones are asked of few rows."""
    cases = []
    for at, condition in enumerate(rows.conditions):
        if condition is False:
            cases.append(f"WHEN true THEN {at}")
            break
        if condition is not True:
            cases.append(f"WHEN {where_sql(condition, rows.refs)} IS NOT TRUE THEN {at}")
    if not cases:
        return f"{len(rows.conditions)}"
    return f"CASE {' '.join(cases)} ELSE {len(rows.conditions)} END"
