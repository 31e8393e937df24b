"""Tables of the metadata database: exports, their destinations, schedules and what they remember."""

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
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

export_connections = Table(
    "export_connections",
    metadata,
    # Settings of a destination kept under a name, for many exports; secrets are sealed (db/seal.py).
    Column("id", String(40), primary_key=True),
    Column("user_id", ForeignKey("users.id", ondelete="CASCADE"), nullable=False),
    Column("destination", String(60), nullable=False),
    Column("name", String(100), nullable=False),
    Column("settings", JSON, nullable=False),  # without secrets
    Column("sealed", LargeBinary),  # the secrets; null: there are none
    Column("created_at", UtcTime, nullable=False),
    Column("updated_at", UtcTime, nullable=False),
    UniqueConstraint("user_id", "name"),
)

export_schedules = Table(
    "export_schedules",
    metadata,
    # An export to be made again and again.
    Column("id", String(40), primary_key=True),
    Column("user_id", ForeignKey("users.id", ondelete="CASCADE"), nullable=False),
    Column("name", String(200), nullable=False),
    Column("segment_id", String(40), index=True),  # no foreign key: whoever deletes it asks us first
    Column("upload_id", String(60), index=True),
    Column("connection_id", String(40), index=True),
    Column("series", String(32), nullable=False),
    Column("definition", JSON, nullable=False),
    Column("every_minutes", Integer, nullable=False),
    Column("enabled", Boolean, nullable=False),
    Column("next_at", UtcTime, nullable=False),
    Column("last_export_id", String(40)),
    Column("last_error_code", String(60)),  # why the last run could not even begin
    Column("last_error", Text),
    Column("created_at", UtcTime, nullable=False),
    Column("updated_at", UtcTime, nullable=False),
    Index("ix_export_schedules_enabled_next_at", "enabled", "next_at"),
    Index("ix_export_schedules_user_id_created_at_id", "user_id", "created_at", "id"),
)

exports = Table(
    "exports",
    metadata,
    # One frozen set of rows on its way out. The rows and what became of each lie in the object store.
    Column("id", String(40), primary_key=True),
    Column("user_id", ForeignKey("users.id", ondelete="CASCADE"), nullable=False),
    Column("name", String(200), nullable=False),
    Column("status", String(20), nullable=False),
    Column("destination", String(60), nullable=False),
    Column("connection_id", String(40), index=True),  # no foreign key: an export outlives its connection
    Column("segment_id", String(40), index=True),
    Column("upload_id", String(60), index=True),
    Column("schedule_id", String(40), index=True),
    Column("parent_id", String(40)),  # the export whose failed rows this one tries again
    Column("series", String(32), nullable=False),  # exports alike: what "last" and dismissals go by
    Column("definition", JSON, nullable=False),  # as asked for, with guesses filled in
    Column("version", Integer),  # of the segment or table; null: not frozen yet
    Column("rows", BigInteger),  # in the frozen set; null: not counted yet
    Column("counts", JSON, nullable=False),  # written, failed, left out by reason, and where rows are told of
    Column("file", JSON(none_as_null=True)),  # name, size, [[object key, bytes], ...] in order
    Column("expires_at", UtcTime, index=True),  # when the file goes; null: there is none
    Column("job_id", String(40), nullable=False),  # no key: jobs are forgotten sooner
    Column("reason_code", String(60)),
    Column("reason", Text),
    Column("created_at", UtcTime, nullable=False),
    Column("started_at", UtcTime),
    Column("updated_at", UtcTime, nullable=False),
    Column("finished_at", UtcTime),
    Index("ix_exports_user_id_created_at_id", "user_id", "created_at", "id"),
    Index("ix_exports_user_id_series", "user_id", "series"),
)

export_uploads = Table(
    "export_uploads",
    metadata,
    # The uploads whose rows an export holds; how deleting one finds it.
    Column("export_id", ForeignKey("exports.id", ondelete="CASCADE"), primary_key=True),
    Column("upload_id", String(60), primary_key=True, index=True),
)

export_states = Table(
    "export_states",
    metadata,
    # What the destination of a series has: the file the next export since the last one compares with.
    Column("user_id", ForeignKey("users.id", ondelete="CASCADE"), primary_key=True),
    Column("series", String(32), primary_key=True),
    Column("object_key", String(200), nullable=False),
    Column("rows", BigInteger, nullable=False),
    Column("export_id", String(40), nullable=False),
    Column("updated_at", UtcTime, nullable=False),
)

export_dismissals = Table(
    "export_dismissals",
    metadata,
    # Rows that are not to be sent again in a series, by keyed hash of all they say.
    Column("user_id", ForeignKey("users.id", ondelete="CASCADE"), primary_key=True),
    Column("series", String(32), primary_key=True),
    Column("digest", String(32), primary_key=True),
    Column("export_id", String(40), nullable=False),
    Column("at", UtcTime, nullable=False),
)

suppressions = Table(
    "suppressions",
    metadata,
    # People who must not leave, by keyed hash: the list cannot be read back.
    Column("id", String(40), primary_key=True),
    Column("user_id", ForeignKey("users.id", ondelete="CASCADE"), nullable=False),
    Column("kind", String(10), nullable=False),  # email | phone | domain
    Column("digest", String(32), nullable=False),
    Column("reason", String(300)),
    Column("source", String(20), nullable=False),  # api | erasure | ...
    Column("created_at", UtcTime, nullable=False),
    UniqueConstraint("user_id", "kind", "digest"),
    Index("ix_suppressions_user_id_created_at_id", "user_id", "created_at", "id"),
)
