"""Exports, their connections, schedules and states, and the list of suppressions."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"

_TIME = sa.String(27)  # YYYY-MM-DDTHH:MM:SS.ffffffZ


def upgrade() -> None:
    op.create_table(
        "export_connections",
        sa.Column("id", sa.String(40), nullable=False),
        sa.Column("user_id", sa.String(40), nullable=False),
        sa.Column("destination", sa.String(60), nullable=False),
        sa.Column("name", sa.String(100), nullable=False),
        sa.Column("settings", sa.JSON(), nullable=False),
        sa.Column("sealed", sa.LargeBinary()),
        sa.Column("created_at", _TIME, nullable=False),
        sa.Column("updated_at", _TIME, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_export_connections"),
        sa.UniqueConstraint("user_id", "name", name="uq_export_connections_user_id_name"),
        _owned("export_connections"),
    )
    op.create_table(
        "export_schedules",
        sa.Column("id", sa.String(40), nullable=False),
        sa.Column("user_id", sa.String(40), nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("segment_id", sa.String(40)),
        sa.Column("upload_id", sa.String(60)),
        sa.Column("connection_id", sa.String(40)),
        sa.Column("series", sa.String(32), nullable=False),
        sa.Column("definition", sa.JSON(), nullable=False),
        sa.Column("every_minutes", sa.Integer(), nullable=False),
        sa.Column("enabled", sa.Boolean(), nullable=False),
        sa.Column("next_at", _TIME, nullable=False),
        sa.Column("last_export_id", sa.String(40)),
        sa.Column("last_error_code", sa.String(60)),
        sa.Column("last_error", sa.Text()),
        sa.Column("created_at", _TIME, nullable=False),
        sa.Column("updated_at", _TIME, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_export_schedules"),
        _owned("export_schedules"),
    )
    op.create_table(
        "exports",
        sa.Column("id", sa.String(40), nullable=False),
        sa.Column("user_id", sa.String(40), nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("status", sa.String(20), nullable=False),
        sa.Column("destination", sa.String(60), nullable=False),
        sa.Column("connection_id", sa.String(40)),
        sa.Column("segment_id", sa.String(40)),
        sa.Column("upload_id", sa.String(60)),
        sa.Column("schedule_id", sa.String(40)),
        sa.Column("parent_id", sa.String(40)),
        sa.Column("series", sa.String(32), nullable=False),
        sa.Column("definition", sa.JSON(), nullable=False),
        sa.Column("version", sa.Integer()),
        sa.Column("rows", sa.BigInteger()),
        sa.Column("counts", sa.JSON(), nullable=False),
        sa.Column("file", sa.JSON()),
        sa.Column("expires_at", _TIME),
        sa.Column("job_id", sa.String(40), nullable=False),
        sa.Column("reason_code", sa.String(60)),
        sa.Column("reason", sa.Text()),
        sa.Column("created_at", _TIME, nullable=False),
        sa.Column("started_at", _TIME),
        sa.Column("updated_at", _TIME, nullable=False),
        sa.Column("finished_at", _TIME),
        sa.PrimaryKeyConstraint("id", name="pk_exports"),
        _owned("exports"),
    )
    op.create_table(
        "export_uploads",
        sa.Column("export_id", sa.String(40), nullable=False),
        sa.Column("upload_id", sa.String(60), nullable=False),
        sa.PrimaryKeyConstraint("export_id", "upload_id", name="pk_export_uploads"),
        sa.ForeignKeyConstraint(
            ["export_id"], ["exports.id"], name="fk_export_uploads_export_id_exports", ondelete="CASCADE"
        ),
    )
    op.create_table(
        "export_states",
        sa.Column("user_id", sa.String(40), nullable=False),
        sa.Column("series", sa.String(32), nullable=False),
        sa.Column("object_key", sa.String(200), nullable=False),
        sa.Column("rows", sa.BigInteger(), nullable=False),
        sa.Column("export_id", sa.String(40), nullable=False),
        sa.Column("updated_at", _TIME, nullable=False),
        sa.PrimaryKeyConstraint("user_id", "series", name="pk_export_states"),
        _owned("export_states"),
    )
    op.create_table(
        "export_dismissals",
        sa.Column("user_id", sa.String(40), nullable=False),
        sa.Column("series", sa.String(32), nullable=False),
        sa.Column("digest", sa.String(32), nullable=False),
        sa.Column("export_id", sa.String(40), nullable=False),
        sa.Column("at", _TIME, nullable=False),
        sa.PrimaryKeyConstraint("user_id", "series", "digest", name="pk_export_dismissals"),
        _owned("export_dismissals"),
    )
    op.create_table(
        "suppressions",
        sa.Column("id", sa.String(40), nullable=False),
        sa.Column("user_id", sa.String(40), nullable=False),
        sa.Column("kind", sa.String(10), nullable=False),
        sa.Column("digest", sa.String(32), nullable=False),
        sa.Column("reason", sa.String(300)),
        sa.Column("source", sa.String(20), nullable=False),
        sa.Column("created_at", _TIME, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_suppressions"),
        sa.UniqueConstraint("user_id", "kind", "digest", name="uq_suppressions_user_id_kind_digest"),
        _owned("suppressions"),
    )
    for table, *columns in _INDEXES:
        op.create_index(f"ix_{table}_{'_'.join(columns)}", table, columns)


_INDEXES = (
    ("export_schedules", "segment_id"),
    ("export_schedules", "upload_id"),
    ("export_schedules", "connection_id"),
    ("export_schedules", "enabled", "next_at"),
    ("export_schedules", "user_id", "created_at", "id"),
    ("exports", "connection_id"),
    ("exports", "segment_id"),
    ("exports", "upload_id"),
    ("exports", "schedule_id"),
    ("exports", "expires_at"),
    ("exports", "user_id", "created_at", "id"),
    ("exports", "user_id", "series"),
    ("export_uploads", "upload_id"),
    ("suppressions", "user_id", "created_at", "id"),
)


def _owned(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["user_id"], ["users.id"], name=f"fk_{table}_user_id_users", ondelete="CASCADE"
    )
