"""`muster enrichments connections`: the kept settings of providers that need an address or a key."""

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from muster.cli.json_options import json_file
from muster.cli.options import AsJson, Key, Url, connect
from muster.cli.output import FAILED, amount_text, note, print_json, print_table, say
from muster.client import ProviderConnection

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    help="Kept settings of providers that need an address or a key.",
)

_Id = Annotated[str, typer.Argument(metavar="ID", help="A connection's id, con_...")]
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


@app.command("list")
def list_connections(*, url: Url = None, key: Key = None, as_json: AsJson = False) -> None:
    """List connections."""
    with connect(url, key) as client:
        found = client.provider_connections()
    if as_json:
        print_json({"connections": [asdict(one) for one in found]})
        return
    print_table(
        ("id", "provider", "name", "needs", "fills", "price", "usable"),
        [
            (
                one.id,
                one.provider,
                one.name,
                ", ".join(need.name for need in one.needs),
                ", ".join(output.column for output in one.gives),
                f"{amount_text(one.price)} for each {one.price_per}" if one.price else "free",
                one.usable,
            )
            for one in found
        ],
    )


@app.command()
def add(
    provider: Annotated[str, typer.Argument(metavar="PROVIDER", help="Such as http_json.")],
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
        _tell(client.create_provider_connection(provider, name, wanted), as_json)


@app.command()
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
        _tell(client.update_provider_connection(connection_id, **changed), as_json)


@app.command("try")
def try_(
    connection_id: _Id,
    inputs: Annotated[
        list[str], typer.Argument(metavar="NAME=VALUE", help="A value for each thing it needs.")
    ],
    *,
    url: Url = None,
    key: Key = None,
    as_json: AsJson = False,
) -> None:
    """Make one call, which may cost something, and show what came of it."""
    asked = dict(_pair(text) for text in inputs)
    with connect(url, key) as client:
        tried = client.try_provider_connection(connection_id, asked)
    if as_json:
        print_json(asdict(tried))
    else:
        why = f": {tried.reason}" if tried.reason else ""
        say(f"{tried.outcome}{why}, cost {amount_text(tried.cost)}")
        if tried.values:
            print_table(("output", "value"), list(tried.values.items()))
    if tried.outcome == "failed":
        raise typer.Exit(FAILED)


@app.command()
def delete(connection_id: _Id, *, url: Url = None, key: Key = None) -> None:
    """Forget a connection; what was enriched with it stays."""
    with connect(url, key) as client:
        client.delete_provider_connection(connection_id)
    say(f"Deleted {connection_id}.")


def _tell(made: ProviderConnection, as_json: bool) -> None:
    if as_json:
        print_json(asdict(made))
        return
    say(f"{made.id}  {made.name}, of {made.provider}")
    needs = " ".join(f"{need.name}=..." for need in made.needs)
    note(f"`muster enrichments connections try {made.id} {needs}` makes one call.")


def _pair(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals or not name:
        raise typer.BadParameter(f"{text!r} is not NAME=VALUE")
    return name, value
