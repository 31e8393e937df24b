"""What tests of builds ask: run the job here and now, and look at what it made."""

import json
from collections.abc import Callable

from muster.accounts.model import Principal
from muster.jobs.read import newest_job
from muster.records.rules import Rule
from muster.rules.model import StoredRule
from muster.rules.store import RuleStore
from muster.tables.engine import connect, relation_sql
from muster.tables.manifest import load_manifest
from muster.tables.model import Manifest, TableId
from muster.tables.publish import newest
from muster.uploads.build_table import build_table
from muster.uploads.model import Upload
from muster.uploads.read import get_upload
from muster.uploads.rejects import rejects_key_of, stored_rejects
from muster.uploads.room import UploadsRoom
from tests.support.inline_run import InlineRun

SendFile = Callable[..., str]


def run_of(room: UploadsRoom, principal: Principal, upload_id: str, **wishes: object) -> InlineRun:
    with room.db.read() as connection:
        job = newest_job(connection, principal.user_id, upload_id)
    assert job is not None
    return InlineRun(job, **wishes)  # type: ignore[arg-type]


def table_of(room: UploadsRoom, principal: Principal, upload_id: str) -> Manifest:
    with room.db.read() as connection:
        pointer = newest(connection, principal.user_id, TableId(upload_id))
    assert pointer is not None
    return load_manifest(room.tables, pointer.table_id, pointer.version)


def rows_of(room: UploadsRoom, manifest: Manifest) -> list[dict[str, object]]:
    names = {column.physical: column.name for column in manifest.columns}
    sql = relation_sql(manifest, ["_row", *names], room.tables.cache.path)
    with connect(room.tables.engine) as engine:
        rows = engine.sql(f"FROM ({sql}) ORDER BY _row_id").to_arrow_table().to_pylist()
    return [{names.get(name, name): value for name, value in row.items()} for row in rows]


def rejects_of(room: UploadsRoom, principal: Principal, upload: Upload) -> list[dict[str, object]]:
    key = rejects_key_of(room, principal, upload)
    return [] if key is None else [json.loads(bytes(raw)) for raw in stored_rejects(room, key)]


def built(room: UploadsRoom, principal: Principal, upload_id: str) -> Upload:
    build_table(room, run_of(room, principal, upload_id))
    return get_upload(room, principal, upload_id)


def add_rule(room: UploadsRoom, principal: Principal, rule: Rule) -> None:
    now = room.clock()
    with room.db.begin() as connection:
        RuleStore(connection, principal.user_id).add(StoredRule(rule, 0, now, now))
