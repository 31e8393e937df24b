"""What rules found and fixed in the rows of a table, by cause."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import pyarrow as pa

from muster.tables.engine import relation_sql
from muster.tables.model import ROW_ID, ROW_NUMBER, Manifest
from muster.tables.queries import Queries
from muster.tables.room import TablesRoom

_SAMPLES: Final = 5
_MAX_CHARACTERS: Final = 200
_MAX_GROUPS: Final = 1000


@dataclass(frozen=True, slots=True)
class IssueGroup:
    """Findings with one cause. field: column of the table, None: whole rows. severity: warn | fix.

    rows: visible ones that have it. edited: of these, whose cell was edited since. samples: `_row` and the
    value as it was sent.
    """

    field: str | None
    code: str
    severity: str
    rows: int
    edited: int
    message: str
    samples: tuple[tuple[int, str | None], ...]


@dataclass(frozen=True, slots=True)
class TableIssues:
    """groups: the largest first. rows_warned, rows_fixed: visible rows with at least one."""

    groups: tuple[IssueGroup, ...] = ()
    rows_warned: int = 0
    rows_fixed: int = 0


def table_issues(room: TablesRoom, manifest: Manifest) -> TableIssues:
    """The findings in one version of a table. Raises NotFound, Overloaded, StorageFull, Unavailable."""
    if not manifest.issues:
        return TableIssues()
    queries = Queries(room.engine)
    tables = {"names": _names(manifest)}
    try:
        groups = queries.run(_groups_sql(room, manifest), tables).to_pylist()
        totals = _totals(queries, room, manifest, tables, groups)
        wanted = sorted({sample["id"] for group in groups for sample in group["samples"]})
        numbers = _row_numbers(queries, room, manifest, wanted)
    finally:
        queries.close()
    return TableIssues(
        tuple(
            IssueGroup(
                group["field"],
                group["code"],
                group["severity"],
                group["n"],
                group["edited"],
                group["message"],
                tuple((numbers[sample["id"]], sample["text"]) for sample in group["samples"]),
            )
            for group in groups
        ),
        *totals,
    )


def _names(manifest: Manifest) -> pa.Table:
    """Physical and display names of the edited columns."""
    edited = {overlay.column for overlay in manifest.overlays}
    pairs = [(column.physical, column.name) for column in manifest.columns if column.physical in edited]
    return pa.table(
        {
            "physical": pa.array([physical for physical, _ in pairs], pa.string()),
            "name": pa.array([name for _, name in pairs], pa.string()),
        }
    )


def _found_sql(room: TablesRoom, manifest: Manifest) -> str:
    """Every finding of a visible row, and whether its cell was edited."""
    issues = _files(room, manifest.issues)
    sql = f"SELECT i.* FROM {issues} i"  # noqa: S608
    if manifest.hidden_key is not None:
        sql += f" ANTI JOIN {_files(room, [manifest.hidden_key])} h ON h.{ROW_ID} = i.{ROW_ID}"
    edits = [
        f"SELECT {ROW_ID}, '{overlay.column}' AS physical FROM {_files(room, [overlay.key])}"  # noqa: S608
        for overlay in manifest.overlays
    ]
    if not edits:
        return f"SELECT f.*, false AS is_edited FROM ({sql}) f"  # noqa: S608
    union = " UNION ALL ".join(edits)
    return (
        f"SELECT f.*, e.{ROW_ID} IS NOT NULL AS is_edited FROM ({sql}) f "  # noqa: S608
        f"LEFT JOIN (SELECT e.{ROW_ID}, names.name FROM ({union}) e JOIN names USING (physical)) e "
        f"ON e.{ROW_ID} = f.{ROW_ID} AND e.name = f.field"
    )


def _groups_sql(room: TablesRoom, manifest: Manifest) -> str:
    # Two rules may say the same of one value; their row counts once.
    return (
        f"SELECT field, code, severity, count(DISTINCT {ROW_ID}) AS n, "  # noqa: S608
        f"count(DISTINCT {ROW_ID}) FILTER (is_edited) AS edited, any_value(message) AS message, "
        f"arg_min({{'id': {ROW_ID}, 'text': left(value, {_MAX_CHARACTERS})}}, {ROW_ID}, {_SAMPLES}) AS samples "
        f"FROM ({_found_sql(room, manifest)}) "
        f"GROUP BY field, code, severity ORDER BY n DESC, code, field, severity LIMIT {_MAX_GROUPS}"
    )


def _totals(
    queries: Queries, room: TablesRoom, manifest: Manifest, tables: dict[str, pa.Table], groups: list[Any]
) -> tuple[int, int]:
    """Rows with a warning and rows with a fix; counted only where groups may share rows."""
    counts = []
    for severity in ("warn", "fix"):
        rows = [group["n"] for group in groups if group["severity"] == severity]
        if len(rows) > 1:
            sql = (
                f"SELECT count(DISTINCT {ROW_ID}) AS n FROM ({_found_sql(room, manifest)}) "  # noqa: S608
                f"WHERE severity = '{severity}'"
            )
            rows = queries.run(sql, tables)["n"].to_pylist()
        counts.append(sum(rows))
    return counts[0], counts[1]


def warned_values(room: TablesRoom, manifest: Manifest, group: IssueGroup, limit: int) -> list[str | None]:
    """What was sent in the first `limit` cells of a group that nobody edited since."""
    chosen = pa.table({"field": pa.array([group.field], pa.string()), "code": [group.code]})
    sql = (
        f"SELECT f.value FROM ({_found_sql(room, manifest)}) f "  # noqa: S608
        f"JOIN chosen ON chosen.code = f.code AND chosen.field IS NOT DISTINCT FROM f.field "
        f"WHERE f.severity = '{group.severity}' AND NOT f.is_edited LIMIT {limit:d}"
    )
    queries = Queries(room.engine)
    try:
        found = queries.run(sql, {"names": _names(manifest), "chosen": chosen})
    finally:
        queries.close()
    values: list[str | None] = found["value"].to_pylist()
    return values


def _row_numbers(
    queries: Queries, room: TablesRoom, manifest: Manifest, row_ids: Sequence[int]
) -> dict[int, int]:
    """Where rows stood in what was sent, by row id."""
    if not row_ids:
        return {}
    source = relation_sql(manifest, [ROW_NUMBER], room.cache.path)
    listed = ", ".join(f"{row_id:d}" for row_id in row_ids)
    found = queries.run(f"SELECT {ROW_ID}, {ROW_NUMBER} FROM ({source}) WHERE {ROW_ID} IN ({listed})")  # noqa: S608
    return dict(zip(found[ROW_ID].to_pylist(), found[ROW_NUMBER].to_pylist(), strict=True))


def _files(room: TablesRoom, keys: Sequence[str]) -> str:
    paths = (str(room.cache.path(key)).replace("'", "''") for key in keys)
    return "read_parquet([" + ", ".join(f"'{path}'" for path in paths) + "])"
