"""JSON that stands in files and options of commands."""

import sys
from pathlib import Path
from typing import Any

import msgspec
import typer

_OF_EXPORT = {"name", "version", "filter", "columns", "destination", "connection", "settings", "format"} | {
    "options", "hashing", "consent", "key", "since",
}  # fmt: skip
_OPTIONS = {"bom", "formula_safe"}


def json_object(text: str | bytes, option: str, *, name: str = "this") -> dict[str, Any]:
    """name: how the text is called when it is none. Raises typer.BadParameter then."""
    try:
        return msgspec.json.decode(text, type=dict[str, Any])
    except (msgspec.DecodeError, UnicodeError) as error:
        raise typer.BadParameter(f"{name} is not a JSON object: {error}", param_hint=option) from error


def json_file(path: Path, option: str) -> dict[str, Any]:
    """The object in a file; - is stdin. Raises typer.BadParameter when it is none."""
    content = sys.stdin.buffer.read() if str(path) == "-" else path.read_bytes()
    return json_object(content, option, name=str(path))


def export_file(path: Path, option: str, *, sources: bool) -> dict[str, Any]:
    """The members of an export, as the client takes them, from a file with what the API takes.

    sources: whether it may say what is exported. What its members hold is for the server to judge.
    Raises typer.BadParameter.
    """
    said = json_file(path, option)
    options = said.pop("options", None) or {}
    known = _OF_EXPORT | ({"segment_id", "upload_id"} if sources else set())
    unknown = [
        *(said.keys() - known),
        *(options.keys() - _OPTIONS if isinstance(options, dict) else ["options"]),
    ]
    if unknown:
        message = f"{path} has members no export has: {', '.join(sorted(unknown))}"
        raise typer.BadParameter(message, param_hint=option)
    return {**said, **options}
