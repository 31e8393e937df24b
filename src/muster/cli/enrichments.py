"""`muster enrichments`: look at runs, follow and steer them, and the answers that are kept."""

import sys
from dataclasses import asdict
from itertools import islice
from typing import Annotated

import typer

from muster.cli.options import AsJson, Key, Url, connect
from muster.cli.output import FAILED, amount_text, note, print_json, print_table, say
from muster.cli.provider_connections import app as connections_app
from muster.cli.run_progress import shown_run
from muster.client import Client, EnrichmentRun

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    help="Runs of enrichment: look at them, follow and steer them; `muster enrich` starts one.",
)
app.add_typer(connections_app, name="connections")

RunId = Annotated[str, typer.Argument(metavar="RUN", help="A run's id, enr_...")]


@app.command("list")
def list_runs(
    upload_id: Annotated[
        str | None, typer.Option("--upload", metavar="ID", help="Only runs over this upload.")
    ] = None,
    status: Annotated[
        str | None, typer.Option(help="Only runs in this status, or in these between commas.")
    ] = None,
    limit: Annotated[int, typer.Option(min=1, help="Runs to show, at most.")] = 100,
    *,
    url: Url = None,
    key: Key = None,
    as_json: AsJson = False,
) -> None:
    """List runs, newest first."""
    with connect(url, key) as client:
        found = list(islice(client.enrichments(upload_id=upload_id, status=status), limit))
    if as_json:
        print_json({"runs": [asdict(one) for one in found]})
        return
    print_table(
        ("run_id", "name", "upload", "created", "status", "rows", "cost"),
        [
            (
                one.run_id,
                one.name,
                one.upload_name,
                one.created_at,
                one.status,
                one.rows,
                amount_text(one.cost),
            )
            for one in found
        ],
    )


@app.command()
def show(run_id: RunId, *, url: Url = None, key: Key = None, as_json: AsJson = False) -> None:
    """Show a run: what each provider said, what each column got, what failed."""
    with connect(url, key) as client:
        run = client.enrichment(run_id)
    if as_json:
        print_json(asdict(run))
        return
    say(f"{run.run_id}  {run.name}, over {run.upload_name}: {run.status}")
    tell_counts(run)
    _tell_next(run)


@app.command()
def follow(run_id: RunId, *, url: Url = None, key: Key = None, as_json: AsJson = False) -> None:
    """Show a run until it is over."""
    with connect(url, key) as client:
        end_with(watched_run(client, run_id, run_id), as_json=as_json)


@app.command()
def cancel(run_id: RunId, *, url: Url = None, key: Key = None, as_json: AsJson = False) -> None:
    """End a run without its columns; what was answered stays in the cache."""
    with connect(url, key) as client:
        _tell(client.cancel_enrichment(run_id), "It ends within two seconds, and adds no column.", as_json)


@app.command()
def pause(run_id: RunId, *, url: Url = None, key: Key = None, as_json: AsJson = False) -> None:
    """Let a run rest."""
    with connect(url, key) as client:
        resumes = f"It rests after the work at hand; `muster enrichments resume {run_id}` goes on."
        _tell(client.pause_enrichment(run_id), resumes, as_json)


@app.command()
def resume(run_id: RunId, *, url: Url = None, key: Key = None, as_json: AsJson = False) -> None:
    """Let a paused run go on."""
    with connect(url, key) as client:
        shows = f"It goes on; `muster enrichments follow {run_id}` shows it."
        _tell(client.resume_enrichment(run_id), shows, as_json)


@app.command()
def retry(
    run_id: RunId,
    code: Annotated[
        list[str] | None, typer.Option(help="Only what failed for this reason; give it again for more.")
    ] = None,
    step: Annotated[int | None, typer.Option(min=0, help="Only what failed in this step, from 0.")] = None,
    budget: Annotated[
        float | None, typer.Option(min=0, help="The most it may cost; what the first run had unless given.")
    ] = None,
    wait: Annotated[bool, typer.Option("--wait/--no-wait", help="Wait until it is over.")] = True,
    *,
    url: Url = None,
    key: Key = None,
    as_json: AsJson = False,
) -> None:
    """Ask again about the rows that failed, or were left for want of budget, in a new run."""
    with connect(url, key) as client:
        run = client.retry_enrichment(run_id, codes=code, step=step, budget=budget)
        see_through(client, run, wait=wait, as_json=as_json)


@app.command()
def undo(run_id: RunId, *, url: Url = None, key: Key = None, as_json: AsJson = False) -> None:
    """Take what a run added out of its table again."""
    with connect(url, key) as client:
        run = client.enrichment(run_id)
        if "undo" not in run.actions:
            note(f"muster: {run_id} is {run.status}; there is nothing to undo.")
            raise typer.Exit(FAILED)
        undone = client.undo(run.upload_id, run.change_id)
    if as_json:
        print_json(asdict(undone))
    else:
        say(f"{run_id}  undone: {run.upload_name} is without it from version {undone.version} on.")


