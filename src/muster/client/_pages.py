"""Lists that come a page at a time."""

from collections.abc import Iterator, Mapping
from typing import Any

from ._connection import Connection


def pages(
    connection: Connection, path: str, params: Mapping[str, str | int | None]
) -> Iterator[dict[str, Any]]:
    """Every page of a list, as the server says it, fetched as it is asked for. params: None are left out."""
    asked = {name: value for name, value in params.items() if value is not None}
    while True:
        said = connection.json("GET", path, params=asked)
        yield said
        if not said["next_cursor"]:
            return
        asked["cursor"] = said["next_cursor"]
