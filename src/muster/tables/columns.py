"""What is known about the columns of a table while it is being written, part after part; pure.

The state goes from one part to the next as JSON, so a writer that died goes on with the same names.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

import msgspec

from muster.tables.model import Column, ColumnType

CANDIDATES = (
    ColumnType.INTEGER,
    ColumnType.NUMBER,
    ColumnType.BOOLEAN,
    ColumnType.DATE,
    ColumnType.TIMESTAMP,
)
"""The types a column may turn out to have, narrowest first."""

TWIN_SUFFIX = {
    ColumnType.INTEGER: "n",
    ColumnType.NUMBER: "n",
    ColumnType.BOOLEAN: "b",
    ColumnType.DATE: "d",
    ColumnType.TIMESTAMP: "t",
}
"""`c3_n` is the typed twin of `c3`. One suffix, one Arrow type: parts of a column can never disagree."""

_NESTED = ("object", "array")


@dataclass(frozen=True, slots=True)
class ColumnFacts:
    """One column so far. candidates: the types every value had; filled: values that are not null.

    kinds: how many values of each kind were sent (text, number, boolean, null, missing, object, array).
    """

    name: str
    physical: str
    candidates: tuple[ColumnType, ...] = CANDIDATES
    filled: int = 0
    kinds: dict[str, int] = field(default_factory=dict)

    @property
    def type(self) -> ColumnType:
        """What the column is when no more values come."""
        if any(self.kinds.get(kind) for kind in _NESTED):
            return ColumnType.JSON
        if not self.filled or not self.candidates:
            return ColumnType.TEXT
        return self.candidates[0]


@dataclass(frozen=True, slots=True)
class ColumnState:
    """Every column so far, in order of first appearance."""

    columns: tuple[ColumnFacts, ...] = ()

    def named(self, names: Iterable[str]) -> "ColumnState":
        """With a column for each of these names; a new one gets the next free physical name."""
        known = {column.name for column in self.columns}
        columns = list(self.columns)
        for name in names:
            if name not in known:
                known.add(name)
                columns.append(ColumnFacts(name, f"c{len(columns)}"))
        return ColumnState(tuple(columns))

    def updated(self, changed: Mapping[str, ColumnFacts]) -> "ColumnState":
        """With these facts, by name, in place of the former ones."""
        return ColumnState(tuple(changed.get(column.name, column) for column in self.columns))

    def final(self) -> tuple[Column, ...]:
        """The columns of the finished table."""
        return tuple(_column(facts) for facts in self.columns)


def _column(facts: ColumnFacts) -> Column:
    suffix = TWIN_SUFFIX.get(facts.type)
    typed = None if suffix is None else f"{facts.physical}_{suffix}"
    return Column(facts.name, facts.physical, facts.type, typed)


def with_kinds(facts: ColumnFacts, kinds: Mapping[str, int]) -> ColumnFacts:
    """With these counts added."""
    added = {kind: facts.kinds.get(kind, 0) + kinds.get(kind, 0) for kind in sorted({*facts.kinds, *kinds})}
    return replace(facts, kinds=added)


def encode(state: ColumnState) -> bytes:
    return msgspec.json.encode(state)


def decode(stored: bytes) -> ColumnState:
    return msgspec.json.decode(stored, type=ColumnState)
