"""The door to DBOS: durable workflows in the metadata database, one for each job.

There is one workflow, `run_job`, and a job's id is its workflow's id. What the engine stores is that id and
what steps returned, as JSON. Whatever must not be remembered (an outage, a pause, the end of this process) is
raised as a BaseException: the engine stores only results and Exceptions. See docs/decisions/0023.
"""

import logging
import sqlite3
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from enum import StrEnum
from typing import Any

from dbos import (
    DBOS,
    DBOSConfig,
    DBOSPortableJSONSerializer,
    SetWorkflowID,
    WorkflowSerializationFormat,
)
from dbos import error as dbos_error
from sqlalchemy import Engine as SqlEngine
from sqlalchemy import create_engine, event, text

from muster.db.database import Database, limit_idle_transactions
from muster.jobs.model import Json

_APPLICATION_VERSION = "1"
"""Raised only when the steps of a kind change so that a half-done job cannot go on; old jobs then need an old
worker to drain them. Left to itself, DBOS takes a hash of the code and strands jobs at every upgrade."""
_LAUNCH_LOCK = 0x6D7573746A6F62  # "mustjob": workers that start together set up the engine's tables in turn
_LAUNCH_LIMIT = "5min"
_SCHEMA = "dbos"


class Standing(StrEnum):
    """What the engine knows of a job."""

    UNKNOWN = "unknown"  # never started, or forgotten
    LIVE = "live"  # some worker runs it, or is to
    STOPPED = "stopped"  # can be resumed
    CRASHED = "crashed"  # its workers died too often
    OVER = "over"


_STANDINGS = {
    "PENDING": Standing.LIVE,
    "ENQUEUED": Standing.LIVE,
    "DELAYED": Standing.LIVE,
    "CANCELLED": Standing.STOPPED,
    "MAX_RECOVERY_ATTEMPTS_EXCEEDED": Standing.CRASHED,
}


class LostJob(BaseException):
    """This run of a job is not the one that counts any more: another worker has taken over."""


class Engine:
    """DBOS in this process; at most one at a time. `launch` it, `close` it.

    executor_id: names this process among those that share the database; never used by two at a time.
    run: what a workflow does, given the job's id. most_crashes: worker deaths a job may survive.
    """

    def __init__(
        self, db: Database, executor_id: str, run: Callable[[str], Json], *, most_crashes: int
    ) -> None:
        self.executor_id = executor_id
        self._sql = _sql_engine(db)
        config: DBOSConfig = {
            "name": "muster",
            "system_database_engine": self._sql,
            # Looked at only for the kind of database; the connections come from the engine above.
            "system_database_url": db.url.render_as_string(hide_password=False),
            "dbos_system_schema": _SCHEMA,
            "executor_id": executor_id,
            "application_version": _APPLICATION_VERSION,
            "serializer": DBOSPortableJSONSerializer(),  # its default is pickle: code for whoever can write
            "use_listen_notify": False,
            "log_level": "ERROR",
        }
        DBOS(config=config)

        @DBOS.workflow(
            name="run_job",
            max_recovery_attempts=most_crashes,
            serialization_type=WorkflowSerializationFormat.PORTABLE,
        )
        def run_job(job_id: str) -> Json:
            return run(job_id)

        self._workflow = run_job
        _quieten()

    def launch(self) -> None:
        """Set up the tables, and take up what this executor left undone when it died."""
        turn = nullcontext() if self._sql.dialect.name == "sqlite" else self._sql.connect()
        with turn as connection:
            if connection is not None:
                # Says nothing while the tables are set up by other connections, which may take a while.
                connection.execute(text(f"SET LOCAL idle_in_transaction_session_timeout = '{_LAUNCH_LIMIT}'"))
                connection.execute(text(f"SELECT pg_advisory_xact_lock({_LAUNCH_LOCK})"))
            DBOS.launch()
        _quieten()

    def close(self) -> None:
        """Stop taking up work; runs that are still going on are left to be recovered."""
        DBOS.destroy(destroy_registry=True)
        self._sql.dispose()

    def start(self, job_id: str) -> None:
        """Run a job in this process; harmless when it was started before."""
        with SetWorkflowID(job_id):
            DBOS.start_workflow(self._workflow, job_id)

    def resume(self, job_id: str) -> None:
        """Let a stopped job go on after its last finished step, in some worker, within a second or two."""
        DBOS.resume_workflow(job_id)

    def standing(self, job_id: str) -> tuple[Standing, str | None]:
        """What is known of a job, and the executor that runs it."""
        status = DBOS.get_workflow_status(job_id)
        if status is None:
            return Standing.UNKNOWN, None
        standing = _STANDINGS.get(status.status, Standing.OVER)
        return standing, status.executor_id if status.status == "PENDING" else None

    def step(self, name: str, work: Callable[[], Json]) -> Json:
        """Run `work` as the next step of the job running in this thread, or give what it returned before.

        Raises LostJob when another worker has taken over; then nothing was noted.
        """
        try:
            return DBOS.run_step({"name": name}, work)
        except (dbos_error.DBOSWorkflowConflictIDError, dbos_error.DBOSWorkflowCancelledError) as error:
            raise LostJob(name) from error

    def recover(self, executor_ids: Sequence[str]) -> int:
        """Hand the jobs of dead executors to living ones; returns how many. Twice is harmless."""
        # Not in the free public API; tests/jobs/test_engine.py fails when a release takes it away.
        return len(DBOS._recover_pending_workflows(list(executor_ids)))

    def busy_executors(self) -> set[str]:
        """Every executor that has a job running, dead or alive."""
        found = DBOS.list_workflows(status="PENDING", load_input=False, load_output=False)
        return {workflow.executor_id for workflow in found if workflow.executor_id}

    def forget(self, job_ids: Sequence[str]) -> None:
        """Delete what is stored of these jobs."""
        DBOS.delete_workflows(list(job_ids))


def _sql_engine(db: Database) -> SqlEngine:
    """Connections for DBOS: it begins its transactions itself, so ours, which begin read-only, will not do."""
    if not db.is_sqlite:
        options: dict[str, Any] = {"connect_timeout": 5, "keepalives_idle": 30}
        engine = create_engine(
            db.url,
            hide_parameters=True,
            pool_pre_ping=True,
            pool_size=10,
            max_overflow=20,
            connect_args=options,
        )
        limit_idle_transactions(engine, db.idle_transaction_seconds)
        return engine
    engine = create_engine(db.url, hide_parameters=True, connect_args={"check_same_thread": False})
    event.listen(engine, "connect", _prepare_sqlite)
    return engine


def _prepare_sqlite(connection: sqlite3.Connection, _record: object) -> None:
    connection.isolation_level = "IMMEDIATE"
    for pragma in (
        "journal_mode=WAL",
        "synchronous=FULL",
        "foreign_keys=ON",
        "busy_timeout=30000",
        "secure_delete=ON",
    ):
        connection.execute(f"PRAGMA {pragma}")


def _quieten() -> None:
    """Let DBOS speak through our logs, and only when something is wrong."""
    logger = logging.getLogger("dbos")
    logger.handlers.clear()
    logger.propagate = True
    logger.setLevel("ERROR")
