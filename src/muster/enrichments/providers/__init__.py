"""MAP: every provider that comes with Muster, in the order they are listed."""

from collections.abc import Mapping
from functools import cache
from importlib.metadata import entry_points

import structlog

from muster.enrichments.provider import ENTRY_POINTS, Provider

log = structlog.get_logger("muster.enrichments")


def built_in() -> tuple[Provider, ...]:
    """Those that are part of Muster."""
    return ()


@cache
def all_providers() -> Mapping[str, Provider]:
    """By id: the built-in ones, then those of installed packages; a package that cannot be loaded is logged.

    A package cannot take the id of a built-in provider, or of another package's.
    """
    found = {provider.manifest.id: provider for provider in built_in()}
    for point in entry_points(group=ENTRY_POINTS):
        try:
            provider: Provider = point.load()()
            if provider.manifest.id in found:
                log.error("provider.id_taken", id=provider.manifest.id, package=point.value)
                continue
            found[provider.manifest.id] = provider
        except Exception as error:
            log.error("provider.not_loaded", name=point.name, package=point.value, exc_info=error)
    return found
