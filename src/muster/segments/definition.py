"""How duplicates are joined, as JSON: read from requests and from the database alike; pure."""

from collections.abc import Mapping
from typing import Any, Final

import msgspec

from muster.errors import InputError, Issue
from muster.ids import is_match_id
from muster.predicates.model import Predicate, to_json
from muster.predicates.parse import predicate_from
from muster.records.checks.phones import REGIONS
from muster.segments.model import By, Dedupe, Definition, Identity, Keep, MatchId, Policy

MAX_KEY_COLUMNS: Final = 8
MAX_POLICIES: Final = 500


class _Dedupe(msgspec.Struct, forbid_unknown_fields=True):
    by: By
    columns: list[str] | None = None
    names: list[str] | None = None
    region: str | None = None
    match: str | None = None
    threshold: float | None = None
    keep: Keep = Keep.NEWEST
    fields: dict[str, Policy] = {}


def parse_dedupe(sent: object, *, pointer: str = "/dedupe") -> Dedupe:
    """How duplicates are joined, from decoded JSON. Raises InputError (`dedupe_invalid`)."""
    try:
        given = msgspec.convert(sent, _Dedupe)
    except msgspec.ValidationError as error:
        text, _, where = str(error).partition(" - at `$")
        path = where.rstrip("`").replace(".", "/").replace("[", "/").replace("]", "")
        raise _refused(f"{pointer}{path}", f"{text}.") from error
    _check(given, pointer)
    identity = Identity(
        given.by,
        tuple(dict.fromkeys(given.columns or ())),
        tuple(dict.fromkeys(given.names or ())),
        given.region,
        None if given.match is None else MatchId(given.match),
        given.threshold,
    )
    return Dedupe(identity, given.keep, tuple(sorted(given.fields.items())))


def dedupe_json(dedupe: Dedupe | None) -> dict[str, Any] | None:
    """What `parse_dedupe` reads back."""
    if dedupe is None:
        return None
    identity = dedupe.identity
    shown: dict[str, Any] = {"by": identity.by.value}
    if identity.by is By.MATCH:
        shown |= {"match": identity.match, "threshold": identity.threshold}
    else:
        shown["columns"] = list(identity.columns)
    if identity.by is By.DOMAIN_NAME:
        shown["names"] = list(identity.names)
    if identity.by is By.PHONE:
        shown["region"] = identity.region
    return {**shown, "keep": dedupe.keep.value, "fields": {name: each.value for name, each in dedupe.fields}}


def filter_json(predicate: Predicate | None) -> dict[str, Any] | None:
    return None if predicate is None else to_json(predicate)


def definition_json(definition: Definition) -> dict[str, Any]:
    """The stored form, without the uploads, which have rows of their own."""
    return {"filter": filter_json(definition.predicate), "dedupe": dedupe_json(definition.dedupe)}


def definition_of(stored: Mapping[str, Any], uploads: tuple[str, ...]) -> Definition:
    """What `definition_json` wrote."""
    predicate, dedupe = stored["filter"], stored["dedupe"]
    return Definition(
        uploads,
        None if predicate is None else predicate_from(predicate),
        None if dedupe is None else parse_dedupe(dedupe),
    )


def _check(given: _Dedupe, pointer: str) -> None:
    by_match = given.by is By.MATCH
    if by_match and (given.match is None or not is_match_id(given.match)):
        raise _refused(f"{pointer}/match", "Give `match`, the id of a finished probable match.")
    foreign = {
        "match": given.match is not None and not by_match,
        "threshold": given.threshold is not None and not by_match,
        "columns": given.columns is not None and by_match,
        "names": given.names is not None and given.by is not By.DOMAIN_NAME,
        "region": given.region is not None and given.by is not By.PHONE,
    }
    for name, is_foreign in foreign.items():
        if is_foreign:
            raise _refused(
                f"{pointer}/{name}", f"`{name}` does not go with `by`: `{given.by.value}`; leave it out."
            )
    for name, columns in (("columns", given.columns), ("names", given.names)):
        if columns is not None and not 1 <= len(columns) <= MAX_KEY_COLUMNS:
            raise _refused(
                f"{pointer}/{name}", f"Name 1 to {MAX_KEY_COLUMNS} columns, or leave `{name}` out."
            )
    if given.region is not None and given.region not in REGIONS:
        raise _refused(f"{pointer}/region", "`region` is a country of ISO 3166, such as `DE`.")
    if given.threshold is not None and not 0 < given.threshold <= 1:
        raise _refused(f"{pointer}/threshold", "`threshold` is a probability, more than 0 and at most 1.")
    if len(given.fields) > MAX_POLICIES:
        raise _refused(f"{pointer}/fields", f"Name at most {MAX_POLICIES} fields; `*` means all others.")


def _refused(pointer: str, message: str) -> InputError:
    issue = Issue(None, "dedupe", pointer, "dedupe_invalid", message)
    return InputError(f"`dedupe` cannot be used: {message}", code="dedupe_invalid", issues=[issue])
