"""How the columns of a file become the columns of its table: renamed, split, joined, dropped; on Arrow."""

from collections.abc import Mapping as MappingType
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from muster.errors import InputError, Issue

MAX_NAME_CHARACTERS = 200


@dataclass(frozen=True, slots=True)
class ColumnMapping:
    """One step of a mapping.

    sources: columns of the file. targets: columns of the table; none: the sources are dropped.
    separator: what joins several sources (empty ones are left out), or where one source is split into
    several targets (at its first occurrences; the last target takes the rest). Empty: any run of blanks.
    """

    sources: tuple[str, ...]
    targets: tuple[str, ...]
    separator: str = " "


@dataclass(frozen=True, slots=True)
class Mapping:
    """Steps in order; columns no step names are kept under their own name, or dropped."""

    steps: tuple[ColumnMapping, ...] = ()
    keep_others: bool = True

    def is_identity(self) -> bool:
        return not self.steps and self.keep_others


def parse_mapping(value: object, pointer: str = "/mapping") -> Mapping:
    """The mapping in a JSON value; raises InputError with an issue for every mistake.

    `{"columns": [{"from": ["E-Mail"], "to": ["email"]}, {"from": ["Name"], "to": ["first_name", "last_name"],
    "separator": " "}, {"from": ["Notes"], "to": []}], "keep_others": true}`; a lone name may stand for a list.
    """
    issues: list[Issue] = []

    def wrong(where: str, message: str) -> None:
        issues.append(Issue(None, "mapping", f"{pointer}{where}", "mapping_invalid", message))

    if not isinstance(value, dict):
        raise _refused([Issue(None, "mapping", pointer, "mapping_invalid", "Send the mapping as an object.")])
    keep_others = value.get("keep_others", True)
    if not isinstance(keep_others, bool):
        wrong("/keep_others", "`keep_others` must be true or false.")
    columns = value.get("columns", [])
    steps: list[ColumnMapping] = []
    if not isinstance(columns, list):
        wrong("/columns", "`columns` must be an array of steps.")
        columns = []
    taken: dict[str, int] = {}
    for at, step in enumerate(columns):
        here = f"/columns/{at}"
        if not isinstance(step, dict):
            wrong(here, 'A step is an object such as {"from": ["E-Mail"], "to": ["email"]}.')
            continue
        sources, targets = _names(step.get("from")), _names(step.get("to", []), allow_none=True)
        separator = step.get("separator", " ")
        if sources is None or not sources:
            wrong(f"{here}/from", "`from` names at least one column of the file.")
        if targets is None:
            wrong(
                f"{here}/to", f"`to` names columns of the table, each 1 to {MAX_NAME_CHARACTERS} characters."
            )
        if not isinstance(separator, str) or len(separator) > 20:
            wrong(f"{here}/separator", "`separator` is text of at most 20 characters.")
        if sources and targets is not None and isinstance(separator, str):
            if len(sources) > 1 and len(targets) > 1:
                wrong(here, "A step joins several columns into one or splits one into several, not both.")
            for name in targets:
                if name in taken:
                    wrong(f"{here}/to", f"Step {taken[name]} already makes a column of this name.")
                taken.setdefault(name, at)
            steps.append(ColumnMapping(sources, targets, separator))
    if issues:
        raise _refused(issues)
    return Mapping(tuple(steps), bool(keep_others))


def mapping_json(mapping: Mapping) -> dict[str, Any]:
    """The JSON that `parse_mapping` reads back."""
    return {
        "columns": [
            {"from": list(step.sources), "to": list(step.targets), "separator": step.separator}
            for step in mapping.steps
        ],
        "keep_others": mapping.keep_others,
    }


def apply_mapping(mapping: Mapping, table: pa.Table) -> pa.Table:
    """The table with mapped columns, in the order of the file; a source the file lacks counts as empty.

    table: large_string columns. A kept column whose name a step took is kept as `name (2)`.
    """
    if mapping.is_identity():
        return table
    names = table.column_names
    known = set(names)
    made: dict[str, pa.ChunkedArray] = {}
    place: dict[str, int] = {}
    used: set[str] = set()
    for step in mapping.steps:
        used.update(step.sources)
        present = [name for name in step.sources if name in known]
        at = min((names.index(name) for name in present), default=len(names))
        columns = [table.column(name) for name in present]
        for name, column in zip(step.targets, _targets(step, columns, table.num_rows), strict=True):
            made[name] = column
            place[name] = at
    result: list[tuple[int, str, pa.ChunkedArray]] = [(place[name], name, made[name]) for name in made]
    if mapping.keep_others:
        for at, name in enumerate(names):
            if name not in used:
                result.append((at, _free(name, made, known), table.column(name)))
    result.sort(key=lambda item: item[0])  # stable: targets of one step stay in their order
    return pa.table({name: column for _, name, column in result})


def _targets(step: ColumnMapping, columns: Sequence[Any], rows: int) -> list[Any]:
    if not columns:
        return [pa.nulls(rows, pa.large_string()) for _ in step.targets]
    if len(step.targets) <= 1:
        return [_joined(columns, step.separator)] if step.targets else []
    return _split(columns[0], step.separator, len(step.targets))


def _joined(columns: Sequence[Any], separator: str) -> Any:
    between = pa.scalar(separator, pa.large_string())
    joined = columns[0]
    # Pair by pair: the compute function's own way of leaving nulls out loses rows that are null throughout.
    for column in columns[1:]:
        both = pc.binary_join_element_wise(joined, column, between)
        joined = pc.coalesce(both, joined, column)
    return joined


def _split(column: Any, separator: str, count: int) -> list[Any]:
    if separator.strip():
        pieces = pc.split_pattern(column, separator, max_splits=count - 1)
    else:
        pieces = pc.utf8_split_whitespace(pc.utf8_trim_whitespace(column), max_splits=count - 1)
    lengths = pc.fill_null(pc.list_value_length(pieces), 0)
    result = []
    for at in range(count):
        has = pc.greater(lengths, at)
        # list_element refuses rows that are too short: they are taken out, and put back as nulls.
        values = pc.list_element(pc.filter(pieces, has), at)
        placed = pc.replace_with_mask(pa.nulls(len(column), pa.large_string()), _whole(has), _whole(values))
        trimmed = pc.utf8_trim_whitespace(placed)
        result.append(pc.if_else(pc.equal(trimmed, ""), pa.scalar(None, pa.large_string()), trimmed))
    return result


def _whole(array: Any) -> Any:
    return array.combine_chunks() if isinstance(array, pa.ChunkedArray) else array


def _free(name: str, made: MappingType[str, Any], known: set[str]) -> str:
    if name not in made:
        return name
    number = 2
    while (candidate := f"{name} ({number})") in made or candidate in known:
        number += 1
    return candidate


def _names(value: object, *, allow_none: bool = False) -> tuple[str, ...] | None:
    """A list of names, or a lone one; None when it is neither."""
    if value is None and allow_none:
        return ()
    listed = [value] if isinstance(value, str) else value
    if not isinstance(listed, list):
        return None
    names = tuple(name for name in listed if isinstance(name, str) and 0 < len(name) <= MAX_NAME_CHARACTERS)
    return names if len(names) == len(listed) else None


def _refused(issues: Sequence[Issue]) -> InputError:
    return InputError(issues[0].message, code="mapping_invalid", issues=issues)
