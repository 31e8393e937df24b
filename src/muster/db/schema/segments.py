"""Tables of the metadata database: segments, their versions and identity matches."""

from sqlalchemy import (
    JSON,
    BigInteger,
    Column,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    String,
    Table,
    Text,
    UniqueConstraint,
)

from muster.db.schema.base import UtcTime, metadata

segments = Table(
    "segments",
    metadata,
    # A named choice of rows. Which rows they are lies in the object store (segments/members.py).
    Column("id", String(40), primary_key=True),
    Column("user_id", ForeignKey("users.id", ondelete="CASCADE"), nullable=False),
    Column("name", String(200), nullable=False),
    Column("description", Text, nullable=False),
    Column("tags", JSON, nullable=False),
    Column("kind", String(10), nullable=False),  # live | snapshot
    Column("status", String(12), nullable=False),  # ready | computing | failed
    Column("reason_code", String(60)),
    Column("reason", Text),
    Column("definition", JSON, nullable=False),  # the filter, and how duplicates are joined
    Column("manual_key", String(200)),  # the object with what was added and left out by hand
    Column("included", Integer, nullable=False),
    Column("excluded", Integer, nullable=False),
    Column("revision", Integer, nullable=False),  # of what decides who is a member
    Column("version", Integer),  # the newest one; null: never counted
    Column("members", BigInteger),
    Column("candidates", BigInteger),  # rows, or groups of rows, to choose from
    Column("joined", BigInteger),
    Column("departed", BigInteger),
    Column("counted_at", UtcTime),
    Column("job_id", String(40)),  # the newest job that counts; no key: jobs are forgotten sooner
    Column("created_at", UtcTime, nullable=False),
    Column("updated_at", UtcTime, nullable=False),
    UniqueConstraint("user_id", "name"),
    Index("ix_segments_user_id_updated_at_id", "user_id", "updated_at", "id"),
)

segment_sources = Table(
    "segment_sources",
    metadata,
    # The uploads a segment is made from now. No cascade: an upload goes only after its segments.
    Column("segment_id", ForeignKey("segments.id", ondelete="CASCADE"), primary_key=True),
    Column("position", Integer, primary_key=True),
    Column("upload_id", ForeignKey("uploads.id"), nullable=False, index=True),
)

segment_versions = Table(
    "segment_versions",
    metadata,
    # One count of a segment. The row stays for the history; its files go after a hundred more.
    Column("segment_id", ForeignKey("segments.id", ondelete="CASCADE"), primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("revision", Integer, nullable=False),
    Column("cause", String(12), nullable=False),  # created | changed | tables | members | refreshed
    Column("at", UtcTime, nullable=False),
    Column("members", BigInteger, nullable=False),
    Column("candidates", BigInteger, nullable=False),
    Column("joined", BigInteger, nullable=False),
    Column("departed", BigInteger, nullable=False),
    Column("made_by", String(40)),  # names its files; null: they are gone
    Column("definition", JSON, nullable=False),  # what it was counted by
)

segment_version_sources = Table(
    "segment_version_sources",
    metadata,
    # Which version of which table a count looked at; these versions of tables are kept.
    Column("segment_id", String(40), primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("position", Integer, primary_key=True),
    Column("upload_id", ForeignKey("uploads.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("table_version", Integer, nullable=False),
    Column("members", BigInteger, nullable=False),
    ForeignKeyConstraint(
        ["segment_id", "number"],
        ["segment_versions.segment_id", "segment_versions.number"],
        name="fk_segment_version_sources_segment_versions",
        ondelete="CASCADE",
    ),
)

identity_matches = Table(
    "identity_matches",
    metadata,
    # A probable match of rows; pairs and clusters lie in the object store.
    Column("id", String(40), primary_key=True),
    Column("user_id", ForeignKey("users.id", ondelete="CASCADE"), nullable=False),
    Column("status", String(12), nullable=False),  # computing | ready | failed
    Column("reason_code", String(60)),
    Column("reason", Text),
    Column("wish", JSON, nullable=False),  # columns to compare, the threshold
    Column("facts", JSON(none_as_null=True)),  # counts, measured precision and recall, weights
    Column("labels_key", String(200)),
    Column("decisions_key", String(200)),
    Column("made_by", String(40)),  # names its files
    Column("job_id", String(40)),
    Column("created_at", UtcTime, nullable=False),
    Column("updated_at", UtcTime, nullable=False),
    Index("ix_identity_matches_user_id_created_at_id", "user_id", "created_at", "id"),
)

identity_match_sources = Table(
    "identity_match_sources",
    metadata,
    Column("match_id", ForeignKey("identity_matches.id", ondelete="CASCADE"), primary_key=True),
    Column("position", Integer, primary_key=True),
    Column("upload_id", ForeignKey("uploads.id"), nullable=False, index=True),
    Column("table_version", Integer, nullable=False),
)
