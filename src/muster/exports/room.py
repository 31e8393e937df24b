"""What the exports room needs."""

from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from muster.clock import Clock
from muster.db.database import Database
from muster.db.seal import Seal
from muster.objects.store import ObjectStore
from muster.segments.room import SegmentsRoom
from muster.tables.reading import ReadingRoom
from muster.uploads.room import UploadsRoom
from muster.web.idempotency import Idempotency


@dataclass(frozen=True, slots=True)
class ExportsRoom:
    """uploads, segments: where rows come from. seal: for secrets of connections and for keyed hashes.

    file_life: how long finished files are kept. export_dir, export_buckets: the one directory of this machine, and the
    buckets or folders in them, that files may be put to. allow_private_addresses: destinations may call addresses of the
    own network.
    """

    db: Database
    objects: ObjectStore
    clock: Clock
    idempotency: Idempotency
    reading: ReadingRoom
    uploads: UploadsRoom
    segments: SegmentsRoom
    seal: Seal
    file_life: timedelta = timedelta(days=7)
    export_dir: Path | None = None
    export_buckets: tuple[str, ...] = ()
    allow_private_addresses: bool = False
