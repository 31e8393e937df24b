"""MAP: every destination that comes with Muster, in the order they are listed."""

from collections.abc import Mapping
from functools import cache
from importlib.metadata import entry_points

import structlog

from muster.exports.destination import ENTRY_POINTS, Destination
from muster.exports.destinations.download import Download
from muster.exports.destinations.google_data import GoogleDataManager
from muster.exports.destinations.http import Http
from muster.exports.destinations.meta_custom_audiences import MetaCustomAudiences
from muster.exports.destinations.object_store import ObjectStorePath
from muster.exports.destinations.postgresql import PostgreSql
from muster.web.json_body import body_refused

log = structlog.get_logger("muster.exports")


def built_in() -> tuple[Destination, ...]:
    """Those that are part of Muster."""
    return (
        Download(),
        ObjectStorePath(),
        Http(),
        PostgreSql(),
        GoogleDataManager(),
        MetaCustomAudiences(),
    )


@cache
def all_destinations() -> Mapping[str, Destination]:
    """By id: the built-in ones, then those of installed packages; a package that cannot be loaded is logged.

    A package cannot take the id of a built-in destination, or of another package's.
    """
    found = {destination.manifest.id: destination for destination in built_in()}
    for point in entry_points(group=ENTRY_POINTS):
        try:
            destination: Destination = point.load()()
            if destination.manifest.id in found:
                log.error("destination.id_taken", id=destination.manifest.id, package=point.value)
                continue
            found[destination.manifest.id] = destination
        except Exception as error:
            log.error("destination.not_loaded", name=point.name, package=point.value, exc_info=error)
    return found


def destination_of(destination_id: str, pointer: str = "/destination") -> Destination:
    """Raises InputError (`destination_unknown`)."""
    found = all_destinations().get(destination_id)
    if found is None:
        known = ", ".join(f"`{each}`" for each in all_destinations())
        raise body_refused(pointer.strip("/"), "destination_unknown", f"Take one of {known}.")
    return found
