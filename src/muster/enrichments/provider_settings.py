"""Settings of a provider as they are sent: checked by the provider's own model, with a pointer to every mistake."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from muster.enrichments.provider import Provider, Settings
from muster.errors import InputError, Issue

ALLOW_PRIVATE: Final = "allow_private_addresses"
"""In pydantic's validation context where settings are new: whether addresses of the own network may stand in them."""


def parse_settings(
    provider: Provider, sent: Mapping[str, Any], *, pointer: str, context: Mapping[str, Any] | None = None
) -> Settings:
    """Raises InputError (`settings_invalid`) with an issue for each mistake; pointer: where the settings stand."""
    try:
        return provider.manifest.settings.model_validate(
            sent, context=None if context is None else dict(context)
        )
    except ValidationError as error:
        # The input may be a secret, so it is left out of every message, and the error itself out of the chain.
        problems = error.errors(include_url=False, include_input=False)
    issues = [_issue(problem, sent, pointer) for problem in problems]
    raise InputError(
        f"The settings of `{provider.manifest.id}` cannot be used; `errors` says what to change.",
        code="settings_invalid",
        issues=issues,
    )


def _issue(problem: ErrorDetails, sent: Mapping[str, Any], pointer: str) -> Issue:
    place = _place(problem["loc"], sent, is_missing=problem["type"] == "missing")
    field = next((part for part in reversed(place) if isinstance(part, str)), None)
    where = "".join("/" + str(part).replace("~", "~0").replace("/", "~1") for part in place)
    return Issue(None, field, pointer + where, "settings_invalid", _sentence(problem))


def _place(loc: Sequence[str | int], sent: Any, *, is_missing: bool) -> list[str | int]:
    """Where in what was sent a mistake is: without the names pydantic gives to branches of a union and to keys."""
    place: list[str | int] = []
    for at, part in enumerate(loc):
        is_there = (isinstance(sent, dict) and part in sent) or (
            isinstance(sent, list) and isinstance(part, int) and part < len(sent)
        )
        if is_there:
            place.append(part)
            sent = sent[part]
        elif is_missing and at == len(loc) - 1:
            place.append(part)
    return place


def _sentence(problem: ErrorDetails) -> str:
    """What pydantic says, without values that were sent."""
    context = problem.get("ctx", {})
    match problem["type"]:
        case "value_error":
            return str(context["error"])
        case "union_tag_invalid":
            return f"{context['discriminator']} must be one of {context['expected_tags']}."
        case _:
            return f"{problem['msg']}."
