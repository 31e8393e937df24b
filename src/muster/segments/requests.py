"""What requests to segments say, parsed once at the edge."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

import msgspec

from muster.errors import InputError, Issue
from muster.predicates.model import Predicate
from muster.predicates.parse import predicate_from
from muster.segments.definition import parse_dedupe
from muster.segments.duplicates import DuplicatesWish
from muster.segments.identity import KEY_SEPARATOR, domain_key, email_key, full_name_key, phone_key
from muster.segments.manual import Entry, IdentityEntry, RowEntry
from muster.segments.model import MAX_UPLOADS, By, Dedupe, Definition, Kind, Label
from muster.segments.preview import PreviewWish
from muster.segments.save import ChangeWish, Given, Wish
from muster.web.json_body import body_refused, decode_json

MAX_NAME: Final = 200
MAX_DESCRIPTION: Final = 2_000
MAX_TAGS: Final = 20
MAX_TAG: Final = 50
MAX_ENTRIES: Final = 10_000
MAX_SAMPLE: Final = 100
MAX_TOKEN: Final = 100
MAX_GROUPS: Final = 100


class _Members(msgspec.Struct, forbid_unknown_fields=True):
    """What a segment and a preview have in common. UNSET: left out."""

    uploads: list[str] | msgspec.UnsetType = msgspec.UNSET
    filter: Any = msgspec.UNSET
    dedupe: Any = msgspec.UNSET


class _Segment(_Members):
    name: str | msgspec.UnsetType = msgspec.UNSET
    description: str | msgspec.UnsetType = msgspec.UNSET
    tags: list[str] | msgspec.UnsetType = msgspec.UNSET
    kind: Kind | msgspec.UnsetType = msgspec.UNSET


class _Preview(_Segment):
    segment_id: str | None = None
    token: str | None = None
    sample: int = 10
    columns: list[str] | None = None


class _Duplicates(msgspec.Struct, forbid_unknown_fields=True):
    uploads: list[str]
    dedupe: Any
    offset: int = 0
    limit: int = 20
    columns: list[str] | None = None


class _Entry(msgspec.Struct, forbid_unknown_fields=True):
    upload_id: str | None = None
    row: int | None = None
    email: str | None = None
    phone: str | None = None
    domain: str | None = None
    name: str | None = None


class _Changes(msgspec.Struct, forbid_unknown_fields=True):
    include: list[_Entry] = []
    exclude: list[_Entry] = []
    forget: list[_Entry] = []


@dataclass(frozen=True, slots=True)
class ManualWish:
    """What to add, to leave out and to let go of."""

    include: Sequence[Entry]
    exclude: Sequence[Entry]
    forget: Sequence[Entry]


@dataclass(frozen=True, slots=True)
class PreviewRequest:
    """wish: what to count. segment_id: whose manual entries count as well. uploads of `wish` may be missing then."""

    wish: PreviewWish
    segment_id: str | None


def parse_create(body: bytes) -> Wish:
    """A segment to create. Raises InputError."""
    sent = decode_json(body, _Segment)
    if sent.name is msgspec.UNSET:
        raise body_refused("name", "body_invalid", f"Give `name`, 1 to {MAX_NAME} characters.")
    label = Label(
        _name(sent.name),
        "" if sent.description is msgspec.UNSET else _description(sent.description),
        () if sent.tags is msgspec.UNSET else _tags(sent.tags),
    )
    return Wish(label, _definition(sent), Kind.LIVE if sent.kind is msgspec.UNSET else sent.kind)


def parse_change(body: bytes) -> ChangeWish:
    """What to change of a segment. Raises InputError."""
    sent = decode_json(body, _Segment)
    return ChangeWish(
        name=None if sent.name is msgspec.UNSET else _name(sent.name),
        description=None if sent.description is msgspec.UNSET else _description(sent.description),
        tags=None if sent.tags is msgspec.UNSET else _tags(sent.tags),
        kind=None if sent.kind is msgspec.UNSET else sent.kind,
        uploads=None if sent.uploads is msgspec.UNSET else _uploads(sent.uploads),
        predicate=None if sent.filter is msgspec.UNSET else Given(_predicate(sent.filter)),
        dedupe=None if sent.dedupe is msgspec.UNSET else Given(_dedupe(sent.dedupe)),
    )


def parse_preview(body: bytes) -> PreviewRequest:
    """What to count. Names, tags and the like of a segment are taken and not looked at. Raises InputError."""
    sent = decode_json(body, _Preview)
    if not 0 <= sent.sample <= MAX_SAMPLE:
        raise body_refused("sample", "parameter_invalid", f"`sample` is 0 to {MAX_SAMPLE}.")
    if sent.token is not None and not 1 <= len(sent.token) <= MAX_TOKEN:
        raise body_refused("token", "parameter_invalid", f"`token` has 1 to {MAX_TOKEN} characters.")
    columns = None if sent.columns is None else tuple(sent.columns)
    wish = PreviewWish(_definition(sent), token=sent.token, sample=sent.sample, columns=columns)
    return PreviewRequest(wish, sent.segment_id)


def parse_duplicates(body: bytes) -> DuplicatesWish:
    """Which groups to show. Raises InputError."""
    sent = decode_json(body, _Duplicates)
    dedupe = _dedupe(sent.dedupe)
    if dedupe is None:
        raise body_refused("dedupe", "body_invalid", "Give `dedupe`, what makes rows the same person.")
    if not 1 <= sent.limit <= MAX_GROUPS:
        raise body_refused("limit", "parameter_invalid", f"`limit` is 1 to {MAX_GROUPS}.")
    if not 0 <= sent.offset < 2**40:
        raise body_refused("offset", "parameter_invalid", "`offset` is a number of groups, from 0.")
    columns = None if sent.columns is None else tuple(sent.columns)
    return DuplicatesWish(_uploads(sent.uploads), dedupe, sent.offset, sent.limit, columns)


def parse_manual(body: bytes) -> ManualWish:
    """What to add and to leave out by hand. Raises InputError (`identity_invalid`, `too_many_entries`)."""
    sent = decode_json(body, _Changes)
    if len(sent.include) + len(sent.exclude) + len(sent.forget) > MAX_ENTRIES:
        message = f"Send at most {MAX_ENTRIES:,} entries in one request."
        raise body_refused("include", "too_many_entries", message)
    issues: list[Issue] = []
    wish = ManualWish(
        list(_entries("include", sent.include, issues)),
        list(_entries("exclude", sent.exclude, issues)),
        list(_entries("forget", sent.forget, issues)),
    )
    if issues:
        message = "Some entries name nobody; `errors` names each."
        raise InputError(message, code="entries_invalid", issues=issues)
    return wish


def parse_columns(text: str) -> tuple[str, ...]:
    """Column names between commas, or a JSON array of names for those with a comma inside. Raises InputError."""
    if not text.lstrip().startswith("["):
        return tuple(name.strip() for name in text.split(",") if name.strip())
    try:
        return tuple(msgspec.json.decode(text, type=list[str]))
    except (msgspec.MsgspecError, ValueError, RecursionError) as error:
        message = "Write the columns as `email,first_name` or as a JSON array of names."
        raise body_refused("columns", "parameter_invalid", message) from error


def parse_cursor(text: str) -> int:
    """The version a page of a history begins before. Raises InputError (`cursor_invalid`)."""
    if text.isascii() and text.isdigit() and len(text) <= 9:
        return int(text)
    message = "This cursor was not issued here. Start again without `cursor`."
    issue = Issue(None, "cursor", "/cursor", "cursor_invalid", message)
    raise InputError(message, code="cursor_invalid", issues=[issue])


def wants_async(prefer: str | None) -> bool:
    """Whether the client prefers an answer at once to a finished one (RFC 7240, `respond-async`)."""
    return "respond-async" in {part.strip().lower() for part in (prefer or "").split(",")}


def _definition(sent: _Members) -> Definition:
    if sent.uploads is msgspec.UNSET:
        raise body_refused("uploads", "body_invalid", f"Give `uploads`, 1 to {MAX_UPLOADS} ids of uploads.")
    return Definition(
        _uploads(sent.uploads),
        None if sent.filter is msgspec.UNSET else _predicate(sent.filter),
        None if sent.dedupe is msgspec.UNSET else _dedupe(sent.dedupe),
    )


def _uploads(sent: list[str]) -> tuple[str, ...]:
    if not 1 <= len(sent) <= MAX_UPLOADS or len(set(sent)) < len(sent):
        raise body_refused("uploads", "body_invalid", f"Name 1 to {MAX_UPLOADS} uploads, each once.")
    return tuple(sent)


def _predicate(sent: object) -> Predicate | None:
    return None if sent is None else predicate_from(sent, pointer="/filter")


def _dedupe(sent: object) -> Dedupe | None:
    return None if sent is None else parse_dedupe(sent)


def _name(sent: str) -> str:
    name = sent.strip()
    if not 1 <= len(name) <= MAX_NAME or "\x00" in name:
        raise body_refused("name", "member_invalid", f"`name` has 1 to {MAX_NAME} characters.")
    return name


def _description(sent: str) -> str:
    if len(sent) > MAX_DESCRIPTION or "\x00" in sent:
        message = f"`description` has at most {MAX_DESCRIPTION:,} characters."
        raise body_refused("description", "member_invalid", message)
    return sent.strip()


def _tags(sent: list[str]) -> tuple[str, ...]:
    tags = tuple(dict.fromkeys(tag.strip() for tag in sent))
    if len(tags) > MAX_TAGS or not all(1 <= len(tag) <= MAX_TAG and "\x00" not in tag for tag in tags):
        message = f"`tags` are at most {MAX_TAGS}, of 1 to {MAX_TAG} characters each."
        raise body_refused("tags", "member_invalid", message)
    return tags


def _entries(name: str, sent: Sequence[_Entry], issues: list[Issue]) -> Iterable[Entry]:
    for at, given in enumerate(sent):
        found = _entry(given)
        if isinstance(found, str):
            issues.append(Issue(None, name, f"/{name}/{at}", "identity_invalid", found))
        else:
            yield found


def _entry(given: _Entry) -> Entry | str:
    """The entry, or what to do about it."""
    members = {name for name in given.__struct_fields__ if getattr(given, name) is not None}
    key: str | None
    match sorted(members):
        case ["row", "upload_id"]:
            row, upload_id = given.row or 0, given.upload_id or ""
            return RowEntry(upload_id, row) if 0 <= row < 2**40 else "`row` is the `_row_id` of a row."
        case ["email"]:
            key = email_key(given.email or "")
            return "This is no e-mail address." if key is None else IdentityEntry(By.EMAIL, key)
        case ["phone"]:
            key = phone_key(given.phone or "", None)
            return (
                "This is no telephone number with its country code, such as +4930901820."
                if key is None
                else IdentityEntry(By.PHONE, key)
            )
        case ["domain", "name"]:
            domain, name = domain_key(given.domain or ""), full_name_key([given.name])
            if domain is None or name is None:
                return "This is no domain, or no name."
            return IdentityEntry(By.DOMAIN_NAME, f"{domain}{KEY_SEPARATOR}{name}")
    return "Give `upload_id` and `row`, or one of `email`, `phone`, `domain` with `name`."
