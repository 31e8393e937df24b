"""The first rows of an export as they would leave; nothing is stored and nobody is asked."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

from muster.accounts.model import Principal
from muster.exports.create import settle
from muster.exports.model import Definition
from muster.exports.prepare import Preparer
from muster.exports.requests import ExportBody
from muster.exports.room import ExportsRoom
from muster.exports.suppress import load_suppressed
from muster.exports.work import digest_secret

_MAX_LOOKED_AT = 20_000
"""Rows of the source; a list that lets nobody through must not be read to its end."""


@dataclass(frozen=True, slots=True)
class Preview:
    """rows_total: in the source; looked_at: of these, until there were enough rows; rows: as they would leave.

    left_out: of those looked at, by reason; unhashed: their cells, by column and code.
    """

    definition: Definition
    rows_total: int
    looked_at: int
    rows: Sequence[dict[str, str | None]]
    left_out: Counter[str]
    unhashed: Counter[tuple[str, str]]


def preview(room: ExportsRoom, principal: Principal, asked: ExportBody) -> Preview:
    """Raises as `create.settle` does."""
    settled = settle(room, principal, asked)
    definition = settled.definition
    with room.db.read() as connection:
        suppressed = load_suppressed(connection, room.seal, principal.user_id, definition)
    # What changed since the last export is not known before everything is compared.
    every = replace(definition, since_last=False)
    preparer = Preparer(every, suppressed, frozenset(), digest_secret(room, principal.user_id))
    rows: list[dict[str, str | None]] = []
    left_out: Counter[str] = Counter()
    unhashed: Counter[tuple[str, str]] = Counter()
    looked_at = 0
    for whole in settled.rows.scan(preparer.source_columns):
        for start in range(0, whole.num_rows, asked.rows):
            prepared = preparer.prepare(batch := whole.slice(start, asked.rows), looked_at)
            looked_at += batch.num_rows
            left_out.update(prepared.left_out)
            unhashed.update(prepared.unhashed)
            rows.extend(prepared.rows.slice(0, asked.rows - len(rows)).to_pylist())
            if len(rows) >= asked.rows or looked_at >= _MAX_LOOKED_AT:
                return Preview(definition, settled.rows.count, looked_at, rows, left_out, unhashed)
    return Preview(definition, settled.rows.count, looked_at, rows, left_out, unhashed)
