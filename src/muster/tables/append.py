"""Rows that join a table later: one more part behind the others, in a new version."""

from dataclasses import replace

import pyarrow as pa

from muster.accounts.model import Principal
from muster.db.database import Connection
from muster.objects.keys import table_file
from muster.tables.columns import ColumnState
from muster.tables.groups import groups_with_rows
from muster.tables.issues import write_issues
from muster.tables.model import ChangeKind, Group, Manifest, TableChange
from muster.tables.publish import point_to
from muster.tables.room import TablesRoom
from muster.tables.store import TableStore
from muster.tables.write import load_part, write_part


def with_rows(
    room: TablesRoom,
    manifest: Manifest,
    made_by: str,
    table: pa.Table,
    rows: pa.Array,
    *,
    issues: pa.Table | None = None,
    decimal_comma: bool = False,
) -> Manifest:
    """The version that follows `manifest`, with these rows behind its own; its files are written, it is not.

    table: text columns by display name; new names become new columns, and one that an enrichment made goes on in
    these rows. rows: int64, where each row stood in what was sent. issues: the columns of ISSUES_SCHEMA. A type
    that the new rows do not have is lost.
    Raises StorageFull, Unavailable.
    """
    state = ColumnState()
    if manifest.noted is not None:
        state = load_part(room, manifest.table_id, *manifest.noted).state
    written = write_part(
        room, manifest.table_id, made_by, 0, manifest.rows, table, rows, state, decimal_comma=decimal_comma
    )
    known = {column.physical: column for column in written.state.final()}
    added = [column for column in known.values() if manifest.column(column.name) is None]
    changed, groups = groups_with_rows(room, manifest, made_by, table)
    known |= changed
    first = manifest.groups[0]
    parts = first.parts if written.part is None else (*first.parts, written.part)
    keys = manifest.issues
    if issues is not None and issues.num_rows:
        key = table_file(manifest.table_id, made_by, "issues.parquet")
        write_issues(room, key, issues)
        keys = (*keys, key)
    return replace(
        manifest,
        version=manifest.version + 1,
        parent=manifest.version,
        made_by=made_by,
        rows=manifest.rows + table.num_rows,
        columns=(*(known.get(column.physical, column) for column in manifest.columns), *added),
        groups=(Group(parts), *groups),
        issues=keys,
        issues_rows=manifest.issues_rows + (0 if issues is None else issues.num_rows),
        noted=(made_by, 0),
    )


def commit_rows(
    room: TablesRoom, connection: Connection, principal: Principal, before: Manifest, kept: Manifest
) -> None:
    """Make a kept version with more rows the newest, and log it, in the caller's transaction.

    Raises Conflict (`table_changed`) when `before` is not the newest any more.
    """
    point_to(room, connection, principal.user_id, kept)
    TableStore(connection, principal).log(
        TableChange(
            table_id=kept.table_id,
            actor=principal.actor,
            at=room.clock(),
            kind=ChangeKind.RETRY,
            columns=(),
            rows=kept.rows - before.rows,
            from_version=before.version,
            to_version=kept.version,
        )
    )
