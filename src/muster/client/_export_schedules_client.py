"""The client's calls about exports that are made again and again; a part of `Client`."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

import msgspec

from ._address import EXPORTS, export_schedule_path
from ._connection import Connection, shaped
from ._exports_client import definition, once
from ._exports_model import Export, ExportSchedule
from ._pages import pages

_AT_ONCE = 1000


class ExportSchedulesClient:
    """Schedules of exports."""

    _connection: Connection

    def export_schedules(self) -> Iterator[ExportSchedule]:
        """Schedules, newest first."""
        for page in pages(self._connection, f"{EXPORTS}/schedules", {"limit": _AT_ONCE}):
            yield from shaped(page["schedules"], tuple[ExportSchedule, ...])

    def export_schedule(self, schedule_id: str) -> ExportSchedule:
        """One of them, with what became of its last run. Raises NotFound when there is none or no more."""
        return self._asked_schedule("GET", export_schedule_path(schedule_id))

    def create_export_schedule(
        self,
        every_minutes: int,
        export: Mapping[str, Any],
        *,
        starts_at: datetime | None = None,
        enabled: bool = True,
        name: str | None = None,
    ) -> ExportSchedule:
        """Make an export every so many minutes, from 5 to 44,640. export: members as for `export`.

        starts_at: when first, with its zone; at once unless given.
        """
        body = _without_nones(
            every_minutes=every_minutes,
            starts_at=_time(starts_at),
            enabled=enabled,
            name=name,
            export=definition(**export),
        )
        return self._asked_schedule("POST", f"{EXPORTS}/schedules", body=body, headers=once())

    def update_export_schedule(
        self,
        schedule_id: str,
        *,
        every_minutes: int | None = None,
        starts_at: datetime | None = None,
        enabled: bool | None = None,
        name: str | None = None,
        export: Mapping[str, Any] | None = None,
    ) -> ExportSchedule:
        """Change what is given. export: members as for `export`, as a whole."""
        body = _without_nones(
            every_minutes=every_minutes,
            starts_at=_time(starts_at),
            enabled=enabled,
            name=name,
            export=None if export is None else definition(**export),
        )
        return self._asked_schedule("PATCH", export_schedule_path(schedule_id), body=body)

    def delete_export_schedule(self, schedule_id: str) -> None:
        """Make it no more, and forget what it compared with; exports it made stay."""
        self._connection.call("DELETE", export_schedule_path(schedule_id))

    def run_export_schedule(self, schedule_id: str) -> Export:
        """Make its export now."""
        path = export_schedule_path(schedule_id, "/run")
        return shaped(self._connection.json("POST", path, headers=once())["export"], Export)

    def _asked_schedule(self, method: str, path: str, **options: Any) -> ExportSchedule:
        return shaped(self._connection.json(method, path, **options)["schedule"], ExportSchedule)


def _without_nones(**members: Any) -> dict[str, Any]:
    return {name: value for name, value in members.items() if value is not None}


def _time(moment: datetime | None) -> str | None:
    return None if moment is None else msgspec.to_builtins(moment)
