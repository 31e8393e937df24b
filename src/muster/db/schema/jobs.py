"""Tables of the metadata database: background work and its schedules."""

from sqlalchemy import JSON, BigInteger, Column, ForeignKey, Index, Integer, String, Table, Text

from muster.db.schema.base import UtcTime, metadata

jobs = Table(
    "jobs",
    metadata,
    # Enqueued by inserting a row in the caller's transaction; a worker picks it up from here.
    Column("id", String(40), primary_key=True),
    Column("kind", String(40), nullable=False),
    Column("user_id", ForeignKey("users.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("subject", String(80), nullable=False),  # the id of what it works on
    Column("payload", JSON, nullable=False),  # ids and counts only, never personal data
    Column("state", String(12), nullable=False),
    Column("wanted", String(12)),  # cancel | pause, asked for and not yet done
    Column("reason_code", String(60)),
    Column("reason", Text),
    Column("phase", String(40), nullable=False),
    Column("unit", String(10), nullable=False),  # bytes | rows
    Column("done", BigInteger, nullable=False),
    Column("total", BigInteger),
    Column("rows_accepted", BigInteger, nullable=False),
    Column("rows_rejected", BigInteger, nullable=False),
    Column("dispatched", Integer, nullable=False),  # times it was handed to the engine
    Column("created_at", UtcTime, nullable=False),
    Column("started_at", UtcTime),
    Column("updated_at", UtcTime, nullable=False),
    Column("finished_at", UtcTime),
    Index("ix_jobs_state_created_at", "state", "created_at"),
    Index("ix_jobs_subject_created_at", "subject", "created_at"),
)

job_events = Table(
    "job_events",
    metadata,
    # What event streams replay; numbered per subject.
    Column("subject", String(80), primary_key=True),
    Column("number", BigInteger, primary_key=True),
    Column("at", UtcTime, nullable=False, index=True),
    Column("kind", String(12), nullable=False),  # progress | state | done
    Column("data", JSON, nullable=False),
)

job_executors = Table(
    "job_executors",
    metadata,
    Column("id", String(80), primary_key=True),  # one per worker process and start
    Column("seen_at", UtcTime, nullable=False),
)

job_schedules = Table(
    "job_schedules",
    metadata,
    # When recurring work is next due; whoever moves the time on does the work.
    Column("name", String(80), primary_key=True),
    Column("due_at", UtcTime, nullable=False),
)
