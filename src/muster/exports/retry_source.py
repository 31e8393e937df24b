"""The rows of an export that tries another one's failures again: those that failed, and those nobody reached."""

from collections import defaultdict
from collections.abc import Sequence

import pyarrow as pa
import pyarrow.compute as pc

from muster.accounts.model import Principal
from muster.exports.model import Outcome, SourceWish
from muster.exports.outcomes import every_outcome
from muster.exports.room import ExportsRoom
from muster.exports.source import UPLOAD_ID, ChosenRows, Rows, open_source
from muster.exports.store import ExportStore
from muster.tables.model import ROW_ID


def open_rows(
    room: ExportsRoom,
    principal: Principal,
    wish: SourceWish,
    version: int | None = None,
    *,
    wait: bool = False,
) -> Rows:
    """As `open_source`; of an export that is to be tried again, the rows that need it, with the values of `version`."""
    rows = open_source(room, principal, wish, version, wait=wait)
    return rows if wish.retry_of is None else _chosen(room, principal, wish, rows)


def count_chosen(rows: ChosenRows) -> tuple[int, int]:
    """How many rows it gives, and how many of those that were chosen are not there any more."""
    given = named = 0
    for batch in rows.scan([]):
        given += batch.num_rows
        for upload_id, ids in rows.chosen.items():
            here = pc.and_(
                pc.equal(batch.column(UPLOAD_ID), pa.scalar(upload_id, pa.large_string())),
                pc.is_in(batch.column(ROW_ID), value_set=ids),
            )
            named += pc.sum(here).as_py() or 0
    return given, sum(map(len, rows.chosen.values())) - named


def _chosen(room: ExportsRoom, principal: Principal, wish: SourceWish, rows: Rows) -> ChosenRows:
    with room.db.read() as connection:
        parent = ExportStore(connection, principal.user_id).get(wish.retry_of or "")
    if parent.definition.source.retry_of is not None:
        # Of that one only its own rows were meant.
        rows = _chosen(room, principal, parent.definition.source, rows)
    failed: defaultdict[str, list[int]] = defaultdict(list)
    digests: list[tuple[str, str, int]] = []
    for row in every_outcome(room.objects, parent.id, parent.counts.parts, Outcome.FAILED):
        if wish.retry_codes and row.code not in wish.retry_codes:
            continue
        if row.upload_id is not None and row.row_id is not None:
            digests.append((row.digest or "", row.upload_id, row.row_id))
    with room.db.read() as connection:
        dismissed = ExportStore(connection, principal.user_id).dismissed(
            parent.series, [digest for digest, _, _ in digests]
        )
    for digest, upload_id, row_id in digests:
        if digest not in dismissed:
            failed[upload_id].append(row_id)
    unreached = None
    if not parent.status.is_done and not wish.retry_codes:
        # Nobody got further than the last finished portion; before the first row is before every place. Of a file that
        # was not finished nothing is anywhere, so it is made anew as a whole.
        is_file = parent.definition.format is not None
        unreached = (-1, -1) if is_file else parent.counts.place or (-1, -1)
    return ChosenRows(rows, {key: _sorted(ids) for key, ids in failed.items()}, unreached)


def _sorted(row_ids: Sequence[int]) -> pa.Array:
    return pa.array(sorted(set(row_ids)), pa.int64())
