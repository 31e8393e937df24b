"""What the uploads room needs."""

from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from muster.clock import Clock
from muster.db.database import Database
from muster.objects.store import ObjectStore
from muster.tables.dependants import Dependants
from muster.tables.issue_groups import TableIssues
from muster.tables.recent import Recent
from muster.tables.room import TablesRoom
from muster.uploads.index_cache import IndexCache
from muster.uploads.issue_model import RejectGroups
from muster.web.idempotency import Idempotency


@dataclass(frozen=True, slots=True)
class UploadsRoom:
    """db and objects hold the metadata and the bytes; upload_token_life how long a session token opens one.

    max_file_bytes: of one uploaded file. file_life: how long an unfinished resumable one is kept.
    scratch: directory for files that live as long as a job's step. reject_groups, table_issues: the causes of
    what was looked at last, by the object of the rejects and by the version of the table; they never change.
    dependants: what other rooms make from uploads.
    """

    db: Database
    objects: ObjectStore
    clock: Clock
    idempotency: Idempotency
    tables: TablesRoom
    scratch: Path
    max_records: int
    upload_token_life: timedelta
    max_file_bytes: int = 10 * 1024**3
    file_life: timedelta = timedelta(hours=48)
    indexes: IndexCache = field(default_factory=IndexCache)
    reject_groups: Recent[str, RejectGroups] = field(default_factory=lambda: Recent(16))
    table_issues: Recent[tuple[str, int], TableIssues] = field(default_factory=lambda: Recent(64))
    dependants: tuple[Dependants, ...] = ()
