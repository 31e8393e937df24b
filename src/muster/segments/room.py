"""What the segments room needs."""

from dataclasses import dataclass, field

from muster.clock import Clock
from muster.db.database import Database
from muster.objects.store import ObjectStore
from muster.segments.groups import Groups
from muster.segments.kept import KeptTable
from muster.segments.manual import Manual
from muster.segments.running import RunningPreviews
from muster.tables.dependants import Dependants
from muster.tables.reading import ReadingRoom
from muster.tables.recent import Recent
from muster.tables.vectors import VectorCache
from muster.web.idempotency import Idempotency

MAX_GROUP_BYTES = 256 * 1024**2
MAX_TABLE_BYTES = 256 * 1024**2


@dataclass(frozen=True, slots=True)
class SegmentsRoom:
    """reading: tables, and what reads them fast. dependants: what other rooms make from segments.

    inline_rows: rows that are counted while somebody waits; more are counted by a job. groups, tables, manual:
    what was worked out lately, by the versions and objects it follows from. previews: those that run now.
    """

    db: Database
    objects: ObjectStore
    clock: Clock
    idempotency: Idempotency
    reading: ReadingRoom
    dependants: tuple[Dependants, ...] = ()
    inline_rows: int = 2_000_000
    groups: VectorCache[Groups] = field(default_factory=lambda: VectorCache(MAX_GROUP_BYTES))
    tables: VectorCache[KeptTable] = field(default_factory=lambda: VectorCache(MAX_TABLE_BYTES))
    manual: Recent[str, Manual] = field(default_factory=lambda: Recent(32))
    previews: RunningPreviews = field(default_factory=RunningPreviews)

    def close(self) -> None:
        self.groups.close()
        self.tables.close()
