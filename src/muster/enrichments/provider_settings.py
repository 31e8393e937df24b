"""Settings of a provider as they are sent: checked by the provider's own model, with a pointer to every mistake."""

from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError

from muster.enrichments.provider import Provider, Settings
from muster.errors import InputError, Issue


def parse_settings(provider: Provider, sent: Mapping[str, Any], *, pointer: str) -> Settings:
    """Raises InputError (`settings_invalid`) with an issue for each mistake; pointer: where the settings stand."""
    try:
        return provider.manifest.settings.model_validate(sent)
    except ValidationError as error:
        # The input may be a secret, so it is left out of every message.
        issues = [
            Issue(
                None,
                _field(problem["loc"]),
                pointer + _path(problem["loc"]),
                "settings_invalid",
                problem["msg"].removeprefix("Value error, "),
            )
            for problem in error.errors(include_url=False, include_context=False, include_input=False)
        ]
        raise InputError(
            f"The settings of `{provider.manifest.id}` cannot be used; `errors` says what to change.",
            code="settings_invalid",
            issues=issues,
        ) from None


def _field(place: tuple[int | str, ...]) -> str | None:
    return next((part for part in reversed(place) if isinstance(part, str)), None)


def _path(place: tuple[int | str, ...]) -> str:
    """As RFC 6901 asks for."""
    return "".join("/" + str(part).replace("~", "~0").replace("/", "~1") for part in place)
