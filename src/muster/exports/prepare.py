"""From rows of the source to rows as they leave: who is left out, what is hashed, and what is told of each.

Every row of a batch is either kept or left out with one reason; nothing gets lost in between.
"""

import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc

from muster.exports.hashing import HashColumn, Hasher, HashPlan
from muster.exports.model import Definition, Reason
from muster.exports.outcomes import OutcomeRows
from muster.exports.platforms import PLATFORMS
from muster.exports.source import UPLOAD_ID
from muster.exports.suppressed import SuppressedRows
from muster.records.checks.texts import folded
from muster.tables.model import ROW_ID

_TEXT: Final = pa.large_string()
_DIGEST_BYTES: Final = 16


@dataclass(frozen=True, slots=True)
class Prepared:
    """What a batch of the source became.

    rows: those that leave, under their names outside. positions: of these in the frozen set, from 0; upload_ids, row_ids:
    where they come from. left_out: how many, by reason. outcomes: what is told of single rows. unhashed: cells, by column
    and code.
    """

    rows: pa.RecordBatch
    positions: pa.Array
    upload_ids: pa.Array
    row_ids: pa.Array
    left_out: Mapping[str, int]
    outcomes: OutcomeRows
    unhashed: Counter[tuple[str, str]] = field(default_factory=Counter)


class Preparer:
    """Prepares the batches of one export in their order. Not thread-safe.

    dismissed: digests of rows that are not to be sent again. secret: what digests are keyed with.
    """

    def __init__(
        self, definition: Definition, suppressed: SuppressedRows, dismissed: frozenset[str], secret: bytes
    ) -> None:
        self._definition = definition
        self._suppressed = suppressed
        self._dismissed = dismissed
        self._secret = secret
        self._hasher = _hasher(definition)
        self._schema = pa.schema([(name, _TEXT) for name in definition.output_names])

    @property
    def schema(self) -> pa.Schema:
        """Of the rows that leave."""
        return self._schema

    @property
    def source_columns(self) -> list[str]:
        """The columns of the source this needs, each once."""
        definition = self._definition
        wanted = [column.column for column in definition.columns]
        if definition.consent is not None:
            wanted.append(definition.consent.column)
        if not self._suppressed.is_empty:
            wanted.extend(name for names in self._suppressed.columns.values() for name in names)
        if definition.country is not None and (definition.hashing or not self._suppressed.is_empty):
            wanted.append(definition.country)
        return list(dict.fromkeys(wanted))

    def prepare(self, batch: pa.RecordBatch, first_position: int) -> Prepared:
        """batch: as `Rows.scan` gives it, of `source_columns`. first_position: of its first row."""
        left_out: dict[str, int] = {}
        outcomes = OutcomeRows()
        positions = pa.arange(first_position, first_position + batch.num_rows)

        def leave_out(kept: pa.RecordBatch, mask: pa.Array, reason: Reason) -> pa.RecordBatch:
            number = pc.sum(mask).as_py() or 0
            if not number:
                return kept
            left_out[reason] = left_out.get(reason, 0) + number
            outcomes.leave_out(kept.filter(mask), reason)
            return kept.filter(pc.invert(mask))

        kept = batch.append_column(_POSITION, positions)
        definition = self._definition
        if definition.consent is not None:
            agreed = _says_yes(kept.column(definition.consent.column), definition.consent.values)
            kept = leave_out(kept, pc.invert(agreed), Reason.NO_CONSENT)
        if not self._suppressed.is_empty:
            others = [column.column for column in definition.columns if column.field is None]
            kept = leave_out(kept, self._suppressed.mask(kept, others), Reason.SUPPRESSED)
        rows = self._leaving(kept)
        unhashed: Counter[tuple[str, str]] = Counter()
        if self._hasher is not None:
            hashed = self._hasher.hash(kept)
            rows = pa.RecordBatch.from_arrays(list(hashed.columns), schema=self._schema)
            for cell in hashed.unhashed:
                if hashed.can_match[cell.row].as_py():
                    outcomes.note(kept, cell.row, str(cell.code), cell.column)
            unhashed = hashed.counts()
            kept = leave_out(kept, pc.invert(hashed.can_match), Reason.NOTHING_TO_MATCH)
            rows = rows.filter(hashed.can_match)
        if definition.since_last:
            is_empty = _is_empty_key(rows, definition.key)
            kept = leave_out(kept, is_empty, Reason.KEY_EMPTY)
            rows = rows.filter(pc.invert(is_empty))
        if self._dismissed:
            is_dismissed = pa.array([each in self._dismissed for each in self.digests(rows)], pa.bool_())
            kept = leave_out(kept, is_dismissed, Reason.DISMISSED)
            rows = rows.filter(pc.invert(is_dismissed))
        return Prepared(
            rows=rows,
            positions=kept.column(_POSITION),
            upload_ids=kept.column(UPLOAD_ID),
            row_ids=kept.column(ROW_ID),
            left_out=left_out,
            outcomes=outcomes,
            unhashed=unhashed,
        )

    def digests(self, rows: pa.RecordBatch) -> list[str]:
        """For each row a keyed hash of all it says."""
        return row_digests(rows, rows.schema.names, self._secret)

    def keys(self, rows: pa.RecordBatch) -> list[str]:
        """For each row a keyed hash of its key."""
        return row_digests(rows, self._definition.key, self._secret)

    def _leaving(self, kept: pa.RecordBatch) -> pa.RecordBatch:
        if self._hasher is not None:
            return kept
        columns = [kept.column(column.column) for column in self._definition.columns]
        return pa.RecordBatch.from_arrays(columns, schema=self._schema)


_POSITION: Final = "_position"


def row_digests(rows: pa.RecordBatch, names: Sequence[str], secret: bytes) -> list[str]:
    """For each row 32 hex digits that differ when any of these columns differs."""
    columns = [rows.column(name).to_pylist() for name in names]
    found = []
    for cells in zip(*columns, strict=True):
        # Lengths in front: no two rows give the same bytes, whatever stands in their cells.
        text = "".join("-" if cell is None else f"{len(cell)}:{cell}" for cell in cells)
        found.append(hashlib.blake2b(text.encode(), digest_size=_DIGEST_BYTES, key=secret).hexdigest())
    return found


def _hasher(definition: Definition) -> Hasher | None:
    if definition.hashing is None:
        return None
    columns = tuple(
        HashColumn(column.column, column.field, column.outputs)
        for column in definition.columns
        if column.field is not None
    )
    platform, region = definition.hashing.platform, definition.hashing.region
    assert all(column.field in PLATFORMS[platform].rules for column in columns)  # noqa: S101 - define.py says so
    return Hasher(HashPlan(platform, region, columns, definition.country))


def _says_yes(values: pa.Array, agreed: Sequence[str]) -> pa.Array:
    wanted = set(agreed)
    return pa.array(
        [value is not None and folded(value.strip()) in wanted for value in values.to_pylist()], pa.bool_()
    )


def _is_empty_key(rows: pa.RecordBatch, key: Sequence[str]) -> pa.Array:
    """Whether no column of the key says anything."""
    empty = pa.repeat(pa.scalar(True), rows.num_rows)
    for name in key:
        values = rows.column(name)
        empty = pc.and_(empty, pc.equal(pc.fill_null(values, ""), pa.scalar("", _TEXT)))
    return empty
