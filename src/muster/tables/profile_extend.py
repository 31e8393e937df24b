"""Bring a profile up to a later version of its table: only what changed is looked at again."""

from collections.abc import Callable
from dataclasses import replace

from muster.tables.model import Manifest
from muster.tables.profile import build_profile, load_profile, store_profile
from muster.tables.profile_model import Profile
from muster.tables.room import TablesRoom


def with_profile(
    room: TablesRoom, manifest: Manifest, key: str, pause: Callable[[], None] = lambda: None
) -> Manifest:
    """The manifest with a profile that knows all of it, stored under `key`; without any, it gets none.

    pause: called before each query; what it raises ends the work. Raises NotFound, StorageFull, Unavailable.
    """
    if manifest.profile_key is None:
        return manifest
    store_profile(room, key, extended(room, manifest, load_profile(room, manifest.profile_key), pause))
    return replace(manifest, profile_key=key, profiled=manifest.overlays)


def extended(
    room: TablesRoom, manifest: Manifest, before: Profile, pause: Callable[[], None] = lambda: None
) -> Profile:
    """The profile of a version, given the one it still names (`before`, which knows `manifest.profiled`).

    New columns, and those that were edited or filled in since, are described anew; all are when rows joined.
    Raises NotFound, Unavailable.
    """
    known = {column.physical: column for column in before.columns}
    kinds = {physical: column.kinds for physical, column in known.items()}
    if before.rows != manifest.visible_rows:
        return build_profile(room, manifest, kinds, pause=pause)
    changed = {overlay.column for overlay in set(manifest.overlays) ^ set(manifest.profiled)}
    stale = {
        column.physical
        for column in manifest.columns
        if column.physical in changed
        or column.physical not in known
        or known[column.physical].type is not column.type
    }
    anew = build_profile(room, manifest, kinds, pause=pause, only=stale)
    known |= {column.physical: column for column in anew.columns}
    return Profile(before.rows, tuple(known[column.physical] for column in manifest.columns))
