"""Probable matches: start one, look at it and its pairs, settle pairs by hand, delete it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

import pyarrow.compute as pc

from muster.accounts import audit
from muster.accounts.model import Principal
from muster.db.cursors import Cursor
from muster.db.database import Connection
from muster.errors import Conflict, InputError, Issue
from muster.ids import new_match_id, random_text
from muster.jobs.abandon import abandon
from muster.jobs.enqueue import enqueue
from muster.objects.keys import segment_file, segment_prefix
from muster.segments.base import Base
from muster.segments.force import is_there
from muster.segments.match_files import encode_labels, load_labels, read_levels, read_pairs
from muster.segments.match_model import (
    MAX_LABELS,
    MAX_MATCH_ROWS,
    Label,
    Match,
    MatchWish,
    PairOfRows,
)
from muster.segments.match_store import MatchStore
from muster.segments.model import MatchId, MemberColumn, Status
from muster.segments.patience import Patience
from muster.segments.probable import is_installed, missing
from muster.segments.refresh import being_changed
from muster.segments.room import SegmentsRoom
from muster.segments.sources import Sources, newest_sources, sources_then
from muster.segments.store import SegmentStore, matched_by
from muster.segments.values import MemberRow, chosen_columns, rows_shown
from muster.tables.dependants import named, told

MATCH: Final = "match_rows"
_ATTEMPTS: Final = 4

MatchAlso = Callable[[Connection, Match], None]


def _nothing(_connection: Connection, _match: Match) -> None:
    """Nothing else belongs into the transaction."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """What one column says of a pair. weight: bits; level None: one of the two has no value."""

    column: str
    level: str | None
    weight: float


@dataclass(frozen=True, slots=True)
class Pair:
    """decision: what somebody said of it, None when nobody did."""

    a: MemberRow
    b: MemberRow
    probability: float
    decision: bool | None
    evidence: Sequence[Evidence]


@dataclass(frozen=True, slots=True)
class Pairs:
    """A window of pairs, the least probable first."""

    match: Match
    total: int
    columns: tuple[MemberColumn, ...]
    items: Sequence[Pair]


@dataclass(frozen=True, slots=True)
class PairsWish:
    """Pairs with a probability of at least `low` and at most `high`."""

    low: float = 0.0
    high: float = 1.0
    offset: int = 0
    limit: int = 20
    columns: tuple[str, ...] | None = None


def start(room: SegmentsRoom, principal: Principal, wish: MatchWish, also: MatchAlso = _nothing) -> Match:
    """Let a job match the rows. also: what else belongs into the transaction.

    Raises Conflict (`identity_extra_missing`, `match_too_large`, `table_not_ready`), InputError (`column_unknown`,
    `row_unknown`), NotFound, Forbidden.
    """
    if not is_installed():
        raise missing()
    sources = newest_sources(room.reading, principal, wish.uploads)
    if sources.rows > MAX_MATCH_ROWS:
        raise Conflict(
            f"At most {MAX_MATCH_ROWS:,} rows are matched at once, and these are {sources.rows:,}. Name fewer uploads.",
            code="match_too_large",
        )
    chosen_columns(sources, [each.column for each in wish.compare])
    _refuse_unknown(room, sources, wish.labels, "labels")
    now = room.clock()
    match = Match(
        id=MatchId(new_match_id()),
        status=Status.COMPUTING,
        reason_code=None,
        reason=None,
        sources=sources.key,
        compare=wish.compare,
        threshold=wish.threshold,
        facts=None,
        labels_key=None,
        decisions_key=None,
        made_by=None,
        job_id=None,
        created_at=now,
        updated_at=now,
    )
    if wish.labels:
        match = replace(match, labels_key=segment_file(match.id, "labels", "labels.json"))
        room.objects.put(match.labels_key or "", [encode_labels(wish.labels)])
    with room.db.begin() as connection:
        store = MatchStore(connection, principal)
        store.add(match)
        job_id = enqueue(
            connection, MATCH, principal.user_id, match.id, {}, now, unit="rows", total=sources.rows
        )
        store.set_job(match.id, job_id)
        audit.record(connection, principal, "match.created", match.id, {"rows": sources.rows}, now)
        made = store.get(match.id)
        also(connection, made)
    return made


def get_match(room: SegmentsRoom, principal: Principal, match_id: str) -> Match:
    """Raises NotFound, Forbidden."""
    with room.db.read() as connection:
        return MatchStore(connection, principal).get(match_id)


def list_matches(
    room: SegmentsRoom, principal: Principal, limit: int, after: Cursor | None
) -> tuple[Sequence[Match], int, Cursor | None]:
    """The newest first; how many in all; where the next page begins."""
    with room.db.read() as connection:
        store = MatchStore(connection, principal)
        found, total = store.list(limit + 1, after), store.count()
    page = found[:limit]
    following = Cursor(page[-1].created_at, page[-1].id) if len(found) > limit else None
    return page, total, following


def pairs_of(
    room: SegmentsRoom, principal: Principal, match_id: str, wish: PairsWish, patience: Patience
) -> Pairs:
    """Raises NotFound, Forbidden, Conflict (`match_not_ready`), InputError (`column_unknown`), Unavailable."""
    match = get_match(room, principal, match_id)
    if match.status is not Status.READY:
        raise Conflict(
            "This match is not ready. Follow its status; one that failed says why.", code="match_not_ready"
        )
    sources, _ = sources_then(room.reading, principal, match.sources)
    names = wish.columns or tuple(each.column for each in match.compare)
    columns = chosen_columns(sources, names)
    table = read_pairs(room, match)
    probability = table.column("probability")
    within = pc.and_(pc.greater_equal(probability, wish.low), pc.less_equal(probability, wish.high))
    chosen = table.filter(within)
    decided = {label.pair: label.is_same for label in load_labels(room, match.decisions_key)}
    levels = read_levels(room, match)
    items = []
    for row in chosen.slice(wish.offset, wish.limit).to_pylist():
        ends = [(row["a_position"], row["a_row"]), (row["b_position"], row["b_row"])]
        there = [end for end in ends if is_there(room, sources, sources.upload(end[0]), end[1])]
        if len(there) < 2:
            continue  # one of the two was erased since
        a, b = rows_shown(room, Base(sources), ends, columns, patience)
        pair = PairOfRows.of((a.upload_id, a.row_id), (b.upload_id, b.row_id))
        evidence = [
            Evidence(each.column, _level(levels[at], row[f"g{at}"]), round(row[f"w{at}"], 2))
            for at, each in enumerate(match.compare)
        ]
        items.append(Pair(a, b, round(row["probability"], 6), decided.get(pair), evidence))
    return Pairs(match, chosen.num_rows, columns, items)


def decide(room: SegmentsRoom, principal: Principal, match_id: str, decisions: Sequence[Label]) -> Match:
    """Settle pairs by hand, the last word on each; segments that use the match are counted anew.

    Raises InputError (`row_unknown`, `too_many_entries`), NotFound, Forbidden, Conflict (`match_not_ready`).
    """
    match = get_match(room, principal, match_id)
    if match.status is not Status.READY:
        raise Conflict("This match is not ready. Follow its status.", code="match_not_ready")
    sources, _ = sources_then(room.reading, principal, match.sources)
    _refuse_unknown(room, sources, decisions, "decisions")
    for _ in range(_ATTEMPTS):
        match = get_match(room, principal, match_id)
        settled = {label.pair: label for label in load_labels(room, match.decisions_key)}
        settled |= {label.pair: label for label in decisions}
        if len(settled) > MAX_LABELS:
            raise _too_many()
        key = segment_file(match.id, f"decisions-{random_text(22)}", "decisions.json")
        room.objects.put(key, [encode_labels(list(settled.values()))])
        now = room.clock()
        with room.db.begin() as connection:
            is_first = MatchStore(connection, principal).decide(match.id, key, match.decisions_key, now)
            if is_first:
                SegmentStore(connection, principal).touch_matched(match.id)
                details = {"decisions": len(decisions)}
                audit.record(connection, principal, "match.decided", match.id, details, now)
        if is_first:
            if match.decisions_key is not None:
                room.objects.delete(match.decisions_key)
            return get_match(room, principal, match_id)
        room.objects.delete(key)
    raise being_changed()


def delete_match(room: SegmentsRoom, principal: Principal, match_id: str) -> None:
    """Raises NotFound, Forbidden, Conflict (`match_in_use`) naming the segments that use it."""
    now = room.clock()
    with room.db.begin() as connection:
        store = MatchStore(connection, principal)
        store.get(match_id)
        found = matched_by(connection, principal.user_id, [match_id])
        if found:
            raise Conflict(
                f"{told(found)} made from this match. Change or delete that first.",
                code="match_in_use",
                issues=named(found, "match_in_use"),
            )
        remove_match(connection, principal, match_id, now)
    forget_files(room, match_id)


def remove_match(connection: Connection, principal: Principal, match_id: str, now: datetime) -> None:
    """Remove its row, in the caller's transaction; its bytes go with `forget_files`."""
    MatchStore(connection, principal).remove(match_id)
    abandon(connection, match_id, now)
    audit.record(connection, principal, "match.deleted", match_id, {}, now)


def forget_files(room: SegmentsRoom, match_id: str) -> None:
    """Delete its objects, as far as they are there."""
    for found in list(room.objects.list(segment_prefix(match_id))):
        room.objects.delete(found.key)
    room.reading.tables.cache.forget(segment_prefix(match_id))


def _level(names: Sequence[str], number: int) -> str | None:
    return names[number] if 0 <= number < len(names) else None


def _refuse_unknown(room: SegmentsRoom, sources: Sources, labels: Sequence[Label], member: str) -> None:
    message = (
        "None of the uploads has such a row. Take `_upload_id` and `_row_id` from the rows as they are now."
    )
    issues = [
        Issue(None, member, f"/{member}/{at}", "row_unknown", message)
        for at, label in enumerate(labels)
        for upload_id, row_id in (label.pair.a, label.pair.b)
        if not is_there(room, sources, upload_id, row_id)
    ]
    if issues:
        raise InputError(message, code="row_unknown", issues=issues)


def _too_many() -> InputError:
    message = f"A match has at most {MAX_LABELS:,} decisions."
    issue = Issue(None, "decisions", "/decisions", "too_many_entries", message)
    return InputError(message, code="too_many_entries", issues=[issue])
