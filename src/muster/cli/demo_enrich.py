"""The part of `muster demo` that enriches: what would be added, what was, and three rows that show it."""

import time
from typing import Any

from muster.cli.output import amount_text, print_table, say
from muster.cli.run_progress import shown_run
from muster.client import Client, EnrichmentRun
from muster.errors import Unavailable

NAME = "Domains and countries (demo)"
_SECONDS = 60.0
_STEPS: tuple[dict[str, Any], ...] = (
    {
        "provider": "company_domain",
        "inputs": {"website": "web_page", "domain": "domain"},
        "outputs": {"suffix": None},
    },
    {
        "provider": "country",
        "inputs": {"country": "country"},
        "outputs": {"iso2": None, "state": None, "state_name": None},
    },
)
_COLUMNS = ("web_page", "company_domain", "company_subdomain", "country", "country_name", "country_code3")
# Those with a web address below another's domain.
_TELLING = {
    "all": [
        {"field": "company_subdomain", "op": "is_not_empty"},
        {"field": "country", "op": "in", "value": ["Qatar", "Moldova, Republic of"]},
    ]
}
_ROWS = 3


def enriched(client: Client, upload_id: str) -> EnrichmentRun:
    """Enrich the table of the demonstration and show what came of it; the run, or that of an earlier demonstration."""
    earlier = (run for run in client.enrichments(upload_id=upload_id, status="done") if run.name == NAME)
    run = next(earlier, None)
    if run is None:
        _show_estimate(client, upload_id)
        begun = time.monotonic()
        with shown_run("enriching") as show:
            started = client.enrich(upload_id, _STEPS, name=NAME)
            run = client.wait_for_enrichment(started.run_id, timeout_seconds=_SECONDS, on_progress=show)
        if run.status != "done":
            raise Unavailable(f"The organisations were not enriched: {run.reason or run.status}.")
        say(f"\nDone in {time.monotonic() - begun:.1f} s, cost {amount_text(run.cost)}. Added:\n")
    else:
        say("\nAn earlier run of the demonstration enriched it already. It added:\n")
    _show_added(client, run)
    return run


def _show_estimate(client: Client, upload_id: str) -> None:
    found = client.estimate_enrichment(upload_id, _STEPS)
    say("\nProviders that are built in and ask nobody can add to it. An estimate, before anything is done:\n")
    print_table(
        ("provider", "reads", "questions", "found of a sample", "costs at most"),
        [
            (
                step.title,
                ", ".join(step.inputs.values()),
                step.inputs_distinct,
                None if step.sample is None else f"{step.sample.found} of {step.sample.asked}",
                None if step.cost.most is None else amount_text(step.cost.most),
            )
            for step in found.providers
        ],
    )


def _show_added(client: Client, run: EnrichmentRun) -> None:
    titles = {column: step.title for step in run.providers for column in step.outputs.values()}
    print_table(
        ("column", "by", "rows"),
        [(target.column, titles[target.column], target.filled) for target in run.targets],
    )
    window = client.rows(run.upload_id, filter=_TELLING, sort="web_page", columns=_COLUMNS, limit=_ROWS)
    say("\nSuch as:\n")
    print_table(_COLUMNS, [[row.values[name] for name in _COLUMNS] for row in window.rows])
