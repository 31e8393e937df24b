"""What the tables room needs."""

from dataclasses import dataclass, field
from pathlib import Path

from muster.clock import Clock
from muster.db.database import Database
from muster.objects.store import ObjectStore
from muster.tables.cache import FileCache
from muster.tables.engine import EngineLimits
from muster.tables.model import Manifest
from muster.tables.recent import Recent


@dataclass(frozen=True, slots=True)
class TablesRoom:
    """db holds pointers and changes, objects the files; engine limits one connection of the table engine.

    cache: objects as local files, which is the only way the engine reads them.
    manifests: the ones read last; they never change, so they are never wrong.
    hot: where processes that read keep hot copies of tables (hot.py), None when none does.
    """

    db: Database
    objects: ObjectStore
    clock: Clock
    engine: EngineLimits
    cache: FileCache
    manifests: Recent[tuple[str, int], Manifest] = field(default_factory=lambda: Recent(64))
    hot: Path | None = None
