"""`muster follow`, `cancel`, `pause`, `resume`, `reprocess`, `preview` and `process`: the work on an upload."""

from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer

from muster.cli.json_options import json_file
from muster.cli.options import AsJson, Key, UploadId, Url, connect
from muster.cli.output import FAILED, note, print_json, print_table, say
from muster.cli.progress import shown_work
from muster.client import Client, Preview, Upload

_ROWS_SHOWN = 5


def follow(upload_id: UploadId, *, url: Url = None, key: Key = None, as_json: AsJson = False) -> None:
    """Show the work on an upload until it is over."""
    with connect(url, key) as client:
        upload = watched(client, upload_id, upload_id)
    if as_json:
        print_json(facts(upload))
    else:
        tell_outcome(upload)
    if not ended_well(upload):
        raise typer.Exit(FAILED)


def cancel(upload_id: UploadId, *, url: Url = None, key: Key = None, as_json: AsJson = False) -> None:
    """Stop the work on an upload; its bytes stay."""
    with connect(url, key) as client:
        _tell(
            client.cancel(upload_id), "It stops within two seconds; `muster reprocess` begins again.", as_json
        )


def pause(upload_id: UploadId, *, url: Url = None, key: Key = None, as_json: AsJson = False) -> None:
    """Let the work on an upload rest."""
    with connect(url, key) as client:
        _tell(client.pause(upload_id), "It rests after the step it is in; `muster resume` goes on.", as_json)


def resume(upload_id: UploadId, *, url: Url = None, key: Key = None, as_json: AsJson = False) -> None:
    """Let paused work go on."""
    with connect(url, key) as client:
        _tell(client.resume(upload_id), "It goes on; `muster follow` shows it.", as_json)


def reprocess(upload_id: UploadId, *, url: Url = None, key: Key = None, as_json: AsJson = False) -> None:
    """Make the table anew from the same bytes, with the rules as they are now."""
    with connect(url, key) as client:
        _tell(client.reprocess(upload_id), "A new table is made; `muster follow` shows it.", as_json)


def preview(upload_id: UploadId, *, url: Url = None, key: Key = None, as_json: AsJson = False) -> None:
    """Show how the file of an upload would be read."""
    with connect(url, key) as client:
        found = client.preview(upload_id)
    if as_json:
        print_json(asdict(found))
    else:
        tell_preview(found)


def process(
    upload_id: UploadId,
    mapping: Annotated[
        Path | None,
        typer.Option(
            exists=True,
            dir_okay=False,
            readable=True,
            help="JSON of what to decide; without it the guesses hold.",
        ),
    ] = None,
    *,
    url: Url = None,
    key: Key = None,
    as_json: AsJson = False,
) -> None:
    """Process a file that was uploaded with --no-auto."""
    decided = {} if mapping is None else _decision(mapping)
    with connect(url, key) as client:
        upload = client.set_mapping(
            upload_id,
            decided.get("mapping"),
            layout=decided.get("layout"),
            template=decided.get("template"),
            use_template=decided.get("use_template"),
        )
        _tell(upload, "It is processed now; `muster follow` shows it.", as_json)


def watched(client: Client, upload_id: str, name: str) -> Upload:
    """The upload when nothing works on it any more; Ctrl-C leaves the work alone and says how to come back."""
    try:
        with shown_work(name) as show:
            return client.wait(upload_id, on_progress=show)
    except KeyboardInterrupt:
        note(
            f"muster: the server goes on with {upload_id}. "
            f"`muster follow {upload_id}` shows it again, `muster cancel {upload_id}` stops it."
        )
        raise typer.Exit(FAILED) from None


def tell_outcome(upload: Upload, *, indent: str = "") -> None:
    """What has become of an upload and what can be done next."""
    one = upload.upload_id
    if upload.status in {"failed", "cancelled"}:
        why = f": {upload.status_reason}" if upload.status_reason else "."
        note(f"{indent}{one} {upload.status}{why}")
        return
    if upload.status_reason == "awaiting_mapping":
        say(
            f"{indent}{one}  waits; `muster preview {one}` shows how it would be read, `muster process {one}` starts it"
        )
        return
    say(
        f"{indent}{one}  {upload.status.replace('_', ' ')}: {upload.rows_received:,} rows received = "
        f"{upload.rows_accepted:,} accepted + {upload.rows_rejected:,} rejected"
    )
    say(f"{indent}  look at them:    muster rows {one}")
    if upload.rows_rejected:
        say(f"{indent}  get the rejects: muster rejects {one} --format csv > fix.csv")
        say(f"{indent}  send them back:  muster retry {one} fix.csv")


def tell_preview(preview: Preview) -> None:
    """How a file would be read, for eyes."""
    if preview.problem is not None:
        note(f"{preview.upload_id} cannot be read: {preview.problem.message}")
    print_table(
        ("read as", "value", "certain", "why"),
        [
            (name, guess.value, f"{guess.confidence:.0%}", guess.reason)
            for name, guess in preview.layout.items()
        ],
    )
    say()
    print_table(
        ("column", "becomes", "certain", "why"),
        [
            (guess.name, guess.field, f"{guess.confidence:.0%}" if guess.field else None, guess.reason)
            for guess in preview.columns
        ],
    )
    say()
    print_table([guess.name for guess in preview.columns], preview.rows[:_ROWS_SHOWN])
    say()
    say(f"Go on with `muster process {preview.upload_id}`, or decide otherwise with --mapping FILE.")


def ended_well(upload: Upload) -> bool:
    """Whether a command about this upload ends with 0."""
    return upload.status not in {"failed", "cancelled"}


def facts(upload: Upload) -> dict[str, Any]:
    """An upload for JSON."""
    return asdict(upload)


def _tell(upload: Upload, next_step: str, as_json: bool) -> None:
    if as_json:
        print_json(facts(upload))
    else:
        say(f"{upload.upload_id}  {upload.status}. {next_step}")


def _decision(path: Path) -> dict[str, Any]:
    """What the file decides: a mapping alone, or the whole body of the API's `PUT .../mapping`."""
    said = json_file(path, "--mapping")
    return {"mapping": said} if "columns" in said or "keep_others" in said else said
