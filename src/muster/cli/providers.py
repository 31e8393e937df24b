"""`muster providers`: who can be asked in an enrichment."""

from dataclasses import asdict
from typing import Annotated, Any

import typer

from muster.cli.options import AsJson, Key, Url, connect
from muster.cli.output import FAILED, amount_text, note, print_json, print_table, say
from muster.client import Provider


def providers(
    provider_id: Annotated[
        str | None, typer.Argument(metavar="PROVIDER", help="Show all there is to know of this one.")
    ] = None,
    *,
    url: Url = None,
    key: Key = None,
    as_json: AsJson = False,
) -> None:
    """List who can be asked: what each needs, gives and costs."""
    with connect(url, key) as client:
        found = client.providers()
    if provider_id is not None:
        found = tuple(one for one in found if one.id == provider_id)
        if not found:
            note(f"muster: there is no provider {provider_id}; `muster providers` lists them.")
            raise typer.Exit(FAILED)
    if as_json:
        print_json({"providers": [asdict(one) for one in found]})
    elif provider_id is not None:
        _tell(found[0])
    else:
        print_table(
            ("provider", "title", "needs", "fills", "network", "price"),
            [
                (
                    one.id,
                    one.title,
                    _names([need.name for need in one.needs], one),
                    _names([output.column for output in one.gives], one),
                    "yes" if one.network else "no",
                    _price(one),
                )
                for one in found
            ],
        )


def _tell(one: Provider) -> None:
    say(f"{one.id}  {one.title}, version {one.version}. {one.description}")
    if one.connection:
        say("Its settings are kept under a name: `muster enrichments connections add`.")
    say(f"Price: {_price(one)}.{' It asks others over the network.' if one.network else ''}")
    say()
    print_table(
        ("needs", "is", "usually in"),
        [(need.name, need.description, ", ".join(need.fields) or None) for need in one.needs],
    )
    say()
    print_table(
        ("gives", "is", "fills"), [(output.name, output.description, output.column) for output in one.gives]
    )
    settings: dict[str, Any] = one.settings.get("properties") or {}
    if settings:
        say()
        print_table(
            ("setting", "is", "unless given"),
            [(name, about.get("description"), about.get("default")) for name, about in settings.items()],
        )


def _names(names: list[str], one: Provider) -> str | None:
    """Their names; of one with a connection they stand there."""
    if not names:
        return "by connection" if one.connection else None
    return ", ".join(names)


def _price(one: Provider) -> str:
    if one.price:
        return f"{amount_text(one.price)} for each {one.price_per}"
    return "by connection" if one.connection else "free"
