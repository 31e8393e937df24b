"""The link of an upload (`/open#sess_...`), opened in a browser: which cookie remembers it.

Studio reads the token from the fragment, which browsers send to no server, and exchanges it for a cookie.
The cookie has a name of its own, so that opening a link never replaces the session of somebody signed in
(`guard.by_cookies` says which of the two counts). Its value is the token itself: it opens exactly what
its bearer could open before, ends at the same moment, is forgotten with its upload, and leaves nothing more
to store; `HttpOnly` keeps it from scripts, which a token in a page's memory is not. One link is open at a
time: the one opened last.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from muster.accounts import upload_tokens
from muster.accounts.room import AccountsRoom
from muster.errors import NotSignedIn
from muster.ids import UploadId, is_upload_token

SECURE_COOKIE = "__Host-muster_link"
LOOPBACK_COOKIE = "muster_link"
"""As for sessions: `__Host-` demands Secure, which browsers do not all keep on plain http."""


@dataclass(frozen=True, slots=True)
class OpenedLink:
    """What a link opens and until when. life: how long from now; what the cookie is given."""

    upload_id: UploadId
    expires_at: datetime
    life: timedelta
    token: str = field(repr=False)


def cookie_name(room: AccountsRoom) -> str:
    return SECURE_COOKIE if room.secure_cookies else LOOPBACK_COOKIE


def open_link(room: AccountsRoom, token: str) -> OpenedLink:
    """Check an upload's session token; raises NotSignedIn (`link_refused`) when it opens nothing (any more)."""
    if not is_upload_token(token):
        raise NotSignedIn("This is not the link of an upload. Copy the whole link.", code="link_refused")
    upload_id, expires_at = upload_tokens.opens(room, token)
    return OpenedLink(upload_id, expires_at, expires_at - room.clock(), token)
