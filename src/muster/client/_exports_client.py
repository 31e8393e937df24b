"""The client's calls about exports; a part of `Client`."""

import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from ._address import EXPORTS, export_connection_path, export_path
from ._connection import Connection, shaped
from ._download import read_file, save_file
from ._errors import NotFound
from ._events import read_events
from ._exports_model import (
    Destination,
    DestinationConnection,
    Export,
    ExportOutcome,
    ExportPreview,
    TriedDestination,
)
from ._pages import pages
from ._tables_client import Filter, filter_tree
from ._wait_until_over import wait_until_over
from ._work_model import Event

Columns = Sequence[str | Mapping[str, Any]]
"""Names of columns, or `{"column": ..., "as": ..., "field": ...}`: what it is called outside, what it holds."""
OnExport = Callable[[Export], None]

_EXPORTS_AT_ONCE = 100
_OUTCOMES_AT_ONCE = 1000


class ExportsClient:
    """Exports: where to, what would leave, making and following them, their files, what became of rows."""

    _connection: Connection

    def destinations(self) -> tuple[Destination, ...]:
        """Where an export can go."""
        said = self._connection.json("GET", f"{EXPORTS}/destinations")
        return shaped(said["destinations"], tuple[Destination, ...])

    def destination_connections(self) -> tuple[DestinationConnection, ...]:
        """The kept settings of destinations that need an address or a key."""
        said = self._connection.json("GET", f"{EXPORTS}/connections")
        return shaped(said["connections"], tuple[DestinationConnection, ...])

    def destination_connection(self, connection_id: str) -> DestinationConnection:
        """One of them. Raises NotFound when there is none or no more."""
        said = self._connection.json("GET", export_connection_path(connection_id))
        return shaped(said["connection"], DestinationConnection)

    def create_destination_connection(
        self, destination: str, name: str, settings: Mapping[str, Any]
    ) -> DestinationConnection:
        """Keep settings of a destination under a name; secrets among them are stored sealed and never given back.

        settings: as `Destination.connection` describes them. Raises InvalidRequest with an error for each mistake.
        """
        body = {"destination": destination, "name": name, "settings": settings}
        said = self._connection.json("POST", f"{EXPORTS}/connections", body=body, headers=once())
        return shaped(said["connection"], DestinationConnection)

    def update_destination_connection(self, connection_id: str, **members: Any) -> DestinationConnection:
        """Change the named members: name, settings (as a whole; a secret that is None stays as it is)."""
        said = self._connection.json("PATCH", export_connection_path(connection_id), body=members)
        return shaped(said["connection"], DestinationConnection)

    def delete_destination_connection(self, connection_id: str) -> None:
        """Forget them. Raises Conflict as long as a schedule uses them."""
        self._connection.call("DELETE", export_connection_path(connection_id))

    def try_destination_connection(
        self, connection_id: str, settings: Mapping[str, Any] | None = None
    ) -> TriedDestination:
        """Ask the destination whether it would take anything; no row is sent. settings: those of an export."""
        path = export_connection_path(connection_id, "/try")
        return shaped(
            self._connection.json("POST", path, body={"settings": settings or {}}), TriedDestination
        )

    def export(
        self,
        segment_id: str | None = None,
        *,
        upload_id: str | None = None,
        version: int | None = None,
        filter: Filter | None = None,
        columns: Columns | None = None,
        destination: str | None = None,
        connection: str | None = None,
        settings: Mapping[str, Any] | None = None,
        format: str | None = None,
        bom: bool | None = None,
        formula_safe: bool | None = None,
        hashing: str | Mapping[str, Any] | None = None,
        consent: str | Mapping[str, Any] | None = None,
        key: Sequence[str] | None = None,
        since: str | None = None,
        name: str | None = None,
    ) -> Export:
        """Let rows leave: those of a segment, or of an upload that a filter finds.

        version: of the segment; its newest unless given. columns: all of them unless given. destination: `download`
        unless given. format: csv, ndjson, xlsx, parquet. bom, formula_safe: of CSV; as the destination has it unless
        given. hashing: google, meta, sha256, or `{"platform": ..., "region": "US"}`. consent: the column that says who
        may leave, or `{"column": ..., "values": [...]}`. key: what tells members apart. since: `last`: only what changed
        since the last export like this one.

        Returns at once; `wait_for_export` until it is over. Raises InvalidRequest with an error for each mistake.
        """
        body = definition(
            segment_id=segment_id,
            upload_id=upload_id,
            version=version,
            filter=filter,
            columns=columns,
            destination=destination,
            connection=connection,
            settings=settings,
            format=format,
            bom=bom,
            formula_safe=formula_safe,
            hashing=hashing,
            consent=consent,
            key=key,
            since=since,
            name=name,
        )
        return self._asked_export("POST", EXPORTS, body=body, headers=once())

    def preview_export(self, segment_id: str | None = None, *, rows: int = 10, **wish: Any) -> ExportPreview:
        """The first rows as they would leave, with members as for `export`; nothing is stored. rows: at most 100."""
        body = {**definition(segment_id=segment_id, **wish), "rows": rows}
        said = self._connection.json("POST", f"{EXPORTS}/preview", body=body)
        return shaped(said, ExportPreview)

    def get_export(self, export_id: str) -> Export:
        """An export as it is now."""
        return self._asked_export("GET", export_path(export_id))

    def exports(
        self,
        *,
        status: str | Sequence[str] | None = None,
        destination: str | None = None,
        segment_id: str | None = None,
        upload_id: str | None = None,
        schedule_id: str | None = None,
    ) -> Iterator[Export]:
        """Exports, newest first, fetched as they are asked for; only those that fit what is given."""
        asked = {
            "status": status if status is None or isinstance(status, str) else ",".join(status),
            "destination": destination,
            "segment_id": segment_id,
            "upload_id": upload_id,
            "schedule_id": schedule_id,
            "limit": _EXPORTS_AT_ONCE,
        }
        for page in pages(self._connection, EXPORTS, asked):
            yield from shaped(page["exports"], tuple[Export, ...])

    def export_events(self, export_id: str, *, after: int = 0) -> Iterator[Event]:
        """What happens to an export, as it happens, until it is over; see `events`."""
        return read_events(self._connection, export_path(export_id, "/events"), export_id, after=after)

    def wait_for_export(
        self, export_id: str, *, timeout_seconds: float | None = None, on_progress: OnExport | None = None
    ) -> Export:
        """Wait until an export is over, and return it as it is then; whether it went well is in its `status`.

        on_progress: takes the export as it is, about twice a second, and at the end.
        Raises StillWorking when that takes longer than `timeout_seconds`.
        """
        return wait_until_over(
            self._connection,
            export_path(export_id, "/events"),
            export_id,
            lambda: self.get_export(export_id),
            timeout_seconds=timeout_seconds,
            on_progress=on_progress,
        )

    def download_export(self, export_id: str) -> Iterator[bytes]:
        """The file of an export in pieces as they arrive; a download that breaks goes on where it ended.

        Raises NotFound when there is no file, or no more, Conflict as long as it is being made.
        """
        return read_file(self._connection, export_path(export_id, "/download"))

    def save_export(self, export_id: str, path: str | Path) -> int:
        """`download_export` into a file, which appears when it is whole; returns its size in bytes.

        What an earlier call fetched before it was interrupted is kept beside it in a hidden file, and not fetched again.
        """
        file = self.get_export(export_id).file
        if file is None:
            message = f"There is no file of {export_id} here (any more)."
            raise NotFound(message, code="export_file_gone")
        target = Path(path)
        part = target.with_name(f".{target.name}.{export_id}.part")
        return save_file(self._connection, export_path(export_id, "/download"), target, part, file.size_bytes)

    def export_outcomes(
        self, export_id: str, *, outcome: str | None = None, code: str | None = None
    ) -> Iterator[ExportOutcome]:
        """What became of rows that were not simply written, in the order of the export.

        outcome: written (with cells that could not be hashed), failed, left_out. code: only with this reason.
        """
        asked = {"outcome": outcome, "code": code, "limit": _OUTCOMES_AT_ONCE}
        for page in pages(self._connection, export_path(export_id, "/outcomes"), asked):
            yield from shaped(page["outcomes"], tuple[ExportOutcome, ...])

    def retry_export(self, export_id: str, *, codes: Sequence[str] | None = None) -> Export:
        """Make a new export of the rows that failed or were never reached. codes: only what failed for these reasons.

        Raises Conflict (`nothing_to_retry`) when there are none.
        """
        body = {} if codes is None else {"codes": [*codes]}
        path = export_path(export_id, "/retry-failed")
        return self._asked_export("POST", path, body=body, headers=once())

    def dismiss_export_failures(
        self,
        export_id: str,
        *,
        positions: Sequence[int] | None = None,
        codes: Sequence[str] | None = None,
    ) -> int:
        """Leave failed rows alone from now on, as long as they stay as they are. Returns how many.

        positions: `ExportOutcome.position`; codes: what failed for these reasons; neither: all of them.
        """
        body: dict[str, Any] = {}
        if positions is not None:
            body["positions"] = [*positions]
        if codes is not None:
            body["codes"] = [*codes]
        path = export_path(export_id, "/dismiss")
        dismissed: int = self._connection.json("POST", path, body=body or {"all": True})["dismissed"]
        return dismissed

    def cancel_export(self, export_id: str) -> Export:
        """End an export within two seconds. What was delivered stays delivered; an unfinished file is dropped."""
        return self._asked_export("POST", export_path(export_id, "/cancel"))

    def delete_export(self, export_id: str) -> None:
        """Forget an export with its file and outcomes; a running one is cancelled first."""
        self._connection.call("DELETE", export_path(export_id))

    def _asked_export(self, method: str, path: str, **options: Any) -> Export:
        return shaped(self._connection.json(method, path, **options)["export"], Export)


def definition(
    *,
    filter: Filter | None = None,
    columns: Columns | None = None,
    bom: bool | None = None,
    formula_safe: bool | None = None,
    hashing: str | Mapping[str, Any] | None = None,
    consent: str | Mapping[str, Any] | None = None,
    **members: Any,
) -> dict[str, Any]:
    """An export as the server wants it, with the members of `ExportsClient.export`."""
    if isinstance(columns, str):
        raise TypeError('columns must be a list, such as ["email", "first_name"]')
    options = {"bom": bom, "formula_safe": formula_safe}
    body = {
        **members,
        "filter": None if filter is None else filter_tree(filter),
        "columns": None if columns is None else [*columns],
        "options": {name: value for name, value in options.items() if value is not None} or None,
        "hashing": {"platform": hashing} if isinstance(hashing, str) else hashing,
        "consent": {"column": consent} if isinstance(consent, str) else consent,
    }
    return {name: value for name, value in body.items() if value is not None}


def once() -> dict[str, str]:
    """A header that makes a request that is sent again count once."""
    return {"Idempotency-Key": str(uuid.uuid4())}
