"""JSON in, a filter tree that cannot be wrong out. Source: docs/api/filters.md."""

import json
from collections import Counter
from collections.abc import Sequence
from typing import Any, Final

from muster.errors import InputError, Issue
from muster.predicates.leaf import read_leaf
from muster.predicates.model import (
    MAX_DEPTH,
    MAX_FILTER_CHARACTERS,
    MAX_LEAVES,
    AllOf,
    AnyOf,
    Leaf,
    Not,
    Predicate,
)
from muster.records.syntax import MAX_DEPTH as MAX_JSON_DEPTH
from muster.records.syntax import is_deeper_than

MAX_FILTER_BYTES: Final = 2 * 1024 * 1024
"""Of the JSON; an escape takes six bytes for a character."""

_MAX_ISSUES: Final = 1_000
_GROUPS: Final = ("all", "any", "not")
_SHAPE: Final = "Write a condition as an object with `field` and `op`, or a group as an object with one of `all`, `any`, `not`."


def parse_filter(raw: bytes | str, *, pointer: str = "") -> Predicate:
    """The filter tree that `raw` (JSON, UTF-8) describes.

    pointer: where the filter stands in the body, put before the pointers of the issues.
    Raises InputError (`filter_invalid`) with an issue for each problem. Pure and deterministic.
    """
    try:
        text = raw if isinstance(raw, str) else raw.decode()
        encoded = text.encode()
    except UnicodeError:
        message = "The filter is not UTF-8 text."
        raise _refusal([Issue(None, None, pointer, "filter_malformed", message)]) from None
    if len(encoded) > MAX_FILTER_BYTES:
        raise _refusal([_too_large(pointer)])
    # Before decoding: the decoder follows nesting down to Python's own limit.
    if is_deeper_than(MAX_JSON_DEPTH, encoded):
        raise _refusal([_too_deep(pointer)])
    try:
        value = json.loads(text, object_pairs_hook=_Members, parse_int=_whole_number)
    except json.JSONDecodeError as error:
        message = f"The filter is not JSON; look at character {error.pos + 1:,}."
        raise _refusal([Issue(None, None, pointer, "filter_malformed", message)]) from None
    return predicate_from(value, pointer=pointer)


def predicate_from(value: object, *, pointer: str = "") -> Predicate:
    """The filter tree that decoded JSON describes, for a filter that is a member of a larger body.

    Raises InputError as `parse_filter` does; only names given twice are no longer seen.
    """
    reading = _Reading()
    predicate = reading.node(value, pointer, depth=1)
    if reading.characters > MAX_FILTER_CHARACTERS:
        reading.issues.append(_too_large(pointer))
    if predicate is None or reading.issues:
        raise _refusal(reading.issues)
    return predicate


class _Members(dict[str, Any]):
    """A JSON object that remembers which names it was given twice."""

    def __init__(self, pairs: Sequence[tuple[str, Any]]) -> None:
        super().__init__(pairs)
        counts = Counter(name for name, _ in pairs) if len(self) < len(pairs) else {}
        self.repeated = [name for name, count in counts.items() if count > 1]


def _whole_number(digits: str) -> int | float:
    # Python refuses to read integers of thousands of digits; as a float they are infinite, and refused with a pointer.
    return int(digits) if len(digits) <= 400 else float(digits)


class _Reading:
    """One walk over a tree: what was wrong so far, and how much there was."""

    def __init__(self) -> None:
        self.issues: list[Issue] = []
        self.leaves = 0
        self.characters = 0

    def node(self, value: object, pointer: str, depth: int) -> Predicate | None:
        """The tree at `pointer`, None when it is wrong; the reason is then among the issues."""
        if len(self.issues) >= _MAX_ISSUES or self.leaves > MAX_LEAVES:
            return None
        if depth > MAX_DEPTH:
            self.issues.append(_too_deep(pointer))
            return None
        if not isinstance(value, dict):
            self._no_node(pointer)
            return None
        repeated = getattr(value, "repeated", ())
        self.issues += [
            Issue(None, None, _member(pointer, name), "filter_member_repeated", "Give each member once.")
            for name in repeated
        ]
        if repeated:
            return None
        groups = [name for name in _GROUPS if name in value]
        if not groups and ("field" in value or "op" in value):
            return self._leaf(value, pointer)
        if len(groups) != 1 or len(value) != 1:
            self._no_node(pointer)
            return None
        return self._group(groups[0], value[groups[0]], f"{pointer}/{groups[0]}", depth)

    def _no_node(self, pointer: str) -> None:
        self._count_leaf(pointer)
        self.issues.append(Issue(None, None, pointer, "filter_malformed", _SHAPE))

    def _group(self, name: str, value: object, pointer: str, depth: int) -> Predicate | None:
        if name == "not":
            part = self.node(value, pointer, depth + 1)
            return None if part is None else Not(part)
        if not isinstance(value, list | tuple):
            message = "Give `all` and `any` an array of conditions."
            self.issues.append(Issue(None, None, pointer, "filter_group_not_array", message))
            return None
        if not value:
            self._count_leaf(pointer)
            # Nobody means `any` of nothing, and `all` of nothing would be every row.
            message = "This group is empty. Put a condition into it, or leave the group out."
            self.issues.append(Issue(None, None, pointer, "filter_group_empty", message))
            return None
        parts = [self.node(part, f"{pointer}/{at}", depth + 1) for at, part in enumerate(value)]
        good = tuple(part for part in parts if part is not None)
        if len(good) < len(parts):
            return None
        return AllOf(good) if name == "all" else AnyOf(good)

    def _leaf(self, members: dict[str, Any], pointer: str) -> Leaf | None:
        self._count_leaf(pointer)
        leaf, issues = read_leaf(members, pointer)
        self.issues += issues
        if leaf is not None:
            texts = [value for value in leaf.values if isinstance(value, str)]
            self.characters += len(leaf.field) + sum(map(len, texts))
        return leaf

    def _count_leaf(self, pointer: str) -> None:
        self.leaves += 1
        if self.leaves == MAX_LEAVES + 1:
            message = f"A filter has at most {MAX_LEAVES:,} conditions; use `in` to compare a field with many values."
            self.issues.append(Issue(None, None, pointer, "filter_too_many_conditions", message))


def _member(pointer: str, name: str) -> str:
    """RFC 6901: `~` and `/` inside a name are escaped; lone surrogates cannot be written down at all."""
    escaped = name.replace("~", "~0").replace("/", "~1")
    return f"{pointer}/{escaped.encode(errors='replace').decode()}"


def _too_deep(pointer: str) -> Issue:
    message = f"Conditions may be nested {MAX_DEPTH} levels deep; merge groups of the same kind."
    return Issue(None, None, pointer, "filter_too_deep", message)


def _too_large(pointer: str) -> Issue:
    message = f"The texts of a filter have at most {MAX_FILTER_CHARACTERS:,} characters together, its JSON at most {MAX_FILTER_BYTES:,} bytes."
    return Issue(None, None, pointer, "filter_too_large", message)


def _refusal(issues: list[Issue]) -> InputError:
    message = "The filter cannot be used; `errors` names each problem."
    return InputError(message, code="filter_invalid", issues=issues)
