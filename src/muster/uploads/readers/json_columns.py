"""JSON objects to text columns: every value exactly, no type guessed, nothing widened.

Text stays as it is; a number keeps the digits it was sent with (`1.0`, `1e5`, `12345678901234567890`);
`true` and `false` are those words; a nested value is its compact JSON. Missing, null and empty text are all
null in the column and told apart in the counts of kinds.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from operator import itemgetter
from types import NoneType
from typing import Any, Final

import msgspec
import pyarrow as pa
import pyarrow.compute as pc

Record = dict[str, Any]
"""A decoded record; numbers with a fraction or an exponent are `msgspec.Raw`, holding their digits."""

TEXT: Final = pa.large_string()

_SPARSE: Final = 8
"""From this many cells for each value on, columns are filled value by value."""

_encode = msgspec.json.Encoder().encode
_TEXT_OF: Final[dict[type, Callable[[Any], str | bytes | None]]] = {
    str: str,
    NoneType: lambda _: None,
    bool: lambda value: "true" if value else "false",
    int: str,
    msgspec.Raw: bytes,
    dict: _encode,
    list: _encode,
}
_KIND_OF: Final = {
    str: "text",
    NoneType: "null",
    bool: "boolean",
    int: "number",
    msgspec.Raw: "number",
    dict: "object",
    list: "array",
}


@dataclass(frozen=True, slots=True)
class Column:
    """One column of some records: its key, its texts (large_string), and how many values of each kind."""

    name: str
    texts: pa.Array
    kinds: Counter[str]


def names_of(records: Sequence[Record]) -> list[str]:
    """Every key of the records, in order of first appearance."""
    names = dict.fromkeys(records[0]) if records else {}
    # Nearly always every record has the keys of the first one; then only lengths and keys are compared.
    width = len(names)
    for record in records:
        if len(record) != width or record.keys() != names.keys():
            names.update(dict.fromkeys(record))
    return list(names)


def columns_of(records: Sequence[Record], *, may_be_empty: bool = True) -> Iterator[Column]:
    """One column for each key, in order of first appearance, each with a value for every record.

    may_be_empty: False when it is known that no value is the empty text, which saves looking for one.
    """
    if not records:
        return
    same = _same_keys(records)
    if same is not None:
        for name, values in same:
            yield _column(name, values, 0, may_be_empty)
        return
    names = names_of(records)
    if len(names) * len(records) > _SPARSE * sum(map(len, records)):
        yield from _sparse_columns(names, records, may_be_empty)
        return
    for name in names:
        values = [record.get(name) for record in records]
        missing = len(values) - sum(name in record for record in records) if None in values else 0
        yield _column(name, values, missing, may_be_empty)


def texts_of(record: Record) -> dict[str, str | None]:
    """The texts of one record by key, as its columns would hold them."""
    texts: dict[str, str | None] = {}
    for name, value in record.items():
        text = _TEXT_OF[type(value)](value)
        texts[name] = (text.decode() if isinstance(text, bytes) else text) or None
    return texts


def _same_keys(records: Sequence[Record]) -> Iterator[tuple[str, Sequence[Any]]] | None:
    """Names and values when all records have the same keys: transposed in C, three times faster."""
    names = list(records[0])
    if not names or set(map(len, records)) != {len(names)}:
        return None
    try:
        if len(names) == 1:
            return iter([(names[0], list(map(itemgetter(names[0]), records)))])
        return zip(names, zip(*map(itemgetter(*names), records), strict=True), strict=True)
    except KeyError:
        return None


def _sparse_columns(names: Sequence[str], records: Sequence[Record], may_be_empty: bool) -> Iterator[Column]:
    found: dict[str, list[tuple[int, Any]]] = {name: [] for name in names}
    for index, record in enumerate(records):
        for name, value in record.items():
            found[name].append((index, value))
    for name in names:
        values: list[Any] = [None] * len(records)
        for index, value in found[name]:
            values[index] = value
        yield _column(name, values, len(values) - len(found.pop(name)), may_be_empty)


def _column(name: str, values: Sequence[Any], missing: int, may_be_empty: bool) -> Column:
    try:
        texts = pa.array(values, TEXT)
    except (pa.ArrowTypeError, pa.ArrowInvalid):
        types = Counter(map(type, values))
        texts = pa.array(_texts(values, types), TEXT)
        kinds: Counter[str] = Counter()
        for kind, count in types.items():
            kinds[_KIND_OF[kind]] += count
    else:
        kinds = Counter(text=len(values) - texts.null_count, null=texts.null_count)
    kinds["null"] -= missing
    kinds["missing"] += missing
    return Column(name, empty_to_null(texts) if may_be_empty else texts, +kinds)


def _texts(values: Sequence[Any], types: Counter[type]) -> list[str | bytes | None]:
    if len(types) == 1:
        return list(map(_TEXT_OF[next(iter(types))], values))
    return [_TEXT_OF[type(value)](value) for value in values]


def empty_to_null(texts: pa.Array) -> pa.Array:
    """The same texts with null for the empty ones."""
    lengths = pc.binary_length(texts)
    if pc.min(lengths).as_py() != 0:
        return texts
    return pc.if_else(pc.equal(lengths, 0), pa.scalar(None, TEXT), texts)
