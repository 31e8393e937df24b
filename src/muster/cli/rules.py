"""`muster rules`: list, add, delete and try rules."""

from dataclasses import asdict
from typing import Annotated, Any

import msgspec
import typer

from muster.cli.options import AsJson, Key, Url, connect
from muster.cli.output import print_json, print_table, say
from muster.client import Tried, TriedUpload

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    help="Rules that every upload is checked by.",
)

_Test = Annotated[
    str,
    typer.Option(
        "--test",
        metavar="TEST",
        help='Such as email, or \'{"kind": "phone", "region": "DE"}\'; see docs/api/rules.md.',
    ),
]
_Field = Annotated[str | None, typer.Option(help="The column it looks at.")]
_Severity = Annotated[str, typer.Option(help="reject, warn or fix.")]
_Otherwise = Annotated[str, typer.Option(help="For what --severity fix cannot fix: reject or warn.")]


@app.command("list")
def list_rules(*, url: Url = None, key: Key = None, as_json: AsJson = False) -> None:
    """List the rules in the order they are applied."""
    with connect(url, key) as client:
        found = client.rules()
    if as_json:
        print_json({"rules": [asdict(one) for one in found]})
        return
    print_table(
        ("id", "name", "field", "test", "severity", "enabled"),
        [(one.id, one.name, one.field, _test_text(one.test), one.severity, one.enabled) for one in found],
    )


@app.command()
def add(
    name: Annotated[str, typer.Argument(help="1 to 100 characters, for people.")],
    test: _Test,
    field: _Field = None,
    severity: _Severity = "reject",
    otherwise: _Otherwise = "reject",
    *,
    url: Url = None,
    key: Key = None,
    as_json: AsJson = False,
) -> None:
    """Keep a rule; it applies to every upload from then on."""
    with connect(url, key) as client:
        made = client.create_rule(name, _test(test), field=field, severity=severity, otherwise=otherwise)
    if as_json:
        print_json(asdict(made))
    else:
        say(f"{made.id}  {made.name}: {_test_text(made.test)}, {made.severity}")


@app.command()
def delete(
    rule_id: Annotated[str, typer.Argument(metavar="ID", help="A rule's id.")],
    *,
    url: Url = None,
    key: Key = None,
) -> None:
    """Forget a rule; tables that are ready do not change."""
    with connect(url, key) as client:
        client.delete_rule(rule_id)
    say(f"Deleted {rule_id}.")


@app.command("try")
def try_(
    values: Annotated[
        list[str] | None, typer.Argument(metavar="VALUE", help="Values to try a rule on.")
    ] = None,
    test: Annotated[str | None, typer.Option(help="What is tested, as for `add`; needs VALUEs.")] = None,
    field: _Field = None,
    severity: _Severity = "fix",
    otherwise: _Otherwise = "reject",
    upload_id: Annotated[
        str | None, typer.Option("--upload", metavar="ID", help="Try the kept rules on this upload instead.")
    ] = None,
    *,
    url: Url = None,
    key: Key = None,
    as_json: AsJson = False,
) -> None:
    """Try one rule on values, or the kept rules on an upload; nothing is kept."""
    if (upload_id is None) == (test is None) or (test is not None) != bool(values):
        raise typer.BadParameter("give --test and values, or --upload alone")
    with connect(url, key) as client:
        if upload_id is not None:
            whole = client.try_upload(upload_id)
            print_json(asdict(whole)) if as_json else _tell_upload(whole)
            return
        rule: dict[str, Any] = {"field": field or "value", "test": _test(test or ""), "severity": severity}
        if severity == "fix":
            rule["otherwise"] = otherwise
        tried = client.try_rule(rule, values or [])
    if as_json:
        print_json({"results": [asdict(one) for one in tried]})
    else:
        _tell_values(values or [], rule["field"], tried)


def _tell_values(values: list[str], field: str, tried: tuple[Tried, ...]) -> None:
    print_table(
        ("value", "outcome", "becomes", "why"),
        [
            (
                value,
                one.outcome.replace("_", " "),
                one.record.get(field),
                "; ".join(finding.message for finding in one.findings),
            )
            for value, one in zip(values, tried, strict=True)
        ],
    )


def _tell_upload(tried: TriedUpload) -> None:
    part = "" if tried.is_complete else "the first "
    say(f"{part}{tried.rows:,} rows = {tried.accepted:,} would be accepted + {tried.rejected:,} rejected")
    if tried.counts:
        print_table(
            ("field", "code", "severity", "rows"),
            [(one.field, one.code, one.severity, one.count) for one in tried.counts],
        )


def _test(text: str) -> dict[str, Any]:
    """The test as the API takes it; a lone word is its kind."""
    if not text.lstrip().startswith("{"):
        return {"kind": text.strip()}
    try:
        return msgspec.json.decode(text, type=dict[str, Any])
    except msgspec.DecodeError as error:
        raise typer.BadParameter(f"it is not JSON: {error}", param_hint="--test") from error


def _test_text(test: Any) -> str:
    """A test on one line: its kind, then what that takes."""
    rest = {name: value for name, value in test.items() if name != "kind" and value is not None}
    return f"{test['kind']} {msgspec.json.encode(rest).decode()}" if rest else str(test["kind"])
