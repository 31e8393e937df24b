"""`muster demo`: from nothing to real data in a running server, in one command.

The walk: a first user, a server on the embedded defaults, an API key, an upload with a progress bar, the
receipt, a question to the table it became, a line of its profile, an enrichment, a segment, an export to a file, links
into Studio, and what to type next. The server is a child process; it keeps running until Ctrl-C and is stopped by its own process id.
"""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Annotated, Any

import msgspec
import typer

from muster.accounts import keys, links, users
from muster.accounts.model import User, scopes_of
from muster.cli.admin import opened_room
from muster.cli.demo_enrich import enriched
from muster.cli.demo_export import Leaving, exported
from muster.cli.output import FAILED, note, print_table, say, size_text, tell_of_retries
from muster.cli.progress import shown_progress
from muster.client import Client, MusterApiError, UploadReport
from muster.errors import InputError, NotFound, Unavailable

USER = "demo@localhost"
UPLOAD_NAME = "Organisations (demo)"
_READY_SECONDS = 30.0
_STOP_SECONDS = 40.0  # longer than the server gives requests in flight
_TABLE_SECONDS = 60.0
_FIRST_ROWS = 5
_TOP_VALUES = 4
_COLUMNS = ("name", "domain", "country")
_COUNTRIES = ("Iceland", "Malta")
_FILTER = {"field": "country", "op": "in", "value": list(_COUNTRIES)}
_SORT = "domain"


def demo(
    data: Annotated[
        Path, typer.Option(dir_okay=False, metavar="FILE", help="The organisations to upload.")
    ] = Path("examples/organisations.json"),
    port: Annotated[int, typer.Option(min=1, max=65535, help="Port to listen on.")] = 3000,
    data_dir: Annotated[
        Path, typer.Option(file_okay=False, envvar="MUSTER_DATA_DIR", help="Where the server keeps its data.")
    ] = Path("data"),
    once: Annotated[bool, typer.Option("--once", help="Stop the server after the walk.")] = False,
) -> None:
    """Start a server with real data in it, and keep it running until Ctrl-C."""
    started = time.monotonic()
    tell_of_retries()
    records = organisations(data)
    _use_embedded_defaults(data_dir)
    signal.signal(signal.SIGTERM, _as_interrupt)
    try:
        _ensure_user()
        with _server(port) as server:
            key = _new_key()
            url = f"http://localhost:{port}"
            # The address of the loopback itself: `localhost` may mean ::1 first.
            with Client(f"http://127.0.0.1:{port}", api_key=key) as client:
                report = _upload(client, records)
                _show_receipt(report)
                upload_id = report.upload_ids[0]
                _show_table(client, upload_id)
                run_id = enriched(client, upload_id).run_id
                left = exported(client, upload_id, data_dir)
            _tell_pages(url, run_id, left, seconds=time.monotonic() - started)
            _tell_what_next(url, key, upload_id, left)
            if not once:
                say("\nThe server is running; Ctrl-C stops it. The data stays.")
                server.wait()
                note("muster: the server ended by itself; the lines above say why.")
                raise typer.Exit(FAILED)
    except KeyboardInterrupt:
        say("\nStopped. `make demo` starts it again with the same data.")


def organisations(path: Path) -> list[dict[str, Any]]:
    """The example file's organisations as records: `domain` is the first of `domains`.

    Raises InputError when the file is missing or something else.
    """
    try:
        rows = msgspec.json.decode(path.read_bytes())
        return [
            {
                "name": row["name"],
                "domain": next(iter(row["domains"]), ""),
                "country": row["country"],
                "alpha_two_code": row["alpha_two_code"],
                "web_page": next(iter(row["web_pages"]), ""),
            }
            for row in rows
        ]
    except FileNotFoundError as error:
        raise InputError(
            f"There is no {path}. Run this in a clone of the repository, or name the file with --data."
        ) from error
    except (msgspec.DecodeError, TypeError, KeyError) as error:
        raise InputError(f"{path} does not hold the example organisations.") from error


def _use_embedded_defaults(data_dir: Path) -> None:
    """For this process and the server: everything in one directory, whatever else is configured here."""
    os.environ |= {
        "MUSTER_DATA_DIR": str(data_dir.absolute()),
        "MUSTER_DATABASE_URL": "",
        "MUSTER_OBJECTS_URL": "",
        "MUSTER_PUBLIC_URL": "",
    }
    os.environ.setdefault("MUSTER_LOG_LEVEL", "warning")


def _ensure_user() -> None:
    with opened_room() as room:
        try:
            users.find(room, USER)
        except NotFound:
            users.create(room, USER)


def _new_key() -> str:
    with opened_room() as room:
        user: User = users.find(room, USER)
        wish = keys.KeyWish(name="demo", scopes=scopes_of(user.role))
        return keys.create(room, users.by_command_line(user), wish).text


