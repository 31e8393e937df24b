"""Write docs/api/reference.md from openapi.json, or (--check) say whether it is current.

usage: python scripts/gen_api.py [--check]
"""

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from member_words import MEANINGS

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "api" / "reference.md"
NOTE = "<!-- Written by scripts/gen_api.py from openapi.json; change the code, then `make docs`. -->"

Schema = dict[str, Any]


class Reference:
    """Turns one OpenAPI document into Markdown."""

    def __init__(self, document: Schema) -> None:
        self.document = document

    def page(self) -> str:
        """The whole page."""
        operations = [
            (method.upper(), path, operation)
            for path, methods in self.document["paths"].items()
            for method, operation in methods.items()
        ]
        lines = [
            "# API reference",
            "",
            NOTE,
            "",
            "Every route, from [openapi.json](../../openapi.json), which a server also serves at `/api/openapi.json`.",
            "[Batch upload](batch-upload.md) explains the main ones with examples that run. Failures all have the shape",
            "described in [errors](errors.md).",
            "",
            "| Route | |",
            "|---|---|",
        ]
        for method, path, operation in operations:
            title = f"{method} {path}"
            lines.append(f"| [`{title}`](#{anchor(title)}) | {words_of(operation)[0]} |")
        for method, path, operation in operations:
            lines += ["", *self._operation(method, path, operation)]
        return "\n".join(lines) + "\n"

    def _operation(self, method: str, path: str, operation: Schema) -> Iterator[str]:
        yield f"## {method} {path}"
        yield ""
        summary, description = words_of(operation)
        yield summary if summary[-1] in ".?" else f"{summary}."
        if description:
            yield from ("", description)
        yield ""
        yield access(operation)
        yield from self._parameters(operation)
        body = operation.get("requestBody", {}).get("content", {})
        for media_type, content in body.items():
            yield from self._body(media_type, content)
        if "application/json" in body or method in {"GET", "DELETE"}:
            yield from self._call(method, path, operation, body)
        yield from self._answers(operation["responses"])

    def _parameters(self, operation: Schema) -> Iterator[str]:
        parameters = operation.get("parameters", [])
        if not parameters:
            return
        yield from ("", "| Parameter | In | Type | Meaning |", "|---|---|---|---|")
        for parameter in parameters:
            schema = parameter.get("schema", {})
            meaning = (
                parameter.get("description")
                or schema.get("description")
                or MEANINGS.get(parameter["name"], "")
            )
            if "default" in schema:
                meaning = f"{meaning} Default: `{json.dumps(schema['default'])}`.".strip()
            needed = ", required" if parameter.get("required") and parameter["in"] != "path" else ""
            yield f"| `{parameter['name']}` | {parameter['in']}{needed} | {self._type(schema).removesuffix(' or null')} | {cell(meaning)} |"

    def _body(self, media_type: str, content: Schema) -> Iterator[str]:
        members = list(self._members(content.get("schema", {}), ""))
        if members:
            yield from ("", f"Body, `{media_type}`:", "", "| Member | Type | Meaning |", "|---|---|---|")
            yield from members
        example = content.get("example")
        if isinstance(example, str):
            yield from ("", f"Body, `{media_type}`, for example:", "", "```", example.rstrip("\n"), "```")

    def _call(self, method: str, path: str, operation: Schema, body: Schema) -> Iterator[str]:
        parts = ["curl"] + ([] if method in {"GET", "POST"} else [f"-X {method}"])
        parts.append(f'"$MUSTER_URL{shell_path(path)}"')
        if operation.get("security"):
            parts.append('-H "Authorization: Bearer $MUSTER_API_KEY"')
        example = body.get("application/json", {}).get("example")
        if body:
            parts.append('-H "Content-Type: application/json"')
        if body and example is None:
            return
        if example is not None:
            parts.append(f"-d '{json.dumps(example, ensure_ascii=False)}'")
        yield from ("", "```sh", " \\\n  ".join(parts), "```")

    def _answers(self, responses: Schema) -> Iterator[str]:
        for status, answer in responses.items():
            if not status.startswith("2"):
                continue
            content = answer.get("content", {})
            others = [f"`{name}`" for name in content if name != "application/json"]
            yield ""
            yield (
                f"Answers {status}" + (f"; by `Accept` also as {' or '.join(others)}" if others else "") + "."
            )
            members = list(self._members(content.get("application/json", {}).get("schema", {}), ""))
            if members:
                yield from ("", "| Member | Type | Meaning |", "|---|---|---|")
                yield from members
        failures = [
            f"{status} ({answer['description'].rstrip('.')})"
            for status, answer in responses.items()
            if status[0] in "45"
        ]
        if failures:
            yield from ("", "Fails with " + "; ".join(failures) + ".")

    def _members(self, schema: Schema, prefix: str) -> Iterator[str]:
        """A table row for each member of an object, members of members with their path."""
        schema = self._resolved(schema)
        required = set(schema.get("required", []))
        for name, member in schema.get("properties", {}).items():
            inner = self._resolved(member)
            optional = "" if name in required else ", optional"
            meaning = member.get("description") or meaning_of(f"{prefix}{name}", inner)
            yield f"| `{prefix}{name}` | {self._type(member)}{optional} | {cell(meaning)} |"
            items = self._resolved(inner.get("items", {}))
            if inner.get("properties"):
                yield from self._members(inner, f"{prefix}{name}.")
            elif items.get("properties"):
                yield from self._members(items, f"{prefix}{name}[].")

    def _resolved(self, schema: Schema) -> Schema:
        while "$ref" in schema:
            found: Any = self.document
            for step in schema["$ref"].removeprefix("#/").split("/"):
                found = found[step]
            schema = found
        return schema

    def _type(self, schema: Schema) -> str:
        schema = self._resolved(schema)
        if "anyOf" in schema:
            return " or ".join(dict.fromkeys(self._type(option) for option in schema["anyOf"]))
        if "enum" in schema:
            return " or ".join(f"`{value}`" for value in schema["enum"])
        if "const" in schema:
            return f"`{schema['const']}`"
        kinds = schema.get("type", "any")
        if isinstance(kinds, list):
            return " or ".join(kinds)
        if kinds == "array":
            return f"array of {self._type(schema.get('items', {}))}"
        if schema.get("format") == "date-time":
            return "time"
        return f"{kinds}{limits(schema)}"


