"""What requests about connections say, parsed once at the edge."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from muster.errors import InputError, Issue
from muster.web.json_body import decode_json

MAX_NAME_CHARACTERS: Final = 100
MAX_INPUT_CHARACTERS: Final = 10_000


@dataclass(frozen=True, slots=True)
class NewConnection:
    """settings: as sent, secrets among them; the provider's model says whether they will do."""

    provider: str
    name: str
    settings: Mapping[str, Any] = field(repr=False)


@dataclass(frozen=True, slots=True)
class ConnectionChange:
    """What is to be different; None: stays."""

    name: str | None = None
    settings: Mapping[str, Any] | None = field(default=None, repr=False)


def parse_new(body: bytes) -> NewConnection:
    """Raises InputError."""
    sent = _members(body, {"provider", "name", "settings"})
    for member in ("provider", "name", "settings"):
        if member not in sent:
            raise _refused(member, f"Give `{member}`.")
    provider = sent["provider"]
    if not isinstance(provider, str):
        raise _refused("provider", "`provider` is the id of a provider, as text.")
    return NewConnection(provider, _name(sent["name"]), _object(sent, "settings"))


def parse_change(body: bytes) -> ConnectionChange:
    """Raises InputError."""
    sent = _members(body, {"name", "settings"})
    return ConnectionChange(
        _name(sent["name"]) if "name" in sent else None,
        _object(sent, "settings") if "settings" in sent else None,
    )


def parse_try(body: bytes) -> dict[str, str | None]:
    """The inputs to try a connection with, by name. Raises InputError."""
    sent = _object(_members(body, {"input"}), "input")
    for name, value in sent.items():
        if not (value is None or (isinstance(value, str) and len(value) <= MAX_INPUT_CHARACTERS)):
            message = f"An input is text of at most {MAX_INPUT_CHARACTERS} characters, or null."
            raise InputError(
                message,
                code="body_invalid",
                issues=[Issue(None, "input", _pointer("input", name), "body_invalid", message)],
            )
    return sent


def _members(body: bytes, known: Collection[str]) -> dict[str, Any]:
    sent = decode_json(body, object)
    if not isinstance(sent, dict):
        raise _refused("", "The body must be a JSON object.")
    if not sent.keys() <= set(known):
        listed = ", ".join(f"`{name}`" for name in sorted(known))
        raise _refused("", f"A member is not known here. Known are {listed}.")
    return sent


def _name(sent: object) -> str:
    name = sent.strip() if isinstance(sent, str) else ""
    if not name or len(name) > MAX_NAME_CHARACTERS or not name.isprintable():
        raise _refused("name", f"Give `name`, a text of 1 to {MAX_NAME_CHARACTERS} printable characters.")
    return name


def _object(sent: Mapping[str, Any], member: str) -> dict[str, Any]:
    value = sent.get(member)
    if not isinstance(value, dict):
        raise _refused(member, f"`{member}` is a JSON object.")
    return value


def _pointer(*place: str) -> str:
    return "".join("/" + part.replace("~", "~0").replace("/", "~1") for part in place)


def _refused(member: str, message: str) -> InputError:
    pointer = f"/{member}" if member else ""
    return InputError(
        message,
        code="body_invalid",
        issues=[Issue(None, member or None, pointer, "body_invalid", message)],
    )
