"""Keys that rows are ordered by: `-employees,last_name`, or the same as JSON; pure.

Source: docs/api/filters.md, "Sorting".
"""

import json
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Any, Final

from muster.errors import InputError, Issue
from muster.predicates.check import unknown_field
from muster.records.syntax import is_deeper_than

MAX_SORT_KEYS: Final = 8
_MAX_SORT_CHARACTERS: Final = 10_000


@dataclass(frozen=True, slots=True)
class SortKey:
    """One field to order by. Empty values come last in both directions."""

    field: str
    descending: bool = False


def parse_sort(text: str) -> tuple[SortKey, ...]:
    """Sort keys, the weightiest first; none for blank text.

    text: field names between commas, each with `-` in front for descending; or a JSON array of
    `{"field": ..., "descending": true}` and of names with or without `-`, for names with commas, blanks
    around them or a leading dash.
    Raises InputError (`sort_invalid`) with an issue for each problem; pointers count keys from 0.
    """
    if len(text) > _MAX_SORT_CHARACTERS:
        message = f"A sort has at most {_MAX_SORT_CHARACTERS:,} characters."
        raise _refusal([Issue(None, None, "", "sort_malformed", message)])
    if not text.strip():
        return ()
    keys, issues = _read_json(text) if text.lstrip().startswith("[") else _read_short(text)
    issues += _problems(keys)
    if issues:
        raise _refusal(issues)
    return tuple(key for _, key in keys)


def check_sort(keys: Collection[SortKey], names: Collection[str]) -> None:
    """Raise InputError (`sort_invalid`) when a key names a field that is not among `names`."""
    issues = [
        Issue(None, key.field, f"/{at}", "sort_unknown_field", unknown_field(names, key.field))
        for at, key in enumerate(keys)
        if key.field not in names
    ]
    if issues:
        raise _refusal(issues)


_Numbered = list[tuple[int, SortKey]]


def _read_short(text: str) -> tuple[_Numbered, list[Issue]]:
    keys: _Numbered = []
    issues: list[Issue] = []
    for at, part in enumerate(text.split(",")):
        _add(at, _named(part.strip()), keys, issues)
    return keys, issues


def _read_json(text: str) -> tuple[_Numbered, list[Issue]]:
    keys: _Numbered = []
    issues: list[Issue] = []
    try:
        listed = [] if is_deeper_than(2, text.encode()) else json.loads(text)
    except ValueError:  # not JSON, or a lone surrogate
        listed = []
    if not listed:
        message = (
            'Write the sort as `-employees,last_name` or as `[{"field": "employees", "descending": true}]`.'
        )
        return keys, [Issue(None, None, "", "sort_malformed", message)]
    for at, entry in enumerate(listed):
        _add(at, _named(entry) if isinstance(entry, str) else _from_members(entry), keys, issues)
    return keys, issues


def _add(at: int, key: SortKey | None, keys: _Numbered, issues: list[Issue]) -> None:
    if key is not None:
        keys.append((at, key))
        return
    message = "Name a field, with `-` in front for descending, or give its `field` and `descending` (true or false)."
    issues.append(Issue(None, None, f"/{at}", "sort_malformed", message))


def _named(text: str) -> SortKey | None:
    name = text.removeprefix("-")
    return SortKey(name, text.startswith("-")) if _is_name(name) else None


def _from_members(entry: Any) -> SortKey | None:
    if not isinstance(entry, dict) or not entry.keys() <= {"field", "descending"}:
        return None
    name, descending = entry.get("field"), entry.get("descending", False)
    if not isinstance(name, str) or not _is_name(name) or not isinstance(descending, bool):
        return None
    return SortKey(name, descending)


def _is_name(name: str) -> bool:
    return bool(name) and not any("\ud800" <= character <= "\udfff" for character in name)


def _problems(keys: _Numbered) -> Iterator[Issue]:
    if len(keys) > MAX_SORT_KEYS:
        message = f"Sort by at most {MAX_SORT_KEYS} fields."
        yield Issue(None, None, f"/{MAX_SORT_KEYS}", "sort_too_many_keys", message)
    seen: set[str] = set()
    for at, key in keys:
        if key.field in seen:
            message = "Name each field once; the first mention decides."
            yield Issue(None, key.field, f"/{at}", "sort_field_repeated", message)
        seen.add(key.field)


def _refusal(issues: list[Issue]) -> InputError:
    return InputError(
        "The sort cannot be used; `errors` names each problem.", code="sort_invalid", issues=issues
    )
