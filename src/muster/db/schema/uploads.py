"""Tables of the metadata database: uploads, their files and tokens, mappings, rules and counters."""

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    Text,
    UniqueConstraint,
)

from muster.db.schema.base import UtcTime, metadata

uploads = Table(
    "uploads",
    metadata,
    Column("id", String(60), primary_key=True),
    Column("user_id", ForeignKey("users.id", ondelete="CASCADE"), nullable=False),
    Column("name", Text, nullable=False),
    Column("source", String(10), nullable=False),  # api | file | webhook | compat
    Column("status", String(20), nullable=False),
    Column("status_reason", Text),
    Column("created_at", UtcTime, nullable=False),
    Column("rows_received", BigInteger, nullable=False),
    Column("rows_accepted", BigInteger, nullable=False),
    Column("rows_rejected", BigInteger, nullable=False),
    Column("fields", JSON(none_as_null=True)),  # list of names; null: not worked out yet
    Column("fields_declared", Boolean, nullable=False),  # the client named them
    Column("size_bytes", BigInteger, nullable=False),  # decoded body as received
    Column("stored_bytes", BigInteger, nullable=False),  # all objects of this upload
    Column("job_id", String(40)),  # the newest job that works on it; no key: jobs are forgotten sooner
    Index("ix_uploads_user_id_created_at_id", "user_id", "created_at", "id"),
)

upload_files = Table(
    "upload_files",
    metadata,
    # How an upload came as a file: its parts in order, what was detected, what the user decided.
    Column("upload_id", ForeignKey("uploads.id", ondelete="CASCADE"), primary_key=True),
    Column("file_name", Text),  # as the sender named it, without directories
    Column("media_type", String(200)),
    Column("length_bytes", BigInteger),  # announced; null while unknown
    Column("received_bytes", BigInteger, nullable=False),
    Column("parts", JSON, nullable=False),  # [[object key, bytes], ...] in order
    Column("sha256", String(64)),  # of the whole file as received; null for a resumed one
    Column("expires_at", UtcTime, index=True),  # of an unfinished resumable upload
    Column("is_auto", Boolean, nullable=False),  # process without waiting for a mapping
    Column("resumable", JSON(none_as_null=True)),  # metadata of a tus upload, to be echoed
    Column("writer", String(22)),  # the request that may append to it now
    Column("writer_until", UtcTime),  # when another one may take over
    Column("detected", JSON(none_as_null=True)),  # format, encoding, dialect, each with its confidence
    Column("mapping", JSON(none_as_null=True)),  # layout overrides and column mapping as decided
)

upload_tokens = Table(
    "upload_tokens",
    metadata,
    Column("token_hash", String(64), primary_key=True),
    Column("upload_id", ForeignKey("uploads.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("expires_at", UtcTime, nullable=False, index=True),
)

mappings = Table(
    "mappings",
    metadata,
    # How files with these headers were mapped: named templates, and what was decided last.
    Column("id", String(40), primary_key=True),
    Column("user_id", ForeignKey("users.id", ondelete="CASCADE"), nullable=False),
    Column("name", String(100)),  # null: remembered only
    Column("signature", String(64), nullable=False),  # SHA-256 of the normalised headers
    Column("mapping", JSON, nullable=False),
    Column("created_at", UtcTime, nullable=False),
    Column("used_at", UtcTime, nullable=False),
    UniqueConstraint("user_id", "name"),
    Index("ix_mappings_user_id_signature", "user_id", "signature"),
)

rules = Table(
    "rules",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("user_id", ForeignKey("users.id", ondelete="CASCADE"), nullable=False),
    Column("name", String(100), nullable=False),
    Column("position", Integer, nullable=False),
    Column("enabled", Boolean, nullable=False),
    Column("rule", JSON, nullable=False),  # field, test, severity
    Column("created_at", UtcTime, nullable=False),
    Column("updated_at", UtcTime, nullable=False),
    Index("ix_rules_user_id_position", "user_id", "position"),
)

upload_counters = Table(
    "upload_counters",
    metadata,
    # Usage by day and source, added up when an upload is finished; outlives the upload.
    Column("user_id", ForeignKey("users.id", ondelete="CASCADE"), primary_key=True),
    Column("day", String(10), primary_key=True),  # YYYY-MM-DD, UTC
    Column("source", String(10), primary_key=True),
    Column("outcome", String(20), primary_key=True),  # the upload's final status
    Column("uploads", BigInteger, nullable=False),
    Column("rows_received", BigInteger, nullable=False),
    Column("rows_accepted", BigInteger, nullable=False),
    Column("rows_rejected", BigInteger, nullable=False),
    Column("size_bytes", BigInteger, nullable=False),
    Column("seconds", BigInteger, nullable=False),  # from received to finished
)
