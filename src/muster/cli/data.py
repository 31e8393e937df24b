"""`muster list`, `get` and `delete`: what a server holds."""

import sys
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Literal

import typer

from muster.cli.options import AsJson, Key, UploadId, Url, connect
from muster.cli.output import FAILED, note, print_json, print_table, say, size_text
from muster.cli.whole_file import write_pieces
from muster.client import DeleteOutcome, Upload

_ROWS_IN_A_TABLE = 20


class Format(StrEnum):
    """How records are written. `table` is for eyes and shows the first rows only."""

    TABLE = "table"
    JSON = "json"
    NDJSON = "ndjson"
    CSV = "csv"


_DOWNLOADS: dict[Format, Literal["json", "ndjson", "csv"]] = {
    Format.JSON: "json",
    Format.NDJSON: "ndjson",
    Format.CSV: "csv",
}


def list_uploads(
    name: Annotated[str | None, typer.Option(help="Only uploads whose name contains this.")] = None,
    status: Annotated[str | None, typer.Option(help="Only uploads in this status.")] = None,
    limit: Annotated[int, typer.Option(min=1, help="Uploads to show, at most.")] = 100,
    *,
    url: Url = None,
    key: Key = None,
    as_json: AsJson = False,
) -> None:
    """List uploads, newest first."""
    uploads: list[Upload] = []
    total: int | None = None
    with connect(url, key) as client:
        for page in client.list(name=name, status=status, limit=min(limit, 1000)):
            uploads += page.uploads
            total = page.total
            if len(uploads) >= limit:
                break
    shown = uploads[:limit]
    if as_json:
        print_json({"uploads": [asdict(one) for one in shown], "total": total})
        return
    columns = ("upload_id", "name", "created", "records", "rejected", "status", "size")
    print_table(
        columns,
        [
            (
                one.upload_id,
                one.upload_name,
                one.created_at,
                one.rows_accepted,
                one.rows_rejected,
                one.status,
                size_text(one.size_bytes),
            )
            for one in shown
        ],
    )
    if total is not None and total > len(shown):
        note(f"{len(shown):,} of {total:,} uploads; --limit shows more.")


def get(
    upload_id: UploadId,
    offset: Annotated[int | None, typer.Option(min=0, help="Records to leave out at the beginning.")] = None,
    limit: Annotated[int | None, typer.Option(min=1, help="Records to read, at most.")] = None,
    format: Annotated[
        Format | None, typer.Option(help="Default: a table on a terminal, ndjson otherwise.")
    ] = None,
    output: Annotated[
        Path | None, typer.Option("-o", "--output", dir_okay=False, help="Write to this file.")
    ] = None,
    *,
    url: Url = None,
    key: Key = None,
    as_json: Annotated[bool, typer.Option("--json", help="The same as --format json.")] = False,
) -> None:
    """Read an upload's records; all of them unless it is a table."""
    chosen = Format.JSON if as_json else format
    if chosen is None:
        chosen = Format.TABLE if output is None and sys.stdout.isatty() else Format.NDJSON
    with connect(url, key) as client:
        if chosen is Format.TABLE:
            if output is not None:
                raise typer.BadParameter("a table is for the terminal; choose json, ndjson or csv")
            window = client.get(upload_id, offset=offset, limit=limit or _ROWS_IN_A_TABLE)
            columns = list(dict.fromkeys([*window.upload.fields, *_names_in(window.records)]))
            print_table(columns, [[record.get(name) for name in columns] for record in window.records])
            note(f"{len(window.records):,} of {window.total:,} records.")
            return
        pieces = client.download(upload_id, format=_DOWNLOADS[chosen], offset=offset, limit=limit)
        write_pieces(pieces, output)


def delete(
    upload_ids: Annotated[list[str], typer.Argument(metavar="ID", help="Uploads' ids, upl_...")],
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
    *,
    url: Url = None,
    key: Key = None,
    as_json: AsJson = False,
) -> None:
    """Delete uploads, for good."""
    many = f"{len(upload_ids)} uploads" if len(upload_ids) > 1 else upload_ids[0]
    if not yes:
        if not sys.stdin.isatty():
            raise typer.BadParameter("there is nobody to ask; say --yes")
        typer.confirm(f"Delete {many} for good?", abort=True, err=True)
    with connect(url, key) as client:
        if len(upload_ids) == 1:
            client.delete(upload_ids[0])
            outcomes: tuple[DeleteOutcome, ...] = (DeleteOutcome(upload_ids[0], deleted=True),)
        else:
            outcomes = client.delete_many(upload_ids)
    if as_json:
        print_json({"results": [asdict(one) for one in outcomes]})
    for one in outcomes:
        if not one.deleted:
            note(f"muster: {one.upload_id}: {one.message}")
        elif not as_json:
            say(f"Deleted {one.upload_id}.")
    if not all(one.deleted for one in outcomes):
        raise typer.Exit(FAILED)


def _names_in(records: Iterable[dict[str, object]]) -> Iterator[str]:
    for record in records:
        yield from record
