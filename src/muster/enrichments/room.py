"""What the enrichments room needs."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from muster.clock import Clock
from muster.db.database import Database
from muster.db.seal import Seal
from muster.enrichments.pool import Processes
from muster.enrichments.provider import Provider
from muster.enrichments.providers import all_providers
from muster.tables.reading import ReadingRoom
from muster.web.idempotency import Idempotency


@dataclass(frozen=True, slots=True)
class EnrichmentsRoom:
    """reading: tables, and what reads them fast. seal: for secrets and for what the cache keeps.

    allow_network: providers may call others at all. allow_private_addresses: also in the own network.
    estimate_life: how long an estimate may ask providers for its sample. providers: by id.
    processes: started when needed.
    """

    db: Database
    clock: Clock
    idempotency: Idempotency
    reading: ReadingRoom
    seal: Seal
    allow_network: bool = True
    allow_private_addresses: bool = False
    estimate_life: timedelta = timedelta(seconds=20)
    providers: Mapping[str, Provider] = field(default_factory=all_providers)
    processes: Processes = field(default_factory=Processes)

    def close(self) -> None:
        self.processes.close()
