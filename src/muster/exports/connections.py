"""Settings of destinations kept under a name: their secrets sealed, given to nobody but the destination."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from muster.accounts import audit
from muster.accounts.model import Principal
from muster.db.database import Connection
from muster.db.seal import Seal
from muster.db.sealed_settings import apart, open_secrets, seal_secrets, together
from muster.errors import Conflict, InputError, Issue
from muster.exports.connection_store import ConnectionStore, KeptConnection
from muster.exports.define import out_columns, parse_settings
from muster.exports.destination import Call, Destination, NoSettings, Settings
from muster.exports.destinations import destination_of
from muster.exports.model import Definition, Export
from muster.exports.requests import ConnectionBody, ConnectionChange
from muster.exports.room import ExportsRoom
from muster.exports.schedule_store import ScheduleStore
from muster.exports.store import ExportStore
from muster.ids import UserId, new_export_connection_id
from muster.web.json_body import body_refused

Also = Callable[[Connection, KeptConnection], None]


def list_connections(room: ExportsRoom, principal: Principal) -> Sequence[KeptConnection]:
    """All of the user's, by name."""
    with room.db.read() as connection:
        return ConnectionStore(connection, principal.user_id).list()


def get_connection(room: ExportsRoom, principal: Principal, connection_id: str) -> KeptConnection:
    """Raises NotFound, Forbidden."""
    with room.db.read() as connection:
        return ConnectionStore(connection, principal.user_id).get(connection_id)


def create_connection(
    room: ExportsRoom,
    principal: Principal,
    asked: ConnectionBody,
    also: Also = lambda _connection, _kept: None,
) -> KeptConnection:
    """Keep settings. also: what else belongs into the transaction.

    Raises InputError (`destination_unknown`, `settings_invalid`), Conflict (`connection_name_taken`).
    """
    shape = _shape(destination_of(asked.destination, "/destination"))
    settings = parse_settings(shape, asked.settings, "/settings")
    now = room.clock()
    connection_id = new_export_connection_id()
    plain, sealed = _split(room.seal, connection_id, settings)
    kept = KeptConnection(connection_id, asked.destination, asked.name.strip(), plain, sealed, now, now)
    with room.db.begin() as connection:
        store = ConnectionStore(connection, principal.user_id)
        _refuse_taken(store, kept)
        store.add(kept)
        audit.record(connection, principal, "export_connection.created", kept.id, {}, now)
        also(connection, kept)
    return kept


def change_connection(
    room: ExportsRoom, principal: Principal, connection_id: str, asked: ConnectionChange
) -> KeptConnection:
    """Raises as `create_connection` does, and NotFound, Forbidden."""
    now = room.clock()
    with room.db.begin() as connection:
        store = ConnectionStore(connection, principal.user_id)
        kept = store.get(connection_id)
        if asked.settings is not None:
            plain, sealed = _changed(room.seal, kept, asked.settings)
            kept = replace(kept, settings=plain, sealed=sealed)
        kept = replace(kept, name=(asked.name or kept.name).strip(), updated_at=now)
        _refuse_taken(store, kept)
        store.change(kept)
        audit.record(connection, principal, "export_connection.changed", kept.id, {}, now)
    return kept


def delete_connection(room: ExportsRoom, principal: Principal, connection_id: str) -> None:
    """Raises NotFound, Forbidden, Conflict (`connection_in_use`)."""
    with room.db.begin() as connection:
        store = ConnectionStore(connection, principal.user_id)
        store.get(connection_id)
        is_used = ScheduleStore(connection, principal.user_id).uses_connection(connection_id)
        if is_used or ExportStore(connection, principal.user_id).unfinished_by_connection(connection_id):
            raise Conflict(
                "A schedule or an export at work uses this connection. Delete the schedule, or wait.",
                code="connection_in_use",
            )
        store.remove(connection_id)
        audit.record(connection, principal, "export_connection.deleted", connection_id, {}, room.clock())


def try_connection(
    room: ExportsRoom, principal: Principal, connection_id: str, settings: Mapping[str, Any]
) -> str:
    """Ask the destination whether it would take anything; what it says.

    settings: of an export, where the destination needs any. Raises InputError, OutsideError as `Destination.probe` does.
    """
    kept = get_connection(room, principal, connection_id)
    destination = destination_of(kept.destination)
    call = Call(
        settings=_tried_settings(destination, settings),
        connection=_settings_of(room.seal, kept),
        export_id="exp_" + "0" * 22,
        name="Trial",
        allow_private_addresses=room.allow_private_addresses,
        export_dir=room.export_dir,
        export_buckets=room.export_buckets,
    )
    try:
        return destination.probe(call)
    finally:
        call.close()