def _new_link(url: str) -> str:
    with opened_room() as room:
        user = users.find(room, USER)
        token = links.issue_for(room, user, users.by_command_line(user))
    return f"{url}/sign-in#{token}"


@contextmanager
def _server(port: int) -> Iterator["subprocess.Popen[bytes]"]:
    """A server of our own, ready for requests; stopped when the block ends, however it ends."""
    command = [sys.executable, "-m", "muster.cli.main", "serve", "--host", "127.0.0.1", "--port", str(port)]
    # Its own "listening on ..." would stand in the middle of the walk; its errors still show.
    server = subprocess.Popen(command, stdout=subprocess.DEVNULL)  # noqa: S603 - our own module
    try:
        _wait_until_ready(server, port)
        yield server
    finally:
        server.terminate()
        try:
            server.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait()


def _wait_until_ready(server: "subprocess.Popen[bytes]", port: int) -> None:
    deadline = time.monotonic() + _READY_SECONDS
    with Client(f"http://127.0.0.1:{port}", timeout=2.0) as client:
        while time.monotonic() < deadline:
            try:
                # Ends at once when the server does: then whatever answers at the port is not ours.
                server.wait(0.05)
            except subprocess.TimeoutExpired:
                pass
            else:
                raise Unavailable("The server did not start; the line above says why.")
            try:
                client.health()
            except MusterApiError:
                continue
            if server.poll() is None:
                return
    raise Unavailable(f"The server was not ready after {_READY_SECONDS:.0f} s.")


def _upload(client: Client, records: list[dict[str, Any]]) -> UploadReport:
    with shown_progress("organisations", rows_total=len(records)) as show:
        return client.upload(records, name=UPLOAD_NAME, skip_invalid=True, on_progress=show)


def _show_receipt(report: UploadReport) -> None:
    say("Receipt:")
    for part in report.parts:
        again = ", stored by an earlier run and not stored twice" if part.replayed else ""
        say(
            f"  {part.upload_id}: {part.rows_accepted:,} of {part.rows_received:,} records stored, "
            f"{size_text(part.decoded_bytes)} as {size_text(part.wire_bytes)} on the wire{again}"
        )


def _show_table(client: Client, upload_id: str) -> None:
    """What the background job made of the upload: rows that a filter finds, in an order, and one profile line."""
    upload = client.wait(upload_id, timeout_seconds=_TABLE_SECONDS)
    if not upload.is_ready:
        raise Unavailable(f"The upload did not become a table: {upload.status_reason or upload.status}.")
    asked = time.monotonic()
    window = client.rows(
        upload_id, filter=_FILTER, sort=_SORT, columns=_COLUMNS, limit=_FIRST_ROWS, exact_total=True
    )
    took_ms = (time.monotonic() - asked) * 1000
    say(
        f"\nIt is a table now. {window.total:,} of {upload.rows_accepted:,} rows have a country in "
        f"{', '.join(_COUNTRIES)}; the first by domain, found in {took_ms:.0f} ms:\n"
    )
    print_table(_COLUMNS, [[row.values[name] for name in _COLUMNS] for row in window.rows])
    (country,) = (one for one in client.profile(upload_id).columns if one.name == "country")
    most = ", ".join(f"{one.value} {one.rows:,}" for one in country.top[:_TOP_VALUES])
    say(
        f"\nIts column `country`: {country.filled:,} filled, {country.distinct:,} different; most often {most}."
    )


def _tell_pages(url: str, run_id: str, left: Leaving, *, seconds: float) -> None:
    say(f"\nAll this took {seconds:.1f} s. Look at it in Studio; this link signs you in, once:\n")
    say(_new_link(url))
    say("\nThen look at\n")
    say(f"the run that enriched it:  {url}/enrichments/{run_id}")
    say(f"the segment:               {url}/segments/{left.segment.id}")
    say(f"the export of it:          {url}/exports/{left.export.export_id}")


def _tell_what_next(url: str, key: str, upload_id: str, left: Leaving) -> None:
    condition = msgspec.json.encode(_FILTER).decode()
    say("\nOr go on in a second terminal:\n")
    say(f"export MUSTER_URL={url}")
    say(f"export MUSTER_API_KEY={key}")
    say(f'curl -G "$MUSTER_URL/api/audience/batch-upload/{upload_id}/rows" \\')
    say('  -H "Authorization: Bearer $MUSTER_API_KEY" -d limit=5 -d sort=domain \\')
    say(f"  --data-urlencode 'filter={condition}'")
    say(f"less {left.path}")
    say(f".venv/bin/muster export {left.segment.id} --to nordic.xlsx      # the same for Excel")
    say(".venv/bin/muster upload people.csv      # a file of your own, of any size")


def _as_interrupt(_signal: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt
