"""`muster rejects` and `retry`: the records an upload did not take, out and back in."""

import sys
from collections.abc import Sequence
from dataclasses import asdict
from enum import StrEnum
from itertools import islice
from pathlib import Path
from typing import Annotated, Literal

import typer

from muster.cli.options import AsJson, Key, UploadId, Url, connect
from muster.cli.output import FAILED, note, print_json, print_table, say
from muster.cli.whole_file import write_pieces
from muster.client import RejectedRecord, RetryOutcome

_REASONS_SHOWN = 10


class RejectsFormat(StrEnum):
    """How rejects are written; `csv` is for a spreadsheet and `muster retry`."""

    CSV = "csv"
    NDJSON = "ndjson"


_DOWNLOADS: dict[RejectsFormat, Literal["ndjson", "csv"]] = {
    RejectsFormat.CSV: "csv",
    RejectsFormat.NDJSON: "ndjson",
}


def rejects(
    upload_id: UploadId,
    limit: Annotated[int | None, typer.Option(min=1, help="Records to read, at most.")] = None,
    format: Annotated[
        RejectsFormat | None, typer.Option(help="All of them as the server writes them, to be corrected.")
    ] = None,
    output: Annotated[
        Path | None, typer.Option("-o", "--output", dir_okay=False, help="With --format: write to this file.")
    ] = None,
    *,
    url: Url = None,
    key: Key = None,
    as_json: AsJson = False,
) -> None:
    """Read the records an upload did not take, each with its reason."""
    if format is None and output is not None:
        raise typer.BadParameter("--output needs --format")
    if format is not None and (limit is not None or as_json):
        raise typer.BadParameter("--format gives all of them, without --limit and --json")
    with connect(url, key) as client:
        if format is not None:
            write_pieces(client.download_rejects(upload_id, format=_DOWNLOADS[format]), output)
            return
        found = islice(client.rejects(upload_id), limit)
        if as_json:
            print_json({"rejects": [_facts(one) for one in found]})
        elif sys.stdout.isatty():
            rows = [(one.row, one.code, one.message, one.raw.decode("utf-8", "replace")) for one in found]
            print_table(("row", "code", "reason", "record"), rows)
        else:
            for one in found:
                print_json(_facts(one))


def retry(
    upload_id: UploadId,
    file: Annotated[
        Path,
        typer.Argument(
            metavar="FILE",
            exists=True,
            dir_okay=False,
            readable=True,
            help="Corrected rejects: the .csv of `muster rejects --format csv`, .ndjson or .json",
        ),
    ],
    *,
    url: Url = None,
    key: Key = None,
    as_json: AsJson = False,
) -> None:
    """Send corrected rejects back; those that are good now join the table."""
    with connect(url, key) as client:
        done = client.retry_file(upload_id, file)
    if as_json:
        print_json(asdict(done))
    else:
        say(f"{done.accepted:,} of {len(done.results):,} rows joined the table.")
        _tell_reasons([one for one in done.results if not one.is_accepted])
        say(
            f"{upload_id}  {done.upload_status.replace('_', ' ')}: {done.rows_received:,} rows received = "
            f"{done.rows_accepted:,} accepted + {done.rows_rejected:,} rejected"
        )
    if done.failed:
        raise typer.Exit(FAILED)


def _tell_reasons(failed: Sequence[RetryOutcome]) -> None:
    for one in failed[:_REASONS_SHOWN]:
        note(f"  Row {one.row}: {one.message}")
    if len(failed) > _REASONS_SHOWN:
        note(f"  and {len(failed) - _REASONS_SHOWN:,} more.")


def _facts(rejected: RejectedRecord) -> dict[str, object]:
    facts: dict[str, object] = {"row": rejected.row, "code": rejected.code, "message": rejected.message}
    if rejected.field is not None:
        facts["field"] = rejected.field
    if rejected.line is not None:
        facts["line"] = rejected.line
    return {**facts, "record": rejected.record}
