"""The filter tree and sort keys as SQL for the table engine. The other reading of the tree is matches.py.

Ibis is used as a compiler only: it writes the SQL of an expression over a table that is not there, and quotes
every value and name; nothing is put into SQL as a string here. The SQL holds comparisons, null tests, literal
`contains`, `starts_with` and `suffix`, regular expressions of characters and classes, and one guarded cast:
things engines agree on (docs/decisions/0024-one-filter-tree.md).
"""

import operator
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final, TypeAlias

from muster.predicates.check import leaves
from muster.predicates.folding import pattern_of
from muster.predicates.model import OPPOSITES, AllOf, AnyOf, Leaf, Not, Number, Operator, Predicate
from muster.predicates.readings import FALSE_TEXTS, NUMBER_PATTERN, TRUE_TEXTS
from muster.predicates.sort import SortKey

# Ibis ships no types, and is imported when it is needed: half a second.
Expression: TypeAlias = Any

_CACHED_QUERIES: Final = 128
_WHOLE_NUMBER: Final = rf"\A(?:{NUMBER_PATTERN})\z"
_ORDERINGS: Final[dict[Operator, Callable[[Expression, Expression], Expression]]] = {
    Operator.LT: operator.lt,
    Operator.LE: operator.le,
    Operator.GT: operator.gt,
    Operator.GE: operator.ge,
}
_FOLDED_PATTERNS: Final = {
    Operator.EQ: r"\A(?:%s)\z",
    Operator.IN: r"\A(?:%s)\z",
    Operator.CONTAINS: "%s",
    Operator.STARTS_WITH: r"\A%s",
    Operator.ENDS_WITH: r"%s\z",
}


@dataclass(frozen=True, slots=True)
class ColumnRef:
    """Where the values of a field lie: physical column names.

    name: the field. text: what every cell says (null: empty). number, boolean: twins that hold the reading of
    the text (readings.py) where it has one and null elsewhere, as float64 or int64 and as bool; None: the
    text is read while querying. order: a twin of any ordered type to sort by, for dates.
    """

    name: str
    text: str
    number: str | None = None
    boolean: str | None = None
    order: str | None = None


def where_sql(predicate: Predicate, columns: Mapping[str, ColumnRef]) -> str:
    """A condition over unqualified, quoted physical columns that is true for the rows that match.

    In parentheses. For other rows it is false or null, so it stands after WHERE or FILTER, never under NOT.
    columns: by field name; the filter was checked against them (check.py).
    """
    return _where(predicate, _refs((leaf.field for _, leaf in leaves(predicate)), columns))


def order_sql(keys: Sequence[SortKey], columns: Mapping[str, ColumnRef], tie_breaker: str = "_row_id") -> str:
    """What stands after ORDER BY: the keys, empty values last in both directions, then the tie breaker.

    A field with a twin is ordered by it (number before any text that is none), others by code points.
    """
    return _order(tuple(keys), _refs((key.field for key in keys), columns), tie_breaker)


def select_ids_sql(
    relation: str,
    predicate: Predicate | None,
    keys: Sequence[SortKey],
    columns: Mapping[str, ColumnRef],
) -> str:
    """The query for the ids (`_row_id`) of the rows that match, in order; without keys, in the relation's order.

    relation: SQL that may stand after FROM, a quoted name or a subquery in parentheses. It is taken as it
    is: never let it hold anything that came from outside.
    """
    where = "" if predicate is None else f" WHERE {where_sql(predicate, columns)}"
    order = f" ORDER BY {order_sql(keys, columns)}" if keys else ""
    return f'SELECT "_row_id" FROM {relation}{where}{order}'  # noqa: S608  (the parts are the compiler's)


def physical_columns(
    predicate: Predicate | None, keys: Sequence[SortKey], columns: Mapping[str, ColumnRef]
) -> frozenset[str]:
    """The physical columns the query touches, without the row id."""
    found = {_sort_column(columns[key.field]) for key in keys}
    for _, leaf in leaves(predicate) if predicate is not None else ():
        found |= _leaf_columns(leaf, columns[leaf.field])
    return frozenset(found)


def warm_up() -> None:
    """Import Ibis and compile a filter with a bit of everything, so that no request waits for it."""
    ref = ColumnRef("a", "a")
    parts = (
        Leaf("a", Operator.IN, ("a", "b", True, Number(1), Number(2.5))),
        Leaf("a", Operator.NE, ("a",)),
        Leaf("a", Operator.BETWEEN, ("a", "b")),
        Leaf("a", Operator.CONTAINS, ("a",)),
        Leaf("a", Operator.STARTS_WITH, ("a",), ignore_case=True),
        Leaf("a", Operator.IS_EMPTY),
    )
    _where.__wrapped__(AllOf((AnyOf(parts), Not(parts[0]))), (ref,))
    _order.__wrapped__((SortKey("a", descending=True),), (ref,), "_row_id")


def _refs(names: Iterable[str], columns: Mapping[str, ColumnRef]) -> tuple[ColumnRef, ...]:
    return tuple(columns[name] for name in sorted(set(names)))


def _sort_column(ref: ColumnRef) -> str:
    return ref.order or ref.number or ref.text


def _leaf_columns(leaf: Leaf, ref: ColumnRef) -> set[str]:
    if not leaf.values:
        return {ref.text}
    return {
        (isinstance(value, Number) and ref.number) or (isinstance(value, bool) and ref.boolean) or ref.text
        for value in leaf.values
    }


