"""The public JSON names of destinations (docs/api/exports.md)."""

from typing import Any, Literal

import msgspec
from typing_extensions import TypedDict

from muster.exports.destination import Destination
from muster.exports.destinations import all_destinations


class DestinationJson(TypedDict):
    """A destination. settings, connection: JSON Schemas; connection: null where nothing is kept."""

    id: str
    title: str
    description: str
    takes: Literal["file", "rows"]
    formats: list[str]
    hashing: str | None
    removes: bool
    needs_key: bool
    batch_rows: int | None
    settings: dict[str, Any]
    connection: dict[str, Any] | None


class DestinationsJson(TypedDict):
    status: Literal["success"]
    destinations: list[DestinationJson]
    total: int
    next_cursor: None


def destinations_json() -> bytes:
    """All destinations."""
    shown = [_destination(destination) for destination in all_destinations().values()]
    return msgspec.json.encode(
        {"status": "success", "destinations": shown, "total": len(shown), "next_cursor": None}
    )


def _destination(destination: Destination) -> dict[str, Any]:
    manifest = destination.manifest
    connection = manifest.connection
    return {
        "id": manifest.id,
        "title": manifest.title,
        "description": manifest.description,
        "takes": manifest.takes.value,
        "formats": [format.value for format in manifest.formats],
        "hashing": manifest.hashing,
        "removes": manifest.removes,
        "needs_key": manifest.needs_key,
        "batch_rows": None if manifest.formats else manifest.batch_rows,
        "settings": manifest.settings.model_json_schema(by_alias=True),
        "connection": None if connection is None else connection.model_json_schema(by_alias=True),
    }
