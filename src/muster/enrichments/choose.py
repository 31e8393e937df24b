"""From the wish for a step to a provider that is ready to be asked: its settings checked, its terms known."""

from collections.abc import Mapping, Sequence
from typing import Any

from muster.db.database import Connection
from muster.enrichments.connections import load
from muster.enrichments.model import Plan
from muster.enrichments.plan import OpenStep, WantedStep
from muster.enrichments.provider import Provider, Terms
from muster.enrichments.provider_settings import parse_settings
from muster.enrichments.room import EnrichmentsRoom
from muster.errors import InputError, Issue
from muster.ids import UserId


def provider_of(room: EnrichmentsRoom, provider_id: str, pointer: str) -> Provider:
    """Raises InputError (`provider_unknown`)."""
    found = room.providers.get(provider_id)
    if found is None:
        listed = ", ".join(f"`{name}`" for name in room.providers)
        raise _refused(
            pointer, "provider_unknown", f"There is no provider `{provider_id}`. There are {listed}."
        )
    return found


def terms_under(room: EnrichmentsRoom, provider_id: str, settings: Mapping[str, Any]) -> Terms:
    """The terms of a provider under settings that are not kept anywhere yet.

    Raises InputError: `provider_unknown`, `settings_invalid`.
    """
    provider = provider_of(room, provider_id, "/provider")
    return provider.terms(parse_settings(provider, settings, pointer="/settings"))


def open_steps(
    room: EnrichmentsRoom, connection: Connection, user_id: UserId, wanted: Sequence[WantedStep]
) -> list[OpenStep]:
    """Every wanted step with its provider. Raises InputError, NotFound and Forbidden for its connection."""
    return [_open(room, connection, user_id, step, f"/providers/{at}") for at, step in enumerate(wanted)]


def opened_plan(room: EnrichmentsRoom, connection: Connection, user_id: UserId, plan: Plan) -> list[OpenStep]:
    """The steps of a stored plan, opened again. Raises as `open_steps`, when a connection was deleted since."""
    wanted = [WantedStep(step.provider, step.connection, step.settings, step.inputs) for step in plan.steps]
    return open_steps(room, connection, user_id, wanted)


def _open(
    room: EnrichmentsRoom, connection: Connection, user_id: UserId, wanted: WantedStep, pointer: str
) -> OpenStep:
    provider = provider_of(room, wanted.provider, f"{pointer}/provider")
    manifest = provider.manifest
    if not manifest.connection:
        if wanted.connection is not None:
            message = f"`{manifest.id}` needs no connection; give its `settings` here."
            raise _refused(f"{pointer}/connection", "connection_not_needed", message)
        settings = parse_settings(provider, wanted.settings, pointer=f"{pointer}/settings")
        return OpenStep(wanted, provider, settings, provider.terms(settings))
    if wanted.connection is None:
        message = (
            f"`{manifest.id}` keeps its settings as a connection. Make one, then name it as `connection`."
        )
        raise _refused(f"{pointer}/connection", "connection_missing", message)
    _refuse_settings(wanted.settings, pointer)
    kind, settings = load(room, connection, user_id, wanted.connection)
    if kind != manifest.id:
        message = f"This connection is one of `{kind}`, not of `{manifest.id}`."
        raise _refused(f"{pointer}/connection", "connection_of_another", message)
    return OpenStep(wanted, provider, settings, provider.terms(settings))


def _refuse_settings(settings: Mapping[str, Any], pointer: str) -> None:
    if settings:
        message = "The settings of this provider lie with its connection; change them there."
        raise _refused(f"{pointer}/settings", "settings_of_connection", message)


def _refused(pointer: str, code: str, message: str) -> InputError:
    return InputError(message, code=code, issues=[Issue(None, None, pointer, code, message)])
