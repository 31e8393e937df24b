"""Write docs/api/reference.md from openapi.json, or (--check) say whether it is current.

usage: python scripts/gen_api.py [--check]
"""

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "api" / "reference.md"
NOTE = "<!-- Written by scripts/gen_api.py from openapi.json; change the code, then `make docs`. -->"

Schema = dict[str, Any]

MEANINGS = {
    # For members whose schema has no words of its own; docs/glossary.md has the long form.
    "business_email": "An identifier.",
    "personal_email": "An identifier.",
    "records[].email": "An identifier.",
    "email": "The user's address.",
    "domain": "An identifier.",
    "company_domain": "An identifier.",
    "upload_id": "`upl_<seconds>_<random>`.",
    "upload_ids": "Which uploads, 1 to 1,000.",
    "upload_name": "1 to 100 characters.",
    "records": "In input order.",
    "fields": "Names to show first; the union of the records' keys unless given.",
    "on_invalid": "What a bad record does: refuse the batch, or be kept aside.",
    "session_token": "Opens this one upload read-only for a day.",
    "rows_received": "Records in the request.",
    "rows_accepted": "Records stored.",
    "rows_rejected": "Records kept aside.",
    "errors": "What is wrong, the first 100 in input order.",
    "errors_total": "How many things are wrong.",
    "row": "The place in what was sent, from 0.",
    "edits[].row": "`_row_id` of a row of the table.",
    "_row": "The place in what was sent, from 0.",
    "_row_id": "Of the row in this table.",
    "field": "The member or column that is meant.",
    "pointer": "JSON pointer into the body.",
    "code": "Stable; see error codes.",
    "message": "For people.",
    "status": "`success` or `error`.",
    "uploads": "One page, newest first.",
    "uploads[].status": "Where the upload is in its life.",
    "filter.status": "Where the upload is in its life.",
    "operation": "What to do with each.",
    "filter": "Instead of `upload_ids`: the filters of the list, at least one.",
    "filter.name": "Contained in the name, ignoring case.",
    "filter.has_errors": "Whether any record was rejected.",
    "password": "10 to 1,024 characters.",
    "new_password": "10 to 1,024 characters.",
    "current_password": "Needed when there is a password already.",
    "has_password": "Whether the user can sign in by password.",
    "user.id": "`usr_<random>`.",
    "user.role": "The owner runs the installation.",
    "actor": "How the caller signed in: `session`, `oidc` or `key:<id>`.",
    "sessions_ended": "How many.",
    "keys": "One page, newest first.",
    "key": "The text to send as Bearer token; never shown again.",
    "key_id": "The eight characters after `muster_`.",
    "api_key.id": "The eight characters after `muster_`.",
    "keys[].id": "The eight characters after `muster_`.",
    "id": "Of the thing itself.",
    "name": "What people call it.",
    "state": "Whether it works.",
    "progress.state": "`receiving`, `queued`, `running` or `paused`.",
    "progress.total": "How much there is to do in all, if that is known.",
    "progress.done": "How much is done.",
    "progress.unit": "What `done` and `total` count: `bytes` or `rows`.",
    "progress.phase": "What is being done.",
    "progress": "The work on it, while there is some.",
    "rows_per_second": "Of late.",
    "seconds_left": "An estimate.",
    "revoked_at": "When it was stopped; null: it was not.",
    "lines": "One page, newest first.",
    "at": "RFC 3339, UTC.",
    "action": "`<noun>.<verb>`, such as `upload.deleted`.",
    "subject": "The id of the thing.",
    "details": "Ids and counts.",
    "upload_status": "Where the upload is in its life.",
    "status_reason": "Why the status is not a happy one.",
    "source": "How the records came in.",
    "size_bytes": "The body as received, decompressed.",
    "created_at": "RFC 3339, UTC.",
    "created_after": "RFC 3339.",
    "created_before": "RFC 3339.",
    "next_cursor": "Give it back as `cursor` for the next page; null on the last.",
    "total": "How many there are in all.",
    "offset": "First of the window, from 0.",
    "limit": "Most the answer holds.",
    "valid": "Whether the batch would be accepted as it is.",
    "results": "One for each thing that was sent or named.",
    "outcome": "What became of it.",
    "findings": "What rules say of it.",
    "value": "The value itself.",
    "fixed": "What a rule makes of the value.",
    "record": "As the rules leave it.",
    "version": "Of the table; each change makes a new one.",
    "if_version": "Refuse (409) if the table has a newer version.",
    "rows_changed": "How many rows are different now.",
    "change_id": "Of an entry in the log of changes; to undo: the newest unless given.",
    "changes": "One page, newest first.",
    "changes[].kind": "`cells`, `filter` or `retry`.",
    "changes[].columns": "Names of the columns it changed.",
    "changes[].rows": "How many rows it changed.",
    "from_version": "Before it.",
    "to_version": "After it.",
    "undone_at": "RFC 3339, UTC; null: it stands.",
    "updated_at": "RFC 3339, UTC.",
    "used_at": "RFC 3339, UTC.",
    "total_exact": "Whether `total` is exact; an estimate becomes exact by itself, or on demand.",
    "exact_total": "Wait for an exact `total`.",
    "view": "`issues`: only rows a rule warned about or fixed.",
    "sort": "`-employees,last_name`, or an array of `field` and `descending`; see docs/api/filters.md.",
    "edits": "Rows and the values to set in them.",
    "set": "New values by column; null empties a cell.",
    "edited_since": "Whether cells were changed after the profile was made.",
    "rows[].values": "In the order of `columns`.",
    "columns": "Of the table, or those asked for.",
    "columns[].field": "The field it was taken for; null: its own name.",
    "columns[].reason": "Why.",
    "columns[].confidence": "0 to 1.",
    "columns[].minimum": "Of numbers, dates and times; null for other types.",
    "columns[].maximum": "Of numbers, dates and times; null for other types.",
    "columns[].kinds": "How many values of each JSON kind were sent; empty where none were told apart.",
    "columns[].filled": "Rows with a value.",
    "columns[].empty": "Rows without one.",
    "columns[].distinct": "How many different values, or about how many.",
    "columns[].type": "Of its values; text unless all of them have another type.",
    "columns[].origin": "`upload`, or what added the column later.",
    "_issues": "What rules said of this row.",
    "_edited": "Names of the columns whose value was edited.",
    "counts[].count": "How often.",
    "columns[].distinct_exact": "Whether `distinct` is exact.",
    "columns[].top": "The most frequent values.",
    "columns[].top_exact": "`false`: another value may belong among them; there are too many to count each.",
    "columns[].histogram": "How numbers, dates and times spread.",
    "columns[].lengths": "How lengths of text spread.",
    "columns[].length_min": "Characters of the shortest value.",
    "columns[].length_mean": "Characters of a value on average.",
    "columns[].length_max": "Characters of the longest value.",
    "columns[].invalid_share": "Share of the filled values with an issue, 0 to 1.",
    "columns[].rows_with_issues": "Rows a rule warned about or fixed in this column.",
    "low": "Where the range begins.",
    "high": "Where it ends.",
    "top[].rows": "How many rows have it.",
    "histogram[].rows": "How many rows are in it.",
    "lengths[].rows": "How many rows are in it.",
    "rows": "Rows, or how many there are.",
    "rule": "One rule.",
    "rules": "In the order they are applied.",
    "rule_ids": "All of your rules, in their new order.",
    "test": "What is asked of the value; see docs/api/rules.md.",
    "severity": "What a value that fails does to its row.",
    "otherwise": "Of a fixing rule: what a value does that cannot be fixed.",
    "enabled": "Whether it is applied.",
    "position": "From 0; rules are applied in this order.",
    "values": "Values to try one rule on.",
    "upload.rows": "How many were looked at.",
    "upload.accepted": "How many would be accepted.",
    "upload.rejected": "How many would be rejected.",
    "upload.not_tried": "Rules on unique values, which need the finished table.",
    "upload.is_complete": "Whether all rows were looked at in time.",
    "upload.counts": "How often each rule found something.",
    "upload.examples": "The first rows with a finding.",
    "layout": "How the file is read; members given overrule what was detected.",
    "layout.columns": "Names of the columns in order, in place of the header.",
    "layout.format": "Of the file.",
    "layout.compression": "Of the file.",
    "layout.encoding": "Such as `windows-1252`.",
    "layout.delimiter": "Between columns.",
    "layout.quote": "Around values; empty: quotes mean nothing.",
    "layout.escape": "Before a quote that is part of a value.",
    "layout.header_row": "From 0, blank rows not counted; null: there is none.",
    "layout.decimal_comma": "Whether numbers are written 1.234,5.",
    "layout.sheet": "Of a workbook; the member of a JSON object.",
    "mapping": "Which columns become which fields; see docs/api/mapping.md.",
    "mapping.columns": "What becomes of columns.",
    "mapping.keep_others": "Whether columns that are not named stay under their own name.",
    "mapping_by": "Whether the mapping shown is a guess or was remembered.",
    "separator": "Between the joined values, or where one is split.",
    "mappings": "One page, newest first.",
    "template": "Keep the mapping under this name, too.",
    "use_template": "The name of a template to take the mapping from.",
    "decision": "What was decided for this file; null: nothing yet.",
    "problem": "Why it cannot be read; null: it can.",
    "sheets": "Of a workbook.",
    "file": "The file itself.",
    "file_name": "As the sender called it.",
    "auto": "`false`: wait until the mapping is decided.",
    "sha256": "Of the file as received, in hex.",
    "received_bytes": "How much has arrived.",
    "length_bytes": "How much is to come in all; null: not said yet.",
    "accepted": "How many were accepted.",
    "succeeded": "How many were done.",
    "failed": "How many were not.",
    "rejects": "The original members with `_row`, `_code` and `_reason`.",
    "http_status": "What a request for this one alone would have answered.",
    "token": "Of a one-time sign-in link.",
    "everywhere": "End all sessions, not only this one.",
    "expires_at": "When it stops working; null: never.",
    "expires_in_days": "Instead of `expires_at`.",
    "row_quota": "Records the key may send in all; null: no limit.",
    "rows_used": "Records it has sent.",
    "scopes": "What it may do; all of the caller's unless given.",
    "last_used_at": "To the minute.",
}


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
