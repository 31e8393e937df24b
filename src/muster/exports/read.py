"""Look at exports: one, a page of them, what happened to one, what became of its rows."""

import base64
import binascii
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from muster.accounts.model import Principal
from muster.db.cursors import Cursor
from muster.db.database import Connection
from muster.errors import InputError, Issue, NotFound
from muster.exports.connection_store import ConnectionStore
from muster.exports.model import Export, Outcome
from muster.exports.outcomes import RowOutcome, every_outcome, read_outcomes
from muster.exports.room import ExportsRoom
from muster.exports.store import ExportFilter, ExportStore
from muster.jobs.model import Job, JobEvent
from muster.jobs.read import events_after, get_job

_EVENTS_AT_ONCE = 200


@dataclass(frozen=True, slots=True)
class ListedExport:
    """An export with what is told beside it. job: None once it is forgotten; source_name: None when it is gone."""

    export: Export
    job: Job | None
    upload_ids: Sequence[str]
    source_name: str | None
    connection_name: str | None


@dataclass(frozen=True, slots=True)
class ExportPage:
    """Exports, newest first. next: where the next page begins, None at the end; total: of all pages."""

    exports: Sequence[ListedExport]
    next: Cursor | None
    total: int


@dataclass(frozen=True, slots=True)
class OutcomePage:
    """Rows, in the order of the export. dismissed: digests of those that are not to be sent again."""

    rows: Sequence[RowOutcome]
    dismissed: frozenset[str]
    next: "OutcomeCursor | None"
    total: int


@dataclass(frozen=True, slots=True)
class OutcomeCursor:
    """Where a page of outcomes ended: the number of a stored file, rows of it that were shown or passed over."""

    part: int
    rows: int

    def encode(self) -> str:
        return base64.urlsafe_b64encode(f"{self.part}.{self.rows}".encode()).decode().rstrip("=")

    @classmethod
    def decode(cls, text: str) -> "OutcomeCursor":
        """Raises InputError (`cursor_invalid`)."""
        try:
            raw = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True).decode(
                "ascii"
            )
            part, _, rows = raw.partition(".")
            if not (part.isdigit() and rows.isdigit() and len(raw) < 30):
                raise ValueError("not ours")
            return cls(int(part), int(rows))
        except (binascii.Error, ValueError) as error:
            message = "This cursor was not issued here. Start again without `cursor`."
            issue = Issue(None, "cursor", "/cursor", "cursor_invalid", message)
            raise InputError(message, code="cursor_invalid", issues=[issue]) from error


def get_export(room: ExportsRoom, principal: Principal, export_id: str) -> ListedExport:
    """Raises NotFound, Forbidden."""
    with room.db.read() as connection:
        export = ExportStore(connection, principal.user_id).get(export_id)
        (listed,) = _listed(connection, principal, [export])
        return listed


def listed_in(connection: Connection, principal: Principal, export: Export) -> ListedExport:
    """What is told beside an export, in the caller's transaction."""
    (listed,) = _listed(connection, principal, [export])
    return listed


def list_exports(
    room: ExportsRoom, principal: Principal, wanted: ExportFilter, limit: int, after: Cursor | None
) -> ExportPage:
    """One page of the user's exports."""
    with room.db.read() as connection:
        store = ExportStore(connection, principal.user_id)
        found = store.list(wanted, limit + 1, after)
        page = found[:limit]
        following = Cursor(page[-1].created_at, page[-1].id) if len(found) > limit else None
        return ExportPage(_listed(connection, principal, page), following, store.count(wanted))


def missed(room: ExportsRoom, principal: Principal, export_id: str, number: int) -> Sequence[JobEvent]:
    """What happened to an export after event `number`, oldest first, some at a time."""
    with room.db.read() as connection:
        return events_after(connection, principal.user_id, export_id, number, _EVENTS_AT_ONCE)


def is_at_rest(room: ExportsRoom, principal: Principal, export_id: str) -> bool:
    """Whether nothing more will happen to the export; also when it is gone."""
    with room.db.read() as connection:
        try:
            return ExportStore(connection, principal.user_id).get(export_id).status.is_final
        except NotFound:
            return True


def list_outcomes(
    room: ExportsRoom,
    principal: Principal,
    export_id: str,
    outcome: Outcome | None,
    code: str | None,
    limit: int,
    after: OutcomeCursor | None,
) -> OutcomePage:
    """One page of what became of single rows. Raises NotFound, Forbidden, Unavailable."""
    export = get_export(room, principal, export_id).export
    start = after or OutcomeCursor(0, 0)
    rows: list[RowOutcome] = []
    following: OutcomeCursor | None = None
    for part in export.counts.parts:
        if part.number < start.part or not part.of(outcome):
            continue
        if len(rows) == limit:
            following = following or OutcomeCursor(part.number, 0)
            break
        skip = start.rows if part.number == start.part else 0
        told = read_outcomes(room.objects, export.id, part.number)
        for at in range(skip, len(told)):
            if not _is_wanted(told[at], outcome, code):
                continue
            if len(rows) == limit:
                following = OutcomeCursor(part.number, at)
                break
            rows.append(told[at])
    return OutcomePage(
        rows, _dismissed(room, principal, export, rows), following, _total(room, export, outcome, code)
    )


def stream_outcomes(
    room: ExportsRoom, principal: Principal, export_id: str, outcome: Outcome | None, code: str | None
) -> Iterator[tuple[RowOutcome, bool]]:
    """All rows something is told of, and whether each was dismissed."""
    export = get_export(room, principal, export_id).export
    with room.db.read() as connection:
        dismissed = ExportStore(connection, principal.user_id).dismissed(export.series)
    for row in every_outcome(room.objects, export.id, export.counts.parts, outcome):
        if _is_wanted(row, outcome, code):
            yield row, row.digest in dismissed


def _total(room: ExportsRoom, export: Export, outcome: Outcome | None, code: str | None) -> int:
    parts = export.counts.parts
    if code is None:
        return sum(part.of(outcome) for part in parts)
    return sum(row.code == code for row in every_outcome(room.objects, export.id, parts, outcome))


def _is_wanted(row: RowOutcome, outcome: Outcome | None, code: str | None) -> bool:
    return (outcome is None or row.outcome is outcome) and (code is None or row.code == code)


def _dismissed(
    room: ExportsRoom, principal: Principal, export: Export, rows: Sequence[RowOutcome]
) -> frozenset[str]:
    digests = [row.digest for row in rows if row.digest is not None]
    if not digests:
        return frozenset()
    with room.db.read() as connection:
        return ExportStore(connection, principal.user_id).dismissed(export.series, digests)


def _listed(connection: Connection, principal: Principal, exports: Sequence[Export]) -> list[ListedExport]:
    store = ExportStore(connection, principal.user_id)
    held = store.uploads_of([export.id for export in exports])
    names = store.source_names(exports)
    connections = ConnectionStore(connection, principal.user_id).names()
    return [
        ListedExport(
            export,
            None if export.status.is_final else _job(connection, principal, export),
            held[export.id],
            names.get(export.id),
            connections.get(export.definition.connection or ""),
        )
        for export in exports
    ]


def _job(connection: Connection, principal: Principal, export: Export) -> Job | None:
    try:
        return get_job(connection, principal.user_id, export.job_id)
    except NotFound:
        return None
