"""Segments, their counts, and probable matches."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"

_TIME = sa.String(27)  # YYYY-MM-DDTHH:MM:SS.ffffffZ


def upgrade() -> None:
    op.create_table(
        "segments",
        sa.Column("id", sa.String(40), nullable=False),
        sa.Column("user_id", sa.String(40), nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("tags", sa.JSON(), nullable=False),
        sa.Column("kind", sa.String(10), nullable=False),
        sa.Column("status", sa.String(12), nullable=False),
        sa.Column("reason_code", sa.String(60)),
        sa.Column("reason", sa.Text()),
        sa.Column("definition", sa.JSON(), nullable=False),
        sa.Column("manual_key", sa.String(200)),
        sa.Column("included", sa.Integer(), nullable=False),
        sa.Column("excluded", sa.Integer(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer()),
        sa.Column("members", sa.BigInteger()),
        sa.Column("candidates", sa.BigInteger()),
        sa.Column("joined", sa.BigInteger()),
        sa.Column("departed", sa.BigInteger()),
        sa.Column("counted_at", _TIME),
        sa.Column("job_id", sa.String(40)),
        sa.Column("created_at", _TIME, nullable=False),
        sa.Column("updated_at", _TIME, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_segments"),
        sa.UniqueConstraint("user_id", "name", name="uq_segments_user_id_name"),
        _reference("segments", "user_id", "users", ondelete="CASCADE"),
    )
    op.create_index("ix_segments_user_id_updated_at_id", "segments", ["user_id", "updated_at", "id"])
    op.create_table(
        "segment_sources",
        sa.Column("segment_id", sa.String(40), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("upload_id", sa.String(60), nullable=False),
        sa.PrimaryKeyConstraint("segment_id", "position", name="pk_segment_sources"),
        _reference("segment_sources", "segment_id", "segments", ondelete="CASCADE"),
        _reference("segment_sources", "upload_id", "uploads"),
    )
    op.create_index("ix_segment_sources_upload_id", "segment_sources", ["upload_id"])
    op.create_table(
        "segment_versions",
        sa.Column("segment_id", sa.String(40), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("cause", sa.String(12), nullable=False),
        sa.Column("at", _TIME, nullable=False),
        sa.Column("members", sa.BigInteger(), nullable=False),
        sa.Column("candidates", sa.BigInteger(), nullable=False),
        sa.Column("joined", sa.BigInteger(), nullable=False),
        sa.Column("departed", sa.BigInteger(), nullable=False),
        sa.Column("made_by", sa.String(40)),
        sa.Column("definition", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("segment_id", "number", name="pk_segment_versions"),
        _reference("segment_versions", "segment_id", "segments", ondelete="CASCADE"),
    )
    op.create_table(
        "segment_version_sources",
        sa.Column("segment_id", sa.String(40), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("upload_id", sa.String(60), nullable=False),
        sa.Column("table_version", sa.Integer(), nullable=False),
        sa.Column("members", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("segment_id", "number", "position", name="pk_segment_version_sources"),
        sa.ForeignKeyConstraint(
            ["segment_id", "number"],
            ["segment_versions.segment_id", "segment_versions.number"],
            name="fk_segment_version_sources_segment_versions",
            ondelete="CASCADE",
        ),
        _reference("segment_version_sources", "upload_id", "uploads", ondelete="CASCADE"),
    )
    op.create_index("ix_segment_version_sources_upload_id", "segment_version_sources", ["upload_id"])
    op.create_table(
        "identity_matches",
        sa.Column("id", sa.String(40), nullable=False),
        sa.Column("user_id", sa.String(40), nullable=False),
        sa.Column("status", sa.String(12), nullable=False),
        sa.Column("reason_code", sa.String(60)),
        sa.Column("reason", sa.Text()),
        sa.Column("wish", sa.JSON(), nullable=False),
        sa.Column("facts", sa.JSON()),
        sa.Column("labels_key", sa.String(200)),
        sa.Column("decisions_key", sa.String(200)),
        sa.Column("made_by", sa.String(40)),
        sa.Column("job_id", sa.String(40)),
        sa.Column("created_at", _TIME, nullable=False),
        sa.Column("updated_at", _TIME, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_identity_matches"),
        _reference("identity_matches", "user_id", "users", ondelete="CASCADE"),
    )
    op.create_index(
        "ix_identity_matches_user_id_created_at_id", "identity_matches", ["user_id", "created_at", "id"]
    )
    op.create_table(
        "identity_match_sources",
        sa.Column("match_id", sa.String(40), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("upload_id", sa.String(60), nullable=False),
        sa.Column("table_version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("match_id", "position", name="pk_identity_match_sources"),
        _reference("identity_match_sources", "match_id", "identity_matches", ondelete="CASCADE"),
        _reference("identity_match_sources", "upload_id", "uploads"),
    )
    op.create_index("ix_identity_match_sources_upload_id", "identity_match_sources", ["upload_id"])


def _reference(
    table: str, column: str, other: str, *, ondelete: str | None = None
) -> sa.ForeignKeyConstraint:
    name = f"fk_{table}_{column}_{other}"
    return sa.ForeignKeyConstraint([column], [f"{other}.id"], name=name, ondelete=ondelete)
