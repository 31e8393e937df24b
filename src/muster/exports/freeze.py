"""The first step of an export: which version its source is read at, and how many rows there are."""

from muster.exports.destination import Takes
from muster.exports.destinations import destination_of
from muster.exports.model import ExportStatus
from muster.exports.retry_source import count_chosen, open_rows
from muster.exports.room import ExportsRoom
from muster.exports.source import ChosenRows
from muster.exports.store import ExportStore
from muster.exports.work import load_export, principal_of
from muster.exports.write_file import is_pieced
from muster.jobs.model import Job, Json


def freeze(room: ExportsRoom, job: Job) -> Json:
    """Settle it, note it, and return it: the version, the rows the source gives, those that are gone, the state before,
    and what kind of export it is.

    Raises NotFound, Forbidden and Conflict when the source is not there (any more).
    """
    export = load_export(room, job.user_id, job.subject)
    rows = open_rows(room, principal_of(job.user_id), export.definition.source, export.version, wait=True)
    gone = 0
    if isinstance(rows, ChosenRows):
        count, gone = count_chosen(rows)
    else:
        count = rows.count
    now = room.clock()
    with room.db.begin() as connection:
        store = ExportStore(connection, job.user_id)
        store.change(
            export.id,
            now,
            status=ExportStatus.RUNNING,
            version=rows.version,
            rows=count + gone,
            started_at=export.started_at or now,
        )
        store.hold(export.id, rows.upload_ids)
        state = store.state(export.series) if export.definition.since_last else None
    definition = export.definition
    return {
        "takes_rows": destination_of(definition.destination).manifest.takes is Takes.ROWS,
        "since_last": definition.since_last,
        "is_pieced": is_pieced(definition),
        "version": rows.version,
        "rows": count,
        "gone": gone,
        "before": None if state is None else state.object_key,
    }
