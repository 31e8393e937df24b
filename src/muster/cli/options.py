"""Options that commands share, and the client they describe."""

from typing import Annotated

import typer

from muster.cli.output import tell_of_retries
from muster.client import Client

Url = Annotated[
    str | None,
    typer.Option("--url", metavar="URL", help="The server; MUSTER_URL, or http://localhost:3000."),
]
Key = Annotated[
    str | None,
    typer.Option(
        "--key", metavar="KEY", help="An API key; better in MUSTER_API_KEY, where `ps` cannot see it."
    ),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]
UploadId = Annotated[str, typer.Argument(metavar="ID", help="An upload's id, upl_...")]


def connect(url: str | None, key: str | None) -> Client:
    """A client of the server the options, or else the environment, name."""
    tell_of_retries()
    return Client(url, api_key=key)
