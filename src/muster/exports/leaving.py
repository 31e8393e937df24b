"""Rows at the door: what is handed to a destination, and where each of them comes from."""

from collections.abc import Sequence
from dataclasses import dataclass

import pyarrow as pa

from muster.exports.destination import Operation
from muster.exports.model import Change


@dataclass(frozen=True, slots=True)
class Leaving:
    """Rows of one operation. positions, upload_ids, row_ids: None for a row that left.

    changes, keys: of exports since the last one alone. digests: None: they are worked out when somebody needs them.
    """

    rows: pa.RecordBatch
    positions: Sequence[int | None]
    upload_ids: Sequence[str | None]
    row_ids: Sequence[int | None]
    changes: tuple[Change, ...] | None = None
    keys: Sequence[str] | None = None
    digests: Sequence[str] | None = None

    @property
    def operation(self) -> Operation:
        is_gone = self.changes is not None and Change.LEFT in self.changes
        return Operation.REMOVE if is_gone else Operation.UPSERT

    def slice(self, start: int, rows: int) -> "Leaving":
        stop = start + rows
        return Leaving(
            self.rows.slice(start, rows),
            self.positions[start:stop],
            self.upload_ids[start:stop],
            self.row_ids[start:stop],
            None if self.changes is None else self.changes[start:stop],
            None if self.keys is None else self.keys[start:stop],
            None if self.digests is None else self.digests[start:stop],
        )