@lru_cache(maxsize=_CACHED_QUERIES)
def _where(predicate: Predicate, refs: tuple[ColumnRef, ...]) -> str:
    types: dict[str, str] = {}
    for ref in refs:
        types[ref.text] = "string"
        types |= {ref.number: "float64"} if ref.number else {}
        types |= {ref.boolean: "boolean"} if ref.boolean else {}
    table = _unbound(types)
    condition = _condition(predicate, {ref.name: _Field(table, ref) for ref in refs})
    return f"({_sql(_tree(table.filter(condition)).args['where'].this)})"


@lru_cache(maxsize=_CACHED_QUERIES)
def _order(keys: tuple[SortKey, ...], refs: tuple[ColumnRef, ...], tie_breaker: str) -> str:
    at = {ref.name: _sort_column(ref) for ref in refs}
    table = _unbound(dict.fromkeys([*at.values(), tie_breaker], "string"))
    ordered = [_directed(table[at[key.field]], key.descending) for key in keys]
    tree = _tree(table.order_by([*ordered, _directed(table[tie_breaker], False)]))
    return ", ".join(map(_sql, tree.args["order"].expressions))


def _directed(column: Expression, descending: bool) -> Expression:
    return column.desc(nulls_first=False) if descending else column.asc(nulls_first=False)


def _unbound(types: Mapping[str, str]) -> Expression:
    import ibis  # noqa: PLC0415

    return ibis.table(types, name="t")


def _tree(query: Expression) -> Expression:
    """What `ibis.to_sql` makes before it writes it down; that way no engine is imported, and nothing parsed."""
    from ibis.backends.sql.compilers import DuckDBCompiler  # noqa: PLC0415

    return DuckDBCompiler().to_sqlglot(query)


def _sql(tree: Expression) -> str:
    from sqlglot.expressions import Column  # noqa: PLC0415

    for column in tree.find_all(Column):
        column.set("table", None)
    written: str = tree.sql(dialect="duckdb")
    return written


class _Field:
    """The columns of one field as expressions, made when asked for."""

    def __init__(self, table: Expression, ref: ColumnRef) -> None:
        self._table = table
        self._ref = ref

    @property
    def text(self) -> Expression:
        return self._table[self._ref.text]

    @property
    def number(self) -> Expression:
        """The number a cell reads as, null where it is none."""
        if self._ref.number:
            return self._table[self._ref.number]
        # The pattern guards the cast; `try` only spares us asking in which order an engine evaluates.
        return self.text.re_search(_WHOLE_NUMBER).ifelse(self.text.try_cast("float64"), None)

    def is_boolean(self, wanted: bool) -> Expression:
        if self._ref.boolean:
            return self._table[self._ref.boolean] == wanted
        return self.text.isin(TRUE_TEXTS if wanted else FALSE_TEXTS)


def _condition(predicate: Predicate, fields: Mapping[str, _Field]) -> Expression:
    """True exactly where the predicate holds, elsewhere false or null.

    `and` and `or` treat null as they treat false when only true counts; `_complement` ends that.
    """
    match predicate:
        case AllOf(parts):
            return _joined(operator.and_, [_condition(part, fields) for part in parts])
        case AnyOf(parts):
            return _joined(operator.or_, [_condition(part, fields) for part in parts])
        case Not(part):
            return _complement(_condition(part, fields))
        case Leaf():
            opposite = OPPOSITES.get(predicate.op)
            if opposite is not None:
                return _complement(_test(predicate, opposite, fields[predicate.field]))
            return _test(predicate, predicate.op, fields[predicate.field])


def _complement(condition: Expression) -> Expression:
    return ~condition.fill_null(False)


def _joined(join: Callable[[Expression, Expression], Expression], parts: Sequence[Expression]) -> Expression:
    """A balanced tree of joins: 500 in a row would nest too deep for the compiler."""
    if len(parts) == 1:
        return parts[0]
    middle = len(parts) // 2
    return join(_joined(join, parts[:middle]), _joined(join, parts[middle:]))


def _test(leaf: Leaf, op: Operator, field: _Field) -> Expression:
    if op is Operator.IS_EMPTY:
        return field.text.isnull()
    texts = [value for value in leaf.values if isinstance(value, str)]
    numbers = [_number(value) for value in leaf.values if isinstance(value, Number)]
    parts = [field.is_boolean(value) for value in leaf.values if isinstance(value, bool)]
    if numbers:
        parts.append(_compared(op, field.number, numbers))
    if texts:
        parts.append(_folded(op, field.text, texts) if leaf.ignore_case else _compared(op, field.text, texts))
    return _joined(operator.or_, parts)


def _compared(op: Operator, found: Expression, wanted: Sequence[Expression]) -> Expression:
    match op:
        case Operator.EQ | Operator.IN:
            return found == wanted[0] if len(wanted) == 1 else found.isin(wanted)
        case Operator.BETWEEN:
            return found.between(*wanted)
        case Operator.CONTAINS:
            return found.contains(wanted[0])
        case Operator.STARTS_WITH:
            return found.startswith(wanted[0])
        case Operator.ENDS_WITH:
            return found.endswith(wanted[0])
    return _ORDERINGS[op](found, wanted[0])


def _folded(op: Operator, found: Expression, wanted: Sequence[str]) -> Expression:
    return found.re_search(_FOLDED_PATTERNS[op] % "|".join(map(pattern_of, wanted)))


def _number(value: Number) -> Expression:
    """A literal of exactly that float64.

    A whole number stays one, so that an int64 twin is compared without a cast, which reads less of a file.
    Others are cast from text: a bare `0.1` would be a decimal, whose way to float64 rounds twice.
    """
    import ibis  # noqa: PLC0415

    if value.is_exact_integer:
        return ibis.literal(int(value.value))
    return ibis.literal(repr(value.value)).cast("float64")
