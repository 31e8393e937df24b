"""Make an export: settle what it does, keep it and queue its job, in one transaction."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from muster.accounts import audit
from muster.accounts.model import Principal
from muster.db.database import Connection
from muster.exports.connections import call_of
from muster.exports.define import define, series_of
from muster.exports.destinations import destination_of
from muster.exports.model import JOB_KIND, Counts, Definition, Export, ExportStatus, SourceWish
from muster.exports.requests import ExportBody
from muster.exports.retry_source import open_rows
from muster.exports.room import ExportsRoom
from muster.exports.source import Rows
from muster.exports.store import ExportStore
from muster.ids import new_export_id
from muster.jobs.enqueue import enqueue
from muster.tables.formats.write import TableFormat
from muster.tables.formats.xlsx import check_fits

Also = Callable[[Connection, Export], None]


@dataclass(frozen=True, slots=True)
class Settled:
    """What will be done, and the rows as they are now."""

    definition: Definition
    rows: Rows


def settle(
    room: ExportsRoom,
    principal: Principal,
    asked: ExportBody,
    *,
    retry_of: str | None = None,
    retry_codes: Sequence[str] = (),
) -> Settled:
    """The definition with every guess filled in; nothing is stored.

    Raises NotFound, Forbidden, Conflict (`table_not_ready`, `segment_not_counted`), and InputError for what cannot be
    done: names of columns, settings, a destination without its connection.
    """
    destination = destination_of(asked.destination)
    wish = SourceWish(
        asked.segment_id, asked.version, asked.upload_id, asked.filter, retry_of, tuple(retry_codes)
    )
    rows = open_rows(room, principal, wish)
    definition = define(
        asked,
        rows.names,
        destination.manifest,
        default_name=rows.name,
        retry_of=retry_of,
        retry_codes=retry_codes,
    )
    with room.db.read() as connection:
        call = call_of(connection, room, principal.user_id, definition, "exp_" + "0" * 22)
    destination.check(call)
    if definition.format is TableFormat.XLSX and retry_of is None:
        check_fits(rows.count, len(definition.output_names))
    return Settled(definition, rows)


def create(
    room: ExportsRoom,
    principal: Principal,
    asked: ExportBody,
    also: Also = lambda _connection, _export: None,
) -> Export:
    """Keep an export of the set as it is now, and queue it. also: what else belongs into the transaction.

    Raises as `settle` does.
    """
    settled = settle(room, principal, asked)
    now = room.clock()
    with room.db.begin() as connection:
        export = add(
            connection, principal, settled.definition, now, settled.rows.upload_ids, version=_version(settled)
        )
        also(connection, export)
    return export


def add(
    connection: Connection,
    principal: Principal,
    definition: Definition,
    now: datetime,
    upload_ids: Sequence[str],
    *,
    version: int | None = None,
    schedule_id: str | None = None,
    parent_id: str | None = None,
) -> Export:
    """An export in the caller's transaction. version: of its source; None: the newest when its job begins."""
    export_id = new_export_id()
    job_id = enqueue(connection, JOB_KIND, principal.user_id, export_id, {}, now, unit="rows")
    export = Export(
        id=export_id,
        user_id=principal.user_id,
        status=ExportStatus.QUEUED,
        definition=definition,
        series=series_of(definition),
        version=version,
        rows=None,
        counts=Counts(),
        file=None,
        expires_at=None,
        job_id=job_id,
        schedule_id=schedule_id,
        parent_id=parent_id,
        reason_code=None,
        reason=None,
        created_at=now,
        started_at=None,
        updated_at=now,
        finished_at=None,
    )
    ExportStore(connection, principal.user_id).add(export, upload_ids)
    details = {"destination": definition.destination}
    audit.record(connection, principal, "export.created", export.id, details, now)
    return export


def _version(settled: Settled) -> int | None:
    """An upload is read as it is now; a segment may still have to be counted, which its job does."""
    return settled.rows.version if settled.definition.source.upload_id is not None else None
