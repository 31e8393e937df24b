"""A filter against the fields there are; pure."""

from collections.abc import Collection, Iterator
from difflib import get_close_matches

from muster.errors import InputError, Issue
from muster.predicates.model import AllOf, AnyOf, Leaf, Not, Predicate


def check(predicate: Predicate, names: Collection[str], *, pointer: str = "") -> None:
    """Raise InputError (`filter_invalid`) with an issue for every leaf whose field is not among `names`.

    pointer: where the filter stands in the body, for the issues.
    """
    issues = [
        Issue(None, leaf.field, f"{at}/field", "filter_unknown_field", unknown_field(names, leaf.field))
        for at, leaf in leaves(predicate, pointer)
        if leaf.field not in names
    ]
    if issues:
        message = "The filter names fields this table does not have; `errors` names each."
        raise InputError(message, code="filter_invalid", issues=issues)


def leaves(predicate: Predicate, pointer: str = "") -> Iterator[tuple[str, Leaf]]:
    """Every leaf in order, with the JSON pointer (RFC 6901) to it."""
    match predicate:
        case AllOf(parts):
            for at, part in enumerate(parts):
                yield from leaves(part, f"{pointer}/all/{at}")
        case AnyOf(parts):
            for at, part in enumerate(parts):
                yield from leaves(part, f"{pointer}/any/{at}")
        case Not(part):
            yield from leaves(part, f"{pointer}/not")
        case Leaf():
            yield pointer, predicate


def unknown_field(names: Collection[str], wanted: str) -> str:
    """A sentence for a field that is not there, naming up to three that are close."""
    by_lower = {name.lower(): name for name in names}
    # difflib takes quadratic time; a name is never that long.
    close = get_close_matches(wanted[:100].lower(), by_lower, n=3)
    if not close:
        return "There is no such field. Take one of the table's fields, spelled as it is shown."
    return f"There is no such field. Did you mean {' or '.join(f'`{by_lower[name]}`' for name in close)}?"
