"""Entries by hand → the rows they mean in these versions of the tables."""

from collections.abc import Sequence

import pyarrow as pa
import pyarrow.compute as pc

from muster.objects.store import read_whole
from muster.segments import manual as manual_form
from muster.segments.base import Base
from muster.segments.choose import Forced, nobody_forced, without
from muster.segments.identity import guessed_columns, guessed_names
from muster.segments.keyed import keyed
from muster.segments.manual import NOTHING_BY_HAND, Entry, IdentityEntry, Manual, RowEntry
from muster.segments.model import By, Dedupe, Identity
from muster.segments.patience import Patience
from muster.segments.room import SegmentsRoom
from muster.segments.sources import Sources
from muster.tables.reading import whole


def load_manual(room: SegmentsRoom, key: str | None) -> Manual:
    """The entries in an object; none without one. Raises NotFound, Unavailable."""
    if key is None:
        return NOTHING_BY_HAND
    return room.manual.get(key, lambda: manual_form.decode(read_whole(room.objects, key)))


def forced(room: SegmentsRoom, base: Base, manual: Manual, patience: Patience) -> Forced:
    """The rows the entries mean. With groups the row that stands for the group is meant; excluding wins.

    Entries that mean no row now mean nothing: rows may come later, and rows may be gone.
    Raises Overloaded, Conflict (`identity_unfit`), StorageFull, Unavailable.
    """
    if not manual.included and not manual.excluded:
        return nobody_forced(len(base.sources.layouts))
    included = _places(room, base, manual.included, patience)
    excluded = _places(room, base, manual.excluded, patience)
    included = without(included, excluded)
    return Forced(base.sources.split(included), base.sources.split(excluded))


def identity_for(by: By, sources: Sources, dedupe: Dedupe | None) -> Identity:
    """How rows say this identity: as the segment says, otherwise as the headers of its columns do."""
    if dedupe is not None and dedupe.identity.by is by:
        return dedupe.identity
    names = guessed_names(sources.names) if by is By.DOMAIN_NAME else ()
    return Identity(by, guessed_columns(by, sources.names), names)


def is_there(room: SegmentsRoom, sources: Sources, upload_id: str, row_id: int) -> bool:
    """Whether this is a visible row of one of the sources."""
    for layout in sources.layouts:
        if layout.manifest.table_id == upload_id:
            if not 0 <= row_id < layout.manifest.rows:
                return False
            return layout.hidden is None or whole(room.reading, layout.hidden).row_ids.find(row_id) is None
    return False


def _places(room: SegmentsRoom, base: Base, entries: Sequence[Entry], patience: Patience) -> pa.Array:
    """Places of the rows, or of those that stand for them; sorted, each once."""
    sources = base.sources
    positions = {str(layout.manifest.table_id): at for at, layout in enumerate(sources.layouts)}
    found = [
        pa.array(
            [
                sources.place(positions[entry.upload_id], entry.row_id)
                for entry in entries
                if isinstance(entry, RowEntry)
                and entry.upload_id in positions
                and is_there(room, sources, entry.upload_id, entry.row_id)
            ],
            pa.int64(),
        )
    ]
    for by in By:
        keys = [entry.key for entry in entries if isinstance(entry, IdentityEntry) and entry.by is by]
        if keys:
            found.append(_with_identity(room, base, by, keys, patience))
    places = pc.unique(pa.concat_arrays(found))
    if base.groups is not None:
        places = pc.unique(base.groups.winners(places))
    return places.take(pc.array_sort_indices(places))


def _with_identity(
    room: SegmentsRoom, base: Base, by: By, keys: Sequence[str], patience: Patience
) -> pa.Array:
    identity = identity_for(by, base.sources, base.dedupe)
    rows = keyed(room, base.sources, identity, patience)
    wanted = pa.table({"key": pa.array(dict.fromkeys(keys), pa.large_string())})
    found = room.reading.queries.run(
        f"SELECT place FROM {rows.sql} SEMI JOIN wanted USING (key)",  # noqa: S608
        {**rows.tables, "wanted": wanted},
        seconds=patience.query_seconds,
    )
    return found.column("place").cast(pa.int64()).combine_chunks()
