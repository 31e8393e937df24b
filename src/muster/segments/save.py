"""Create and change segments; count them in the same breath where that is quick."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Generic, TypeVar

from muster.accounts import audit
from muster.accounts.model import Principal
from muster.errors import InputError, Issue
from muster.ids import new_segment_id, random_text
from muster.objects.keys import segment_file
from muster.predicates.model import Predicate
from muster.segments import manual as manual_form
from muster.segments.count import State, count, discard, look
from muster.segments.define import resolved
from muster.segments.force import is_there, load_manual
from muster.segments.manual import Entry, Manual, RowEntry
from muster.segments.model import Dedupe, Definition, Kind, Label, Segment, SegmentId, Status
from muster.segments.patience import of_request
from muster.segments.refresh import ATTEMPTS, Also, being_changed, enqueue_count, nothing_else, refreshed
from muster.segments.room import SegmentsRoom
from muster.segments.sources import newest_sources
from muster.segments.store import SegmentStore
from muster.segments.version_store import VersionStore

Value = TypeVar("Value")


@dataclass(frozen=True, slots=True)
class Wish:
    """A segment to create."""

    label: Label
    definition: Definition
    kind: Kind = Kind.LIVE


@dataclass(frozen=True, slots=True)
class Given(Generic[Value]):
    """A member that was sent, null or not, among those that may be left out."""

    value: Value | None


@dataclass(frozen=True, slots=True)
class ChangeWish:
    """What to change; None: stays as it is. predicate, dedupe: Given(None) takes the old one away."""

    name: str | None = None
    description: str | None = None
    tags: tuple[str, ...] | None = None
    kind: Kind | None = None
    uploads: tuple[str, ...] | None = None
    predicate: Given[Predicate] | None = None
    dedupe: Given[Dedupe] | None = None


def create(
    room: SegmentsRoom, principal: Principal, wish: Wish, *, by_job: bool, also: Also = nothing_else
) -> Segment:
    """Keep a segment, and count it: before this returns, or by a job when that takes long or is wanted.

    also: what else belongs into the transaction that makes it true; it is told the segment as it is then.
    Raises InputError (`filter_invalid`, `dedupe_invalid`, `identity_columns_missing`), Conflict
    (`segment_name_taken`, `table_not_ready`), NotFound, Forbidden.
    """
    sources = newest_sources(room.reading, principal, wish.definition.uploads)
    now = room.clock()
    segment = Segment(
        id=SegmentId(new_segment_id()),
        label=wish.label,
        kind=wish.kind,
        status=Status.COMPUTING,
        reason_code=None,
        reason=None,
        definition=resolved(room, wish.definition, sources),
        manual_key=None,
        included=0,
        excluded=0,
        revision=1,
        version=None,
        counts=None,
        counted_at=None,
        job_id=None,
        created_at=now,
        updated_at=now,
    )
    version = None
    if not by_job and not _takes_long(room, principal, segment):
        state = State(segment, None, {})
        version = count(room, principal, state, f"count-{random_text(22)}", of_request())
    try:
        with room.db.begin() as connection:
            store = SegmentStore(connection, principal)
            store.add(segment)
            if version is None:
                enqueue_count(room, connection, principal, segment.id)
            else:
                VersionStore(connection, principal).advance(version)
            details = {"kind": segment.kind.value}
            audit.record(connection, principal, "segment.created", segment.id, details, now)
            made = store.get(segment.id)
            also(connection, made)
    except BaseException:
        if version is not None:
            discard(room, segment.id, [version.made_by or ""])
        raise
    return made


def change(
    room: SegmentsRoom, principal: Principal, segment_id: str, wish: ChangeWish, *, by_job: bool = False
) -> Segment:
    """Change what was given, and count anew if that decides who is a member. Raises as `create`."""
    before = look(room, principal, segment_id).segment
    definition = _redefined(room, principal, before.definition, wish)
    now = room.clock()
    takes_long = by_job or _takes_long(room, principal, replace(before, definition=definition))
    with room.db.begin() as connection:
        store = SegmentStore(connection, principal)
        segment = store.locked(segment_id)
        kind = wish.kind or segment.kind
        is_redefined = definition != segment.definition
        after = replace(
            segment,
            label=_relabelled(segment.label, wish),
            kind=kind,
            definition=definition,
            revision=segment.revision + is_redefined,
            updated_at=now,
        )
        if is_redefined:
            after = replace(after, status=Status.COMPUTING, reason_code=None, reason=None)
        if after == replace(segment, updated_at=now):
            return segment
        store.change(after)
        if is_redefined and takes_long:
            enqueue_count(room, connection, principal, segment_id)
        audit.record(connection, principal, "segment.changed", segment_id, {"revision": after.revision}, now)
    if is_redefined:
        return _counted(room, principal, segment_id, takes_long)
    # What becomes a snapshot holds what its tables say now; what becomes live follows them from now on.
    return refreshed(room, principal, segment_id) if kind is not before.kind else after


def change_members(
    room: SegmentsRoom,
    principal: Principal,
    segment_id: str,
    include: Sequence[Entry],
    exclude: Sequence[Entry],
    forget: Sequence[Entry],
) -> Segment:
    """Add and leave out by hand. A live segment is counted anew, a snapshot at its next refresh.

    Raises InputError (`row_unknown`, `too_many_entries`), NotFound, Forbidden, Conflict (`segment_changed`), and
    what counting raises.
    """
    _refuse_unknown(room, principal, look(room, principal, segment_id).segment, include, exclude)
    with room.reading.turn(segment_id):  # only other processes can then be faster
        for _ in range(ATTEMPTS):
            segment = look(room, principal, segment_id).segment
            before = load_manual(room, segment.manual_key)
            after = before.changed(include, exclude, forget)
            if after == before or _kept(room, principal, segment, after):
                break
        else:
            raise being_changed()
    if after == before:
        return segment
    if segment.manual_key is not None:
        room.objects.delete(segment.manual_key)
    if segment.kind is Kind.SNAPSHOT:
        return look(room, principal, segment_id).segment
    return refreshed(room, principal, segment_id)


def _kept(room: SegmentsRoom, principal: Principal, segment: Segment, after: Manual) -> bool:
    """Keep new entries; False when the segment was changed meanwhile."""
    key = segment_file(segment.id, f"change-{random_text(22)}", "manual.json")
    room.objects.put(key, [manual_form.encode(after)])
    now = room.clock()
    with room.db.begin() as connection:
        store = SegmentStore(connection, principal)
        fresh = store.locked(segment.id)
        is_first = fresh.revision == segment.revision
        if is_first:
            included, excluded = len(after.included), len(after.excluded)
            store.change(
                replace(
                    fresh,
                    manual_key=key,
                    included=included,
                    excluded=excluded,
                    revision=fresh.revision + 1,
                    updated_at=now,
                )
            )
            details = {"included": included, "excluded": excluded}
            audit.record(connection, principal, "segment.members_changed", segment.id, details, now)
    if not is_first:
        room.objects.delete(key)
    return is_first


def _counted(room: SegmentsRoom, principal: Principal, segment_id: str, by_job: bool) -> Segment:
    """The segment after a change: counted, unless a job does that."""
    if by_job:
        return look(room, principal, segment_id).segment
    return refreshed(room, principal, segment_id)


def _takes_long(room: SegmentsRoom, principal: Principal, segment: Segment) -> bool:
    with room.db.read() as connection:
        tables = SegmentStore(connection, principal).newest_tables(segment.definition.uploads)
    return State(segment, None, tables).takes_long(room.inline_rows)


def _redefined(
    room: SegmentsRoom, principal: Principal, definition: Definition, wish: ChangeWish
) -> Definition:
    changed = Definition(
        definition.uploads if wish.uploads is None else wish.uploads,
        definition.predicate if wish.predicate is None else wish.predicate.value,
        definition.dedupe if wish.dedupe is None else wish.dedupe.value,
    )
    if changed == definition:
        return definition
    return resolved(room, changed, newest_sources(room.reading, principal, changed.uploads))


def _relabelled(label: Label, wish: ChangeWish) -> Label:
    return Label(
        label.name if wish.name is None else wish.name,
        label.description if wish.description is None else wish.description,
        label.tags if wish.tags is None else wish.tags,
    )


def _refuse_unknown(
    room: SegmentsRoom,
    principal: Principal,
    segment: Segment,
    include: Sequence[Entry],
    exclude: Sequence[Entry],
) -> None:
    sources = newest_sources(room.reading, principal, segment.definition.uploads)
    message = "No upload of this segment has such a row. Take `_upload_id` and `_row_id` from the rows as they are now."
    issues = [
        Issue(None, "row", f"/{name}/{at}", "row_unknown", message)
        for name, entries in (("include", include), ("exclude", exclude))
        for at, entry in enumerate(entries)
        if isinstance(entry, RowEntry) and not is_there(room, sources, entry.upload_id, entry.row_id)
    ]
    if issues:
        raise InputError(message, code="row_unknown", issues=issues)
