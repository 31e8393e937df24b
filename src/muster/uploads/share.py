"""Links that open one upload read-only for a day, and taking them all back."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from muster.accounts import audit, upload_tokens
from muster.accounts.model import Principal
from muster.db.database import Connection
from muster.errors import Conflict
from muster.uploads.room import UploadsRoom
from muster.uploads.store import UploadStore

MAX_LINKS = 100
"""Of one upload at a time."""


@dataclass(frozen=True, slots=True)
class Link:
    """A fresh session token; only its hash is stored, so it is shown this once."""

    token: str
    expires_at: datetime


def share(
    room: UploadsRoom,
    principal: Principal,
    upload_id: str,
    also: Callable[[Connection, Link], None] = lambda _connection, _link: None,
) -> Link:
    """A new link to an upload of one's own. also: what else belongs into the transaction.

    Raises NotFound, Forbidden, Conflict (`too_many_links`)."""
    now = room.clock()
    with room.db.begin() as connection:
        store = UploadStore(connection, principal)
        upload = store.get(upload_id)
        if len(store.links(upload_id, now)) >= MAX_LINKS:
            raise Conflict(
                f"This upload has {MAX_LINKS} links already. Revoke them, or use one of them.",
                code="too_many_links",
            )
        token = upload_tokens.issue(connection, upload.id, now, room.upload_token_life)
        audit.record(connection, principal, "upload.shared", upload.id, {}, now)
        link = Link(token, now + room.upload_token_life)
        also(connection, link)
    return link


def links(room: UploadsRoom, principal: Principal, upload_id: str) -> Sequence[datetime]:
    """When each living link of an upload ends, the last one first."""
    with room.db.read() as connection:
        store = UploadStore(connection, principal)
        store.get(upload_id)
        return store.links(upload_id, room.clock())


def unshare(room: UploadsRoom, principal: Principal, upload_id: str) -> int:
    """End every link of an upload at once, the one of its receipt included; returns how many there were."""
    now = room.clock()
    with room.db.begin() as connection:
        store = UploadStore(connection, principal)
        upload = store.get(upload_id)
        revoked = store.end_links(upload_id)
        audit.record(connection, principal, "upload.links_revoked", upload.id, {"links": revoked}, now)
    return revoked
