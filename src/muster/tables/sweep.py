"""Find what no version of a table names any more: leftovers of crashes, and versions nobody can undo to."""

import os
import time
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from itertools import groupby, islice
from pathlib import Path

import structlog

from muster.errors import NotFound
from muster.objects.keys import TABLES, table_note, table_prefix, upload_of
from muster.objects.keys import manifest as manifest_key
from muster.objects.store import ObjectInfo
from muster.tables.hot import copied_tables, forget_copies
from muster.tables.manifest import load_manifest
from muster.tables.model import Manifest, TableId
from muster.tables.room import TablesRoom
from muster.tables.store import versions

log = structlog.get_logger("muster.tables")

KEPT_VERSIONS = 50
"""The newest version and the ones before it that an undo may still go back to."""
_GRACE = timedelta(hours=24)
_AT_ONCE = 200


Held = Callable[[Sequence[str]], Mapping[str, Collection[int]]]
"""For some tables, the versions that somebody holds beside the newest ones."""


def sweep(
    room: TablesRoom,
    in_work: Callable[[Sequence[str]], Collection[str]],
    held: Held = lambda _table_ids: {},
) -> int:
    """Delete objects of tables that nothing names; returns how many went.

    in_work: which of these tables an unfinished job works on. Nothing of them is touched: a job paused for a
    week still needs the parts it wrote. Everything else has a day to be named by a version.
    held: versions to be kept with all their files, however old they are. Raises Unavailable.
    """
    latest = room.clock() - _GRACE
    removed = 0
    by_table = groupby(room.objects.list(TABLES), key=lambda found: upload_of(found.key))
    while batch := [(name, list(found)) for name, found in islice(by_table, _AT_ONCE)]:
        ids = [name for name, _ in batch if name is not None]
        # First the jobs, then the pointers: a job that ends in between has published, and is seen.
        busy = in_work(ids)
        kept = held(ids)
        with room.db.read() as connection:
            newest = versions(connection, ids)
        for name, found in batch:
            if name is None or name in busy:  # a key that is not ours to read is not ours to delete
                continue
            table_id = TableId(name)
            try:
                named = _named(room, table_id, newest.get(name))
                named |= _held(room, table_id, kept.get(name, ()))
            except NotFound:
                log.error("tables.newest_version_missing", table_id=table_id)
                continue
            for key in _unnamed(table_id, found, named, latest):
                room.objects.delete(key)
                removed += 1
            if table_id not in newest:
                room.cache.forget(table_prefix(table_id))
    _forget_copies(room)
    if removed:
        log.info("tables.leftovers_swept", objects=removed)
    return removed


def _forget_copies(room: TablesRoom) -> None:
    """Hot copies that somebody was making while their table was deleted."""
    if room.hot is not None:
        copied = copied_tables(room.hot)
        with room.db.read() as connection:
            known = versions(connection, copied)
        for table_id in set(copied) - known.keys():
            forget_copies(room.hot, table_id)


def _named(room: TablesRoom, table_id: TableId, version: int | None) -> set[str]:
    """Every object that the newest version, or one an undo may go back to, needs.

    Raises NotFound when the newest one is missing.
    """
    named: set[str] = set()
    wanted = version
    for _ in range(KEPT_VERSIONS):
        if wanted is None:
            break
        try:
            manifest = load_manifest(room, table_id, wanted)
        except NotFound:
            if wanted == version:
                raise  # then nothing is known to be superfluous
            break  # swept before, as one too many
        named |= {manifest_key(table_id, wanted)} | files_of(manifest)
        wanted = manifest.parent
    return named


def _held(room: TablesRoom, table_id: TableId, wanted: Collection[int]) -> set[str]:
    """Every object that these versions need; one that is missing needs nothing any more."""
    named: set[str] = set()
    for version in wanted:
        with suppress(NotFound):
            named |= {manifest_key(table_id, version)} | files_of(load_manifest(room, table_id, version))
    return named


def files_of(manifest: Manifest) -> set[str]:
    """The key of every object a version names."""
    named = {part.key for group in manifest.groups for part in group.parts}
    named |= {overlay.key for overlay in manifest.overlays} | set(manifest.issues)
    named |= {traces.key for added in manifest.added for traces in added.traces}
    named |= {key for added in manifest.added for key in added.reports}
    failures = (added.failures for added in manifest.added)
    note = None if manifest.noted is None else table_note(manifest.table_id, *manifest.noted)
    single = (manifest.hidden_key, manifest.rejects_key, manifest.profile_key, note, *failures)
    return named | {key for key in single if key is not None}


def _unnamed(
    table_id: TableId, found: Sequence[ObjectInfo], named: set[str], latest: datetime
) -> Iterator[str]:
    """Keys to delete: not named, and nothing of the same job or change was written lately."""
    prefix = table_prefix(table_id)

    def maker(info: ObjectInfo) -> str:
        return info.key.removeprefix(prefix).partition("/")[0]

    lately = {maker(info) for info in found if info.modified_at > latest}
    for info in found:
        if info.key not in named and maker(info) not in lately:
            yield info.key


def sweep_scratch(directory: Path) -> int:
    """Delete files of this machine that a killed process left in a scratch directory; returns how many went.

    What somebody still works with was written to within the last day.
    """
    oldest = time.time() - _GRACE.total_seconds()
    removed = 0
    for top, _, names in os.walk(directory, topdown=False):
        for name in names:
            path = Path(top, name)
            with suppress(FileNotFoundError):
                if path.stat().st_mtime < oldest:
                    path.unlink()
                    removed += 1
        with suppress(OSError):  # not empty, or gone
            if Path(top) != directory and Path(top).stat().st_mtime < oldest:
                os.rmdir(top)
    return removed
