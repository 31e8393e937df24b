"""Jobs, tables made of uploads, files, column mappings, rules and usage counters."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

_TIME = sa.String(27)  # YYYY-MM-DDTHH:MM:SS.ffffffZ
_NUMBERED = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def _belongs(table: str, column: str, other: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        [column], [f"{other}.id"], name=f"fk_{table}_{column}_{other}", ondelete="CASCADE"
    )


def upgrade() -> None:
    op.add_column("uploads", sa.Column("job_id", sa.String(40)))
    op.create_table(
        "upload_files",
        sa.Column("upload_id", sa.String(60), nullable=False),
        sa.Column("file_name", sa.Text()),
        sa.Column("media_type", sa.String(200)),
        sa.Column("length_bytes", sa.BigInteger()),
        sa.Column("received_bytes", sa.BigInteger(), nullable=False),
        sa.Column("parts", sa.JSON(), nullable=False),
        sa.Column("sha256", sa.String(64)),
        sa.Column("expires_at", _TIME),
        sa.Column("is_auto", sa.Boolean(), nullable=False),
        sa.Column("resumable", sa.JSON()),
        sa.Column("writer", sa.String(22)),
        sa.Column("writer_until", _TIME),
        sa.Column("detected", sa.JSON()),
        sa.Column("mapping", sa.JSON()),
        sa.PrimaryKeyConstraint("upload_id", name="pk_upload_files"),
        _belongs("upload_files", "upload_id", "uploads"),
    )
    op.create_index("ix_upload_files_expires_at", "upload_files", ["expires_at"])
    op.create_table(
        "jobs",
        sa.Column("id", sa.String(40), nullable=False),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("user_id", sa.String(40), nullable=False),
        sa.Column("subject", sa.String(80), nullable=False),
        sa.Column("payload", sa.JSON(), nullable=False),
        sa.Column("state", sa.String(12), nullable=False),
        sa.Column("wanted", sa.String(12)),
        sa.Column("reason_code", sa.String(60)),
        sa.Column("reason", sa.Text()),
        sa.Column("phase", sa.String(40), nullable=False),
        sa.Column("unit", sa.String(10), nullable=False),
        sa.Column("done", sa.BigInteger(), nullable=False),
        sa.Column("total", sa.BigInteger()),
        sa.Column("rows_accepted", sa.BigInteger(), nullable=False),
        sa.Column("rows_rejected", sa.BigInteger(), nullable=False),
        sa.Column("dispatched", sa.Integer(), nullable=False),
        sa.Column("created_at", _TIME, nullable=False),
        sa.Column("started_at", _TIME),
        sa.Column("updated_at", _TIME, nullable=False),
        sa.Column("finished_at", _TIME),
        sa.PrimaryKeyConstraint("id", name="pk_jobs"),
        _belongs("jobs", "user_id", "users"),
    )
    op.create_index("ix_jobs_user_id", "jobs", ["user_id"])
    op.create_index("ix_jobs_state_created_at", "jobs", ["state", "created_at"])
    op.create_index("ix_jobs_subject_created_at", "jobs", ["subject", "created_at"])
    op.create_table(
        "job_events",
        sa.Column("subject", sa.String(80), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("at", _TIME, nullable=False),
        sa.Column("kind", sa.String(12), nullable=False),
        sa.Column("data", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("subject", "number", name="pk_job_events"),
    )
    op.create_index("ix_job_events_at", "job_events", ["at"])
    op.create_table(
        "job_executors",
        sa.Column("id", sa.String(80), nullable=False),
        sa.Column("seen_at", _TIME, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_job_executors"),
    )
    op.create_table(
        "job_schedules",
        sa.Column("name", sa.String(80), nullable=False),
        sa.Column("due_at", _TIME, nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_job_schedules"),
    )
    op.create_table(
        "tables",
        sa.Column("id", sa.String(60), nullable=False),
        sa.Column("user_id", sa.String(40), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("rows", sa.BigInteger(), nullable=False),
        sa.Column("size_bytes", sa.BigInteger(), nullable=False),
        sa.Column("updated_at", _TIME, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_tables"),
        _belongs("tables", "user_id", "users"),
    )
    op.create_index("ix_tables_user_id", "tables", ["user_id"])
    op.create_table(
        "table_changes",
        sa.Column("id", _NUMBERED, autoincrement=True, nullable=False),
        sa.Column("table_id", sa.String(60), nullable=False),
        sa.Column("actor", sa.String(60), nullable=False),
        sa.Column("at", _TIME, nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("columns", sa.JSON(), nullable=False),
        sa.Column("rows", sa.BigInteger(), nullable=False),
        sa.Column("from_version", sa.Integer(), nullable=False),
        sa.Column("to_version", sa.Integer(), nullable=False),
        sa.Column("undone_at", _TIME),
        sa.PrimaryKeyConstraint("id", name="pk_table_changes"),
        _belongs("table_changes", "table_id", "tables"),
    )
    op.create_index("ix_table_changes_table_id", "table_changes", ["table_id"])
    op.create_table(
        "mappings",
        sa.Column("id", sa.String(40), nullable=False),
        sa.Column("user_id", sa.String(40), nullable=False),
        sa.Column("name", sa.String(100)),
        sa.Column("signature", sa.String(64), nullable=False),
        sa.Column("mapping", sa.JSON(), nullable=False),
        sa.Column("created_at", _TIME, nullable=False),
        sa.Column("used_at", _TIME, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_mappings"),
        sa.UniqueConstraint("user_id", "name", name="uq_mappings_user_id_name"),
        _belongs("mappings", "user_id", "users"),
    )
    op.create_index("ix_mappings_user_id_signature", "mappings", ["user_id", "signature"])
    op.create_table(
        "rules",
        sa.Column("id", sa.String(40), nullable=False),
        sa.Column("user_id", sa.String(40), nullable=False),
        sa.Column("name", sa.String(100), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("enabled", sa.Boolean(), nullable=False),
        sa.Column("rule", sa.JSON(), nullable=False),
        sa.Column("created_at", _TIME, nullable=False),
        sa.Column("updated_at", _TIME, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_rules"),
        _belongs("rules", "user_id", "users"),
    )
    op.create_index("ix_rules_user_id_position", "rules", ["user_id", "position"])
    op.create_table(
        "upload_counters",
        sa.Column("user_id", sa.String(40), nullable=False),
        sa.Column("day", sa.String(10), nullable=False),
        sa.Column("source", sa.String(10), nullable=False),
        sa.Column("outcome", sa.String(20), nullable=False),
        sa.Column("uploads", sa.BigInteger(), nullable=False),
        sa.Column("rows_received", sa.BigInteger(), nullable=False),
        sa.Column("rows_accepted", sa.BigInteger(), nullable=False),
        sa.Column("rows_rejected", sa.BigInteger(), nullable=False),
        sa.Column("size_bytes", sa.BigInteger(), nullable=False),
        sa.Column("seconds", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("user_id", "day", "source", "outcome", name="pk_upload_counters"),
        _belongs("upload_counters", "user_id", "users"),
    )
