"""Session tokens of uploads: open one upload, read-only, without an API key."""

from datetime import datetime, timedelta

from muster.accounts.model import Principal, Scope
from muster.accounts.room import AccountsRoom
from muster.accounts.store import Directory
from muster.db.database import Connection
from muster.errors import NotSignedIn
from muster.ids import UploadId, new_upload_token, secret_hash


def issue(connection: Connection, upload_id: UploadId, now: datetime, life: timedelta) -> str:
    """A new token for an upload that is written in the same transaction; only its hash is stored."""
    token = new_upload_token(now)
    Directory(connection).add_upload_token(secret_hash(token), upload_id, now + life)
    return token


def find(room: AccountsRoom, token: str) -> Principal:
    """The owner of the token's upload, limited to reading that upload; raises NotSignedIn."""
    with room.db.read() as connection:
        found = Directory(connection).upload_token(secret_hash(token), room.clock())
    if found is None:
        raise NotSignedIn("This session token is unknown or expired. Use an API key.")
    upload_id, user_id, _ = found
    return Principal(user_id, frozenset({Scope.UPLOADS_READ}), "link", only_upload=upload_id)


def opens(room: AccountsRoom, token: str) -> tuple[UploadId, datetime]:
    """The upload a token opens and until when; raises NotSignedIn."""
    with room.db.read() as connection:
        found = Directory(connection).upload_token(secret_hash(token), room.clock())
    if found is None:
        raise NotSignedIn(
            "This link is unknown or has expired, or its upload was deleted. Ask for a new one.",
            code="link_refused",
        )
    return found[0], found[2]
