"""Small tables made through the real writer, for tests of what reads and edits them."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa

from muster.accounts.model import Principal
from muster.db.database import Database
from muster.ids import new_upload_id
from muster.objects.keys import table_file
from muster.objects.store import ObjectStore
from muster.tables.cache import FileCache
from muster.tables.columns import ColumnState
from muster.tables.engine import EngineLimits
from muster.tables.issues import ISSUES_SCHEMA, write_issues, write_row_ids
from muster.tables.model import Group, Manifest, Part, TableId
from muster.tables.publish import publish
from muster.tables.room import TablesRoom
from muster.tables.write import write_part
from tests.support.clock import SettableClock

Cells = Mapping[str, Sequence[str | None]]


def tables_room(directory: Path, db: Database, objects: ObjectStore, clock: SettableClock) -> TablesRoom:
    limits = EngineLimits(directory / "scratch", 512 * 1024**2, 2, 1024**3, (directory.parent,))
    return TablesRoom(db, objects, clock, limits, FileCache(directory / "files", 1024**3, objects))


def make_table(
    room: TablesRoom,
    owner: Principal,
    portions: Sequence[Cells],
    *,
    hidden: Sequence[int] = (),
    issues: Sequence[tuple[int, str, str]] = (),
    table_id: str | None = None,
) -> Manifest:
    """A table of these portions, one part each. issues: (row id, field, code)."""
    made_for = TableId(table_id or new_upload_id(datetime.now(UTC)))
    state, parts, rows = ColumnState(), [], 0
    for number, portion in enumerate(portions):
        table = pa.table({name: pa.array(values, pa.large_string()) for name, values in portion.items()})
        written = write_part(
            room, made_for, "job", number, rows, table, pa.arange(rows, rows + table.num_rows), state
        )
        state = written.state
        rows += table.num_rows
        if written.part is not None:
            parts.append(written.part)
    manifest = Manifest(
        table_id=made_for,
        version=1,
        parent=None,
        made_by="job",
        rows=rows,
        rows_received=rows,
        rows_rejected=0,
        columns=state.final(),
        groups=(Group(tuple(parts)),),
        hidden_key=_hidden(room, made_for, hidden),
        hidden_rows=len(set(hidden)),
        issues=_issues(room, made_for, issues),
        issues_rows=len(issues),
        noted=("job", len(portions) - 1),
    )
    with room.db.begin() as connection:
        return publish(room, connection, owner.user_id, manifest)


def only_part(manifest: Manifest) -> Part:
    (part,) = manifest.groups[0].parts
    return part


def _hidden(room: TablesRoom, table_id: TableId, hidden: Sequence[int]) -> str | None:
    if not hidden:
        return None
    return write_row_ids(
        room, table_file(table_id, "job", "hidden.parquet"), pa.array(hidden, pa.int64())
    ).key


def _issues(room: TablesRoom, table_id: TableId, issues: Sequence[tuple[int, str, str]]) -> tuple[str, ...]:
    if not issues:
        return ()
    rows = [
        {
            "_row_id": row_id,
            "field": field,
            "code": code,
            "severity": "warn",
            "value": "x",
            "fixed": None,
            "message": f"{code} here",
        }
        for row_id, field, code in issues
    ]
    key = table_file(table_id, "job", "issues.parquet")
    return (write_issues(room, key, pa.Table.from_pylist(rows, ISSUES_SCHEMA)).key,)
