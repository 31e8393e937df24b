"""What is told about segments; frozen values, their members named as on the wire."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import msgspec


@dataclass(frozen=True, slots=True)
class SegmentUpload:
    """An upload a segment is made from."""

    upload_id: str
    upload_name: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Segment:
    """A named choice of rows. kind: live, snapshot; status: ready, computing, failed.

    count, of, share, joined, left: of the newest count, which is `version`; None before the first. of: rows, or
    people, there were to choose from. sizes: the last counts, the oldest first. is_stale: a table changed since.
    """

    id: str
    name: str
    description: str = ""
    tags: tuple[str, ...] = ()
    kind: str
    status: str
    reason_code: str | None = None
    reason: str | None = None
    uploads: tuple[SegmentUpload, ...]
    filter: Mapping[str, Any] | None = None
    dedupe: Mapping[str, Any] | None = None
    included: int = 0
    excluded: int = 0
    describe: str = ""
    version: int | None = None
    count: int | None = None
    of: int | None = None
    share: float | None = None
    joined: int | None = None
    left: int | None = None
    counted_at: datetime | None = None
    is_stale: bool = False
    sizes: tuple[int, ...] = ()
    created_at: datetime
    updated_at: datetime

    @property
    def is_over(self) -> bool:
        """Whether no count is on its way."""
        return self.status != "computing"


@dataclass(frozen=True, slots=True)
class MemberColumn:
    """A column of the members: all uploads' columns of one name."""

    name: str
    type: str = "text"
    uploads: tuple[str, ...] = ()


class MemberRow(msgspec.Struct, frozen=True):
    """One member. values: by column. merged: columns whose value comes from another row of the same person."""

    upload_id: str = msgspec.field(name="_upload_id")
    row_id: int = msgspec.field(name="_row_id")
    values: Mapping[str, str | None]
    merged: tuple[str, ...] = msgspec.field(name="_merged", default=())


@dataclass(frozen=True, slots=True)
class Members:
    """A window of the members of one version. total: how many there are in all."""

    segment_id: str
    version: int
    offset: int
    total: int
    columns: tuple[MemberColumn, ...]
    rows: tuple[MemberRow, ...]


@dataclass(frozen=True, slots=True)
class FunnelStep:
    """How many are left after this condition and those before it."""

    pointer: str
    describe: str
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SegmentPreview:
    """What a segment would be. rows: of all uploads; of: what is left after duplicates are joined."""

    count: int
    of: int
    share: float | None
    rows: int
    duplicates: int
    funnel: tuple[FunnelStep, ...] = ()
    describe: str = ""
    columns: tuple[MemberColumn, ...] = ()
    sample: tuple[MemberRow, ...] = ()
    milliseconds: float = 0


@dataclass(frozen=True, slots=True)
class SegmentVersion:
    """One count. cause: created, changed, tables, members, refreshed; kept: whether its members are known."""

    version: int
    at: datetime
    count: int
    of: int
    joined: int
    left: int
    cause: str
    kept: bool


@dataclass(frozen=True, slots=True)
class Overlap:
    """How much two segments have in common; a_without, b_without: members without such an identity."""

    by: str
    both: int
    only_a: int
    only_b: int
    a_without: int = 0
    b_without: int = 0


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why a row is in a segment, or not. because: filter, included, excluded, duplicate, gone.

    tree: the filter with `holds` at each node.
    """

    segment_id: str
    version: int
    upload_id: str
    row: int
    is_member: bool
    because: str
    sentence: str
    tree: Mapping[str, Any] | None = None
    group: tuple[Mapping[str, Any], ...] | None = None


@dataclass(frozen=True, slots=True)
class FieldChange:
    """What joining does to one field. policy: where the new value comes from; origin: the place of its row in `rows`."""

    field: str
    before: str | None
    after: str | None
    policy: str
    origin: int | None = None


@dataclass(frozen=True, slots=True)
class DuplicateGroup:
    """Rows of the same person; the first stands for them. merged: its values after joining, by column."""

    identity: str
    size: int
    rows: tuple[MemberRow, ...]
    merged: Mapping[str, str | None]
    changes: tuple[FieldChange, ...] = ()


@dataclass(frozen=True, slots=True)
class Duplicates:
    """Groups of rows that are the same person. duplicates: rows that would not stand for themselves."""

    rows: int
    groups: int
    duplicates: int
    items: tuple[DuplicateGroup, ...] = field(default_factory=tuple)
