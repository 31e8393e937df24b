"""Enrichment: kept settings of providers, runs, and the cache of answers."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

_TIME = sa.String(27)  # YYYY-MM-DDTHH:MM:SS.ffffffZ
_NUMBERED = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "enrichment_connections",
        sa.Column("id", sa.String(40), nullable=False),
        sa.Column("user_id", sa.String(40), nullable=False),
        sa.Column("provider", sa.String(60), nullable=False),
        sa.Column("name", sa.String(100), nullable=False),
        sa.Column("settings", sa.JSON(), nullable=False),
        sa.Column("sealed", sa.LargeBinary()),
        sa.Column("created_at", _TIME, nullable=False),
        sa.Column("updated_at", _TIME, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_enrichment_connections"),
        sa.UniqueConstraint("user_id", "name", name="uq_enrichment_connections_user_id_name"),
        _owned("enrichment_connections"),
    )
    op.create_table(
        "enrichment_runs",
        sa.Column("id", sa.String(40), nullable=False),
        sa.Column("user_id", sa.String(40), nullable=False),
        sa.Column("upload_id", sa.String(60), nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("status", sa.String(12), nullable=False),
        sa.Column("job_id", sa.String(40), nullable=False),
        sa.Column("parent_id", sa.String(40)),
        sa.Column("plan", sa.JSON(), nullable=False),
        sa.Column("counts", sa.JSON(), nullable=False),
        sa.Column("budget_micros", sa.BigInteger()),
        sa.Column("cost_micros", sa.BigInteger(), nullable=False),
        sa.Column("table_version", sa.Integer(), nullable=False),
        sa.Column("new_version", sa.Integer()),
        sa.Column("change_id", sa.BigInteger()),
        sa.Column("reason_code", sa.String(60)),
        sa.Column("reason", sa.Text()),
        sa.Column("created_at", _TIME, nullable=False),
        sa.Column("started_at", _TIME),
        sa.Column("updated_at", _TIME, nullable=False),
        sa.Column("finished_at", _TIME),
        sa.PrimaryKeyConstraint("id", name="pk_enrichment_runs"),
        _owned("enrichment_runs"),
        sa.ForeignKeyConstraint(
            ["upload_id"], ["uploads.id"], name="fk_enrichment_runs_upload_id_uploads", ondelete="CASCADE"
        ),
    )
    op.create_index("ix_enrichment_runs_upload_id", "enrichment_runs", ["upload_id"])
    op.create_index(
        "ix_enrichment_runs_user_id_created_at_id", "enrichment_runs", ["user_id", "created_at", "id"]
    )
    op.create_table(
        "enrichment_answers",
        sa.Column("id", _NUMBERED, autoincrement=True, nullable=False),
        sa.Column("user_id", sa.String(40), nullable=False),
        sa.Column("question", sa.String(64), nullable=False),
        sa.Column("provider", sa.String(60), nullable=False),
        sa.Column("run_id", sa.String(40), nullable=False),
        sa.Column("outcome", sa.String(10), nullable=False),
        sa.Column("answer", sa.LargeBinary(), nullable=False),
        sa.Column("cost_micros", sa.BigInteger(), nullable=False),
        sa.Column("asked_at", _TIME, nullable=False),
        sa.Column("expires_at", _TIME, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_enrichment_answers"),
        sa.UniqueConstraint("user_id", "question", name="uq_enrichment_answers_user_id_question"),
        _owned("enrichment_answers"),
    )
    op.create_index("ix_enrichment_answers_expires_at", "enrichment_answers", ["expires_at"])
    op.create_table(
        "enrichment_answer_values",
        sa.Column("answer_id", _NUMBERED, nullable=False),
        sa.Column("value_hash", sa.String(32), nullable=False),
        sa.PrimaryKeyConstraint("answer_id", "value_hash", name="pk_enrichment_answer_values"),
        sa.ForeignKeyConstraint(
            ["answer_id"],
            ["enrichment_answers.id"],
            name="fk_enrichment_answer_values_answer_id_enrichment_answers",
            ondelete="CASCADE",
        ),
    )
    op.create_index("ix_enrichment_answer_values_value_hash", "enrichment_answer_values", ["value_hash"])


def _owned(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["user_id"], ["users.id"], name=f"fk_{table}_user_id_users", ondelete="CASCADE"
    )
