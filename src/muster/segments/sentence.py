"""A segment in English, for the people who use it; pure."""

from muster.predicates.describe import describe
from muster.segments.model import ALL_OTHERS, By, Dedupe, Definition, Keep, Policy

_OF = {
    By.EMAIL: "e-mail address",
    By.PHONE: "telephone number",
    By.DOMAIN_NAME: "domain and name",
    By.MATCH: "probable person",
}
_KEPT = {Keep.NEWEST: "the newest", Keep.MOST_COMPLETE: "the most complete"}
_VALUES = {
    Policy.WINNER: "its own value",
    Policy.NEWEST: "the newest value",
    Policy.FIRST: "the first value",
    Policy.MOST_COMPLETE: "the value of the most complete row",
    Policy.LONGEST: "the longest value",
}


def sentence_of(definition: Definition, included: int = 0, excluded: int = 0) -> str:
    """Such as `country is US; one row per e-mail address, the newest; 2 added by hand`, without a full stop.

    Holds the values of the filter: for its owner's eyes, never for logs.
    """
    parts = ["every row" if definition.predicate is None else describe(definition.predicate)]
    if definition.dedupe is not None:
        parts.append(_dedupe(definition.dedupe))
    by_hand = [
        f"{number:,} {word}" for number, word in ((included, "added"), (excluded, "left out")) if number
    ]
    if by_hand:
        parts.append(f"{' and '.join(by_hand)} by hand")
    return "; ".join(parts)


def _dedupe(dedupe: Dedupe) -> str:
    told = f"one row per {_OF[dedupe.identity.by]}, {_KEPT[dedupe.keep]}"
    named = [f"{_VALUES[policy]} of {name}" for name, policy in dedupe.fields if name != ALL_OTHERS]
    others = dict(dedupe.fields).get(ALL_OTHERS)
    if others is not None:
        named.append(f"{_VALUES[others]} of {'all other' if named else 'all'} fields")
    return f"{told}, with {' and '.join(named)}" if named else told
