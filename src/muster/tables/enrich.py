"""Put the results of an enrichment into a table: new columns beside the others, filled cells over the old ones.

A run reads one version and is done minutes later. What happened to the table meanwhile stays: its results go into
the newest version, rows that joined are empty in the new columns, and a cell that changed keeps what it has.
"""

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Final

from muster.db.database import Connection
from muster.errors import Conflict
from muster.ids import UserId
from muster.objects.keys import table_file
from muster.tables import store
from muster.tables.fills import Fill, fill_of_taken, overlay_with
from muster.tables.groups import WrittenGroup, reaching
from muster.tables.manifest import keep, load_manifest
from muster.tables.model import Added, ChangeKind, Column, Group, Manifest, Overlay, TableChange
from muster.tables.overlays import replaced
from muster.tables.profile_extend import with_profile
from muster.tables.publish import newest as newest_pointer
from muster.tables.publish import point_to
from muster.tables.room import TablesRoom

_ATTEMPTS: Final = 8


@dataclass(frozen=True, slots=True)
class Enrichment:
    """What a run wants to put into a table. Its files are written; no version names them yet.

    planned: the version it read. group: its new columns, None without any. fills: of columns that were there.
    added: what the table remembers of it; its columns are those of `group` and `fills`.
    """

    planned: Manifest
    group: WrittenGroup | None
    fills: Sequence[Fill]
    added: Added


Also = Callable[[Connection, Manifest, int], None]
"""What else belongs into the transaction; it is told the new version and the id of the change."""


def publish_enrichment(
    room: TablesRoom,
    user_id: UserId,
    actor: str,
    wanted: Enrichment,
    rows: int,
    also: Also = lambda _connection, _manifest, _change_id: None,
    pause: Callable[[], None] = lambda: None,
) -> Manifest:
    """Make the results part of the newest version of the table; returns the version that has them.

    rows: how many got anything; for the log. A run whose results are in the newest version already changes nothing,
    and `also` is not called: it was, in the transaction that put them there.
    pause: called now and then before that transaction; what it raises ends the work and nothing shows.
    Raises Conflict (`table_changed`) when the table was deleted or made anew, or a column that was to be filled is
    gone; NotFound, Overloaded, StorageFull, Unavailable.
    """
    for _ in range(_ATTEMPTS):
        before = _newest(room, user_id, wanted)
        if any(added.run_id == wanted.added.run_id for added in before.added):
            return before
        kept = keep(room, rebased(room, before, wanted, pause))
        pause()
        with suppress(_Late), room.db.begin() as connection:
            change_id = _committed(room, connection, user_id, actor, before, kept, rows)
            also(connection, kept, change_id)
            return kept
    raise _changed("Others change this table all the time. Run the enrichment again.")


class _Late(Exception):
    """Somebody else made a version meanwhile."""


def _newest(room: TablesRoom, user_id: UserId, wanted: Enrichment) -> Manifest:
    with room.db.read() as connection:
        pointer = newest_pointer(connection, user_id, wanted.planned.table_id)
    if pointer is None:
        raise _changed("This table was deleted while the enrichment ran.")
    return load_manifest(room, pointer.table_id, pointer.version)


def _committed(
    room: TablesRoom,
    connection: Connection,
    user_id: UserId,
    actor: str,
    before: Manifest,
    kept: Manifest,
    rows: int,
) -> int:
    try:
        return commit_enrichment(room, connection, user_id, actor, before, kept, rows)
    except Conflict as error:
        raise _Late from error


def commit_enrichment(
    room: TablesRoom,
    connection: Connection,
    user_id: UserId,
    actor: str,
    before: Manifest,
    kept: Manifest,
    rows: int,
) -> int:
    """Make a kept version with one enrichment more than `before` the newest, in the caller's transaction.

    Returns the id of the logged change. Raises Conflict (`table_changed`) when `before` is not the newest any more.
    """
    point_to(room, connection, user_id, kept)
    names = {column.physical: column.name for column in kept.columns}
    return store.log(
        connection,
        TableChange(
            table_id=kept.table_id,
            actor=actor,
            at=room.clock(),
            kind=ChangeKind.ENRICHMENT,
            columns=tuple(names[physical] for physical in kept.added[-1].columns),
            rows=rows,
            from_version=before.version,
            to_version=kept.version,
        ),
    )


