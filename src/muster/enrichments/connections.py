"""Keep, show, change and delete connections: addresses and keys of services, under names.

Secrets go in and never come out: they are sealed for the one connection they belong to, and read only to call its
service. Whoever moves a connection to another service has to give its secrets anew, so that nobody can have them
sent to an address of their own.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final, Protocol, runtime_checkable

from muster.accounts import audit
from muster.accounts.model import Principal
from muster.db.database import Connection
from muster.db.sealed_settings import apart, open_secrets, seal_secrets, together
from muster.enrichments.connection_model import ListedConnection, StoredConnection
from muster.enrichments.connection_requests import ConnectionChange, NewConnection
from muster.enrichments.connection_room import ConnectionsRoom
from muster.enrichments.connection_store import ConnectionStore
from muster.enrichments.provider import Provider, Settings
from muster.enrichments.provider_settings import ALLOW_PRIVATE, parse_settings
from muster.enrichments.store import uses_connection
from muster.errors import Conflict, InputError, Issue, MusterError
from muster.ids import UserId, new_connection_id

MAX_CONNECTIONS: Final = 100

Also = Callable[[Connection, ListedConnection], None]


@runtime_checkable
class SecretsForSomebody(Protocol):
    """Settings whose secrets are shown to one service: they stay only as long as it is the same."""

    def secrets_are_for(self) -> str:
        """Whom, such as scheme, host and port."""
        ...


def load(
    room: ConnectionsRoom, connection: Connection, user_id: UserId, connection_id: str
) -> tuple[str, Settings]:
    """The id of its provider and its settings, secrets among them, in the caller's transaction.

    Raises NotFound, Forbidden, Conflict (`connection_outdated`, `connection_secrets_lost`).
    """
    stored = ConnectionStore(connection, user_id).get(connection_id)
    provider = room.providers.get(stored.provider)
    if provider is None:
        raise _unusable(f"Its provider `{stored.provider}` is not installed any more.")
    secrets = open_secrets(room.seal, stored.sealed, _context(stored.id))
    if secrets is None:
        raise Conflict(
            f"The secrets of the connection `{stored.name}` cannot be read: the server has another key now. Give them "
            "anew by changing the connection.",
            code="connection_secrets_lost",
        )
    whole, _ = together(stored.settings, secrets)
    try:
        return stored.provider, parse_settings(provider, whole, pointer="/settings")
    except InputError as error:
        raise _unusable("Its provider takes other settings now.") from error


def list_connections(room: ConnectionsRoom, principal: Principal) -> Sequence[ListedConnection]:
    """All of the user's, by name."""
    with room.db.read() as connection:
        found = ConnectionStore(connection, principal.user_id).list()
    return [_listed(room, stored) for stored in found]


def get(room: ConnectionsRoom, principal: Principal, connection_id: str) -> ListedConnection:
    """Raises NotFound, Forbidden."""
    with room.db.read() as connection:
        return _listed(room, ConnectionStore(connection, principal.user_id).get(connection_id))


def create(
    room: ConnectionsRoom,
    principal: Principal,
    new: NewConnection,
    also: Also = lambda _connection, _made: None,
) -> ListedConnection:
    """Keep a connection. also: what else belongs into the transaction.

    Raises InputError (`provider_unknown`, `connection_not_needed`, `settings_invalid`), Conflict
    (`connection_name_taken`, `connections_too_many`).
    """
    provider = _provider(room, new.provider)
    settings = _new_settings(room, provider, new.settings)
    shown, secrets = apart(settings)
    now, connection_id = room.clock(), new_connection_id()
    sealed = seal_secrets(room.seal, secrets, _context(connection_id))
    made = StoredConnection(connection_id, new.provider, new.name, shown, sealed, now, now)
    listed = ListedConnection(made, provider.terms(settings))
    with room.db.begin() as connection:
        store = ConnectionStore(connection, principal.user_id)
        store.lock()
        if len(store.list()) >= MAX_CONNECTIONS:
            raise Conflict(
                f"You have {MAX_CONNECTIONS} connections, as many as one user may have. Delete one first.",
                code="connections_too_many",
            )
        _refuse_name(store, new.name)
        store.add(made)
        audit.record(connection, principal, "connection.created", made.id, {"provider": made.provider}, now)
        also(connection, listed)
    return listed


def change(
    room: ConnectionsRoom, principal: Principal, connection_id: str, wanted: ConnectionChange
) -> ListedConnection:
    """Give it another name, other settings, or both. Given settings replace all; a secret that is null stays.

    Raises NotFound, Forbidden, InputError (`settings_invalid`), Conflict (`connection_name_taken`,
    `connection_outdated`).
    """
    now = room.clock()
    with room.db.begin() as connection:
        store = ConnectionStore(connection, principal.user_id)
        store.lock()
        stored = store.get(connection_id)
        changed = stored
        if wanted.name is not None and wanted.name != stored.name:
            _refuse_name(store, wanted.name, other_than=connection_id)
            changed = replace(changed, name=wanted.name)
        if wanted.settings is not None:
            shown, sealed = _changed_settings(room, stored, wanted.settings)
            changed = replace(changed, settings=shown, sealed=sealed)
        if changed == stored:
            return _listed(room, stored)
        changed = replace(changed, updated_at=now)
        store.change(changed)
        audit.record(connection, principal, "connection.changed", connection_id, {}, now)
    return _listed(room, changed)


