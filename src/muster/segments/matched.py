"""Rows that a probable match holds for the same, as identities."""

from dataclasses import replace

import pyarrow as pa

from muster.accounts.model import Principal
from muster.errors import Conflict, InputError, Issue
from muster.segments.clusters import clusters
from muster.segments.kept import KeptTable
from muster.segments.match_files import load_labels, read_pairs
from muster.segments.match_model import Match
from muster.segments.match_store import MatchStore
from muster.segments.model import Identity, Status
from muster.segments.room import SegmentsRoom
from muster.segments.sources import Sources
from muster.tables.manifest import load_manifest
from muster.tables.model import Manifest, TableId


def resolved_match(room: SegmentsRoom, identity: Identity, sources: Sources) -> Identity:
    """The identity with its threshold. Raises NotFound, Forbidden, Conflict (`match_not_ready`, `match_outdated`),
    InputError (`threshold_too_low`).
    """
    match = _ready(room, sources.owner, identity)
    threshold = match.threshold if identity.threshold is None else identity.threshold
    if threshold < match.threshold:
        message = (
            f"Pairs below {match.threshold:g} are never joined; take that or more, or settle pairs by hand."
        )
        issue = Issue(None, "threshold", "/dedupe/threshold", "threshold_too_low", message)
        raise InputError(message, code="threshold_too_low", issues=[issue])
    _refuse_outdated(room, match, sources)
    return replace(identity, threshold=threshold)


def decisions_key(room: SegmentsRoom, sources: Sources, identity: Identity) -> str | None:
    """Which decisions count: part of what a group depends on. Raises NotFound, Forbidden, Conflict."""
    return _ready(room, sources.owner, identity).decisions_key


def matched(room: SegmentsRoom, sources: Sources, identity: Identity) -> pa.Table:
    """`place` and `key` (both BIGINT) of every row of a group; rows of other uploads are in none.

    Raises NotFound, Forbidden, Conflict (`match_not_ready`, `match_outdated`), Unavailable.
    """
    match = _ready(room, sources.owner, identity)
    _refuse_outdated(room, match, sources)
    threshold = match.threshold if identity.threshold is None else identity.threshold
    key = ("matched", match.id, match.decisions_key, threshold, sources.key, sources.ranks)
    return room.tables.get(key, lambda: _clustered(room, match, sources, threshold)).table


def _ready(room: SegmentsRoom, principal: Principal, identity: Identity) -> Match:
    with room.db.read() as connection:
        match = MatchStore(connection, principal).get(identity.match or "")
    if match.status is not Status.READY:
        raise Conflict(
            "This match is not ready. Follow its status; one that failed says why.", code="match_not_ready"
        )
    return match


def _refuse_outdated(room: SegmentsRoom, match: Match, sources: Sources) -> None:
    """A table that was made anew numbers its rows anew, so what was said of rows is said of others."""
    now = {str(layout.manifest.table_id): layout.manifest for layout in sources.layouts}
    for source in match.sources:
        if source.upload_id in now:
            then = load_manifest(room.reading.tables, TableId(source.upload_id), source.version)
            if _first(then) != _first(now[source.upload_id]):
                raise Conflict(
                    "An upload was processed anew since this match was made. Make the match again.",
                    code="match_outdated",
                )


def _first(manifest: Manifest) -> object:
    return manifest.groups[0].parts[:1] if manifest.groups else ()


def _clustered(room: SegmentsRoom, match: Match, sources: Sources, threshold: float) -> KeptTable:
    at = {str(layout.manifest.table_id): position for position, layout in enumerate(sources.layouts)}
    positions = {
        number: at[source.upload_id] for number, source in enumerate(match.sources) if source.upload_id in at
    }
    numbers = {source.upload_id: number for number, source in enumerate(match.sources)}
    table = read_pairs(room, match, ["a_position", "a_row", "b_position", "b_row", "probability"])
    columns = [column.to_pylist() for column in table.columns]
    # Stored in the order of probability; the surest come first here.
    pairs = [
        ((a, a_row), (b, b_row))
        for a, a_row, b, b_row, probability in zip(*columns, strict=True)
        if probability >= threshold
    ][::-1]
    settled = [
        (
            tuple((numbers[upload_id], row_id) for upload_id, row_id in (label.pair.a, label.pair.b)),
            label.is_same,
        )
        for label in load_labels(room, match.decisions_key)
    ]
    groups = clusters(
        pairs,
        [(one, other) for (one, other), is_same in settled if is_same],
        [(one, other) for (one, other), is_same in settled if not is_same],
    )
    rows = [
        (sources.place(positions[position], row_id), key)
        for key, group in enumerate(groups)
        for position, row_id in group
        if position in positions
    ]
    return KeptTable(
        pa.table(
            {
                "place": pa.array([place for place, _ in rows], pa.int64()),
                "key": pa.array([key for _, key in rows], pa.int64()),
            }
        )
    )
