"""Tables of the metadata database: users, keys, sessions, links, and what was asked and done."""

from sqlalchemy import (
    JSON,
    BigInteger,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    UniqueConstraint,
)

from muster.db.schema.base import UtcTime, metadata

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
