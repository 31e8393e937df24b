"""Cancel an export, try its failures again, or leave them alone."""

from collections.abc import Iterator
from dataclasses import replace

from muster.accounts import audit
from muster.accounts.model import Principal
from muster.errors import Conflict
from muster.exports.create import Also, add
from muster.exports.model import Export, Outcome, SourceWish
from muster.exports.outcomes import RowOutcome, every_outcome
from muster.exports.requests import DismissBody
from muster.exports.room import ExportsRoom
from muster.exports.store import ExportStore
from muster.jobs import control
from muster.web.json_body import body_refused

_MAX_DISMISSED = 100_000


def cancel(room: ExportsRoom, principal: Principal, export_id: str) -> None:
    """End an export within two seconds; what was delivered stays delivered.

    Raises NotFound, Forbidden, Conflict (`export_over`).
    """
    now = room.clock()
    with room.db.begin() as connection:
        export = ExportStore(connection, principal.user_id).get(export_id)
        if export.status.is_final:
            raise Conflict("This export is over. Make a new one.", code="export_over")
        control.cancel(connection, principal.user_id, export.job_id, now)
        audit.record(connection, principal, "export.cancelled", export_id, {}, now)


def retry_failed(
    room: ExportsRoom,
    principal: Principal,
    export_id: str,
    codes: tuple[str, ...] = (),
    also: Also = lambda _connection, _export: None,
) -> Export:
    """A new export over the rows that failed (with one of `codes`, if given) and those nobody reached, as they are now.

    Of an export since the last one everything that is different by now is sent, and that is among it.
    Raises NotFound, Forbidden, Conflict (`export_not_over`, `nothing_to_retry`), InputError (`retry_codes_unusable`).
    """
    now = room.clock()
    with room.db.begin() as connection:
        store = ExportStore(connection, principal.user_id)
        parent = store.get(export_id)
        _refuse_without_failures(parent, codes)
        definition = parent.definition
        if not definition.since_last:
            source = definition.source
            wish = SourceWish(source.segment_id, None, source.upload_id, source.filter, parent.id, codes)
            definition = replace(definition, source=wish)
        held = store.uploads_of([parent.id])[parent.id]
        made = add(connection, principal, definition, now, held, parent_id=parent.id)
        also(connection, made)
    return made


def dismiss(room: ExportsRoom, principal: Principal, export_id: str, asked: DismissBody) -> int:
    """Leave failed rows alone as long as they stay as they are; returns how many were not dismissed yet.

    Raises NotFound, Forbidden, Conflict (`export_not_over`), InputError (`dismissals_too_many`).
    """
    now = room.clock()
    with room.db.read() as connection:
        export = ExportStore(connection, principal.user_id).get(export_id)
    if not export.status.is_final:
        raise Conflict(
            "This export still works; dismiss its failures when it is over.", code="export_not_over"
        )
    digests: set[str] = set()
    for row in _failed(room, export, asked):
        digests.add(row.digest or "")
        if len(digests) > _MAX_DISMISSED:
            message = f"Dismiss at most {_MAX_DISMISSED:,} rows at once; name `codes` or `positions`."
            raise body_refused("all", "dismissals_too_many", message)
    with room.db.begin() as connection:
        store = ExportStore(connection, principal.user_id)
        store.lock(export_id)
        export = store.get(export_id)
        number = store.dismiss(export.series, digests - {""}, export_id, now)
        store.set_counts(export_id, replace(export.counts, dismissed=export.counts.dismissed + number))
        audit.record(connection, principal, "export.rows_dismissed", export_id, {"rows": number}, now)
    return number


def _failed(room: ExportsRoom, export: Export, asked: DismissBody) -> Iterator[RowOutcome]:
    positions, codes = set(asked.positions or ()), set(asked.codes or ())
    for row in every_outcome(room.objects, export.id, export.counts.parts, Outcome.FAILED):
        if asked.all or row.position in positions or row.code in codes:
            yield row


def _refuse_without_failures(parent: Export, codes: tuple[str, ...]) -> None:
    if not parent.status.is_final:
        raise Conflict(
            "This export still works; try its failures again when it is over.", code="export_not_over"
        )
    if codes and parent.definition.since_last:
        message = "An export since the last one sends everything that is different; leave `codes` out."
        raise body_refused("codes", "retry_codes_unusable", message)
    if codes and parent.definition.format is not None:
        raise body_refused(
            "codes", "retry_codes_unusable", "A file is made anew as a whole; leave `codes` out."
        )
    has_failures = parent.counts.failed > parent.counts.dismissed
    if not has_failures and parent.status.is_done:
        raise Conflict("No row of this export waits to be tried again.", code="nothing_to_retry")
