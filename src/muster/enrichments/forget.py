"""Count, and erase, what the cache of answers holds."""

from collections.abc import Sequence

from muster.accounts import audit
from muster.accounts.model import Principal
from muster.enrichments import cache, cache_store
from muster.enrichments.room import EnrichmentsRoom

_FOLD_SECONDS = 0.5
"""How long erasing waits to fold deleted rows out of the write-ahead log; whoever reads then keeps it a while."""


def count(room: EnrichmentsRoom, principal: Principal) -> dict[str, int]:
    """How many answers are kept for this user, by provider."""
    with room.db.read() as connection:
        return cache_store.count_by_provider(connection, principal.user_id)


def erase(room: EnrichmentsRoom, principal: Principal, values: Sequence[str] | None) -> int:
    """Erase every answer asked with, or containing, one of these values; None: every answer. Returns how many."""
    now = room.clock()
    with room.db.begin() as connection:
        if values is None:
            erased = cache_store.erase_all(connection, principal.user_id)
        else:
            erased = cache.erase(connection, room.seal, principal.user_id, values)
        audit.record(
            connection, principal, "enrichment.cache_erased", principal.user_id, {"answers": erased}, now
        )
    room.db.fold_log(_FOLD_SECONDS)
    return erased


def purge(room: EnrichmentsRoom) -> None:
    """Delete answers that are too old to be used, of all users."""
    with room.db.begin() as connection:
        cache_store.purge(connection, room.clock())
