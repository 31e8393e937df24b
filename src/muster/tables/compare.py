"""Two sets of keyed rows compared by the engine: what joined, what changed, what left.

Both lie in Parquet files: rows of now with `position`, `upload_id`, `row_id`, `key`, `digest` and their own columns; rows of
before with `key`, `digest` and the columns of their key. Larger than memory is fine: the engine spills.
"""

# ruff: noqa: S608 - names are ours and paths are quoted: nothing anyone sent is in a query
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from muster.tables.engine import EngineLimits, files_sql
from muster.tables.queries import Queries

_SECONDS: Final = 1800.0
_AS_PARQUET: Final = "(FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE 20480)"


@dataclass(frozen=True, slots=True)
class Compared:
    """How many rows there are of each kind. repeated: rows of now whose key an earlier one has."""

    joined: int
    changed: int
    left: int
    unchanged: int
    repeated: int


@dataclass(frozen=True, slots=True)
class RowSet:
    """Columns of rows: physical names (`c0` ...) in their order, and which of them are the key."""

    columns: tuple[str, ...]
    key: tuple[str, ...]


def compare(
    limits: EngineLimits, shape: RowSet, now: Sequence[Path], before: Sequence[Path], into: Path
) -> Compared:
    """Write what is different to `into`: `change`, `position`, `upload_id`, `row_id`, `key`, `digest`, then the columns.

    Rows that joined or changed come first, in their order; those that left behind them, by key, with nothing but their key.
    before: empty when there is no before. Raises Overloaded, StorageFull, Unavailable.
    """
    queries = Queries(limits)
    try:
        rows = files_sql(now)
        old = files_sql(before) if before else _nothing(shape)
        ranked = f"SELECT *, row_number() OVER (PARTITION BY key ORDER BY position) AS place FROM {rows}"
        columns = ", ".join(f"n.{name}" for name in shape.columns)
        keys = ", ".join(
            f"o.{name}" if name in shape.key else f"NULL::VARCHAR AS {name}" for name in shape.columns
        )
        different = f"""
            SELECT CASE WHEN o.key IS NULL THEN 'joined' ELSE 'changed' END AS change,
                   n.position, n.upload_id, n.row_id, n.key, n.digest, {columns}
            FROM ({ranked}) n LEFT JOIN (SELECT key, digest FROM {old}) o ON o.key = n.key
            WHERE n.place = 1 AND (o.key IS NULL OR o.digest <> n.digest)
            UNION ALL
            SELECT 'left', NULL::BIGINT, NULL::VARCHAR, NULL::BIGINT, o.key, o.digest, {keys}
            FROM {old} o ANTI JOIN {rows} n ON n.key = o.key
        """
        target = str(into).replace("'", "''")
        queries.execute(
            f"COPY (SELECT * FROM ({different}) ORDER BY position NULLS LAST, key) TO '{target}' {_AS_PARQUET}",
            seconds=_SECONDS,
        )
        made = files_sql([into])
        counted = queries.run(
            f"""
            SELECT count(*) FILTER (change = 'joined') AS joined, count(*) FILTER (change = 'changed') AS changed,
                   count(*) FILTER (change = 'left') AS gone, (SELECT count(*) FROM {rows}) AS rows,
                   (SELECT count(DISTINCT key) FROM {rows}) AS keys
            FROM {made}
            """,
            seconds=_SECONDS,
        ).to_pylist()[0]
    finally:
        queries.close()
    joined, changed = counted["joined"], counted["changed"]
    return Compared(
        joined=joined,
        changed=changed,
        left=counted["gone"],
        unchanged=counted["keys"] - joined - changed,
        repeated=counted["rows"] - counted["keys"],
    )


def repeated(limits: EngineLimits, now: Sequence[Path]) -> list[tuple[int, str, int]]:
    """(position, upload id, row id) of rows whose key an earlier one has, in their order."""
    queries = Queries(limits)
    try:
        ranked = (
            f"SELECT *, row_number() OVER (PARTITION BY key ORDER BY position) AS place FROM {files_sql(now)}"
        )
        found = queries.run(
            f"SELECT position, upload_id, row_id FROM ({ranked}) WHERE place > 1 ORDER BY position",
            seconds=_SECONDS,
        )
    finally:
        queries.close()
    return [(row["position"], row["upload_id"], row["row_id"]) for row in found.to_pylist()]


def settle(
    limits: EngineLimits,
    shape: RowSet,
    before: Sequence[Path],
    different: Path,
    failed: Sequence[Path],
    into: Path,
) -> int:
    """Write what the other side has now: before, with what is different, but for the keys that failed. Returns its rows.

    failed: files with a column `key`.
    """
    queries = Queries(limits)
    try:
        keys = "".join(f", {name}" for name in shape.key)
        old = files_sql(before) if before else _nothing(shape)
        lost = (
            f"SELECT DISTINCT key FROM {files_sql(failed)} WHERE key IS NOT NULL"
            if failed
            else "SELECT '' AS key WHERE false"
        )
        done = f"SELECT * FROM {files_sql([different])} ANTI JOIN ({lost}) lost USING (key)"
        target = str(into).replace("'", "''")
        kept = f"""
            SELECT key, digest{keys} FROM {old} ANTI JOIN ({done}) done USING (key)
            UNION ALL
            SELECT key, digest{keys} FROM ({done}) WHERE change <> 'left'
        """
        queries.execute(
            f"COPY (SELECT * FROM ({kept}) ORDER BY key) TO '{target}' {_AS_PARQUET}", seconds=_SECONDS
        )
        counted = queries.run(f"SELECT count(*) AS n FROM {files_sql([into])}", seconds=_SECONDS)
    finally:
        queries.close()
    rows: int = counted["n"][0].as_py()
    return rows


def _nothing(shape: RowSet) -> str:
    columns = "".join(f", NULL::VARCHAR AS {name}" for name in shape.key)
    return f"(SELECT NULL::VARCHAR AS key, NULL::VARCHAR AS digest{columns} WHERE false)"
