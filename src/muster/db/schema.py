"""MAP: every table of the metadata database, on SQLite and PostgreSQL alike.

Times are stored as fixed-width UTC text, so they sort and compare the same on both databases. JSON columns
hold small values only (names of fields, scopes); audience records never enter this database.
"""

from datetime import UTC, datetime

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Dialect,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
)

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)


class UtcTime(TypeDecorator[datetime]):
    """Aware datetimes in, aware UTC datetimes out; `YYYY-MM-DDTHH:MM:SS.ffffffZ` in between."""

    impl = String(27)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> str | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a time without a zone cannot be stored")
        return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")

    def process_result_value(self, value: str | None, dialect: Dialect) -> datetime | None:
        return None if value is None else datetime.fromisoformat(value)


instance = Table(
    "instance",
    metadata,
    Column("id", String(32), primary_key=True),  # one row, made by the first migration
)

users = Table(
    "users",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("email", String(320), nullable=False),  # as given; for showing
    Column("email_key", String(320), nullable=False, unique=True),  # case-folded; for finding
    Column("password_hash", String(200)),  # Argon2id; null: cannot sign in by password
    Column("role", String(10), nullable=False),  # owner | member
    Column("oidc_issuer", String(500)),
    Column("oidc_subject", String(300)),
    Column("created_at", UtcTime, nullable=False),
    Column("disabled_at", UtcTime),
    UniqueConstraint("oidc_issuer", "oidc_subject"),
)

api_keys = Table(
    "api_keys",
    metadata,
    Column("id", String(8), primary_key=True),  # the public part of the key
    Column("user_id", ForeignKey("users.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("name", String(100), nullable=False),
    Column("secret_hash", String(64), nullable=False),  # SHA-256 of the secret part
    Column("scopes", JSON, nullable=False),
    Column("row_quota", BigInteger),  # records this key may send in all; null: no limit
    Column("rows_used", BigInteger, nullable=False, default=0),
    Column("created_at", UtcTime, nullable=False),
    Column("expires_at", UtcTime),
    Column("revoked_at", UtcTime),
    Column("last_used_at", UtcTime),  # to the minute
    Column("last_used_address", String(45)),  # where that use came from
)

sessions = Table(
    "sessions",
    metadata,
    Column("token_hash", String(64), primary_key=True),
    Column("user_id", ForeignKey("users.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("created_at", UtcTime, nullable=False),
    Column("last_seen_at", UtcTime, nullable=False),  # to the minute
    Column("expires_at", UtcTime, nullable=False),
    Column("id", String(40), nullable=False, unique=True),  # for naming it; not the secret
    Column("address", String(45)),  # where the sign-in came from
    Column("client", String(60)),  # the browser in words; null: began before they were noted
)

sign_in_links = Table(
    "sign_in_links",
    metadata,
    Column("token_hash", String(64), primary_key=True),
    Column("user_id", ForeignKey("users.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("expires_at", UtcTime, nullable=False),
    Column("used_at", UtcTime),
)

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

idempotency_keys = Table(
    "idempotency_keys",
    metadata,
    Column("user_id", ForeignKey("users.id", ondelete="CASCADE"), primary_key=True),
    Column("key", String(255), primary_key=True),  # SHA-256 of the key as sent
    Column("request_hash", String(64), nullable=False),  # SHA-256 of method, path, query, decoded body
    Column("claimed_at", UtcTime, nullable=False, index=True),
    Column("status", Integer),  # null: the first request is still running
    Column("body", LargeBinary),  # sealed, see web/idempotency.py
)

jobs = Table(
    "jobs",
    metadata,
    # Enqueued by inserting a row in the caller's transaction; a worker picks it up from here.
    Column("id", String(40), primary_key=True),
    Column("kind", String(40), nullable=False),
    Column("user_id", ForeignKey("users.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("subject", String(80), nullable=False),  # the id of what it works on
    Column("payload", JSON, nullable=False),  # ids and counts only, never personal data
    Column("state", String(12), nullable=False),
    Column("wanted", String(12)),  # cancel | pause, asked for and not yet done
    Column("reason_code", String(60)),
    Column("reason", Text),
    Column("phase", String(40), nullable=False),
    Column("unit", String(10), nullable=False),  # bytes | rows
    Column("done", BigInteger, nullable=False),
    Column("total", BigInteger),
    Column("rows_accepted", BigInteger, nullable=False),
    Column("rows_rejected", BigInteger, nullable=False),
    Column("dispatched", Integer, nullable=False),  # times it was handed to the engine
    Column("created_at", UtcTime, nullable=False),
    Column("started_at", UtcTime),
    Column("updated_at", UtcTime, nullable=False),
    Column("finished_at", UtcTime),
    Index("ix_jobs_state_created_at", "state", "created_at"),
    Index("ix_jobs_subject_created_at", "subject", "created_at"),
)

job_events = Table(
    "job_events",
    metadata,
    # What event streams replay; numbered per subject.
    Column("subject", String(80), primary_key=True),
    Column("number", BigInteger, primary_key=True),
    Column("at", UtcTime, nullable=False, index=True),
    Column("kind", String(12), nullable=False),  # progress | state | done
    Column("data", JSON, nullable=False),
)

job_executors = Table(
    "job_executors",
    metadata,
    Column("id", String(80), primary_key=True),  # one per worker process and start
    Column("seen_at", UtcTime, nullable=False),
)

job_schedules = Table(
    "job_schedules",
    metadata,
    # When recurring work is next due; whoever moves the time on does the work.
    Column("name", String(80), primary_key=True),
    Column("due_at", UtcTime, nullable=False),
)

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

request_log = Table(
    "request_log",
    metadata,
    # Recent requests of signed-in callers, for themselves; trimmed by age and by number.
    Column("id", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True),
    Column("at", UtcTime, nullable=False, index=True),
    Column("user_id", ForeignKey("users.id", ondelete="CASCADE"), nullable=False),
    Column("via", String(10), nullable=False),  # key | session | oidc | link
    Column("key_id", String(8)),  # no foreign key: revoked keys stay anyway
    Column("method", String(10), nullable=False),
    Column("route", String(200), nullable=False),  # the path's pattern
    Column("path", String(300), nullable=False),  # the pattern with its ids filled in
    Column("query_names", JSON, nullable=False),  # names only, never values
    Column("status", Integer, nullable=False),
    Column("micros", BigInteger, nullable=False),
    Column("request_id", String(128), nullable=False),
    Column("bytes_in", BigInteger, nullable=False),
    Column("bytes_out", BigInteger, nullable=False),
    Column("error_code", String(60)),
    Column("client", String(60)),  # the program's name, or the browser in words
    Index("ix_request_log_user_id_at_id", "user_id", "at", "id"),
)

audit_log = Table(
    "audit_log",
    metadata,
    # BIGINT would not autoincrement on SQLite, where an INTEGER primary key has 64 bits anyway.
    Column("id", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True),
    Column("at", UtcTime, nullable=False),
    Column("user_id", String(40), nullable=False, index=True),  # no foreign key: outlives the user
    Column("actor", String(60), nullable=False),  # key:<id> | session | oidc | link | cli
    Column("action", String(60), nullable=False),
    Column("subject", String(80), nullable=False),
    Column("details", JSON, nullable=False),
)
