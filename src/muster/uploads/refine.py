"""From a portion of a file to rows that belong in the table, rows that do not, and remarks; on Arrow."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from heapq import merge

import pyarrow as pa
import pyarrow.compute as pc

from muster.records.rules import Rule
from muster.rules.apply import apply_rules, identity
from muster.rules.findings import Findings
from muster.tables.model import ROW_ID
from muster.uploads.mapping import Mapping, apply_mapping
from muster.uploads.readers.model import Portion, Reject

_REJECTS_AT_ONCE = 4096
_RULED_AT_ONCE = 20_000
"""Rows that rules look at before somebody may cancel: the slowest test needs about a second for them."""


@dataclass(frozen=True, slots=True)
class Refined:
    """table: mapped columns of accepted rows, fixes applied; rows: their index in the file.

    findings: warnings and fixes; `index` counts rows of `table`. rejected: how many records of the portion
    are not in `table`; table.num_rows + rejected = the portion's `received`.
    """

    table: pa.Table
    rows: pa.Array
    findings: Findings
    rejected: int
    _portion: Portion
    _refused: pa.Table = field(repr=False)

    def only(self, keep: pa.Array) -> "Refined":
        """Without the rows of `table` where `keep` is false; they are no rejects of this portion either."""
        return replace(
            self,
            table=self.table.filter(keep),
            rows=self.rows.filter(keep),
            findings=Findings(_renumbered(self.findings.table, keep)),
        )

    def issues(self, first_row_id: int) -> pa.Table:
        """The findings as the issues of rows that join a table from `first_row_id` on."""
        found = self.findings.table
        return found.set_column(0, ROW_ID, pc.add(found["index"], first_row_id))

    def rejects(self) -> Iterator[Reject]:
        """Every record that is not in `table`, by row; made one by one, for a portion may be all rejects."""
        return merge(self._portion.rejects, self._by_rules(), key=lambda reject: reject.row)

    def _by_rules(self) -> Iterator[Reject]:
        lines_of = self._portion.lines_of
        for start in range(0, self._refused.num_rows, _REJECTS_AT_ONCE):
            refused = self._refused.slice(start, _REJECTS_AT_ONCE)
            rows: list[int] = self._portion.rows.take(_flat(refused["index"])).to_pylist()
            lines: Sequence[int | None] = lines_of(rows) if lines_of else [None] * len(rows)
            # As sent, not as mapped: what is corrected comes back through the same mapping.
            values = self._portion.table.take(refused["index"]).to_pylist()
            for row, line, record, name, code, message in zip(
                rows,
                lines,
                values,
                refused["field"].to_pylist(),
                refused["code"].to_pylist(),
                refused["message"].to_pylist(),
                strict=True,
            ):
                yield Reject(row, line, name, code, message, values=record)


def refine(
    portion: Portion,
    mapping: Mapping,
    rules: Sequence[Rule],
    *,
    is_identified: bool,
    pause: Callable[[], None] = lambda: None,
) -> Refined:
    """Map the columns, apply the user's rules in their order, then the built-in identity rule.

    is_identified: the identity rule has been applied to these records already (a batch was checked before
    it was stored). pause: called every second or so; what it raises ends the work.
    """
    mapped = apply_mapping(mapping, portion.table)
    table, refused, findings = _ruled(rules, mapped, pause) if rules else (mapped, _NONE, _NONE)
    if not is_identified:
        refused = _first_of_each_row(refused, identity(table).table)
    if refused.num_rows:
        keep = _kept(refused["index"], portion.table.num_rows)
        table = table.filter(keep)
        rows = portion.rows.filter(keep)
        findings = _renumbered(findings, keep)
    else:
        rows = portion.rows
    return Refined(table, rows, Findings(findings), len(portion.rejects) + refused.num_rows, portion, refused)


_NONE = Findings.empty().table


def _ruled(
    rules: Sequence[Rule], table: pa.Table, pause: Callable[[], None]
) -> tuple[pa.Table, pa.Table, pa.Table]:
    """The table with fixes, what refuses its rows, and what else was found."""
    tables, refused, findings = [], [], []
    for start in range(0, max(table.num_rows, 1), _RULED_AT_ONCE):
        pause()
        applied = apply_rules(rules, table.slice(start, _RULED_AT_ONCE))
        tables.append(applied.table)
        refused.append(_moved(applied.rejected.table, start))
        findings.append(_moved(applied.findings.table, start))
    return pa.concat_tables(tables), _joined(refused), _joined(findings)


def _moved(findings: pa.Table, by: int) -> pa.Table:
    if not by or not findings.num_rows:
        return findings
    return findings.set_column(0, findings.schema.field(0), pc.add(findings["index"], by))


def _joined(tables: Sequence[pa.Table]) -> pa.Table:
    return pa.concat_tables(tables).unify_dictionaries()


def _first_of_each_row(by_rules: pa.Table, by_identity: pa.Table) -> pa.Table:
    """Both, sorted by row; a row that both refuse is refused for what its rule says."""
    if not by_rules.num_rows or not by_identity.num_rows:
        return by_rules if by_rules.num_rows else by_identity
    is_new = pc.invert(pc.is_in(by_identity["index"], value_set=_flat(by_rules["index"])))
    both = _joined([by_rules, by_identity.filter(is_new)])
    return both.take(pc.sort_indices(both["index"]))


def _kept(refused: pa.ChunkedArray, rows: int) -> pa.Array:
    return pc.invert(pc.is_in(pa.arange(0, rows), value_set=_flat(refused)))


def _renumbered(findings: pa.Table, keep: pa.Array) -> pa.Table:
    """The findings of rows that stay, counted without the rows that went."""
    if not findings.num_rows:
        return findings
    staying = findings.filter(keep.take(_flat(findings["index"])))
    places = pc.subtract(pc.cumulative_sum(keep.cast(pa.int64())), 1)
    return staying.set_column(0, staying.schema.field(0), places.take(_flat(staying["index"])))


def _flat(column: pa.ChunkedArray) -> pa.Array:
    return column.combine_chunks()
