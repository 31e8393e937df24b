"""Tables of the metadata database: pointers to tables and the log of their changes."""

from sqlalchemy import JSON, BigInteger, Column, ForeignKey, Integer, String, Table

from muster.db.schema.base import UtcTime, metadata

tables = Table(
    "tables",
    metadata,
    # The pointer to the newest manifest of an upload's table.
    Column("id", String(60), primary_key=True),  # the id of the upload it was made from
    Column("user_id", ForeignKey("users.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("version", Integer, nullable=False),
    Column("rows", BigInteger, nullable=False),
    Column("size_bytes", BigInteger, nullable=False),
    Column("updated_at", UtcTime, nullable=False),
)

table_changes = Table(
    "table_changes",
    metadata,
    # The log of edits; the edited values lie with the table, not here.
    Column("id", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True),
    Column("table_id", ForeignKey("tables.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("actor", String(60), nullable=False),
    Column("at", UtcTime, nullable=False),
    Column("kind", String(20), nullable=False),  # cells | filter | retry | enrichment
    Column("columns", JSON, nullable=False),  # names of the columns it changed
    Column("rows", BigInteger, nullable=False),
    Column("from_version", Integer, nullable=False),
    Column("to_version", Integer, nullable=False),
    Column("undone_at", UtcTime),
)