def rebased(
    room: TablesRoom,
    newest: Manifest,
    wanted: Enrichment,
    pause: Callable[[], None] = lambda: None,
) -> Manifest:
    """The version that follows `newest`, with the results in it and in its profile; its files are written.

    Values for a column that was to be new, and whose name the table has by now, fill the empty cells of that one.
    Raises Conflict (`table_changed`), NotFound, Overloaded, StorageFull, Unavailable.
    """
    planned, run_id = wanted.planned, wanted.added.run_id
    if newest.groups[0].parts[: len(planned.groups[0].parts)] != planned.groups[0].parts:
        raise _changed("The table was made anew while the enrichment ran. Run it again on the new one.")
    group, taken = _new_columns(newest, wanted.group)
    overlays = []
    for fill in wanted.fills:
        pause()
        column = _still_there(newest, fill)
        overlays.append(overlay_with(room, planned, newest, run_id, column, fill))
    for physical, column in taken.items():
        pause()
        files = Group(()) if wanted.group is None else wanted.group.group
        fill = fill_of_taken(room, newest, run_id, files, physical, column)
        overlays.append(overlay_with(room, newest, newest, run_id, column, fill))
    columns = tuple(
        taken[physical].physical if physical in taken else physical for physical in wanted.added.columns
    )
    after = with_enrichment(newest, group, overlays, replace(wanted.added, columns=columns))
    if group is not None:
        after = reaching(room, after, run_id)
    key = table_file(after.table_id, run_id, f"profile-{newest.version}.json")
    return with_profile(room, after, key, pause)


def _new_columns(
    newest: Manifest, group: WrittenGroup | None
) -> tuple[WrittenGroup | None, dict[str, Column]]:
    """The columns that are still new; and by physical name of the others, what stands in their place by now."""
    if group is None:
        return None, {}
    there = {column.name: column for column in newest.columns}
    taken = {column.physical: there[column.name] for column in group.columns if column.name in there}
    fresh = tuple(column for column in group.columns if column.physical not in taken)
    return (WrittenGroup(fresh, group.group) if fresh else None), taken


def _still_there(newest: Manifest, fill: Fill) -> Column:
    found = next((column for column in newest.columns if column.physical == fill.column), None)
    if found is None:
        raise _changed("A column that was to be filled is gone: what made it was undone. Run it again.")
    return found


def with_enrichment(
    manifest: Manifest,
    group: WrittenGroup | None,
    overlays: Sequence[Overlay],
    added: Added,
) -> Manifest:
    """The version that follows `manifest`: these columns behind its own, these overlays for theirs; pure."""
    columns, groups = manifest.columns, manifest.groups
    if group is not None:
        columns += tuple(replace(column, group=len(groups)) for column in group.columns)
        groups += (group.group,)
    return replace(
        manifest,
        version=manifest.version + 1,
        parent=manifest.version,
        made_by=added.run_id,
        columns=columns,
        groups=groups,
        overlays=replaced(manifest.overlays, [overlay for overlay in overlays if overlay.rows]),
        added=(*manifest.added, added),
    )


def without_enrichment(
    now: Manifest, before: Manifest, after: Manifest, sent: Sequence[Column]
) -> Manifest | None:
    """The version that follows `now`, without what the enrichment between `before` and `after` put in; pure.

    None when what it left is no longer there as it left it. sent: what is known of the columns of group 0; one that
    rows brought under the name of a column that goes shows now.
    """
    made = {column.physical for column in after.columns} - {column.physical for column in before.columns}
    (added,) = [each for each in after.added if each not in before.added]
    filled = set(added.columns) - made
    there = {column.physical for column in now.columns}
    if added not in now.added or not made | filled <= there:
        return None
    if _overlays_of(now, filled) != _overlays_of(after, filled):
        return None
    columns = [column for column in now.columns if column.physical not in made]
    known, gone = {column.name for column in columns}, {column.name for column in now.columns}
    columns += [column for column in sent if column.name in gone and column.name not in known]
    left = [overlay for overlay in now.overlays if overlay.column not in made | filled]
    is_profiled = now.profile_key == after.profile_key
    return _renumbered(
        replace(
            now,
            version=now.version + 1,
            parent=now.version,
            made_by="edit",
            columns=tuple(columns),
            overlays=replaced(left, _overlays_of(before, filled)),
            profile_key=before.profile_key if is_profiled else now.profile_key,
            profiled=before.profiled if is_profiled else now.profiled,
            added=tuple(each for each in now.added if each != added),
        )
    )


def _overlays_of(manifest: Manifest, physical: set[str]) -> list[Overlay]:
    return [overlay for overlay in manifest.overlays if overlay.column in physical]


def _renumbered(manifest: Manifest) -> Manifest:
    """Without groups that have no column left; group 0 stays, for it says which rows there are."""
    used = sorted({0} | {column.group for column in manifest.columns})
    numbers = {old: new for new, old in enumerate(used)}
    return replace(
        manifest,
        columns=tuple(replace(column, group=numbers[column.group]) for column in manifest.columns),
        groups=tuple(manifest.groups[old] for old in used),
    )


def _changed(reason: str) -> Conflict:
    return Conflict(reason, code="table_changed")