def meaning_of(path: str, schema: Schema) -> str:
    """What a member is for: words for its path, for its name, or for its type."""
    if "const" in schema:
        return ""
    steps = path.split(".")
    words = (MEANINGS.get(".".join(steps[at:])) for at in range(len(steps)))
    return next((found for found in words if found), schema.get("description") or "")


def words_of(operation: Schema) -> tuple[str, str]:
    """Summary and description; where the framework made the summary from a function's name, the first sentence."""
    summary, description = operation.get("summary", ""), " ".join(operation.get("description", "").split())
    if summary.istitle() and description:
        first, _, rest = description.partition(". ")
        return first.rstrip("."), rest
    return summary, description


def access(operation: Schema) -> str:
    """Who may call it."""
    if not operation.get("security"):
        return "Open to everybody."
    scopes = [scope for needed in operation["security"] for names in needed.values() for scope in names]
    return f"Needs a token with the scope `{scopes[0]}`." if scopes else "Needs a token."


def limits(schema: Schema) -> str:
    """` (1 to 100)` for a number or a length with bounds."""
    low = schema.get("minimum", schema.get("minLength"))
    high = schema.get("maximum", schema.get("maxLength"))
    if low is None and high is None:
        return ""
    unit = " characters" if "maxLength" in schema or "minLength" in schema else ""
    return f" ({f'{low} to {high}' if None not in (low, high) else f'from {low}' if high is None else f'to {high}'}{unit})"


def shell_path(path: str) -> str:
    """`/a/{upload_id}` -> `/a/$UPLOAD_ID`."""
    return "/".join(f"${part[1:-1].upper()}" if part.startswith("{") else part for part in path.split("/"))


def anchor(title: str) -> str:
    """GitHub's anchor of a heading."""
    return "".join(c for c in title.lower().replace(" ", "-") if c.isalnum() or c in "-_")


def cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")


def main() -> int:
    text = Reference(json.loads((ROOT / "openapi.json").read_text(encoding="utf-8"))).page()
    current = PAGE.read_text(encoding="utf-8") if PAGE.exists() else ""
    if text == current:
        return 0
    if "--check" in sys.argv[1:]:
        print("docs/api/reference.md is not what openapi.json says. Run `make docs` and commit the result.")
        return 1
    PAGE.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
