"""What the rules room needs."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pyarrow as pa

from muster.accounts.model import Principal
from muster.clock import Clock
from muster.db.database import Database
from muster.tables.engine import EngineLimits
from muster.web.idempotency import Idempotency

OpenUpload = Callable[[Principal, str], Iterator[pa.Table]]
"""The text columns (large_string) of an upload in its order, in pieces, under the names rules use.

Raises NotFound for an id nobody has, Forbidden (`upload_not_yours`) for another user's, Conflict for an
upload whose bytes are not there yet.
"""


@dataclass(frozen=True, slots=True)
class RulesRoom:
    """open_upload reads what an upload holds, for trying rules on it; the room of uploads knows how.

    engine: limits of the table engine, which finds repeated values in an upload. max_try_seconds: how long trying rules on an upload may take before it stops and says how far it came.
    """

    db: Database
    clock: Clock
    idempotency: Idempotency
    open_upload: OpenUpload
    engine: EngineLimits
    max_try_seconds: float = 20.0
