"""What requests to tables say, parsed once at the edge."""

from collections.abc import Mapping
from typing import Literal

import msgspec

from muster.errors import InputError, Issue
from muster.predicates.model import Predicate
from muster.predicates.parse import parse_filter
from muster.predicates.sort import parse_sort
from muster.records.transforms import Transform
from muster.tables.actions import MAX_ACTIONS, ActionBody, actions_refused, transform_of
from muster.tables.edit import MAX_EDITS, CellEdits, FilterEdit
from muster.tables.ids import Question
from muster.tables.transform import TransformEdit
from muster.tables.window import WindowWish
from muster.web.json_body import body_refused, decode_json

View = Literal["all", "issues"]

MAX_LIMIT = 1000
MAX_OFFSET = 10**12

_NOTHING = frozenset({b"", b"null"})  # left out, or null
_MAX_VERSION = 2**31


class _Query(msgspec.Struct, forbid_unknown_fields=True):
    offset: int = 0
    limit: int = 100
    sort: msgspec.Raw = msgspec.Raw()
    filter: msgspec.Raw = msgspec.Raw()
    columns: list[str] | None = None
    view: View = "all"
    exact_total: bool = False


class _Edit(msgspec.Struct, forbid_unknown_fields=True):
    row: int
    set: dict[str, msgspec.Raw]


class _Edits(msgspec.Struct, forbid_unknown_fields=True):
    edits: list[_Edit] | None = None
    filter: msgspec.Raw = msgspec.Raw()
    set: dict[str, msgspec.Raw] | None = None
    transform: dict[str, ActionBody | list[ActionBody]] | None = None
    view: View = "all"
    if_version: int | None = None


class _Undo(msgspec.Struct, forbid_unknown_fields=True):
    change_id: int | None = None


def wish_of_query(
    *,
    offset: int,
    limit: int,
    sort: str | None,
    filter_json: str | None,
    columns: str | None,
    view: View,
    exact_total: bool,
) -> WindowWish:
    """A window as query parameters ask for it. Raises InputError."""
    predicate = parse_filter(filter_json, pointer="/filter") if filter_json and filter_json.strip() else None
    keys = parse_sort(sort) if sort else ()
    names = _names(columns) if columns is not None else None
    return WindowWish(Question(predicate, keys, view == "issues"), offset, limit, names, exact_total)


def wish_of_body(body: bytes) -> WindowWish:
    """A window as a JSON body asks for it. Raises InputError."""
    asked = decode_json(body, _Query)
    if not 1 <= asked.limit <= MAX_LIMIT:
        raise body_refused("limit", "parameter_invalid", f"`limit` is 1 to {MAX_LIMIT}.")
    if not 0 <= asked.offset <= MAX_OFFSET:
        raise body_refused("offset", "parameter_invalid", f"`offset` is 0 to {MAX_OFFSET}.")
    return WindowWish(
        Question(_predicate(asked.filter), parse_sort(_sort_text(bytes(asked.sort))), asked.view == "issues"),
        asked.offset,
        asked.limit,
        None if asked.columns is None else tuple(asked.columns),
        asked.exact_total,
    )


def edits_of_body(body: bytes) -> tuple[CellEdits | FilterEdit | TransformEdit, int | None]:
    """What to change, and the version it must be the newest for. Raises InputError."""
    asked = decode_json(body, _Edits)
    version = asked.if_version
    if version is not None and not 0 <= version < _MAX_VERSION:
        raise body_refused("if_version", "parameter_invalid", "`if_version` is a version this table had.")
    predicate = _predicate(asked.filter)
    if asked.transform is not None and asked.edits is None and asked.set is None:
        return TransformEdit(_transforms(asked.transform), predicate, asked.view == "issues"), version
    if asked.edits is not None and predicate is None and asked.set is None and asked.transform is None:
        if not 1 <= len(asked.edits) <= MAX_EDITS:
            raise body_refused("edits", "too_many_edits", f"Send 1 to {MAX_EDITS} edits in one request.")
        edits = tuple(
            (edit.row, _values(edit.set, f"/edits/{at}/set")) for at, edit in enumerate(asked.edits)
        )
        return CellEdits(edits), version
    is_set = asked.edits is None and asked.transform is None and asked.view == "all"
    if is_set and predicate is not None and asked.set is not None:
        return FilterEdit(predicate, _values(asked.set, "/set")), version
    message = "Give either `edits`, or `filter` and `set`, or `transform` with a `filter` or without."
    raise body_refused("edits", "selection_unclear", message)


def undo_of_body(body: bytes) -> int | None:
    """Which change to undo; None: the newest. Raises InputError."""
    return decode_json(body, _Undo).change_id if body.strip() else None


def _values(given: Mapping[str, msgspec.Raw], pointer: str) -> dict[str, str | None]:
    if not given:
        message = "Name at least one column to set."
        issue = Issue(None, "set", pointer, "edit_empty", message)
        raise InputError(message, code="edit_empty", issues=[issue])
    return {name: _text(bytes(raw), name, pointer) for name, raw in given.items()}


def _transforms(sent: Mapping[str, ActionBody | list[ActionBody]]) -> dict[str, tuple[Transform, ...]]:
    if not sent:
        message = "Name at least one column to transform."
        raise body_refused("transform", "edit_empty", message)
    found: dict[str, tuple[Transform, ...]] = {}
    for name, given in sent.items():
        actions = given if isinstance(given, list) else [given]
        pointer = f"/transform/{name.replace('~', '~0').replace('/', '~1')}"
        if not 1 <= len(actions) <= MAX_ACTIONS or any(action.field is not None for action in actions):
            message = f"Give each column 1 to {MAX_ACTIONS} actions, without `field`."
            raise actions_refused(pointer, message)
        found[name] = tuple(
            transform_of(action, f"{pointer}/{at}" if isinstance(given, list) else pointer)
            for at, action in enumerate(actions)
        )
    return found


def _text(raw: bytes, name: str, pointer: str) -> str | None:
    """A value as the table keeps it: the text itself, a number as it was written, nothing for empty."""
    if raw in _NOTHING:
        return None
    if raw.startswith((b"{", b"[")):
        message = "A cell takes text, a number, true, false or null."
        at = f"{pointer}/{name.replace('~', '~0').replace('/', '~1')}"
        raise InputError(
            message, code="value_invalid", issues=[Issue(None, name, at, "value_invalid", message)]
        )
    if raw.startswith(b'"'):
        return msgspec.json.decode(raw, type=str) or None  # empty text and nothing are the same in a table
    return raw.decode()


def _predicate(raw: msgspec.Raw) -> Predicate | None:
    text = bytes(raw)
    return None if text in _NOTHING else parse_filter(text, pointer="/filter")


def _sort_text(raw: bytes) -> str:
    """A sort in a body is a text as in a query, or the array itself."""
    if raw.startswith(b'"'):
        return msgspec.json.decode(raw, type=str)
    return "" if raw in _NOTHING or raw == b"[]" else raw.decode()


def _names(text: str) -> tuple[str, ...]:
    """Column names between commas, or a JSON array of names for those with a comma inside."""
    if text.lstrip().startswith("["):
        try:
            return tuple(msgspec.json.decode(text, type=list[str]))
        except (msgspec.MsgspecError, ValueError, RecursionError) as error:
            message = "Write the columns as `email,first_name` or as a JSON array of names."
            raise body_refused("columns", "parameter_invalid", message) from error
    return tuple(name.strip() for name in text.split(",") if name.strip())
