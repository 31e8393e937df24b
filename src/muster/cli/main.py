"""MAP: every command of `muster`, and where it lives.

A command's module is imported when the command is called, so that `muster list` does not wait for the
server's libraries, and `pip install muster` without them still has the commands that only need a client.
"""

import gc
import sys
from collections.abc import Callable
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple

import typer
from typer.core import TyperGroup
from typer.main import get_command

from muster import __version__
from muster.cli.output import FAILED, guarded, note, say

if TYPE_CHECKING:
    from typer._click import Command, Context


_TYPER_INTERRUPTED = 130  # what typer turns Ctrl-C into; ours is told and ends with 1


class Place(NamedTuple):
    """Where a command is: a module and the function or typer app in it. `short` stands in the listing."""

    module: str
    name: str
    short: str
    needs_server: bool = False


COMMANDS: dict[str, Place] = {
    "upload": Place(
        "muster.cli.upload", "upload", "Upload files of any size and wait until they are tables."
    ),
    "list": Place("muster.cli.data", "list_uploads", "List uploads, newest first."),
    "get": Place("muster.cli.data", "get", "Read an upload's records."),
    "rows": Place("muster.cli.tables", "rows", "Show rows of the table an upload became."),
    "profile": Place("muster.cli.tables", "profile", "Show what the columns of a table hold."),
    "results": Place("muster.cli.tables", "results", "Download a table, its rejects, or what was left over."),
    "rejects": Place(
        "muster.cli.rejects", "rejects", "Read the records an upload did not take, with reasons."
    ),
    "retry": Place("muster.cli.rejects", "retry", "Send corrected rejects back."),
    "follow": Place("muster.cli.work", "follow", "Show the work on an upload until it is over."),
    "cancel": Place("muster.cli.work", "cancel", "Stop the work on an upload."),
    "pause": Place("muster.cli.work", "pause", "Let the work on an upload rest."),
    "resume": Place("muster.cli.work", "resume", "Let paused work go on."),
    "reprocess": Place("muster.cli.work", "reprocess", "Make a table anew, with today's rules."),
    "preview": Place("muster.cli.work", "preview", "Show how the file of an upload would be read."),
    "process": Place("muster.cli.work", "process", "Process a file uploaded with --no-auto."),
    "rules": Place("muster.cli.rules", "app", "List, add, delete and try rules."),
    "enrich": Place("muster.cli.enrich", "enrich", "Add what is missing to the rows of an upload."),
    "enrichments": Place(
        "muster.cli.enrichments", "app", "Look at runs of enrichment, follow and steer them."
    ),
    "providers": Place("muster.cli.providers", "providers", "List who can be asked in an enrichment."),
    "segment": Place("muster.cli.segments", "app", "Keep segments, count, look at their members."),
    "export": Place("muster.cli.export", "export", "Let the rows of a segment or an upload leave."),
    "exports": Place("muster.cli.exports", "app", "Look at exports, follow and steer them, fetch files."),
    "suppressions": Place("muster.cli.suppressions", "app", "Keep the list of people who must not leave."),
    "delete": Place("muster.cli.data", "delete", "Delete uploads."),
    "demo": Place("muster.cli.demo", "demo", "Start a server with real data in it.", needs_server=True),
    "serve": Place("muster.cli.serve", "serve", "Run the server.", needs_server=True),
    "worker": Place(
        "muster.cli.worker", "worker", "Run background jobs beside the server.", needs_server=True
    ),
    "doctor": Place("muster.cli.doctor", "doctor", "Check settings and dependencies.", needs_server=True),
    "admin": Place("muster.cli.admin", "admin", "Users, API keys and the database.", needs_server=True),
}


class _LazyGroup(TyperGroup):
    """Lists commands from the table; imports one only when it is the one that is called."""

    def resolve_command(
        self, ctx: "Context", args: list[str]
    ) -> "tuple[str | None, Command | None, list[str]]":
        name, command, rest = super().resolve_command(ctx, args)
        if name in COMMANDS:
            command = _loaded(name)
        return name, command, rest


def _loaded(name: str) -> "Command":
    place = COMMANDS[name]
    try:
        target: Any = getattr(_imported(place), place.name)
    except ModuleNotFoundError as error:
        if not place.needs_server or (error.name or "").partition(".")[0] == "muster":
            raise
        note(f"muster: `muster {name}` needs the server: pip install 'muster[server]'")
        raise typer.Exit(FAILED) from error
    if isinstance(target, typer.Typer):
        command = get_command(target)
    else:
        single = typer.Typer(add_completion=False, rich_markup_mode=None)
        single.command(name)(target)
        command = get_command(single)
    command.name = name
    return command


def _imported(place: Place) -> ModuleType:
    """Import a command without looking for garbage meanwhile; in what a server brings never again.

    Modules stay. To search them while they load, and once more at the end of the process, took a third of the
    processor time of loading a server's and of ending.
    """
    gc.disable()
    try:
        return import_module(place.module)
    finally:
        gc.enable()
        if place.needs_server:
            gc.freeze()


def _listed(place: Place) -> Callable[[], None]:
    """A stand-in with the one line of help; never run, `_LazyGroup` swaps it for the real command."""

    def stand_in() -> None:
        raise AssertionError(place.name)

    stand_in.__doc__ = place.short
    return stand_in


app = typer.Typer(
    cls=_LazyGroup,
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    help="Muster: upload, check and keep lists of people and companies on your own server.",
)
for _name, _place in COMMANDS.items():
    app.command(_name)(_listed(_place))


def _print_version(asked: bool) -> None:
    if asked:
        say(f"muster {__version__}")
        raise typer.Exit


@app.callback()
def _root(
    version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    del version  # its callback has done everything


def run(arguments: list[str] | None = None) -> int:
    """Run one command line and return its exit code; never raises."""

    def command() -> int:
        try:
            get_command(app).main(args=arguments, prog_name="muster")
        except SystemExit as ended:
            if ended.code == _TYPER_INTERRUPTED:
                raise KeyboardInterrupt from ended
            return ended.code if isinstance(ended.code, int) else int(ended.code is not None)
        return 0

    return guarded(command)


def main() -> None:
    """The entry point `muster`."""
    sys.exit(run())


if __name__ == "__main__":
    main()
