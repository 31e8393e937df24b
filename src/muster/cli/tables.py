"""`muster rows`, `profile` and `results`: the table an upload became."""

import sys
from collections.abc import Iterator
from dataclasses import asdict
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from muster.cli.options import AsJson, Key, UploadId, Url, connect
from muster.cli.output import note, print_json, print_table
from muster.cli.whole_file import write_pieces
from muster.client import Client, ColumnProfile, Row, Rows

_LIMIT = 20
_AT_ONCE = 1000
_TOP_SHOWN = 3
_TOP_CHARACTERS = 30


def rows(
    upload_id: UploadId,
    filter: Annotated[
        str | None,
        typer.Option(metavar="JSON", help='Such as \'{"field": "country", "op": "eq", "value": "US"}\'.'),
    ] = None,
    sort: Annotated[
        str | None, typer.Option(metavar="FIELDS", help="Such as -employees,last_name; - is descending.")
    ] = None,
    columns: Annotated[
        str | None, typer.Option(metavar="NAMES", help="Columns to show, between commas.")
    ] = None,
    offset: Annotated[int, typer.Option(min=0, help="Rows to leave out at the beginning.")] = 0,
    limit: Annotated[int, typer.Option(min=1, help="Rows to show, at most.")] = _LIMIT,
    issues: Annotated[
        bool, typer.Option("--issues", help="Only rows that a rule warned about or fixed.")
    ] = False,
    *,
    url: Url = None,
    key: Key = None,
    as_json: AsJson = False,
) -> None:
    """Show rows of the table an upload became."""
    names = None if columns is None else [name.strip() for name in columns.split(",") if name.strip()]
    with connect(url, key) as client:
        window, found = _windows(client, upload_id, filter, sort, names, offset, limit, issues=issues)
    if as_json:
        facts = asdict(window)
        facts |= {"limit": limit, "offset": offset, "rows": [asdict(one) for one in found]}
        print_json(facts)
        return
    shown = [column.name for column in window.columns]
    print_table(["row", *shown], [[one.row, *(one.values[name] for name in shown)] for one in found])
    if issues:
        for row in found:
            for one in row.issues:
                now = "" if one.fixed is None else f" Now: {one.fixed}"
                note(f"Row {row.row}, {one.field}: {one.message}{now}")
    about = "" if window.total_exact else "about "
    note(f"{len(found):,} of {about}{window.total:,} rows.")


def _windows(
    client: Client,
    upload_id: str,
    filter: str | None,
    sort: str | None,
    columns: list[str] | None,
    offset: int,
    limit: int,
    *,
    issues: bool,
) -> tuple[Rows, list[Row]]:
    """The first window, and the rows of as many as it takes."""
    found: list[Row] = []
    first: Rows | None = None
    while first is None or (len(found) < limit and len(found) % _AT_ONCE == 0):
        window = client.rows(
            upload_id,
            offset=offset + len(found),
            limit=min(limit - len(found), _AT_ONCE),
            filter=filter,
            sort=sort,
            columns=columns,
            view="issues" if issues else "all",
        )
        first = first or window
        found += window.rows
        if not window.rows:
            break
    return first, found


def profile(upload_id: UploadId, *, url: Url = None, key: Key = None, as_json: AsJson = False) -> None:
    """Show what the columns of an upload's table hold."""
    with connect(url, key) as client:
        found = client.profile(upload_id)
    if as_json:
        print_json(asdict(found))
        return
    print_table(
        ("column", "type", "filled", "different", "least", "greatest", "most frequent"),
        [profile_line(column) for column in found.columns],
    )
    note(f"{found.rows:,} rows." + (" Rows were edited since." if found.edited_since else ""))


class Part(StrEnum):
    """What became of a record."""

    ACCEPTED = "accepted"
    REJECTED = "rejected"
    UNPROCESSED = "unprocessed"


class Format(StrEnum):
    """What results can be written as."""

    CSV = "csv"
    NDJSON = "ndjson"
    XLSX = "xlsx"
    PARQUET = "parquet"


def results(
    upload_id: UploadId,
    part: Annotated[Part, typer.Option(help="Which of the three parts of an upload.")] = Part.ACCEPTED,
    format: Annotated[
        Format | None, typer.Option(help="By the ending of --output unless given, or else csv.")
    ] = None,
    output: Annotated[
        Path | None, typer.Option("-o", "--output", dir_okay=False, help="Write to this file.")
    ] = None,
    *,
    url: Url = None,
    key: Key = None,
) -> None:
    """Download what became of an upload's records, in the order they were sent."""
    if format is None:
        ending = "" if output is None else output.suffix[1:].lower()
        format = Format(ending) if ending in set(Format) else Format.CSV
    is_text = format in {Format.CSV, Format.NDJSON}
    if output is None and not is_text and sys.stdout.isatty():
        raise typer.BadParameter(f"{format} is not for the terminal; give --output")
    with connect(url, key) as client:
        write_pieces(client.results(upload_id, part.value, format.value), output, is_text=is_text)


def profile_line(column: ColumnProfile) -> tuple[object, ...]:
    """One column on one line."""
    rows = column.filled + column.empty
    about = "" if column.distinct_exact else "~"
    return (
        column.name,
        column.type,
        f"{column.filled / rows:.1%}" if rows else "-",
        f"{about}{column.distinct:,}",
        _bound(column.minimum),
        _bound(column.maximum),
        ", ".join(_top(column)),
    )


def _bound(value: float | str | None) -> object:
    """The least or the greatest value; a whole number without its `.0`."""
    return f"{value:,.15g}" if isinstance(value, float) else value


def _top(column: ColumnProfile) -> Iterator[str]:
    # A value that stands in one row only is frequent in no useful sense.
    for one in column.top[:_TOP_SHOWN]:
        if one.rows > 1:
            shown = one.value if len(one.value) <= _TOP_CHARACTERS else f"{one.value[:_TOP_CHARACTERS]}…"
            yield f"{shown} ({one.rows:,})"
