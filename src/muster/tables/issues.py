"""Warnings and fixes of rows that were accepted, as Parquet files beside the table."""

import pyarrow as pa
import pyarrow.compute as pc

from muster.tables.model import ROW_ID
from muster.tables.room import TablesRoom
from muster.tables.write import WrittenFile, write_parquet

ISSUES_SCHEMA = pa.schema(
    [
        (ROW_ID, pa.int64()),
        ("field", pa.large_string()),  # display name of the column
        ("code", pa.large_string()),
        ("severity", pa.large_string()),  # warn | fix
        ("value", pa.large_string()),  # as sent
        ("fixed", pa.large_string()),  # what stands in the table instead; null for warnings
        ("message", pa.large_string()),
    ]
)


def write_issues(room: TablesRoom, key: str, issues: pa.Table) -> WrittenFile:
    """Store the issues of one portion, sorted by row id; equal rows keep their order.

    issues: the columns of ISSUES_SCHEMA, any order of rows. Raises StorageFull, Unavailable.
    """
    ordered = issues.select(ISSUES_SCHEMA.names).cast(ISSUES_SCHEMA)
    positions = pa.arange(0, ordered.num_rows)
    by_row = ordered.append_column("_position", positions)
    order = pc.sort_indices(by_row, sort_keys=[(ROW_ID, "ascending"), ("_position", "ascending")])
    return write_parquet(room, key, ordered.take(order))


def write_row_ids(room: TablesRoom, key: str, row_ids: pa.Array) -> WrittenFile:
    """Store ids of rows that no longer belong (`Manifest.hidden_key`), sorted, each once."""
    unique = pc.unique(pc.cast(row_ids, pa.int64()))
    return write_parquet(room, key, pa.table({ROW_ID: unique.take(pc.sort_indices(unique))}))
