"""`muster exports`: look at exports, follow and steer them, and fetch their files."""

import sys
from dataclasses import asdict
from itertools import islice
from pathlib import Path
from typing import Annotated

import typer

from muster.cli.destinations import connections_app, destinations
from muster.cli.export_progress import shown_export
from muster.cli.export_schedules import app as schedules_app
from muster.cli.options import AsJson, Key, Url, connect
from muster.cli.output import FAILED, note, print_json, print_table, say, size_text
from muster.cli.whole_file import write_pieces
from muster.client import Client, Export

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    help="Exports: look at them, follow and steer them, fetch their files; `muster export` makes one.",
)
app.command("destinations")(destinations)
app.add_typer(connections_app, name="connections")
app.add_typer(schedules_app, name="schedules")

ExportId = Annotated[str, typer.Argument(metavar="EXPORT", help="An export's id, exp_...")]


@app.command("list")
def list_exports(
    status: Annotated[
        str | None, typer.Option(help="Only exports in this status, or in these between commas.")
    ] = None,
    source: Annotated[
        str | None, typer.Option(metavar="ID", help="Only of this segment, or with rows of this upload.")
    ] = None,
    destination: Annotated[str | None, typer.Option(help="Only to this destination.")] = None,
    limit: Annotated[int, typer.Option(min=1, help="Exports to show, at most.")] = 100,
    *,
    url: Url = None,
    key: Key = None,
    as_json: AsJson = False,
) -> None:
    """List exports, newest first."""
    of_upload = source is not None and source.startswith("upl_")
    with connect(url, key) as client:
        exports = client.exports(
            status=status,
            destination=destination,
            segment_id=None if of_upload else source,
            upload_id=source if of_upload else None,
        )
        found = list(islice(exports, limit))
    if as_json:
        print_json({"exports": [asdict(one) for one in found]})
        return
    print_table(
        ("export_id", "name", "to", "created", "status", "rows", "written", "left out", "failed"),
        [
            (
                one.export_id,
                one.name,
                one.destination,
                one.created_at,
                one.status,
                one.rows,
                one.written,
                one.left_out,
                one.failed,
            )
            for one in found
        ],
    )


@app.command()
def show(export_id: ExportId, *, url: Url = None, key: Key = None, as_json: AsJson = False) -> None:
    """Show an export: what became of its rows."""
    with connect(url, key) as client:
        export = client.get_export(export_id)
    if as_json:
        print_json(asdict(export))
        return
    say(f"{export.export_id}  {export.name}, to {export.destination_title}: {export.status}")
    tell_counts(export)
    _tell_next(export, None)


@app.command()
def follow(export_id: ExportId, *, url: Url = None, key: Key = None, as_json: AsJson = False) -> None:
    """Show an export until it is over."""
    with connect(url, key) as client:
        end_with(watched_export(client, export_id, export_id), as_json=as_json)


@app.command()
def download(
    export_id: ExportId,
    output: Annotated[
        Path | None,
        typer.Option("-o", "--output", dir_okay=False, help="Write to this file; what broke off goes on."),
    ] = None,
    *,
    url: Url = None,
    key: Key = None,
) -> None:
    """Fetch the file of an export."""
    with connect(url, key) as client:
        if output is not None:
            size_bytes = client.save_export(export_id, output)
            note(f"Wrote {output} ({size_text(size_bytes)}).")
            return
        is_text = client.get_export(export_id).format in {"csv", "ndjson"}
        if not is_text and sys.stdout.isatty():
            raise typer.BadParameter("this file is not for the terminal; give --output")
        write_pieces(client.download_export(export_id), None, is_text=is_text)


@app.command()
def outcomes(
    export_id: ExportId,
    outcome: Annotated[str | None, typer.Option(help="Only written, failed or left_out.")] = None,
    code: Annotated[str | None, typer.Option(help="Only rows with this reason.")] = None,
    limit: Annotated[int, typer.Option(min=1, help="Rows to show, at most.")] = 1000,
    *,
    url: Url = None,
    key: Key = None,
    as_json: AsJson = False,
) -> None:
    """Show rows that were not simply written, and why."""
    with connect(url, key) as client:
        found = list(islice(client.export_outcomes(export_id, outcome=outcome, code=code), limit))
    if as_json:
        print_json({"outcomes": [asdict(one) for one in found]})
        return
    print_table(
        ("position", "upload", "row", "outcome", "code", "column", "dismissed", "message"),
        [
            (
                one.position,
                one.upload_id,
                one.row_id,
                one.outcome,
                one.code,
                one.column,
                "yes" if one.dismissed else "no",
                one.message,
            )
            for one in found
        ],
    )


@app.command()
def retry(
    export_id: ExportId,
    code: Annotated[
        list[str] | None, typer.Option(help="Only what failed for this reason; give it again for more.")
    ] = None,
    wait: Annotated[bool, typer.Option("--wait/--no-wait", help="Wait until it is over.")] = True,
    *,
    url: Url = None,
    key: Key = None,
    as_json: AsJson = False,
) -> None:
    """Try rows that failed, or were never reached, again, in a new export."""
    with connect(url, key) as client:
        see_through(client, client.retry_export(export_id, codes=code), wait=wait, as_json=as_json)


