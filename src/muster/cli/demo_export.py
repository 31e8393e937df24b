"""The end of `muster demo`: a segment over what was enriched, and its members as a CSV file of this machine."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from muster.cli.output import print_table, say, size_text
from muster.client import Client, Export, Segment
from muster.errors import Unavailable

NAME: Final = "Nordic organisations (demo)"
_SECONDS: Final = 60.0
_COUNTRIES: Final = ("DNK", "FIN", "ISL", "NOR", "SWE")
# Of the column that was added: the list itself has no codes of three letters.
_FILTER: Final[dict[str, Any]] = {"field": "country_code3", "op": "in", "value": list(_COUNTRIES)}
# Some organisations have several entries; one domain in one country is one of them.
_DEDUPE: Final[dict[str, Any]] = {
    "by": "domain_name", "columns": ["company_domain"], "names": ["country_code3"], "keep": "newest",
}  # fmt: skip
_COLUMNS: Final[tuple[dict[str, str], ...]] = (
    {"column": "name", "as": "Organisation"},
    {"column": "company_domain", "as": "Domain"},
    {"column": "country_name", "as": "Country"},
)
_ROWS: Final = 3


@dataclass(frozen=True, slots=True)
class Leaving:
    """What the end of the demonstration left behind."""

    segment: Segment
    export: Export
    path: Path


def exported(client: Client, upload_id: str, directory: Path) -> Leaving:
    """Keep a segment, export it and save the file in `directory`; what an earlier demonstration made is taken again."""
    segment = _segment(client, upload_id)
    export = _export(client, segment)
    assert export.file is not None  # noqa: S101 - `_export` says so
    path = directory / export.file.name
    size_bytes = client.save_export(export.export_id, path)
    say(
        f"Exported: {export.rows:,} rows = {export.written:,} written + {export.failed:,} failed + "
        f"{export.left_out:,} left out. The first of them:\n"
    )
    seen = client.preview_export(segment.id, rows=_ROWS, columns=_COLUMNS, version=segment.version)
    names = [column["as"] for column in _COLUMNS]
    print_table(names, [[row[name] for name in names] for row in seen.rows])
    say(f"\nThe file: {path} ({size_text(size_bytes)})")
    return Leaving(segment, export, path)


def _segment(client: Client, upload_id: str) -> Segment:
    found = next((one for one in client.segments(name=NAME, upload_id=upload_id) if one.name == NAME), None)
    if found is None:
        segment = client.create_segment(NAME, [upload_id], filter=_FILTER, dedupe=_DEDUPE, tags=["demo"])
        say(
            "\nWhich of them are Nordic, each organisation once? A segment keeps the question, and counts again"
        )
        say("whenever the table changes:\n")
    else:
        segment = client.segment(found.id)
        say("\nAn earlier demonstration kept a segment of it; it counts again whenever the table changes:\n")
    if segment.status != "ready" or segment.count is None:
        raise Unavailable(f"The segment was not counted: {segment.reason or segment.status}.")
    say(f"{segment.name}, {segment.id}: {segment.count:,} of {segment.of or 0:,} organisations")
    say(f"{segment.describe}\n")
    return segment


def _export(client: Client, segment: Segment) -> Export:
    """The newest export of the segment as it is now; made if there is none, or none whose file is still there."""
    for earlier in client.exports(segment_id=segment.id, status="done"):
        if earlier.name == NAME and earlier.file is not None and earlier.source.version == segment.version:
            return earlier
    made = client.export(segment.id, name=NAME, columns=_COLUMNS, format="csv")
    export = client.wait_for_export(made.export_id, timeout_seconds=_SECONDS)
    if export.status != "done" or export.file is None:
        raise Unavailable(f"The segment was not exported: {export.reason or export.status}.")
    return export
