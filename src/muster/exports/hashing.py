"""Columns as a platform wants them: normalised by its rules, hashed, and what could not be is told; pure."""

import hashlib
import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final

import pyarrow as pa

from muster.exports.platforms import PLATFORMS
from muster.exports.platforms.fields import Failure, Field, FieldRule, PlatformId
from muster.exports.platforms.values import country_code
from muster.records.checks.verdict import bare

TEXT: Final = pa.large_string()
_HASH: Final = re.compile(r"[0-9A-Fa-f]{64}")
_REMEMBERED: Final = 65_536
"""Values of one column whose hash is remembered; more are worked out anew."""


@dataclass(frozen=True, slots=True)
class HashColumn:
    """One column of the export. source: its name in the rows; outputs: names of the columns it becomes."""

    source: str
    field: Field
    outputs: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class HashPlan:
    """How rows are hashed.

    region: ISO code of the country of rows that do not say theirs. country: the column that says it.
    """

    platform: PlatformId
    region: str | None
    columns: tuple[HashColumn, ...]
    country: str | None = None


@dataclass(frozen=True, slots=True)
class Unhashed:
    """A cell that could not be normalised. row: within the batch."""

    row: int
    column: str
    code: Failure


@dataclass(frozen=True, slots=True)
class Hashed:
    """columns: large_string, null where there is nothing, in the order of the plan's outputs.

    can_match: boolean, whether enough is left to find the person by. unhashed: cells that are empty because
    their value could not be normalised.
    """

    columns: tuple[pa.Array, ...]
    can_match: pa.Array
    unhashed: tuple[Unhashed, ...]

    def counts(self) -> Counter[tuple[str, str]]:
        """How many cells, by column and code."""
        return Counter((cell.column, str(cell.code)) for cell in self.unhashed)


def sha256_hex(text: str) -> str:
    """Lower-case hex of the SHA-256 of the text in UTF-8."""
    return hashlib.sha256(text.encode()).hexdigest()


def is_hashed(value: str) -> bool:
    """Whether it looks like a SHA-256 in hex already."""
    return len(value) == 64 and _HASH.fullmatch(value) is not None


@dataclass(slots=True)
class Hasher:
    """Hashes batches by one plan; what it remembers makes repeated values cheap. Not thread-safe."""

    plan: HashPlan
    _known: list[dict[tuple[str, str | None], tuple[str, ...] | Failure]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._known = [{} for _ in self.plan.columns]

    def hash(self, batch: pa.RecordBatch) -> Hashed:
        """batch: the columns the plan names (large_string), among others."""
        rules = PLATFORMS[self.plan.platform]
        countries = self._countries(batch)
        columns: list[pa.Array] = []
        unhashed: list[Unhashed] = []
        filled: dict[Field, list[bool]] = {}
        for number, column in enumerate(self.plan.columns):
            rule = rules.rules[column.field]
            results = self._column(number, rule, batch.column(column.source), countries)
            there = filled.setdefault(column.field, [False] * batch.num_rows)
            for row, result in enumerate(results):
                if isinstance(result, Failure):
                    unhashed.append(Unhashed(row, column.source, result))
                elif result:
                    there[row] = True
            columns.extend(_outputs(results, len(column.outputs)))
        can_match = [False] * batch.num_rows
        for needed in rules.matches_by:
            if needed <= filled.keys():
                together = zip(*(filled[each] for each in needed), strict=True)
                can_match = [able or all(both) for able, both in zip(can_match, together, strict=True)]
        return Hashed(tuple(columns), pa.array(can_match, pa.bool_()), tuple(unhashed))

    def _countries(self, batch: pa.RecordBatch) -> Sequence[str | None]:
        if self.plan.country is None:
            return [self.plan.region] * batch.num_rows
        found = batch.column(self.plan.country).to_pylist()
        return [(text and country_code(text)) or self.plan.region for text in found]

    def _column(
        self, number: int, rule: FieldRule, values: pa.Array, countries: Iterable[str | None]
    ) -> list[tuple[str, ...] | Failure | None]:
        """For each row its outputs, the failure, or None for an empty cell."""
        cells = zip(values.to_pylist(), countries, strict=True)
        if rule.is_varied:
            return [None if value is None else _cell(rule, value, country) for value, country in cells]
        known = self._known[number]
        results: list[tuple[str, ...] | Failure | None] = []
        for cell in cells:
            value, country = cell
            if value is None:
                results.append(None)
                continue
            result = known.get(cell)
            if result is None:
                result = _cell(rule, value, country) or ()
                if len(known) < _REMEMBERED:
                    known[cell] = result
            results.append(result or None)
        return results


def _cell(rule: FieldRule, value: str, country: str | None) -> tuple[str, ...] | Failure | None:
    text = bare(value)
    if not text:
        return None
    if rule.is_hashed and len(rule.names) == 1 and is_hashed(text):
        return (text.lower(),)
    normal = rule.normalise(text, country)
    if isinstance(normal, Failure):
        return normal
    parts = (normal,) if isinstance(normal, str) else normal
    return tuple(map(sha256_hex, parts)) if rule.is_hashed else parts


def _outputs(results: Sequence[tuple[str, ...] | Failure | None], width: int) -> list[pa.Array]:
    def of(at: int) -> Callable[[tuple[str, ...] | Failure | None], str | None]:
        return lambda result: result[at] if isinstance(result, tuple) else None

    return [pa.array(map(of(at), results), TEXT) for at in range(width)]
