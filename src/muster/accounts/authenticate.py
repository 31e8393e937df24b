"""From the text of a Bearer token to the Principal behind it: API key, upload token or issuer's JWT."""

import hmac

from muster.accounts import upload_tokens, users
from muster.accounts.model import Principal, scopes_of
from muster.accounts.room import AccountsRoom
from muster.accounts.store import Directory, Owned
from muster.errors import NotSignedIn
from muster.ids import KeyId, is_upload_token, secret_hash, split_api_key

_MAX_TOKEN_CHARACTERS = 16 * 1024


def authenticate(room: AccountsRoom, token: str, address: str | None = None) -> Principal:
    """Who shows this token; raises NotSignedIn for one that is unknown, expired, revoked or of a disabled user.

    address: where the request comes from, noted beside a key's last use.
    A JWT may also raise Forbidden (its bearer cannot have an account here) and Unavailable (issuer down).
    """
    key = split_api_key(token)
    if key is not None:
        return _by_key(room, *key, address)
    if is_upload_token(token):
        return upload_tokens.find(room, token)
    if room.oidc is not None and token.count(".") == 2 and len(token) <= _MAX_TOKEN_CHARACTERS:
        identity = room.oidc.verify(token)
        user = users.from_outside(room, identity)
        if user.disabled_at is not None:
            raise _unknown_token()
        scopes = scopes_of(user.role)
        return Principal(user.id, scopes & identity.scopes if identity.scopes else scopes, "oidc")
    raise _unknown_token()


def _by_key(room: AccountsRoom, key_id: KeyId, secret: str, address: str | None) -> Principal:
    now = room.clock()
    with room.db.read() as connection:
        found = Directory(connection).key(key_id)
    if found is None:
        raise _unknown_token()
    key, stored_hash, user = found
    is_right = hmac.compare_digest(stored_hash, secret_hash(secret))
    if not is_right or not key.is_usable(now) or user.disabled_at is not None:
        raise _unknown_token()

    def write() -> None:
        with room.db.begin() as connection:
            Owned(connection, user.id).touch_key(key_id, now, address)

    room.last_use.note(f"key:{key_id}", key.last_used_at, now, write)
    # The role is asked again: a key of an owner who became a member loses `admin`.
    return Principal(user.id, key.scopes & scopes_of(user.role), f"key:{key_id}", key_id=key_id)


def _unknown_token() -> NotSignedIn:
    return NotSignedIn("This token is unknown, expired or revoked. Use another API key or sign in again.")
