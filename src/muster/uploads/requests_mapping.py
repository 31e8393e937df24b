"""What requests about mappings say, parsed once at the edge."""

import re
from typing import Any, Final

from muster.errors import InputError, Issue
from muster.uploads.decide_mapping import MappingWish
from muster.uploads.mapping import Mapping, parse_mapping
from muster.uploads.mapping_model import MAX_TEMPLATE_CHARACTERS
from muster.web.json_body import body_refused, decode_json

_MEMBERS: Final = ("layout", "mapping", "template", "use_template")
_CONTROLS: Final = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff]")
_NO_HEADER: Final = frozenset({"none", "null", ""})


def parse_mapping_wish(body: bytes, *, is_auto: bool) -> MappingWish:
    """The decision a body asks for; empty is enough when `is_auto`. Raises InputError with issues."""
    sent: Any = {}
    if body.strip() or not is_auto:
        sent = decode_json(body, object)
    if not isinstance(sent, dict):
        raise body_refused("", "body_invalid", 'Send an object such as {"mapping": {"columns": []}}.')
    unknown = [name for name in sent if name not in _MEMBERS]
    if unknown:
        raise body_refused(
            unknown[0][:40],
            "body_invalid",
            f"The body has {', '.join(f'`{name}`' for name in _MEMBERS)} only.",
        )
    layout = sent.get("layout")
    if layout is not None and not isinstance(layout, dict):
        raise body_refused("layout", "layout_invalid", "`layout` is an object of what is to be overruled.")
    wish = MappingWish(
        overrides=layout or {},
        mapping=None if sent.get("mapping") is None else _mapping(sent["mapping"]),
        template=_name(sent, "template"),
        use_template=_name(sent, "use_template"),
        is_auto=is_auto,
    )
    ways = (wish.mapping is not None) + (wish.use_template is not None) + is_auto
    message = "Say how columns are named in one way: `mapping`, `use_template`, or `?auto=true`."
    if ways == 0:
        raise body_refused("mapping", "mapping_missing", message)
    if ways > 1:
        raise body_refused("mapping", "mapping_invalid", message)
    return wish


def _mapping(value: object) -> Mapping:
    mapping = parse_mapping(value)
    issues = [
        Issue(
            None,
            "mapping",
            f"/mapping/columns/{at}/to",
            "mapping_invalid",
            "A name holds a control character.",
        )
        for at, step in enumerate(mapping.steps)
        if any(_CONTROLS.search(name) for name in step.targets)
    ]
    if issues:
        raise InputError(issues[0].message, code="mapping_invalid", issues=issues)
    return mapping


def parse_template_name(body: bytes) -> str:
    """The new name of a template. Raises InputError."""
    sent = decode_json(body, object)
    if not isinstance(sent, dict) or not sent.keys() <= {"name"}:
        raise body_refused("", "body_invalid", 'Send an object such as {"name": "Spring fair"}.')
    name = _name(sent, "name")
    if name is None:
        raise body_refused("name", "member_missing", "Send the new name as `name`.")
    return name


def _name(sent: dict[str, Any], member: str) -> str | None:
    name = sent.get(member)
    if name is None:
        return None
    if (
        not isinstance(name, str)
        or not 1 <= len(name.strip()) <= MAX_TEMPLATE_CHARACTERS
        or _CONTROLS.search(name)
    ):
        raise body_refused(
            member,
            "name_invalid",
            f"`{member}` is a name of 1 to {MAX_TEMPLATE_CHARACTERS} characters without control characters.",
        )
    return name.strip()


def overrides_of(
    *,
    format: str | None,
    compression: str | None,
    encoding: str | None,
    delimiter: str | None,
    quote: str | None,
    escape: str | None,
    header_row: str | None,
    decimal_comma: bool | None,
    sheet: str | None,
) -> dict[str, Any]:
    """Members of a layout as query parameters; `header_row=none` says that there is none. Raises InputError."""
    given: dict[str, Any] = {
        "format": format,
        "compression": compression,
        "encoding": encoding,
        "delimiter": delimiter,
        "quote": quote,
        "escape": escape,
        "decimal_comma": decimal_comma,
        "sheet": sheet,
    }
    overrides = {name: value for name, value in given.items() if value is not None}
    if header_row is not None:
        if header_row not in _NO_HEADER and not re.fullmatch("[0-9]{1,9}", header_row):
            raise body_refused("header_row", "layout_invalid", "`header_row` is a number from 0, or `none`.")
        overrides["header_row"] = None if header_row in _NO_HEADER else int(header_row)
    return overrides