@app.command()
def dismiss(
    export_id: ExportId,
    positions: Annotated[
        list[int] | None, typer.Argument(metavar="POSITION", help="Places of rows, as `outcomes` shows them.")
    ] = None,
    code: Annotated[
        list[str] | None, typer.Option(help="All that failed for this reason; give it again for more.")
    ] = None,
    all_: Annotated[bool, typer.Option("--all", help="All that failed.")] = False,
    *,
    url: Url = None,
    key: Key = None,
    as_json: AsJson = False,
) -> None:
    """Leave failed rows alone from now on."""
    if sum((bool(positions), bool(code), all_)) != 1:
        raise typer.BadParameter("give POSITIONs, or --code, or --all")
    with connect(url, key) as client:
        dismissed = client.dismiss_export_failures(export_id, positions=positions or None, codes=code or None)
    if as_json:
        print_json({"dismissed": dismissed})
    else:
        say(f"Rows dismissed: {dismissed:,}.")


@app.command()
def cancel(export_id: ExportId, *, url: Url = None, key: Key = None, as_json: AsJson = False) -> None:
    """End an export; what was delivered stays delivered."""
    with connect(url, key) as client:
        export = client.cancel_export(export_id)
    if as_json:
        print_json(asdict(export))
    else:
        say(f"{export_id}  {export.status}. It ends within two seconds.")


@app.command()
def delete(export_id: ExportId, *, url: Url = None, key: Key = None) -> None:
    """Forget an export with its file; what was delivered stays where it is."""
    with connect(url, key) as client:
        client.delete_export(export_id)
    say(f"Deleted {export_id}.")


def see_through(client: Client, export: Export, *, wait: bool, as_json: bool) -> None:
    """What comes after an export was made: the end of the command, when it waits the end of the export."""
    if wait:
        end_with(watched_export(client, export.export_id, export.name), as_json=as_json)
    elif as_json:
        print_json(asdict(export))
    else:
        say(f"{export.export_id}  {export.status}. {_how_to_follow(export.export_id)}")


def watched_export(client: Client, export_id: str, name: str) -> Export:
    """The export when it is over; Ctrl-C leaves it alone and says how to come back."""
    try:
        with shown_export(name) as show_progress:
            return client.wait_for_export(export_id, on_progress=show_progress)
    except KeyboardInterrupt:
        note(f"muster: the server goes on with {export_id}. {_how_to_follow(export_id)}")
        raise typer.Exit(FAILED) from None


def end_with(export: Export, *, as_json: bool, saved: Path | None = None) -> None:
    """Tell what has become of an export, and end with 1 unless all of it was done. saved: where its file is now."""
    if as_json:
        print_json(asdict(export))
    else:
        _tell_outcome(export, saved)
    if export.status != "done":
        raise typer.Exit(FAILED)


def _tell_outcome(export: Export, saved: Path | None) -> None:
    # Rows may be on stdout already.
    tell = note if saved == Path("-") else say
    if export.status in {"done", "done_with_failures"}:
        tell(f"{export.export_id}  {export.status}: {export.written:,} of {export.rows or 0:,} rows")
    else:
        note(f"{export.export_id} {export.status}{f': {export.reason}' if export.reason else '.'}")
    if saved == Path("-"):
        return
    tell_counts(export)
    if saved is not None and export.file is not None:
        say(f"  saved:         {saved} ({size_text(export.file.size_bytes)})")
    _tell_next(export, saved)


def tell_counts(export: Export) -> None:
    """What became of the rows, and why some are not where they were to be."""
    changes = export.changes
    print_table(
        ("rows", "written", "failed", "left out", "pending"),
        [(export.rows, export.written, export.failed, export.left_out, export.pending)],
    )
    if changes is not None:
        note(
            f"  {changes.joined:,} joined, {changes.changed:,} changed, {changes.left:,} left since the last time."
        )
    for reason, rows in export.reasons.items():
        note(f"  left out: {rows:,} rows, {reason}")
    for failure in export.failures:
        note(f"  failed: {failure.rows:,} rows, {failure.code}: {failure.message}")
    for cells in export.unhashed:
        note(f"  {cells.column}: {cells.cells:,} cells could not be hashed ({cells.code}) and are empty.")


def _tell_next(export: Export, saved: Path | None) -> None:
    if "download" in export.actions and saved is None and export.file is not None:
        say(f"  fetch it:      muster exports download {export.export_id} --output {export.file.name}")
    if "retry-failed" in export.actions:
        say(f"  try again:     muster exports retry {export.export_id}")
    if "dismiss" in export.actions:
        say(f"  which they are: muster exports outcomes {export.export_id} --outcome failed")


def _how_to_follow(export_id: str) -> str:
    return f"`muster exports follow {export_id}` shows it, `muster exports cancel {export_id}` stops it."
