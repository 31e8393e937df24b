"""SQL of runs of enrichment: those one user owns, inside the caller's transaction."""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import msgspec
from sqlalchemy import ColumnElement, Row, and_, exists, func, insert, select, update

from muster.db.cursors import Cursor
from muster.db.database import Connection
from muster.db.schema import enrichment_runs, jobs, table_changes, uploads
from muster.enrichments.model import Plan, Run, RunCounts, RunStatus
from muster.errors import Forbidden, NotFound
from muster.ids import UserId

_RUN_ID: Final = re.compile(r"enr_[0-9A-Za-z]{22}")
_UNFINISHED: Final = (RunStatus.QUEUED.value, RunStatus.RUNNING.value)

_runs = enrichment_runs.c


@dataclass(frozen=True, slots=True)
class RunFilter:
    """Which runs are meant; None: whatever it is."""

    upload_id: str | None = None
    statuses: frozenset[RunStatus] | None = None


@dataclass(frozen=True, slots=True)
class ListedRun:
    """A run and the name of its upload."""

    run: Run
    upload_name: str


class RunStore:
    """Cannot be made without a user, and touches only that user's runs."""

    def __init__(self, connection: Connection, user_id: UserId) -> None:
        self._connection = connection
        self._user_id = user_id

    def add(self, run: Run) -> None:
        self._connection.execute(insert(enrichment_runs).values(**_cells(run)))

    def get(self, run_id: str) -> ListedRun:
        """Raises NotFound for an unknown id, Forbidden when the run is another user's."""
        if _RUN_ID.fullmatch(run_id):
            row = self._connection.execute(_listed(_runs.id == run_id, self._user_id)).one_or_none()
            if row is not None:
                return _listed_run(row)
            if self._connection.execute(select(exists().where(_runs.id == run_id))).scalar_one():
                raise Forbidden("This run belongs to someone else.", code="run_not_yours")
        raise NotFound(
            "There is no run with this id; its upload may have been deleted.", code="run_not_found"
        )

    def list(self, wanted: RunFilter, limit: int, after: Cursor | None) -> Sequence[ListedRun]:
        """Newest first, at most `limit`, behind that place."""
        condition = _matching(wanted)
        if after is not None:
            condition = and_(condition, after.after(_runs.created_at, _runs.id))
        found = _listed(condition, self._user_id).order_by(_runs.created_at.desc(), _runs.id.desc())
        return [_listed_run(row) for row in self._connection.execute(found.limit(limit))]

    def count(self, wanted: RunFilter) -> int:
        counted = _listed(_matching(wanted), self._user_id).with_only_columns(func.count())
        return int(self._connection.execute(counted).scalar_one())

    def upload_name(self, upload_id: str) -> str:
        """The name of one of the user's uploads; empty when there is no such upload."""
        mine = select(uploads.c.name).where(uploads.c.id == upload_id, uploads.c.user_id == self._user_id)
        return self._connection.execute(mine).scalar_one_or_none() or ""

    def change(self, run_id: str, at: datetime, **cells: Any) -> bool:
        """Change these columns of a run that is not over; whether there was one."""
        values = {name: _cell(value) for name, value in cells.items()}
        done = self._connection.execute(
            update(enrichment_runs)
            .where(_runs.id == run_id, _runs.user_id == self._user_id, _runs.status.in_(_UNFINISHED))
            .values(**values, updated_at=at)
        )
        return done.rowcount == 1


def uploads_at_work(connection: Connection, upload_ids: Collection[str]) -> set[str]:
    """Those of these uploads a run is not over for, whoever owns it; for sweeps."""
    found = select(_runs.upload_id).where(_runs.upload_id.in_(upload_ids), _runs.status.in_(_UNFINISHED))
    return set(connection.execute(found.distinct()).scalars())


def held(connection: Connection, upload_ids: Collection[str]) -> dict[str, set[int]]:
    """Versions of these uploads' tables that runs which are not over read, whoever owns them; for sweeps."""
    found = select(_runs.upload_id, _runs.table_version).where(
        _runs.upload_id.in_(upload_ids), _runs.status.in_(_UNFINISHED)
    )
    versions: dict[str, set[int]] = {}
    for upload_id, version in connection.execute(found):
        versions.setdefault(upload_id, set()).add(version)
    return versions


def uses_connection(connection: Connection, user_id: UserId, connection_id: str) -> bool:
    """Whether a run that is not over asks by this connection."""
    found = select(_runs.plan).where(_runs.user_id == user_id, _runs.status.in_(_UNFINISHED))
    plans = connection.execute(found).scalars()
    return any(step.get("connection") == connection_id for plan in plans for step in plan["steps"])


def _listed(condition: ColumnElement[bool], user_id: UserId) -> Any:
    """Runs with the name of their upload, whether their job rests, and whether they were undone."""
    joined = (
        enrichment_runs.join(uploads, uploads.c.id == _runs.upload_id)
        .outerjoin(jobs, jobs.c.id == _runs.job_id)
        .outerjoin(table_changes, table_changes.c.id == _runs.change_id)
    )
    shown = (
        *_runs,
        uploads.c.name.label("upload_name"),
        jobs.c.state.label("job_state"),
        table_changes.c.undone_at,
    )
    return select(*shown).select_from(joined).where(condition, _runs.user_id == user_id)


def _matching(wanted: RunFilter) -> ColumnElement[bool]:
    conditions: list[ColumnElement[bool]] = [_runs.user_id.is_not(None)]
    if wanted.upload_id is not None:
        conditions.append(_runs.upload_id == wanted.upload_id)
    if wanted.statuses is not None:
        stored = {status.value for status in wanted.statuses} - {"paused", "undone"}
        is_undone, is_paused = (
            table_changes.c.undone_at.is_not(None),
            func.coalesce(jobs.c.state, "") == "paused",
        )
        chosen = _runs.status.in_(stored) & ~(is_undone & _runs.status.in_(("done", "stopped")))
        chosen &= ~(is_paused & _runs.status.in_(_UNFINISHED))
        if RunStatus.UNDONE in wanted.statuses:
            chosen |= is_undone & _runs.status.in_(("done", "stopped"))
        if RunStatus.PAUSED in wanted.statuses:
            chosen |= is_paused & _runs.status.in_(_UNFINISHED)
        conditions.append(chosen)
    return and_(*conditions)


def _listed_run(row: Row[*tuple[Any, ...]]) -> ListedRun:
    values = dict(row._mapping)
    upload_name, job_state = values.pop("upload_name"), values.pop("job_state")
    undone_at = values.pop("undone_at")
    status = RunStatus(values["status"])
    if not status.is_over and job_state == "paused":
        status = RunStatus.PAUSED
    if status in {RunStatus.DONE, RunStatus.STOPPED} and undone_at is not None:
        status = RunStatus.UNDONE
    values["status"] = status
    values["plan"] = msgspec.convert(values["plan"], Plan)
    values["counts"] = msgspec.convert(values["counts"], RunCounts)
    return ListedRun(Run(**values), upload_name)


def _cells(run: Run) -> dict[str, Any]:
    return {column.name: _cell(getattr(run, column.name)) for column in enrichment_runs.columns}


def _cell(value: Any) -> Any:
    if isinstance(value, Plan | RunCounts):
        return msgspec.to_builtins(value)
    return value.value if isinstance(value, RunStatus) else value
