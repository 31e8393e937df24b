"""`muster suppressions`: people who must not leave, whatever an export says."""

import sys
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from enum import StrEnum
from itertools import islice
from typing import Annotated

import typer

from muster.cli.options import AsJson, Key, Url, connect
from muster.cli.output import FAILED, note, print_json, print_table, say

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    help="People who must not leave: e-mail addresses, phone numbers, domains.",
)

_REFUSED_SHOWN = 5


class Kind(StrEnum):
    """What a value is."""

    EMAIL = "email"
    PHONE = "phone"
    DOMAIN = "domain"


_Values = Annotated[
    list[str],
    typer.Argument(metavar="VALUE", help="An address, a number, a domain; - reads stdin, one a line."),
]
_Kind = Annotated[Kind | None, typer.Option(help="What they are; told by their shape unless given.")]
_Region = Annotated[
    str | None, typer.Option(metavar="CC", help="The country of phone numbers without +, such as US.")
]


@app.command("list")
def list_suppressions(
    kind: Annotated[Kind | None, typer.Option(help="Only of this kind.")] = None,
    limit: Annotated[int, typer.Option(min=1, help="Entries to show, at most.")] = 100,
    *,
    url: Url = None,
    key: Key = None,
    as_json: AsJson = False,
) -> None:
    """List entries, newest first; only keyed hashes are kept, so whose they are cannot be shown."""
    with connect(url, key) as client:
        found = list(islice(client.suppressions(None if kind is None else kind.value), limit))
    if as_json:
        print_json({"suppressions": [asdict(one) for one in found]})
        return
    print_table(
        ("id", "kind", "created", "source", "reason"),
        [(one.id, one.kind, one.created_at, one.source, one.reason) for one in found],
    )


@app.command()
def add(
    values: _Values,
    kind: _Kind = None,
    region: _Region = None,
    reason: Annotated[str | None, typer.Option(help="Why; shown in the list.")] = None,
    *,
    url: Url = None,
    key: Key = None,
    as_json: AsJson = False,
) -> None:
    """Let no export take these people out."""
    with connect(url, key) as client:
        done = client.suppress(
            _all(values), kind=None if kind is None else kind.value, region=region, reason=reason
        )
    if as_json:
        print_json(asdict(done))
    else:
        say(f"Added: {done.added:,}. On the list already: {done.already:,}.")
        for one in done.refused[:_REFUSED_SHOWN]:
            note(f"  value {one.index + 1}: {one.message}")
        if done.refused:
            note(f"Refused: {len(done.refused):,}.")
    if done.refused:
        raise typer.Exit(FAILED)


@app.command()
def check(
    values: _Values,
    kind: _Kind = None,
    region: _Region = None,
    *,
    url: Url = None,
    key: Key = None,
    as_json: AsJson = False,
) -> None:
    """Say which of these people must not leave."""
    asked = list(_all(values))
    with connect(url, key) as client:
        found = client.check_suppressions(asked, kind=None if kind is None else kind.value, region=region)
    if as_json:
        print_json({"results": [asdict(one) for one in found]})
        return
    print_table(
        ("value", "kind", "suppressed", "by"),
        [(asked[one.index], one.kind, "yes" if one.suppressed else "no", one.by) for one in found],
    )


@app.command()
def remove(
    values: _Values,
    kind: _Kind = None,
    region: _Region = None,
    *,
    url: Url = None,
    key: Key = None,
    as_json: AsJson = False,
) -> None:
    """Take values, or entries by their ids, sup_..., off the list."""
    given = list(_all(values))
    ids = [value for value in given if value.startswith("sup_")]
    others = [value for value in given if not value.startswith("sup_")]
    with connect(url, key) as client:
        for entry_id in ids:
            client.delete_suppression(entry_id)
        removed = len(ids)
        if others:
            removed += client.unsuppress(others, kind=None if kind is None else kind.value, region=region)
    if as_json:
        print_json({"removed": removed})
    else:
        say(f"Removed: {removed:,}.")


def _all(values: Sequence[str]) -> Iterable[str]:
    if list(values) == ["-"]:
        return (line.strip() for line in sys.stdin if line.strip())
    return values
