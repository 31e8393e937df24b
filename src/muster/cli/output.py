"""What commands print, and how they end.

| exit code | when                                                                     |
|-----------|--------------------------------------------------------------------------|
| 0         | done                                                                     |
| 1         | failed: refused, not reachable, interrupted, or a bug; one line on stderr |
| 2         | wrong usage: unknown command, option, or value                           |

Results go to stdout, everything about them (progress, warnings, errors) to stderr. With `--json` stdout holds
JSON and nothing else. MUSTER_DEBUG=1 shows the traceback behind an error.
"""

import os
import sys
import traceback
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

import msgspec

from muster.errors import MusterError

if TYPE_CHECKING:
    from stamina.instrumentation import RetryDetails
    from typing_extensions import TypeIs

    from muster.client import MusterApiError

_WAIT_WORTH_TELLING_SECONDS = 1.0

_DETAILS_SHOWN = 3

FAILED = 1
WRONG_USAGE = 2


def say(line: str = "") -> None:
    """One line of result on stdout."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def note(line: str) -> None:
    """One line about what happens, on stderr."""
    sys.stderr.write(f"{line}\n")
    sys.stderr.flush()


def print_json(value: object) -> None:
    """`value` as one line of JSON on stdout; times in RFC 3339."""
    say(msgspec.json.encode(value, enc_hook=str).decode())


def print_table(columns: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    """A table on stdout: numbers to the right with separators; plain columns when stdout is no terminal."""
    if not sys.stdout.isatty():
        for row in (columns, *rows):
            say("\t".join(_plain(cell) for cell in row))
        return
    # Not for those who only ask for help: rich takes 80 ms to import, the client 150.
    from rich.console import Console  # noqa: PLC0415
    from rich.table import Table  # noqa: PLC0415
    from rich.text import Text  # noqa: PLC0415

    table = Table(box=None, header_style="bold", pad_edge=False)
    for position, column in enumerate(columns):
        is_number = bool(rows) and all(_is_count(row[position]) for row in rows)
        table.add_column(column, justify="right" if is_number else "left", overflow="fold")
    for row in rows:
        table.add_row(*(Text(f"{cell:,}" if _is_count(cell) else _plain(cell)) for cell in row))
    Console(file=sys.stdout).print(table)


def _is_count(cell: object) -> bool:
    return isinstance(cell, int) and not isinstance(cell, bool)


def _plain(cell: object) -> str:
    """One cell as text on one line, with control characters made visible: a record may hold anything."""
    if cell is None:
        return "-"
    if isinstance(cell, datetime):
        return cell.strftime("%Y-%m-%d %H:%M:%SZ")
    text = cell if isinstance(cell, str) else msgspec.json.encode(cell, enc_hook=str).decode()
    return text if text.isprintable() else "".join(c if c.isprintable() else f"\\x{ord(c):02x}" for c in text)


def size_text(size_bytes: float) -> str:
    """`1.5 MiB`, for eyes."""
    for unit in ("B", "KiB", "MiB"):
        if size_bytes < 1024:
            return f"{size_bytes:.0f} B" if unit == "B" else f"{size_bytes:.1f} {unit}"
        size_bytes /= 1024
    return f"{size_bytes:.1f} GiB"


def amount_text(amount: float) -> str:
    """`1,234.5`: an amount of money, to a millionth, without a currency: prices are in the user's own."""
    return f"{amount:,.6f}".rstrip("0").rstrip(".")


def is_debugging() -> bool:
    return os.environ.get("MUSTER_DEBUG", "") not in {"", "0"}


def guarded(command: Callable[[], int]) -> int:
    """Run a command and return its exit code; whatever it raises becomes one clear line."""
    try:
        return command()
    except BrokenPipeError:
        # The reader (`| head`) has seen enough. What is still in the buffer must not fail at exit again.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return FAILED
    except KeyboardInterrupt:
        note("muster: interrupted.")
        return FAILED
    except Exception as error:  # noqa: BLE001 - the last door: a bug must not end in a wall of text
        if is_debugging():
            traceback.print_exc()
        if isinstance(error, MusterError | OSError) or _is_of_client(error):
            note(f"muster: {explain(error)}")
            return FAILED
        note(
            f"muster: this is a bug: {type(error).__name__}: {_one_line(str(error))} "
            "(MUSTER_DEBUG=1 shows where; please report it)"
        )
        return FAILED


def explain(error: Exception) -> str:
    """What went wrong and what to do, on one line."""
    if _is_of_client(error):
        about = f" (request {error.request_id})" if error.request_id else ""
        hint = _HINTS.get(error.code, "")
        return _one_line(error.message) + _details(error) + hint + about
    if isinstance(error, MusterError):
        return _one_line(error.message)
    if isinstance(error, OSError) and error.strerror:
        return f"{error.filename}: {error.strerror}" if error.filename else error.strerror
    return _one_line(str(error) or type(error).__name__)


def _details(error: "MusterApiError") -> str:
    """What is wrong with single members of the request; records are told of by the commands that sent them."""
    told = [one.message for one in error.errors if one.row is None and one.message != error.message]
    return "".join(f" {_one_line(message)}" for message in told[:_DETAILS_SHOWN])


_HINTS: Mapping[str, str] = {
    "not_signed_in": " Give the key with --key or MUSTER_API_KEY.",
    "unreachable": " Give its address with --url or MUSTER_URL.",
}


def _one_line(text: str) -> str:
    return _plain(" ".join(text.split()))


def tell_of_retries() -> None:
    """From now on, say why the client waits."""
    from stamina.instrumentation import set_on_retry_hooks  # noqa: PLC0415

    set_on_retry_hooks([_tell_of_retry])


def _is_of_client(error: Exception) -> "TypeIs[MusterApiError]":
    from muster.client import MusterApiError  # noqa: PLC0415

    return isinstance(error, MusterApiError)


def _tell_of_retry(details: "RetryDetails") -> None:
    """Say why it takes longer; short waits pass unnoticed."""
    if details.wait_for >= _WAIT_WORTH_TELLING_SECONDS:
        why = details.caused_by.message if _is_of_client(details.caused_by) else ""
        note(f"muster: {_one_line(why)} Trying again in {details.wait_for:.0f} s.")
