"""A filter over the columns of several tables, cut down to what one of them can say; pure."""

from collections.abc import Collection

from muster.predicates.matches import matches
from muster.predicates.model import AllOf, AnyOf, Leaf, Not, Predicate

Narrowed = Predicate | bool
"""What is left of a filter: true or false where a table alone decides it."""


def narrowed(predicate: Predicate, names: Collection[str]) -> Narrowed:
    """The filter for rows that have only the columns `names`; every other cell of theirs is empty.

    Finds the same rows as `predicates.matches` does with those cells missing.
    """
    match predicate:
        case Leaf():
            return predicate if predicate.field in names else matches(predicate, {})
        case Not(part):
            inside = narrowed(part, names)
            return not inside if isinstance(inside, bool) else Not(inside)
        case AllOf(parts):
            left = [narrowed(part, names) for part in parts]
            if any(each is False for each in left):
                return False
            kept = tuple(each for each in left if not isinstance(each, bool))
            return _group(AllOf(kept), True)
        case AnyOf(parts):
            left = [narrowed(part, names) for part in parts]
            if any(each is True for each in left):
                return True
            kept = tuple(each for each in left if not isinstance(each, bool))
            return _group(AnyOf(kept), False)


def top_parts(predicate: Predicate | None) -> tuple[tuple[str, Predicate], ...]:
    """The conditions of the outermost `all`, each with its pointer; the filter itself when it is no `all`."""
    match predicate:
        case None:
            return ()
        case AllOf(parts):
            return tuple((f"/filter/all/{at}", part) for at, part in enumerate(parts))
    return (("/filter", predicate),)


def _group(group: AllOf | AnyOf, when_empty: bool) -> Narrowed:
    if not group.parts:
        return when_empty
    return group.parts[0] if len(group.parts) == 1 else group
