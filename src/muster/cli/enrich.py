"""`muster enrich`: ask providers about the rows of an upload, with a bar for each, or say first what it would cost."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated, Any

import typer

from muster.cli.enrichments import see_through
from muster.cli.json_options import json_file
from muster.cli.options import AsJson, Key, Url, connect
from muster.cli.output import amount_text, note, print_json, print_table, say
from muster.client import EnrichmentEstimate, EstimatedStep

_ROWS_SHOWN = 3
_MEMBERS = {"upload_id", "name", "with", "providers", "targets", "filter", "budget"}


def enrich(
    upload_id: Annotated[
        str | None, typer.Argument(metavar="UPLOAD", help="An upload's id; may stand in the --file instead.")
    ] = None,
    with_: Annotated[
        str | None,
        typer.Option("--with", metavar="PROVIDERS", help="Ids between commas, asked in this order."),
    ] = None,
    file: Annotated[
        Path | None,
        typer.Option(
            exists=True,
            dir_okay=False,
            readable=True,
            help="A whole plan as JSON, instead of --with: what the API takes.",
        ),
    ] = None,
    budget: Annotated[
        float | None, typer.Option(min=0, help="The most it may cost; needed when a provider has a price.")
    ] = None,
    filter: Annotated[
        str | None, typer.Option(metavar="JSON", help="Only rows that match, as in `muster rows`.")
    ] = None,
    overwrite: Annotated[
        list[str] | None,
        typer.Option(metavar="COLUMN", help="Replace its values where something is found; may be repeated."),
    ] = None,
    name: Annotated[str | None, typer.Option(help="The run's name; the providers' unless given.")] = None,
    estimate: Annotated[bool, typer.Option("--estimate", help="Only say what it would do and cost.")] = False,
    ask_paid: Annotated[
        bool,
        typer.Option("--ask-paid", help="With --estimate: ask providers with a price about the sample, too."),
    ] = False,
    wait: Annotated[bool, typer.Option("--wait/--no-wait", help="Wait until it is over.")] = True,
    *,
    url: Url = None,
    key: Key = None,
    as_json: AsJson = False,
) -> None:
    """Add what is missing: ask providers in order, and keep the first acceptable value."""
    if (with_ is None) == (file is None):
        raise typer.BadParameter("give --with and ids of providers, or --file and a plan")
    if ask_paid and not estimate:
        raise typer.BadParameter("--ask-paid goes with --estimate")
    plan = _Plan.read(file) if file is not None else _Plan(providers=_ids(with_ or ""))
    plan = plan.with_options(upload_id, budget, filter, overwrite or (), name)
    if plan.upload_id is None:
        raise typer.BadParameter("say which upload: UPLOAD, or `upload_id` in the plan")
    how: dict[str, Any] = {"targets": plan.targets, "filter": plan.filter, "budget": plan.budget}
    with connect(url, key) as client:
        if estimate:
            found = client.estimate_enrichment(plan.upload_id, plan.providers, ask_paid=ask_paid, **how)
            if as_json:
                print_json(asdict(found))
            else:
                tell_estimate(found)
            return
        run = client.enrich(plan.upload_id, plan.providers, name=plan.name, **how)
        see_through(client, run, wait=wait, as_json=as_json)


@dataclass(frozen=True, slots=True)
class _Plan:
    """What is asked for, from options or a file."""

    providers: Sequence[str | Mapping[str, Any]]
    upload_id: str | None = None
    targets: Sequence[Mapping[str, Any]] = ()
    filter: Mapping[str, Any] | str | None = None
    budget: float | None = None
    name: str | None = None

    @classmethod
    def read(cls, path: Path) -> "_Plan":
        """The plan in a file; typer.BadParameter when it is none. What its members hold is for the server to judge."""
        said = json_file(path, "--file")
        if unknown := said.keys() - _MEMBERS:
            message = f"{path} has members no plan has: {', '.join(sorted(unknown))}"
            raise typer.BadParameter(message, param_hint="--file")
        providers = said.get("providers", said.get("with"))
        if ("providers" in said) == ("with" in said) or not isinstance(providers, list) or not providers:
            message = f"{path} needs `providers`, or `with` and a list of ids"
            raise typer.BadParameter(message, param_hint="--file")
        targets = said.get("targets", [])
        if not isinstance(targets, list) or not all(map(_is_target, targets)):
            message = f"`targets` of {path} is no list of objects with a `column`"
            raise typer.BadParameter(message, param_hint="--file")
        members = {name: said[name] for name in said.keys() - {"providers", "with"}}
        return cls(providers=providers, **members)

    def with_options(
        self,
        upload_id: str | None,
        budget: float | None,
        filter: str | None,
        overwrite: Sequence[str],
        name: str | None,
    ) -> "_Plan":
        """The plan with what was said on the command line, which comes first."""
        replaced = {column: {"column": column, "policy": "overwrite"} for column in overwrite}
        targets = [
            {**target, **replaced.pop(target["column"])} if target["column"] in replaced else target
            for target in self.targets
        ]
        return _Plan(
            providers=self.providers,
            upload_id=upload_id or self.upload_id,
            targets=[*targets, *replaced.values()],
            filter=self.filter if filter is None else filter,
            budget=self.budget if budget is None else budget,
            name=name or self.name,
        )


def tell_estimate(found: EnrichmentEstimate) -> None:
    """What a run would do and cost, for eyes."""
    matching = "" if found.rows_matching == found.rows else f"{found.rows_matching:,} of "
    say(f"Of {matching}{found.rows:,} rows:")
    print_table(
        ("provider", "reads", "rows", "questions", "cached", "found in the sample", "likely cost", "most"),
        [
            (
                step.title,
                ", ".join(step.inputs.values()),
                step.rows,
                step.inputs_distinct,
                step.cached,
                _share(step),
                _amount(step.cost.likely),
                _amount(step.cost.most),
            )
            for step in found.providers
        ],
    )
    say()
    print_table(
        ("column", "new", "has a value", "missing", "would be filled"),
        [
            (
                target.column,
                "yes" if target.is_new else "no",
                target.already,
                target.missing,
                None if target.expected is None else f"about {target.expected:,}",
            )
            for target in found.targets
        ],
    )
    shown = [row for row in found.sample if row.values][:_ROWS_SHOWN]
    columns = [target.column for target in found.targets if any(target.column in row.values for row in shown)]
    if shown:
        say()
        print_table(
            ["row", *columns],
            [[row.row_id, *(row.values.get(column) for column in columns)] for row in shown],
        )
    cost = f"Cost: likely {_amount(found.cost.likely) or 'unknown'}, at most {_amount(found.cost.most) or 'unknown'}."
    if found.budget is not None:
        fits = {True: "fits", False: "may not suffice", None: "cannot be compared"}[found.within_budget]
        cost += f" The budget of {amount_text(found.budget)} {fits}."
    say()
    say(cost)
    note("Nothing was changed; without --estimate it is done.")


def _is_target(said: object) -> bool:
    return isinstance(said, dict) and isinstance(said.get("column"), str)


def _share(step: EstimatedStep) -> str | None:
    sample = step.sample
    return None if sample is None or not sample.asked else f"{sample.found:,} of {sample.asked:,}"


def _amount(amount: float | None) -> str | None:
    return None if amount is None else amount_text(amount)


def _ids(text: str) -> list[str]:
    found = [one.strip() for one in text.split(",") if one.strip()]
    if not found:
        raise typer.BadParameter("name at least one provider", param_hint="--with")
    return found
