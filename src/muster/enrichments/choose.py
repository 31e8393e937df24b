"""From the wish for a step to a provider that is ready to be asked: its settings checked, its terms known."""

from collections.abc import Mapping, Sequence
from typing import Any

from muster.accounts.model import Principal, Scope
from muster.db.database import Connection
from muster.enrichments.accept import acceptances
from muster.enrichments.ask import Asking
from muster.enrichments.cache import Questions
from muster.enrichments.connections import load
from muster.enrichments.model import Plan
from muster.enrichments.plan import OpenStep, WantedStep
from muster.enrichments.provider import Call, Provider, Terms
from muster.enrichments.provider_settings import parse_settings
from muster.enrichments.reference import UserTables
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


def asking_of(
    room: EnrichmentsRoom,
    opened: OpenStep,
    plan: Plan,
    step: int,
    principal: Principal,
    upload_id: str,
    *,
    asked_by: str = "estimate",
) -> Asking:
    """A step of a plan, ready to ask; close its `call` when done. asked_by: who pays for new answers."""
    wanted = frozenset(plan.steps[step].outputs)
    call = Call(
        opened.settings,
        wanted,
        connection=plan.steps[step].connection,
        reference=UserTables(room.reading, principal, upload_id),
        allow_network=room.allow_network,
        allow_private_addresses=room.allow_private_addresses,
    )
    questions = questions_of(opened, principal.user_id, wanted, asked_by)
    keys = [need.name for need in opened.terms.needs if need.name in plan.steps[step].inputs]
    return Asking(
        db=room.db,
        seal=room.seal,
        clock=room.clock,
        processes=room.processes,
        provider=opened.provider,
        terms=opened.terms,
        call=call,
        questions=questions,
        keys=keys,
        accepted=acceptances(plan, step),
    )


def questions_of(opened: OpenStep, user_id: UserId, wanted: frozenset[str], asked_by: str) -> Questions:
    """What makes questions to this step the same as earlier ones: everything but its secrets."""
    manifest = opened.provider.manifest
    settings = opened.settings.model_dump(mode="json")  # secrets come out masked
    return Questions(user_id, manifest.id, manifest.version, settings, opened.terms, wanted, asked_by)


def owner_of(user_id: UserId) -> Principal:
    """Whoever started the run may read their own tables."""
    return Principal(user_id, frozenset({Scope.UPLOADS_READ}), "cli")


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
