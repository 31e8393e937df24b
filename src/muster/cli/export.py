"""`muster export`: the rows of a segment or an upload into a file here, or to a destination."""

import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from muster.cli.exports import end_with, see_through, watched_export
from muster.cli.json_options import export_file, json_object
from muster.cli.options import AsJson, Key, Url, connect
from muster.cli.output import note, print_json, print_table, say
from muster.cli.whole_file import write_pieces
from muster.client import Client, Export, ExportPreview

_STDOUT = Path("-")
_ROWS_SHOWN = 5


class Format(StrEnum):
    """What files can be written as."""

    CSV = "csv"
    NDJSON = "ndjson"
    XLSX = "xlsx"
    PARQUET = "parquet"


class Platform(StrEnum):
    """Whose hashes."""

    GOOGLE = "google"
    META = "meta"
    SHA256 = "sha256"


def export(
    source: Annotated[
        str, typer.Argument(metavar="SOURCE", help="A segment's id, seg_..., or an upload's, upl_...")
    ],
    to: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            dir_okay=False,
            help="Save the file here; - is stdout. Its ending says the format.",
        ),
    ] = None,
    format: Annotated[
        Format | None, typer.Option(help="By the ending of --to unless given, or else csv.")
    ] = None,
    hash_: Annotated[
        Platform | None, typer.Option("--hash", help="Hashes instead of people, as this platform wants them.")
    ] = None,
    region: Annotated[
        str | None,
        typer.Option(metavar="CC", help="With hashes: the country of phones without +, such as US."),
    ] = None,
    columns: Annotated[
        str | None,
        typer.Option(metavar="NAMES", help="Columns, between commas, in this order; all unless given."),
    ] = None,
    rename: Annotated[
        list[str] | None,
        typer.Option(metavar="COLUMN=NAME", help="What a column is called outside; may be repeated."),
    ] = None,
    filter: Annotated[
        str | None,
        typer.Option(metavar="JSON", help="Only rows of an upload that match, as in `muster rows`."),
    ] = None,
    consent: Annotated[
        str | None, typer.Option(metavar="COLUMN", help="Only rows that say yes in this column.")
    ] = None,
    destination: Annotated[
        str | None,
        typer.Option(help="Where to, instead of a file; `muster exports destinations` lists them."),
    ] = None,
    connection: Annotated[
        str | None, typer.Option(metavar="ID", help="The kept settings of the destination, xcn_...")
    ] = None,
    settings: Annotated[
        str | None, typer.Option(metavar="JSON", help="What the destination wants to know of this export.")
    ] = None,
    since_last: Annotated[
        bool, typer.Option("--since-last", help="Only what changed since the last export like this one.")
    ] = False,
    key: Annotated[
        str | None, typer.Option("--by", metavar="NAMES", help="The columns that tell members apart.")
    ] = None,
    file: Annotated[
        Path | None,
        typer.Option(
            exists=True, dir_okay=False, readable=True, help="More of the export as JSON; options come first."
        ),
    ] = None,
    name: Annotated[str | None, typer.Option(help="The export's name; the source's unless given.")] = None,
    bom: Annotated[bool, typer.Option("--bom", help="CSV for Excel: with a byte order mark.")] = False,
    raw: Annotated[
        bool, typer.Option("--raw", help="CSV as it is: no apostrophe before what a spreadsheet would run.")
    ] = False,
    preview: Annotated[
        bool, typer.Option("--preview", help="Only show the first rows as they would leave.")
    ] = False,
    wait: Annotated[bool, typer.Option("--wait/--no-wait", help="Wait until it is over.")] = True,
    *,
    url: Url = None,
    api_key: Key = None,
    as_json: AsJson = False,
) -> None:
    """Let rows leave: into a file of this machine, or to a destination."""
    if to is not None and (destination not in {None, "download"} or not wait or preview):
        raise typer.BadParameter(
            "--to saves a file here; it does not go with --destination, --no-wait, --preview"
        )
    if to == _STDOUT and as_json:
        raise typer.BadParameter("--to - and --json both want stdout")
    if to == _STDOUT and format in {Format.XLSX, Format.PARQUET} and sys.stdout.isatty():
        raise typer.BadParameter(f"{format} is not for the terminal; save it in a file")
    if region is not None and hash_ is None:
        raise typer.BadParameter("--region goes with --hash")
    wish = {} if file is None else export_file(file, "--file", sources=False)
    options = {
        "format": format or _format_of(to),
        "hashing": None
        if hash_ is None
        else {"platform": hash_.value, **({"region": region} if region else {})},
        "columns": _columns(columns, rename or (), wish.get("columns")),
        "filter": filter,
        "consent": consent,
        "destination": destination,
        "connection": connection,
        "settings": None if settings is None else json_object(settings, "--settings"),
        "since": "last" if since_last else None,
        "key": None if key is None else _names(key, "--by"),
        "name": name,
        "bom": True if bom else None,
        "formula_safe": False if raw else None,
    }
    wish |= {member: value for member, value in options.items() if value is not None}
    wish["upload_id" if source.startswith("upl_") else "segment_id"] = source
    with connect(url, api_key) as client:
        if preview:
            _tell_preview(client.preview_export(rows=_ROWS_SHOWN, **wish), as_json=as_json)
            return
        made = client.export(**wish)
        if to is None:
            see_through(client, made, wait=wait, as_json=as_json)
        else:
            _save(client, watched_export(client, made.export_id, made.name), to, as_json=as_json)


