"""What commands print and how they end, without a process."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from muster.cli.output import explain, guarded, print_json, print_table, size_text
from muster.client import InvalidRequest, NotSignedIn
from muster.errors import Conflict


def raising(error):
    def command():
        raise error

    return command


@pytest.mark.parametrize(
    ("error", "line"),
    [
        (Conflict("It is there already."), "muster: It is there already."),
        (InvalidRequest("Two\nlines\x1b[31m.", request_id="r1"), "muster: Two lines\\x1b[31m. (request r1)"),
        (
            NotSignedIn("Who are you?", code="not_signed_in"),
            "muster: Who are you? Give the key with --key or MUSTER_API_KEY.",
        ),
        (
            FileNotFoundError(2, "No such file or directory", "x.csv"),
            "muster: x.csv: No such file or directory",
        ),
        (KeyboardInterrupt(), "muster: interrupted."),
        (
            ValueError("odd"),
            "muster: this is a bug: ValueError: odd (MUSTER_DEBUG=1 shows where; please report it)",
        ),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, BaseException) else "",
)
def test_whatever_a_command_raises_is_one_line_and_exit_code_1(capsys, error, line):
    assert guarded(raising(error)) == 1
    assert capsys.readouterr() == ("", line + "\n")


def test_a_cell_cannot_break_the_table_or_reach_the_terminal(capsys):
    cells = [
        "a\tb\nc",
        "\x1b[2J",
        None,
        True,
        7,
        1.5,
        Decimal("1e400"),
        {"a": [1]},
        datetime(2025, 1, 2, tzinfo=UTC),
    ]
    print_table(["x"] * len(cells), [cells])
    _, row = capsys.readouterr().out.splitlines()
    assert row.split("\t") == [
        *(
            "a\\x09b\\x0ac",
            "\\x1b[2J",
            "-",
            "true",
            "7",
            "1.5",
            '"1E+400"',
            '{"a":[1]}',
            "2025-01-02 00:00:00Z",
        )
    ]


def test_json_is_one_line(capsys):
    print_json({"at": datetime(2025, 1, 2, tzinfo=UTC), "text": "a\nb"})
    assert capsys.readouterr().out == '{"at":"2025-01-02T00:00:00Z","text":"a\\nb"}\n'


@pytest.mark.parametrize(
    ("size_bytes", "text"),
    [(0, "0 B"), (1023, "1023 B"), (1536, "1.5 KiB"), (5 * 2**20, "5.0 MiB"), (3 * 2**40, "3072.0 GiB")],
)
def test_sizes_for_eyes(size_bytes, text):
    assert size_text(size_bytes) == text


def test_an_error_without_words_still_says_something():
    assert explain(ValueError()) == "ValueError"
