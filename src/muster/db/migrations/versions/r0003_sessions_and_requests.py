"""Sessions that can be told apart, where keys were last used, and a log of recent requests."""

import sqlalchemy as sa
from alembic import op

from muster.ids import new_session_id

revision = "0003"
down_revision = "0002"

_TIME = sa.String(27)  # YYYY-MM-DDTHH:MM:SS.ffffffZ
_NUMBERED = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.add_column("api_keys", sa.Column("last_used_address", sa.String(45)))
    op.add_column("sessions", sa.Column("id", sa.String(40)))
    op.add_column("sessions", sa.Column("address", sa.String(45)))
    op.add_column("sessions", sa.Column("client", sa.String(60)))
    _name_sessions()
    with op.batch_alter_table("sessions") as sessions:
        sessions.alter_column("id", existing_type=sa.String(40), nullable=False)
        sessions.create_unique_constraint("uq_sessions_id", ["id"])
    op.create_table(
        "request_log",
        sa.Column("id", _NUMBERED, autoincrement=True, nullable=False),
        sa.Column("at", _TIME, nullable=False),
        sa.Column("user_id", sa.String(40), nullable=False),
        sa.Column("via", sa.String(10), nullable=False),
        sa.Column("key_id", sa.String(8)),
        sa.Column("method", sa.String(10), nullable=False),
        sa.Column("route", sa.String(200), nullable=False),
        sa.Column("path", sa.String(300), nullable=False),
        sa.Column("query_names", sa.JSON(), nullable=False),
        sa.Column("status", sa.Integer(), nullable=False),
        sa.Column("micros", sa.BigInteger(), nullable=False),
        sa.Column("request_id", sa.String(128), nullable=False),
        sa.Column("bytes_in", sa.BigInteger(), nullable=False),
        sa.Column("bytes_out", sa.BigInteger(), nullable=False),
        sa.Column("error_code", sa.String(60)),
        sa.Column("client", sa.String(60)),
        sa.PrimaryKeyConstraint("id", name="pk_request_log"),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name="fk_request_log_user_id_users", ondelete="CASCADE"
        ),
    )
    op.create_index("ix_request_log_at", "request_log", ["at"])
    op.create_index("ix_request_log_user_id_at_id", "request_log", ["user_id", "at", "id"])


def _name_sessions() -> None:
    """Open sessions get an id, so that an upgrade signs nobody out."""
    sessions = sa.table("sessions", sa.column("token_hash"), sa.column("id"))
    connection = op.get_bind()
    for (token_hash,) in connection.execute(sa.select(sessions.c.token_hash)).all():
        named = sa.update(sessions).where(sessions.c.token_hash == token_hash).values(id=new_session_id())
        connection.execute(named)
