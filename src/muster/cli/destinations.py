"""`muster exports destinations` and `connections`: where exports can go, and the kept settings of those places."""

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from muster.cli.json_options import json_file, json_object
from muster.cli.options import AsJson, Key, Url, connect
from muster.cli.output import FAILED, note, print_json, print_table, say
from muster.client import DestinationConnection

connections_app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    help="Kept settings of destinations that need an address or a key.",
)

_Id = Annotated[str, typer.Argument(metavar="ID", help="A connection's id, xcn_...")]
_Settings = Annotated[
    Path,
    typer.Option(
        "--settings",
        exists=True,
        dir_okay=False,
        readable=True,
        allow_dash=True,
        help="A file with the settings as JSON, secrets in it; - reads stdin.",
    ),
]


def destinations(*, url: Url = None, key: Key = None, as_json: AsJson = False) -> None:
    """List where exports can go."""
    with connect(url, key) as client:
        found = client.destinations()
    if as_json:
        print_json({"destinations": [asdict(one) for one in found]})
        return
    print_table(
        ("id", "title", "takes", "hashes", "connection", "settings"),
        [
            (
                one.id,
                one.title,
                ", ".join(one.formats) or one.takes,
                one.hashing,
                "no" if one.connection is None else ", ".join(one.connection.get("properties", {})),
                ", ".join(one.settings.get("properties", {})),
            )
            for one in found
        ],
    )


@connections_app.command("list")
def list_connections(*, url: Url = None, key: Key = None, as_json: AsJson = False) -> None:
    """List connections."""
    with connect(url, key) as client:
        found = client.destination_connections()
    if as_json:
        print_json({"connections": [asdict(one) for one in found]})
        return
    print_table(
        ("id", "destination", "name", "updated"),
        [(one.id, one.destination, one.name, one.updated_at) for one in found],
    )


@connections_app.command()
def add(
    destination: Annotated[str, typer.Argument(metavar="DESTINATION", help="Such as http.")],
    name: Annotated[str, typer.Argument(help="For people.")],
    settings: _Settings,
    *,
    url: Url = None,
    key: Key = None,
    as_json: AsJson = False,
) -> None:
    """Keep settings under a name; secrets are stored sealed and never shown again."""
    wanted = json_file(settings, "--settings")
    with connect(url, key) as client:
        _tell(client.create_destination_connection(destination, name, wanted), as_json)


@connections_app.command()
def change(
    connection_id: _Id,
    name: Annotated[str | None, typer.Option(help="Another name.")] = None,
    settings: Annotated[
        Path | None,
        typer.Option(
            exists=True,
            dir_okay=False,
            readable=True,
            allow_dash=True,
            help="As for `add`; null keeps a secret.",
        ),
    ] = None,
    *,
    url: Url = None,
    key: Key = None,
    as_json: AsJson = False,
) -> None:
    """Give a connection another name, or other settings."""
    members = {"name": name, "settings": None if settings is None else json_file(settings, "--settings")}
    changed = {member: value for member, value in members.items() if value is not None}
    if not changed:
        raise typer.BadParameter("give --name or --settings")
    with connect(url, key) as client:
        _tell(client.update_destination_connection(connection_id, **changed), as_json)


@connections_app.command("try")
def try_(
    connection_id: _Id,
    settings: Annotated[
        str | None,
        typer.Option(metavar="JSON", help="The settings an export would have, where it needs any."),
    ] = None,
    *,
    url: Url = None,
    key: Key = None,
    as_json: AsJson = False,
) -> None:
    """Ask the destination whether it would take anything; no row is sent."""
    wanted = None if settings is None else json_object(settings, "--settings")
    with connect(url, key) as client:
        tried = client.try_destination_connection(connection_id, wanted)
    if as_json:
        print_json(asdict(tried))
    else:
        say(tried.message if tried.ok else f"{tried.code}: {tried.message}")
    if not tried.ok:
        raise typer.Exit(FAILED)


@connections_app.command()
def delete(connection_id: _Id, *, url: Url = None, key: Key = None) -> None:
    """Forget a connection; what was exported with it stays."""
    with connect(url, key) as client:
        client.delete_destination_connection(connection_id)
    say(f"Deleted {connection_id}.")


def _tell(made: DestinationConnection, as_json: bool) -> None:
    if as_json:
        print_json(asdict(made))
        return
    say(f"{made.id}  {made.name}, to {made.destination}")
    note(f"`muster exports connections try {made.id}` asks whether it would take anything.")