def open_call(connection: Connection, room: ExportsRoom, export: Export) -> Call:
    """What the destination of an export is lent. Raises NotFound when its connection is gone, InputError."""
    return call_of(connection, room, export.user_id, export.definition, export.id)


def call_of(
    connection: Connection, room: ExportsRoom, user_id: UserId, definition: Definition, export_id: str
) -> Call:
    """As `open_call`, for a definition at hand; raises InputError for settings and connections that do not fit."""
    destination = destination_of(definition.destination, "/destination")
    manifest = destination.manifest
    kept = None
    if manifest.connection is None:
        if definition.connection is not None:
            raise body_refused("connection", "connection_unusable", f"`{manifest.id}` needs no connection.")
    elif definition.connection is None:
        message = f"`{manifest.id}` needs a connection; make one with POST .../exports/connections."
        raise body_refused("connection", "connection_missing", message)
    else:
        stored = ConnectionStore(connection, user_id).get(definition.connection)
        if stored.destination != manifest.id:
            message = f"This connection is for `{stored.destination}`."
            raise body_refused("connection", "connection_unusable", message)
        kept = _settings_of(room.seal, stored)
    return Call(
        settings=parse_settings(manifest.settings, definition.settings, "/settings"),
        connection=kept,
        export_id=export_id,
        name=definition.name,
        columns=out_columns(definition),
        allow_private_addresses=room.allow_private_addresses,
        export_dir=room.export_dir,
        export_buckets=room.export_buckets,
    )


def _shape(destination: Destination) -> type[Settings]:
    shape = destination.manifest.connection
    if shape is None:
        message = f"`{destination.manifest.id}` has no settings to keep; give them with the export."
        raise body_refused("destination", "connection_unusable", message)
    return shape


def _tried_settings(destination: Destination, given: Mapping[str, Any]) -> Settings:
    if not given:
        try:
            return parse_settings(destination.manifest.settings, {}, "/settings")
        except InputError:
            return NoSettings()  # it asks with what it has
    return parse_settings(destination.manifest.settings, given, "/settings")


def _split(seal: Seal, connection_id: str, settings: Settings) -> tuple[dict[str, Any], bytes | None]:
    """What may be shown, and the secrets sealed."""
    plain, secrets = apart(settings)
    return plain, seal_secrets(seal, secrets, _context(connection_id))


def _changed(
    seal: Seal, kept: KeptConnection, sent: Mapping[str, Any]
) -> tuple[dict[str, Any], bytes | None]:
    """What is kept of new settings; secrets that are null stay, but only with whom they were given for. Raises InputError."""
    shape = _shape(destination_of(kept.destination))
    secrets = open_secrets(seal, kept.sealed, _context(kept.id)) or {}
    # Secrets read as null, so whoever sends back what was shown leaves them as they are.
    whole, used = together(sent, secrets)
    settings = parse_settings(shape, whole, "/settings")
    if used and _whom(shape, together(kept.settings, secrets)[0]) != settings.secrets_are_for():
        sentence = "Give this secret anew: the kept one was for another place."
        raise InputError(
            "Kept secrets stay only with the place they were given for; `errors` names them.",
            code="settings_invalid",
            issues=[
                Issue(None, name.rpartition("/")[2], f"/settings{name}", "settings_invalid", sentence)
                for name in sorted(used)
            ],
        )
    return _split(seal, kept.id, settings)


def _whom(shape: type[Settings], kept: Mapping[str, Any]) -> str | None:
    """Who was given the kept secrets; None when nobody can tell any more."""
    try:
        return parse_settings(shape, kept, "").secrets_are_for()
    except InputError:
        return None


def _settings_of(seal: Seal, kept: KeptConnection) -> Settings:
    """Raises Conflict (`connection_secrets_lost`) when the server's key is another one now, InputError."""
    secrets = open_secrets(seal, kept.sealed, _context(kept.id))
    if secrets is None:
        raise Conflict(
            f"The secrets of the connection `{kept.name}` cannot be read: the server has another key now. Give them "
            "anew by changing the connection.",
            code="connection_secrets_lost",
        )
    whole, _ = together(kept.settings, secrets)
    return parse_settings(_shape(destination_of(kept.destination)), whole, "/connection")


def _context(connection_id: str) -> str:
    return f"export connection {connection_id}"


def _refuse_taken(store: ConnectionStore, kept: KeptConnection) -> None:
    if store.is_taken(kept.name, but=kept.id):
        raise Conflict(
            "You have another connection with this name; take another name.", code="connection_name_taken"
        )
