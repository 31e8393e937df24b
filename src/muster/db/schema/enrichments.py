"""Tables of the metadata database: runs of enrichment, kept settings of providers, sealed answers."""

from sqlalchemy import (
    JSON,
    BigInteger,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    Text,
    UniqueConstraint,
)

from muster.db.schema.base import UtcTime, metadata

enrichment_connections = Table(
    "enrichment_connections",
    metadata,
    # Settings of a provider kept under a name, for many runs; secrets are sealed (db/seal.py).
    Column("id", String(40), primary_key=True),
    Column("user_id", ForeignKey("users.id", ondelete="CASCADE"), nullable=False),
    Column("provider", String(60), nullable=False),
    Column("name", String(100), nullable=False),
    Column("settings", JSON, nullable=False),  # without secrets
    Column("sealed", LargeBinary),  # the secrets; null: there are none
    Column("created_at", UtcTime, nullable=False),
    Column("updated_at", UtcTime, nullable=False),
    UniqueConstraint("user_id", "name"),
)

enrichment_runs = Table(
    "enrichment_runs",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("user_id", ForeignKey("users.id", ondelete="CASCADE"), nullable=False),
    Column("upload_id", ForeignKey("uploads.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("name", String(200), nullable=False),
    Column("status", String(12), nullable=False),
    Column("job_id", String(40), nullable=False),  # no key: jobs are forgotten sooner
    Column("parent_id", String(40)),  # the run whose failures this one asks about again
    Column("plan", JSON, nullable=False),  # providers, inputs, targets; no secrets, no records
    Column("counts", JSON, nullable=False),  # by provider, by target, by cause of failure
    Column("budget_micros", BigInteger),  # null: no limit
    Column("cost_micros", BigInteger, nullable=False),
    Column("table_version", Integer, nullable=False),  # the version it reads
    Column("new_version", Integer),  # the version it made
    Column("change_id", BigInteger),  # what an undo takes back
    Column("reason_code", String(60)),
    Column("reason", Text),
    Column("created_at", UtcTime, nullable=False),
    Column("started_at", UtcTime),
    Column("updated_at", UtcTime, nullable=False),
    Column("finished_at", UtcTime),
    Index("ix_enrichment_runs_user_id_created_at_id", "user_id", "created_at", "id"),
)

enrichment_answers = Table(
    "enrichment_answers",
    metadata,
    # What providers answered, by keyed hash of the question; the answers are sealed (enrichments/cache.py).
    Column("id", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True),
    Column("user_id", ForeignKey("users.id", ondelete="CASCADE"), nullable=False),
    Column("question", String(64), nullable=False),  # provider, version, settings, normalised input
    Column("provider", String(60), nullable=False),
    Column("run_id", String(40), nullable=False),  # who asked, and paid
    Column("outcome", String(10), nullable=False),  # found | empty
    Column("answer", LargeBinary, nullable=False),  # sealed: values, confidence
    Column("cost_micros", BigInteger, nullable=False),
    Column("asked_at", UtcTime, nullable=False),
    Column("expires_at", UtcTime, nullable=False, index=True),
    UniqueConstraint("user_id", "question"),
)

enrichment_answer_values = Table(
    "enrichment_answer_values",
    metadata,
    # Keyed hashes of the values in a question and its answer: how a person's answers are found to be erased.
    Column("answer_id", ForeignKey("enrichment_answers.id", ondelete="CASCADE"), primary_key=True),
    Column("value_hash", String(32), primary_key=True, index=True),
)
