"""Write the reference pages and the list of decisions, or (--check) say whether they are current.

usage: python scripts/gen_reference.py [--check]
"""

import inspect
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Literal, get_args, get_origin

from error_codes import Place, error_codes
from provider_pages import providers_page
from pydantic import AliasChoices, SecretStr
from pydantic.fields import FieldInfo

from muster.settings import KIB, MIB, Settings

ROOT = Path(__file__).resolve().parent.parent
REFERENCE = ROOT / "docs" / "reference"
DECISIONS = ROOT / "docs" / "decisions"
NOTE = "<!-- Written by scripts/gen_reference.py from the code; change the code, then `make docs`. -->"


def settings_page() -> str:
    """One table a group; the groups are the comment lines inside class Settings."""
    lines = [
        "# Settings",
        "",
        NOTE,
        "",
        "Read once at start. The first source that names a setting wins: command options, environment variables, files named",
        "by `..._FILE`, `.env`, `muster.toml`. `.env` and `muster.toml` are looked for in the working directory; `.env` uses the",
        "names below, `muster.toml` the same names in lower case without `MUSTER_`. `muster doctor` prints what is in effect,",
        "with secrets masked.",
        "",
        "`NAME_FILE=/path` reads the setting `NAME` from a file, for Docker and Kubernetes secrets; meant for the secret ones,",
        "it works for all.",
    ]
    for heading, names in _groups().items():
        lines += ["", f"## {heading}", "", "| Setting | Default | Meaning |", "|---|---|---|"]
        lines += [_setting_row(name, Settings.model_fields[name]) for name in names]
    return "\n".join(lines) + "\n"


def _groups() -> dict[str, list[str]]:
    groups: dict[str, list[str]] = {}
    heading = "General"
    for line in inspect.getsource(Settings).splitlines():
        if match := re.fullmatch(r"    # (.+)", line):
            heading = match[1]
        elif (match := re.match(r"    (\w+):", line)) and match[1] in Settings.model_fields:
            groups.setdefault(heading, []).append(match[1])
    return groups


def env_names(name: str, field: FieldInfo) -> list[str]:
    """The environment variables that set a field, best one first."""
    if isinstance(field.validation_alias, AliasChoices):
        return [str(choice) for choice in field.validation_alias.choices if str(choice).isupper()]
    return [f"MUSTER_{name.upper()}"]


def _setting_row(name: str, field: FieldInfo) -> str:
    names = ", ".join(f"`{env}`" for env in env_names(name, field))
    meaning = field.description or ""
    if get_origin(field.annotation) is Literal:
        meaning += " One of " + ", ".join(f"`{choice}`" for choice in get_args(field.annotation)) + "."
    if SecretStr in (field.annotation, *get_args(field.annotation)):
        meaning += " Secret."
    return f"| {names} | {_default(name, field)} | {meaning.replace('|', chr(92) + '|')} |"


def _default(name: str, field: FieldInfo) -> str:
    value = field.get_default(call_default_factory=True)
    if value is None or value in ([], ""):
        return "(empty)"
    if isinstance(value, bool):
        return f"`{str(value).lower()}`"
    if isinstance(value, int) and "bytes" in name:
        for unit, size in (("MiB", MIB), ("KiB", KIB)):
            if value % size == 0:
                return f"`{value}` ({value // size} {unit})"
    return f"`{value}`"


def error_codes_page() -> str:
    """A table of answers, one of issues inside them, one of starts that failed."""
    entries = error_codes()
    lines = [
        "# Error codes",
        "",
        NOTE,
        "",
        "The `code` of every failure. A code keeps its meaning; the sentences may get better. `…` stands for what the server fills",
        "in. The shape of a failure is described in [errors](../api/errors.md).",
        "",
        "## Of an answer",
        "",
        "| Status | Code | What it says |",
        "|---|---|---|",
        *(
            f"| {', '.join(map(str, (entry.status, *entry.other_statuses)))} | `{entry.code}` | {_cell(entry.message)} |"
            for entry in entries
            if entry.place is Place.ANSWER
        ),
    ]
    for place, words in (
        (
            Place.ISSUE,
            "An answer with status 400 lists what is wrong in `errors`; besides the codes above these occur there.",
        ),
        (
            Place.JOB,
            "`reason_code` of the events of an upload whose work did not end well; besides the codes above these occur there.",
        ),
        (Place.START, "Printed by the command, which ends with exit code 1 or 2."),
    ):
        lines += ["", f"## {place.value.capitalize()}", "", words, "", "| Code | What it says |", "|---|---|"]
        lines += [f"| `{entry.code}` | {_cell(entry.message)} |" for entry in entries if entry.place is place]
    lines += [
        "",
        f"## {Place.ROW.value.capitalize()}",
        "",
        "What can be wrong with a row of a batch or a file, and what a [rule](../api/rules.md) says of it. They stand in the",
        "`errors` of a refused batch, in rejects, and among the issues of a table.",
        "",
        "| Code | Said by | What it says |",
        "|---|---|---|",
        *(
            f"| `{entry.code}` | {entry.said_by} | {_cell(entry.message)} |"
            for entry in entries
            if entry.place is Place.ROW
        ),
    ]
    return "\n".join(lines) + "\n"


def decisions_page() -> str:
    """The list of decision notes, by number."""
    lines = [
        "# Decisions",
        "",
        NOTE,
        "",
        "Why the code is as it is. One page each: context, decision, consequences with their cost, what was rejected, what",
        "enforces it. A note is not rewritten when minds change; a new one supersedes it.",
        "",
    ]
    for note in sorted(DECISIONS.glob("[0-9]*.md")):
        title = note.read_text(encoding="utf-8").splitlines()[0].removeprefix("# ")
        lines.append(f"- [{title}]({note.name})")
    return "\n".join(lines) + "\n"


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")


def pages() -> Iterator[tuple[Path, str]]:
    yield REFERENCE / "settings.md", settings_page()
    yield REFERENCE / "error-codes.md", error_codes_page()
    yield REFERENCE / "providers.md", providers_page(NOTE)
    yield DECISIONS / "README.md", decisions_page()


def main() -> int:
    stale = [(path, text) for path, text in pages() if not path.exists() or path.read_text("utf-8") != text]
    if "--check" in sys.argv[1:]:
        for path, _ in stale:
            print(
                f"{path.relative_to(ROOT)} is not what the code says. Run `make docs` and commit the result."
            )
        return 1 if stale else 0
    REFERENCE.mkdir(parents=True, exist_ok=True)
    for path, text in stale:
        path.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
