"""What connections need of their room; the room of enrichment has all of it."""

from collections.abc import Mapping
from typing import Protocol

from muster.clock import Clock
from muster.db.database import Database
from muster.db.seal import Seal
from muster.enrichments.provider import Provider
from muster.web.idempotency import Idempotency


class ConnectionsRoom(Protocol):
    """See `room.EnrichmentsRoom`."""

    @property
    def db(self) -> Database: ...

    @property
    def clock(self) -> Clock: ...

    @property
    def idempotency(self) -> Idempotency: ...

    @property
    def seal(self) -> Seal: ...

    @property
    def providers(self) -> Mapping[str, Provider]: ...

    @property
    def allow_network(self) -> bool: ...

    @property
    def allow_private_addresses(self) -> bool: ...
