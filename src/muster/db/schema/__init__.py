"""MAP: every table of the metadata database, on SQLite and PostgreSQL alike; a file for each room.

Times are stored as fixed-width UTC text, so they sort and compare the same on both databases. JSON columns
hold small values only (names of fields, scopes); audience records never enter this database.
"""

from muster.db.schema.accounts import (
    api_keys,
    audit_log,
    idempotency_keys,
    instance,
    request_log,
    sessions,
    sign_in_links,
    users,
)
from muster.db.schema.base import UtcTime, metadata
from muster.db.schema.enrichments import (
    enrichment_answer_values,
    enrichment_answers,
    enrichment_connections,
    enrichment_runs,
)
from muster.db.schema.exports import (
    export_connections,
    export_dismissals,
    export_schedules,
    export_states,
    export_uploads,
    exports,
    suppressions,
)
from muster.db.schema.jobs import job_events, job_executors, job_schedules, jobs
from muster.db.schema.segments import (
    identity_match_sources,
    identity_matches,
    segment_sources,
    segment_version_sources,
    segment_versions,
    segments,
)
from muster.db.schema.tables import table_changes, tables
from muster.db.schema.uploads import mappings, rules, upload_counters, upload_files, upload_tokens, uploads

__all__ = [
    "UtcTime",
    "api_keys",
    "audit_log",
    "enrichment_answer_values",
    "enrichment_answers",
    "enrichment_connections",
    "enrichment_runs",
    "export_connections",
    "export_dismissals",
    "export_schedules",
    "export_states",
    "export_uploads",
    "exports",
    "idempotency_keys",
    "identity_match_sources",
    "identity_matches",
    "instance",
    "job_events",
    "job_executors",
    "job_schedules",
    "jobs",
    "mappings",
    "metadata",
    "request_log",
    "rules",
    "segment_sources",
    "segment_version_sources",
    "segment_versions",
    "segments",
    "sessions",
    "sign_in_links",
    "suppressions",
    "table_changes",
    "tables",
    "upload_counters",
    "upload_files",
    "upload_tokens",
    "uploads",
    "users",
]
