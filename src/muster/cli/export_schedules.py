"""`muster exports schedules`: exports that are made again and again."""

from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from muster.cli.json_options import export_file
from muster.cli.options import AsJson, Key, Url, connect
from muster.cli.output import print_json, print_table, say
from muster.client import ExportSchedule

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    help="Exports that are made again and again.",
)

_Id = Annotated[str, typer.Argument(metavar="SCHEDULE", help="A schedule's id, xsc_...")]


@app.command("list")
def list_schedules(*, url: Url = None, key: Key = None, as_json: AsJson = False) -> None:
    """List schedules."""
    with connect(url, key) as client:
        found = list(client.export_schedules())
    if as_json:
        print_json({"schedules": [asdict(one) for one in found]})
        return
    print_table(
        ("schedule_id", "name", "every", "next", "to", "last", "error"),
        [
            (
                one.schedule_id,
                one.name,
                f"{one.every_minutes:,} min",
                one.next_at if one.enabled else "off",
                one.export.get("destination"),
                one.last_export_id,
                one.last_error,
            )
            for one in found
        ],
    )


@app.command()
def add(
    file: Annotated[
        Path,
        typer.Argument(
            metavar="FILE",
            exists=True,
            dir_okay=False,
            readable=True,
            help="The export as JSON: what the API takes.",
        ),
    ],
    every: Annotated[
        int, typer.Option(min=5, max=44_640, metavar="MINUTES", help="Minutes between two exports.")
    ],
    starts_at: Annotated[
        str | None,
        typer.Option(metavar="TIME", help="When first, such as 2026-01-16T02:00:00Z; now unless given."),
    ] = None,
    name: Annotated[str | None, typer.Option(help="For people; the export's unless given.")] = None,
    *,
    url: Url = None,
    key: Key = None,
    as_json: AsJson = False,
) -> None:
    """Make an export every so many minutes."""
    wish = export_file(file, "FILE", sources=True)
    first = None if starts_at is None else _time(starts_at)
    with connect(url, key) as client:
        made = client.create_export_schedule(every, wish, starts_at=first, name=name)
    _tell(made, as_json)


@app.command()
def show(schedule_id: _Id, *, url: Url = None, key: Key = None, as_json: AsJson = False) -> None:
    """Show a schedule and what became of its last export."""
    with connect(url, key) as client:
        _tell(client.export_schedule(schedule_id), as_json)


@app.command()
def on(schedule_id: _Id, *, url: Url = None, key: Key = None, as_json: AsJson = False) -> None:
    """Let a schedule go on."""
    with connect(url, key) as client:
        _tell(client.update_export_schedule(schedule_id, enabled=True), as_json)


@app.command()
def off(schedule_id: _Id, *, url: Url = None, key: Key = None, as_json: AsJson = False) -> None:
    """Let a schedule rest."""
    with connect(url, key) as client:
        _tell(client.update_export_schedule(schedule_id, enabled=False), as_json)


@app.command()
def run(schedule_id: _Id, *, url: Url = None, key: Key = None, as_json: AsJson = False) -> None:
    """Make the export of a schedule now."""
    with connect(url, key) as client:
        export = client.run_export_schedule(schedule_id)
    if as_json:
        print_json(asdict(export))
    else:
        say(f"{export.export_id}  {export.status}. `muster exports follow {export.export_id}` shows it.")


@app.command()
def delete(schedule_id: _Id, *, url: Url = None, key: Key = None) -> None:
    """Make it no more; exports it made stay."""
    with connect(url, key) as client:
        client.delete_export_schedule(schedule_id)
    say(f"Deleted {schedule_id}.")


def _tell(schedule: ExportSchedule, as_json: bool) -> None:
    if as_json:
        print_json(asdict(schedule))
        return
    when = f"next at {schedule.next_at:%Y-%m-%d %H:%M}Z" if schedule.enabled else "off"
    say(f"{schedule.schedule_id}  {schedule.name}, every {schedule.every_minutes:,} minutes, {when}")
    if schedule.last_export_id is not None:
        say(f"  last export: {schedule.last_export_id} {schedule.last_status or ''}".rstrip())
    if schedule.last_error is not None:
        say(f"  last error:  {schedule.last_error}")


def _time(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise typer.BadParameter(f"{text!r} is no time", param_hint="--starts-at") from error
    if moment.tzinfo is None:
        raise typer.BadParameter("say its zone, such as Z or +02:00", param_hint="--starts-at")
    return moment