def delete(room: ConnectionsRoom, principal: Principal, connection_id: str) -> None:
    """What its service answered stays in the cache. Raises NotFound, Forbidden, Conflict (`connection_in_use`)."""
    with room.db.begin() as connection:
        store = ConnectionStore(connection, principal.user_id)
        store.get(connection_id)
        if uses_connection(connection, principal.user_id, connection_id):
            raise Conflict(
                "A run is asking by this connection. Wait for it, or cancel it first.",
                code="connection_in_use",
            )
        store.remove(connection_id)
        audit.record(connection, principal, "connection.deleted", connection_id, {}, room.clock())


def _listed(room: ConnectionsRoom, stored: StoredConnection) -> ListedConnection:
    """With its terms, where its settings can still be read."""
    provider = room.providers.get(stored.provider)
    if provider is None:
        return ListedConnection(stored, None)
    secrets = open_secrets(room.seal, stored.sealed, _context(stored.id))
    whole, _ = together(stored.settings, secrets or {})
    try:
        return ListedConnection(stored, provider.terms(parse_settings(provider, whole, pointer="")))
    except MusterError:
        return ListedConnection(stored, None)


def _changed_settings(
    room: ConnectionsRoom, stored: StoredConnection, sent: Mapping[str, Any]
) -> tuple[dict[str, Any], bytes | None]:
    """What is kept of new settings. Raises InputError, Conflict."""
    provider = room.providers.get(stored.provider)
    if provider is None:
        raise _unusable(f"Its provider `{stored.provider}` is not installed any more.")
    kept = open_secrets(room.seal, stored.sealed, _context(stored.id)) or {}
    whole, used = together(sent, kept)
    settings = _new_settings(room, provider, whole)
    shown, secrets = apart(settings)
    moved = used and _whom(provider, stored, kept) != _whom_for(settings)
    wrong = used if moved else used - secrets.keys()
    if wrong:
        sentence = "Give this secret anew: the kept one was for another service or another place."
        raise InputError(
            "Kept secrets stay only with the service and in the place they were given for; `errors` names them.",
            code="settings_invalid",
            issues=[
                Issue(None, pointer.rpartition("/")[2], f"/settings{pointer}", "settings_invalid", sentence)
                for pointer in sorted(wrong)
            ],
        )
    if shown == stored.settings and secrets == kept:
        return dict(stored.settings), stored.sealed
    return shown, seal_secrets(room.seal, secrets, _context(stored.id))


def _whom(provider: Provider, stored: StoredConnection, kept: Mapping[str, str]) -> str | None:
    """Whom the kept secrets are for; None when nobody can tell any more."""
    whole, _ = together(stored.settings, kept)
    try:
        return _whom_for(parse_settings(provider, whole, pointer=""))
    except InputError:
        return None


def _whom_for(settings: Settings) -> str:
    return settings.secrets_are_for() if isinstance(settings, SecretsForSomebody) else ""


def _new_settings(room: ConnectionsRoom, provider: Provider, sent: Mapping[str, Any]) -> Settings:
    context = {ALLOW_PRIVATE: room.allow_private_addresses}
    return parse_settings(provider, sent, pointer="/settings", context=context)


def _provider(room: ConnectionsRoom, provider_id: str) -> Provider:
    found = room.providers.get(provider_id)
    kept = [f"`{name}`" for name, provider in room.providers.items() if provider.manifest.connection]
    if found is None:
        message = f"There is no provider of this id. Connections can be made for {', '.join(kept)}."
        raise _refused("provider", "provider_unknown", message)
    if not found.manifest.connection:
        message = "This provider needs no connection; name it in a run and give its settings there."
        raise _refused("provider", "connection_not_needed", message)
    return found


def _refuse_name(store: ConnectionStore, name: str, *, other_than: str | None = None) -> None:
    if store.is_named(name, other_than=other_than):
        raise Conflict("Another of your connections has this name.", code="connection_name_taken")


def _unusable(why: str) -> Conflict:
    return Conflict(f"This connection cannot be used. {why}", code="connection_outdated")


def _refused(member: str, code: str, message: str) -> InputError:
    return InputError(message, code=code, issues=[Issue(None, member, f"/{member}", code, message)])


def _context(connection_id: str) -> str:
    """What its secrets are sealed for: another connection's do not open in its place."""
    return f"enrichment connection {connection_id}"
