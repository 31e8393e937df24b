"""The page of the docs about every provider that comes with Muster, made from the manifests."""

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from typing import Any

from muster.enrichments.failures import FAILURES
from muster.enrichments.provider import Provider, ProviderManifest, Terms, Where
from muster.enrichments.providers import built_in

_WHERE = {
    Where.HERE: "here, many inputs at once",
    Where.PROCESSES: "here, on all processors",
    Where.NETWORK: "waits for others",
}
_NOTHING = "-"


def providers_page(note: str) -> str:
    """One section a provider, and a table of why inputs fail."""
    providers = built_in()
    lines = [
        "# Providers",
        "",
        note,
        "",
        "What a run of [enrichment](../api/enrichments.md) can ask. How right they are is [measured](provider-accuracy.md). Installed",
        "packages can bring more; `GET /api/audience/enrichments/providers` lists all there are.",
        "",
        "| Provider | Id | Gives | Network |",
        "|---|---|---|---|",
        *(
            f"| [{provider.manifest.title}](#{_anchor(provider.manifest.title)}) | `{provider.manifest.id}` | {_gives(provider)} | {_network(provider.manifest)} |"
            for provider in providers
        ),
        "",
        "An input is *compared as* `folded` (blanks at its ends left out, Unicode NFC, small letters), `trimmed` or `exact`; inputs",
        "that are alike then are asked about once. A value of the kind `boolean` is `true` or `false`.",
    ]
    for provider in providers:
        lines += _section(provider)
    lines += [
        "",
        "## Why an input fails",
        "",
        "Codes in `failures` of a run. Providers may add codes of their own.",
        "",
        "| Code | What it says |",
        "|---|---|",
        *(f"| `{code}` | {_cell(words)} |" for code, words in sorted(FAILURES.items())),
    ]
    return "\n".join(lines) + "\n"


def _section(provider: Provider) -> Iterator[str]:
    manifest = provider.manifest
    schema = manifest.settings.model_json_schema()
    yield from [
        "",
        f"## {manifest.title}",
        "",
        f"`{manifest.id}`, version {manifest.version}. {manifest.description}",
    ]
    terms = manifest.terms
    if terms.gives:
        yield from [
            "",
            *_table(("Needs", "What it is", "Looked for in", "Compared as", "Required"), _needs(terms)),
        ]
        yield from ["", *_table(("Gives", "What it is", "Column", "Kind"), _outputs(terms))]
    else:
        yield from ["", "What it needs and gives is what its settings say."]
    yield from ["", *_table(("Price", "Rate", "Cached", "Works", "Inputs a batch"), [_conditions(manifest)])]
    properties = schema.get("properties", {})
    if properties:
        rows = [_setting(name, member, schema) for name, member in properties.items()]
        yield from ["", *_table(("Setting", "Values", "Default", "Meaning"), rows)]
    if schema.get("examples"):
        yield from ["", "For example:", "", "```json", json.dumps(schema["examples"][0], indent=1), "```"]


def _needs(terms: Terms) -> Iterator[Sequence[str]]:
    for need in terms.needs:
        required = "yes" if need.required else "one of them" if terms.needs_one else "no"
        fields = ", ".join(f"`{field}`" for field in need.fields)
        yield f"`{need.name}`", need.description, fields, f"`{need.form}`", required


def _outputs(terms: Terms) -> Iterator[Sequence[str]]:
    for output in terms.gives:
        yield f"`{output.name}`", output.description, f"`{output.column}`", f"`{output.kind}`"


def _conditions(manifest: ProviderManifest) -> Sequence[str]:
    terms = manifest.terms
    is_set = {
        "price",
        "price_micros",
        "rate",
        "calls_per_second",
        "found_days",
    } & manifest.settings.model_fields.keys()
    price = "by its settings" if is_set & {"price", "price_micros"} else "free"
    rate = "by its settings" if is_set & {"rate", "calls_per_second"} else _NOTHING
    if terms.keep is not None:
        cached = f"found {_days(terms.keep.found)}, nothing there {_days(terms.keep.empty)}"
    else:
        cached = "by its settings" if "found_days" in is_set else _NOTHING
    return price, rate, cached, _WHERE[manifest.where], str(manifest.batch_rows)


def _days(time: timedelta) -> str:
    return "1 day" if time.days == 1 else f"{time.days} days"


def _setting(name: str, member: Mapping[str, Any], schema: Mapping[str, Any]) -> Sequence[str]:
    meaning = (
        member.get("description") or _referred(member, schema).get("description") or member.get("title", "")
    )
    default = "must be set" if name in schema.get("required", ()) else _NOTHING
    if "default" in member:
        default = f"`{json.dumps(member['default'])}`"
    return f"`{name}`", _values(member, schema), default, meaning


def _values(member: Mapping[str, Any], schema: Mapping[str, Any]) -> str:
    member = _referred(member, schema)
    if "enum" in member:
        return ", ".join(f"`{value}`" for value in member["enum"])
    if "const" in member:
        return f"`{member['const']}`"
    for several in ("anyOf", "oneOf"):
        if several in member:
            return " or ".join(dict.fromkeys(_values(each, schema) for each in member[several]))
    low, high = member.get("minimum"), member.get("maximum")
    kind = {"null": "nothing", "array": "list", "number": "number", "integer": "whole number"}.get(
        member.get("type", "JSON"), member.get("type", "JSON")
    )
    if low is not None and high is not None:
        return f"{kind}, {low:g} to {high:,}" if isinstance(high, int) else f"{kind}, {low:g} to {high:g}"
    return kind


def _referred(member: Mapping[str, Any], schema: Mapping[str, Any]) -> Mapping[str, Any]:
    """The definition a member refers to, or the member itself."""
    if "$ref" not in member:
        return member
    found: Mapping[str, Any] = schema["$defs"][member["$ref"].rpartition("/")[2]]
    return found


def _gives(provider: Provider) -> str:
    gives = provider.manifest.terms.gives
    if not gives:
        return "what its settings say"
    return ", ".join(f"`{output.column}`" for output in gives)


def _network(manifest: ProviderManifest) -> str:
    return "yes" if manifest.needs_network else "no"


def _table(heads: Sequence[str], rows: Iterator[Sequence[str]] | Sequence[Sequence[str]]) -> Iterator[str]:
    yield f"| {' | '.join(heads)} |"
    yield f"|{'---|' * len(heads)}"
    for row in rows:
        yield f"| {' | '.join(_cell(cell) for cell in row)} |"


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")


def _anchor(title: str) -> str:
    """As renderers of Markdown make it."""
    kept = "".join(letter for letter in title.lower() if letter.isalnum() or letter in " -_")
    return kept.replace(" ", "-")
