"""A definition against the columns there are: what was left open is filled in, what cannot be is refused."""

from collections.abc import Iterable
from dataclasses import replace

from muster.errors import InputError, Issue
from muster.predicates.check import check, unknown_field
from muster.segments.identity import guessed_columns, guessed_names
from muster.segments.matched import resolved_match
from muster.segments.model import ALL_OTHERS, By, Dedupe, Definition, Identity
from muster.segments.room import SegmentsRoom
from muster.segments.sources import Sources

_WORDS = {By.EMAIL: "an e-mail address", By.PHONE: "a telephone number", By.DOMAIN_NAME: "a domain"}


def resolved(room: SegmentsRoom, definition: Definition, sources: Sources) -> Definition:
    """The definition with the columns that identities are found in.

    Raises InputError (`filter_invalid`, `dedupe_invalid`, `identity_columns_missing`), and for a probable match
    NotFound, Forbidden, Conflict.
    """
    if definition.predicate is not None:
        check(definition.predicate, sources.names, pointer="/filter")
    if definition.dedupe is None:
        return definition
    _refuse_unknown(definition.dedupe, sources)
    identity = definition.dedupe.identity
    if identity.by is By.MATCH:
        identity = resolved_match(room, identity, sources)
    else:
        identity = _with_columns(identity, sources)
    return replace(definition, dedupe=replace(definition.dedupe, identity=identity))


def _with_columns(identity: Identity, sources: Sources) -> Identity:
    columns = identity.columns or guessed_columns(identity.by, sources.names)
    if not columns:
        raise _missing(
            "columns", f"No column's header says that it holds {_WORDS[identity.by]}; name it in `columns`."
        )
    if identity.by is not By.DOMAIN_NAME:
        return replace(identity, columns=columns)
    names = identity.names or guessed_names(sources.names)
    if not names:
        raise _missing("names", "No column's header says that it holds a name; name it in `names`.")
    return replace(identity, columns=columns, names=names)


def _refuse_unknown(dedupe: Dedupe, sources: Sources) -> None:
    named: Iterable[tuple[str, str]] = (
        *((name, f"/dedupe/columns/{at}") for at, name in enumerate(dedupe.identity.columns)),
        *((name, f"/dedupe/names/{at}") for at, name in enumerate(dedupe.identity.names)),
        *((name, f"/dedupe/fields/{_escaped(name)}") for name, _ in dedupe.fields if name != ALL_OTHERS),
    )
    issues = [
        Issue(None, name, pointer, "column_unknown", unknown_field(sources.names, name))
        for name, pointer in named
        if name not in sources.names
    ]
    if issues:
        message = "`dedupe` names columns that none of the uploads has; `errors` names each."
        raise InputError(message, code="dedupe_invalid", issues=issues)


def _missing(member: str, message: str) -> InputError:
    issue = Issue(None, member, f"/dedupe/{member}", "identity_columns_missing", message)
    return InputError(message, code="identity_columns_missing", issues=[issue])


def _escaped(name: str) -> str:
    """As RFC 6901 asks for in a pointer."""
    return name.replace("~", "~0").replace("/", "~1")
