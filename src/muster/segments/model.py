"""What a segment is, and what a count of it found; pure."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final, NewType

from muster.predicates.model import Predicate
from muster.tables.model import ColumnType

SegmentId = NewType("SegmentId", str)
MatchId = NewType("MatchId", str)

MAX_UPLOADS: Final = 50
KEPT_VERSIONS: Final = 100
"""Counts of a segment whose members are kept; of older ones only the sizes are."""
ALL_OTHERS: Final = "*"
"""In `Dedupe.fields`: the policy of every field that is not named."""


class Kind(StrEnum):
    """Whether a segment follows its tables or keeps what it found."""

    LIVE = "live"
    SNAPSHOT = "snapshot"


class Status(StrEnum):
    """Whether the newest count is the one that counts."""

    READY = "ready"
    COMPUTING = "computing"
    FAILED = "failed"


class Cause(StrEnum):
    """Why a version was made."""

    CREATED = "created"
    CHANGED = "changed"
    TABLES = "tables"
    MEMBERS = "members"
    REFRESHED = "refreshed"


class By(StrEnum):
    """What makes two rows the same person or company."""

    EMAIL = "email"
    PHONE = "phone"
    DOMAIN_NAME = "domain_name"
    MATCH = "match"


class Keep(StrEnum):
    """Which row stands for a group."""

    NEWEST = "newest"
    MOST_COMPLETE = "most_complete"


class Policy(StrEnum):
    """Where the value of a field comes from; all but WINNER look at filled cells only."""

    WINNER = "winner"
    NEWEST = "newest"
    FIRST = "first"
    MOST_COMPLETE = "most_complete"
    LONGEST = "longest"


@dataclass(frozen=True, slots=True)
class Identity:
    """How a row says whom it is about.

    columns: names of the columns that hold it, the first that gives an identity counts. names: for DOMAIN_NAME,
    the columns that make up the name. region: for PHONE, ISO 3166 country of numbers without a code.
    match, threshold: for MATCH.
    """

    by: By
    columns: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    region: str | None = None
    match: MatchId | None = None
    threshold: float | None = None


@dataclass(frozen=True, slots=True)
class Dedupe:
    """How rows with the same identity become one member. fields: (name or ALL_OTHERS, policy), by name."""

    identity: Identity
    keep: Keep = Keep.NEWEST
    fields: tuple[tuple[str, Policy], ...] = ()

    def policy(self, name: str) -> Policy:
        named = dict(self.fields)
        return named.get(name, named.get(ALL_OTHERS, Policy.WINNER))

    @property
    def joins_fields(self) -> bool:
        """Whether any value may come from another row than the one that stands for the group."""
        return any(policy is not Policy.WINNER for _, policy in self.fields)


@dataclass(frozen=True, slots=True)
class Definition:
    """Who is a member, manual entries aside. predicate None: every row. uploads: at least one, each once."""

    uploads: tuple[str, ...]
    predicate: Predicate | None = None
    dedupe: Dedupe | None = None


@dataclass(frozen=True, slots=True)
class Source:
    """The version of a table that a count looks at."""

    upload_id: str
    version: int


@dataclass(frozen=True, slots=True)
class VersionSource:
    """A source and how many members it has."""

    upload_id: str
    table_version: int
    members: int


@dataclass(frozen=True, slots=True)
class Counts:
    """What a count found. candidates: rows, or groups of rows, there were to choose from.

    joined, departed: members that came and went since the version before.
    """

    members: int
    candidates: int
    joined: int = 0
    departed: int = 0


@dataclass(frozen=True, slots=True)
class Version:
    """One count of a segment. number: 1, 2, 3 ... made_by: names its files, None when they are gone.

    revision: which state of the definition it counted; sources: in the order of the definition's uploads, without
    uploads that were deleted since. positions: where each source stands in the files of the version.
    """

    segment_id: SegmentId
    number: int
    revision: int
    cause: Cause
    at: datetime
    counts: Counts
    made_by: str | None
    definition: Definition
    sources: tuple[VersionSource, ...]
    positions: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Label:
    """What people call a segment by. tags: in order, each once."""

    name: str
    description: str = ""
    tags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Segment:
    """A segment as stored. version, counts, counted_at: of the newest count, None before the first.

    manual_key: the object with its manual entries, None when it has none; included, excluded: how many.
    revision: grows with everything that decides who is a member.
    """

    id: SegmentId
    label: Label
    kind: Kind
    status: Status
    reason_code: str | None
    reason: str | None
    definition: Definition
    manual_key: str | None
    included: int
    excluded: int
    revision: int
    version: int | None
    counts: Counts | None
    counted_at: datetime | None
    job_id: str | None
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class MemberColumn:
    """A column of the members: all uploads' columns of one name. type: text where uploads disagree."""

    name: str
    type: ColumnType
    uploads: tuple[str, ...]
