"""Settings with secrets as they are stored: what may be seen as JSON, and the secrets apart from it, sealed.

A secret is any `SecretStr` of a pydantic model, however deep. It is known by its place (an RFC 6901 pointer); where it
was, the visible part holds null, so that settings can be shown, changed and sent back without anybody seeing it.
"""

from collections.abc import Iterator, Mapping
from typing import Any

import msgspec
from pydantic import BaseModel, SecretStr

from muster.db.seal import Seal

Secrets = Mapping[str, str]
"""From pointer to value."""


def apart(settings: BaseModel) -> tuple[dict[str, Any], dict[str, str]]:
    """What was set, with null for each secret, and the secrets by their places."""
    shown: dict[str, Any] = settings.model_dump(mode="json", by_alias=True, exclude_unset=True)
    values = settings.model_dump(mode="python", by_alias=True, exclude_unset=True)
    secrets = {}
    for place, secret in _secrets_in(values, ()):
        secrets[pointer_to(place)] = secret.get_secret_value()
        _put(shown, place, None)
    return shown, secrets


def together(shown: Mapping[str, Any], secrets: Secrets) -> tuple[dict[str, Any], set[str]]:
    """The settings with every secret in its place that is null there; and the places that were filled."""
    whole = msgspec.json.decode(msgspec.json.encode(shown), type=dict[str, Any])
    used = set()
    for pointer, secret in secrets.items():
        place = tuple(part.replace("~1", "/").replace("~0", "~") for part in pointer.split("/")[1:])
        if _put(whole, place, secret, only_null=True):
            used.add(pointer)
    return whole, used


def seal_secrets(seal: Seal, secrets: Secrets, context: str) -> bytes | None:
    """None where there are none."""
    return seal.seal(msgspec.json.encode(secrets), context) if secrets else None


def open_secrets(seal: Seal, sealed: bytes | None, context: str) -> dict[str, str] | None:
    """None where they cannot be read: the key of the server is another one now."""
    if sealed is None:
        return {}
    opened = seal.open(sealed, context)
    return None if opened is None else msgspec.json.decode(opened, type=dict[str, str])


def pointer_to(place: tuple[str | int, ...]) -> str:
    """RFC 6901."""
    return "".join("/" + str(part).replace("~", "~0").replace("/", "~1") for part in place)


def _secrets_in(
    value: Any, place: tuple[str | int, ...]
) -> Iterator[tuple[tuple[str | int, ...], SecretStr]]:
    match value:
        case SecretStr():
            yield place, value
        case dict():
            for name, member in value.items():
                yield from _secrets_in(member, (*place, str(name)))
        case list() | tuple():
            for at, item in enumerate(value):
                yield from _secrets_in(item, (*place, at))


def _put(whole: Any, place: tuple[str | int, ...], value: str | None, *, only_null: bool = False) -> bool:
    """Put a value at a place whose surroundings are there; whether it was put."""
    *way, last = place
    for part in way:
        whole = _member(whole, part)
    if isinstance(whole, dict) and str(last) in whole:
        last = str(last)
    elif isinstance(whole, list) and str(last).isdigit() and int(last) < len(whole):
        last = int(last)
    else:
        return False
    if only_null and whole[last] is not None:
        return False
    whole[last] = value
    return True


def _member(whole: Any, part: str | int) -> Any:
    if isinstance(whole, dict):
        return whole.get(str(part))
    if isinstance(whole, list) and str(part).isdigit() and int(part) < len(whole):
        return whole[int(part)]
    return None