def _save(client: Client, export: Export, to: Path, *, as_json: bool) -> None:
    """The file of an export that is over, and the end of the command."""
    if export.file is not None:
        if to == _STDOUT:
            is_text = export.format in {Format.CSV, Format.NDJSON}
            write_pieces(client.download_export(export.export_id), None, is_text=is_text)
        else:
            client.save_export(export.export_id, to)
    end_with(export, as_json=as_json, saved=to)


def _tell_preview(found: ExportPreview, *, as_json: bool) -> None:
    if as_json:
        print_json(asdict(found))
        return
    names = [output for column in found.columns for output in column.outputs]
    print_table(names, [[row[name] for name in names] for row in found.rows])
    left_out = ", ".join(f"{rows:,} {reason}" for reason, rows in found.left_out.items())
    say()
    say(
        f"Of {found.rows_total:,} rows the first {found.looked_at:,} were looked at. Left out of them: {left_out or '0'}."
    )
    for cells in found.unhashed:
        note(
            f"  {cells.column}: {cells.cells:,} cells could not be hashed ({cells.code}) and would be empty."
        )
    note("Nothing was exported; without --preview it is done.")


def _format_of(to: Path | None) -> str | None:
    ending = "" if to is None else to.suffix[1:].lower()
    if ending == "jsonl":
        return Format.NDJSON
    return ending if ending in set(Format) else None


def _columns(
    names: str | None, renamed: Sequence[str], of_file: Sequence[Any] | None
) -> Sequence[str | Mapping[str, str]] | None:
    """The columns of options, with their new names; None when they say nothing."""
    if names is None:
        if renamed:
            raise typer.BadParameter("--rename goes with --columns, which says all that leave")
        return of_file
    outside = dict(_pair(text) for text in renamed)
    wanted = _names(names, "--columns")
    if unknown := outside.keys() - set(wanted):
        message = f"{', '.join(sorted(unknown))}: not among --columns"
        raise typer.BadParameter(message, param_hint="--rename")
    return [{"column": one, "as": outside[one]} if one in outside else one for one in wanted]


def _names(text: str, option: str) -> list[str]:
    found = [one.strip() for one in text.split(",") if one.strip()]
    if not found:
        raise typer.BadParameter("name at least one column", param_hint=option)
    return found


def _pair(text: str) -> tuple[str, str]:
    column, equals, name = text.partition("=")
    if not equals or not column or not name:
        raise typer.BadParameter(f"{text!r} is not COLUMN=NAME", param_hint="--rename")
    return column, name