@app.command()
def cache(*, url: Url = None, key: Key = None, as_json: AsJson = False) -> None:
    """Count the answers that are kept, so that nobody pays for them again."""
    with connect(url, key) as client:
        found = client.enrichment_cache()
    if as_json:
        print_json(asdict(found))
        return
    print_table(("provider", "answers"), sorted(found.by_provider.items()))
    note(f"Answers kept: {found.answers:,}.")


@app.command()
def erase(
    values: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="VALUE", help="An address, a domain ...; - reads them from stdin, one a line."
        ),
    ] = None,
    all_: Annotated[bool, typer.Option("--all", help="Erase every answer.")] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="With --all: do not ask.")] = False,
    *,
    url: Url = None,
    key: Key = None,
    as_json: AsJson = False,
) -> None:
    """Erase kept answers that were asked with, or contain, one of the values."""
    if all_ == bool(values):
        raise typer.BadParameter("give VALUEs, or --all alone")
    if all_ and not yes:
        if not sys.stdin.isatty():
            raise typer.BadParameter("there is nobody to ask; say --yes")
        typer.confirm("Erase every kept answer? Asking again may cost something.", abort=True, err=True)
    if values == ["-"]:
        values = [line.strip() for line in sys.stdin if line.strip()]
    with connect(url, key) as client:
        erased = client.erase_enrichment_cache(None if all_ else values)
    if as_json:
        print_json({"erased": erased})
    else:
        say(f"Answers erased: {erased:,}.")


def see_through(client: Client, run: EnrichmentRun, *, wait: bool, as_json: bool) -> None:
    """What comes after a run was started: the end of the command, when it waits the end of the run."""
    if wait:
        end_with(watched_run(client, run.run_id, run.name), as_json=as_json)
    elif as_json:
        print_json(asdict(run))
    else:
        say(f"{run.run_id}  {run.status}. {_how_to_follow(run.run_id)}")


def watched_run(client: Client, run_id: str, name: str) -> EnrichmentRun:
    """The run when it is over; Ctrl-C leaves it alone and says how to come back."""
    try:
        with shown_run(name) as show:
            return client.wait_for_enrichment(run_id, on_progress=show)
    except KeyboardInterrupt:
        note(f"muster: the server goes on with {run_id}. {_how_to_follow(run_id)}")
        raise typer.Exit(FAILED) from None


def end_with(run: EnrichmentRun, *, as_json: bool) -> None:
    """Tell what has become of a run, and end with 1 unless all of it was done."""
    if as_json:
        print_json(asdict(run))
    else:
        tell_outcome(run)
    if run.status != "done":
        raise typer.Exit(FAILED)


def tell_outcome(run: EnrichmentRun) -> None:
    """What has become of a run and what can be done next."""
    if run.status == "done":
        say(f"{run.run_id}  done: {run.rows or 0:,} rows, cost {amount_text(run.cost)}")
    else:
        note(f"{run.run_id} {run.status}{_why(run)}")
    if run.new_version is not None or run.status in {"done", "stopped"}:
        tell_counts(run)
    _tell_next(run)


def tell_counts(run: EnrichmentRun) -> None:
    """What each provider was asked and said, what each column got, and what failed."""
    print_table(
        ("provider", "questions", "found", "empty", "skipped", "failed", "left", "cached", "cost"),
        [
            (
                step.title,
                step.counts.inputs,
                step.counts.found,
                step.counts.empty,
                step.counts.skipped,
                step.counts.failed,
                step.counts.left,
                step.counts.cached,
                amount_text(step.counts.cost),
            )
            for step in run.providers
        ],
    )
    say()
    print_table(
        ("column", "new", "had a value", "filled"),
        [
            (target.column, "yes" if target.is_new else "no", target.already, target.filled)
            for target in run.targets
        ],
    )
    for failure in run.failures:
        note(f"  {failure.provider}: {failure.rows:,} rows, {failure.code}: {failure.message}")


def _tell_next(run: EnrichmentRun) -> None:
    if run.new_version is not None:
        say(f"  look at it:    muster rows {run.upload_id}")
    if "retry-failed" in run.actions:
        budget = " --budget AMOUNT" if run.status == "stopped" else ""
        say(f"  ask again:     muster enrichments retry {run.run_id}{budget}")
    if "undo" in run.actions:
        say(f"  take it back:  muster enrichments undo {run.run_id}")


def _why(run: EnrichmentRun) -> str:
    if run.reason:
        return f": {run.reason}"
    if run.status == "cancelled":
        return ": no column was added; what was answered stays in the cache."
    return "."


def _how_to_follow(run_id: str) -> str:
    return f"`muster enrichments follow {run_id}` shows it, `muster enrichments cancel {run_id}` stops it."


def _tell(run: EnrichmentRun, next_step: str, as_json: bool) -> None:
    if as_json:
        print_json(asdict(run))
    else:
        say(f"{run.run_id}  {run.status}. {next_step}")
