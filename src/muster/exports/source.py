"""Where the rows of an export come from: a version of a segment, or of an upload's table with a filter.

A source is frozen: it gives the same rows in the same order whenever it is read, from any place on. Only people
who were erased since are left out.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, Protocol

import pyarrow as pa
import pyarrow.compute as pc

from muster.accounts.model import Principal
from muster.exports.model import SourceWish
from muster.exports.room import ExportsRoom
from muster.predicates.check import check
from muster.predicates.compile import physical_columns, where_sql
from muster.predicates.model import Predicate
from muster.predicates.parse import predicate_from
from muster.segments import members as segment_members
from muster.segments import refresh
from muster.tables.engine import relation_sql
from muster.tables.layout import Layout
from muster.tables.model import ROW_ID, TableId
from muster.tables.queries import Queries
from muster.tables.reading import load_layout
from muster.tables.scan import Condition, scan
from muster.tables.window import newest_layout
from muster.uploads.read import get_upload

UPLOAD_ID: Final = "_upload_id"
Place = tuple[int, int]
"""Behind which row to go on: the number of its upload in the source, its row id."""

_TEXT: Final = pa.large_string()
_COUNT_SECONDS: Final = 120.0


class Rows(Protocol):
    """Rows to be exported. names: of their columns; count: how many `scan` gives, version: of the source."""

    @property
    def name(self) -> str: ...
    @property
    def version(self) -> int: ...
    @property
    def names(self) -> tuple[str, ...]: ...
    @property
    def upload_ids(self) -> tuple[str, ...]: ...
    @property
    def count(self) -> int: ...

    def scan(self, columns: Sequence[str], after: Place | None = None) -> Iterator[pa.RecordBatch]:
        """Batches of `_upload_id` (large_string), `_row_id` (int64), then the columns (large_string), in constant memory.

        Raises Overloaded, StorageFull, Unavailable.
        """
        ...


def open_source(
    room: ExportsRoom,
    principal: Principal,
    wish: SourceWish,
    version: int | None = None,
    *,
    wait: bool = False,
) -> Rows:
    """The rows of the source. version: the one an export is frozen at, None for the newest.

    wait: a live segment whose tables changed is counted first, however long it takes; without, it is taken as it
    was counted last when counting takes long.
    Raises NotFound, Forbidden, Conflict (`table_not_ready`, `segment_not_counted`), InputError (`filter_invalid`).
    """
    if wish.segment_id is not None:
        return _segment(room, principal, wish, version, wait=wait)
    return _upload(room, principal, wish, version)


def _segment(
    room: ExportsRoom, principal: Principal, wish: SourceWish, version: int | None, *, wait: bool
) -> "SegmentRows":
    assert wish.segment_id is not None  # noqa: S101 - the parser says so
    segment = refresh.current(room.segments, principal, wish.segment_id, inline=not wait)
    members = segment_members.open_members(
        room.segments, principal, wish.segment_id, version=version or wish.version
    )
    return SegmentRows(segment.label.name, members)


def _upload(room: ExportsRoom, principal: Principal, wish: SourceWish, version: int | None) -> "UploadRows":
    table_id = TableId(wish.upload_id or "")
    shape = newest_layout(room.reading, principal, table_id)
    if version is not None and version != shape.manifest.version:
        shape = load_layout(room.reading, table_id, version)
    predicate = None if wish.filter is None else predicate_from(wish.filter, pointer="/filter")
    if predicate is not None:
        check(predicate, shape.columns, pointer="/filter")
    return UploadRows(room, table_id, shape, predicate, get_upload(room.uploads, principal, table_id).name)


@dataclass(frozen=True, slots=True)
class SegmentRows:
    """Members of one version of a segment."""

    name: str
    members: segment_members.Members

    @property
    def version(self) -> int:
        return self.members.version

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(column.name for column in self.members.columns)

    @property
    def upload_ids(self) -> tuple[str, ...]:
        return self.members.upload_ids

    @property
    def count(self) -> int:
        return self.members.count

    def scan(self, columns: Sequence[str], after: Place | None = None) -> Iterator[pa.RecordBatch]:
        """See `Rows.scan`."""
        return self.members.scan(columns, after=after)


@dataclass(frozen=True, slots=True)
class UploadRows:
    """Rows of one version of a table that match a filter."""

    room: ExportsRoom
    table_id: TableId
    shape: Layout
    predicate: Predicate | None
    name: str
    _counted: list[int] = field(default_factory=list)

    @property
    def version(self) -> int:
        return self.shape.manifest.version

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(column.name for column in self.shape.manifest.columns)

    @property
    def upload_ids(self) -> tuple[str, ...]:
        return (str(self.table_id),)

    @property
    def count(self) -> int:
        """Counted once, at its first use."""
        if not self._counted:
            self._counted.append(self._count())
        return self._counted[0]

    def scan(self, columns: Sequence[str], after: Place | None = None) -> Iterator[pa.RecordBatch]:
        """See `Rows.scan`."""
        physical = [self.shape.columns[name].physical for name in columns]
        manifest = self.shape.manifest
        between = None if after is None else (after[1] + 1, manifest.rows - 1)
        found = scan(
            self.room.reading.tables,
            manifest,
            [ROW_ID, *physical],
            order="_row_id",
            between=between,
            only=self._only(),
        )
        names = [UPLOAD_ID, ROW_ID, *columns]
        for batch in found:
            ids = pa.repeat(pa.scalar(str(self.table_id), _TEXT), batch.num_rows)
            yield pa.RecordBatch.from_arrays([ids, *map(_plain, batch.columns)], names=names)

    def _only(self) -> Condition | None:
        if self.predicate is None:
            return None
        refs = self.shape.refs
        return Condition(where_sql(self.predicate, refs), tuple(physical_columns(self.predicate, (), refs)))

    def _count(self) -> int:
        manifest, only = self.shape.manifest, self._only()
        if only is None:
            return manifest.visible_rows
        tables = self.room.reading.tables
        source = relation_sql(manifest, only.columns, tables.cache.path)
        queries = Queries(tables.engine)
        try:
            sql = f"SELECT count(*) AS n FROM ({source}) WHERE {only.sql}"  # noqa: S608 - names are ours, values quoted
            count: int = queries.run(sql, seconds=_COUNT_SECONDS)["n"][0].as_py()
            return count
        finally:
            queries.close()


@dataclass(frozen=True, slots=True)
class ChosenRows:
    """Of other rows only some: those named, and all from a place on that nobody reached before.

    chosen: row ids, sorted, by upload. from_place: None: no others.
    """

    rows: Rows
    chosen: Mapping[str, pa.Array]
    from_place: Place | None

    @property
    def count(self) -> int:
        """Whoever needs it exactly counts (`retry_source.count_chosen`)."""
        return sum(map(len, self.chosen.values()))

    @property
    def name(self) -> str:
        return self.rows.name

    @property
    def version(self) -> int:
        return self.rows.version

    @property
    def names(self) -> tuple[str, ...]:
        return self.rows.names

    @property
    def upload_ids(self) -> tuple[str, ...]:
        return self.rows.upload_ids

    def scan(self, columns: Sequence[str], after: Place | None = None) -> Iterator[pa.RecordBatch]:
        """See `Rows.scan`."""
        numbers = {upload_id: number for number, upload_id in enumerate(self.rows.upload_ids)}
        for batch in self.rows.scan(columns, after):
            kept = batch.filter(self._mask(batch, numbers))
            if kept.num_rows:
                yield kept

    def _mask(self, batch: pa.RecordBatch, numbers: Mapping[str, int]) -> pa.Array:
        found = pa.repeat(pa.scalar(False), batch.num_rows)
        row_ids = batch.column(ROW_ID)
        for upload_id in pc.unique(batch.column(UPLOAD_ID)).to_pylist():
            inside = pc.is_in(row_ids, value_set=self.chosen.get(upload_id, pa.array([], pa.int64())))
            if self.from_place is not None:
                first, row_id = self.from_place
                number = numbers[upload_id]
                if number > first:
                    inside = pa.repeat(pa.scalar(True), batch.num_rows)
                elif number == first:
                    inside = pc.or_(inside, pc.greater(row_ids, row_id))
            here = pc.equal(batch.column(UPLOAD_ID), pa.scalar(upload_id, _TEXT))
            found = pc.or_(found, pc.and_(here, inside))
        return found


def _plain(column: pa.Array) -> pa.Array:
    return column if column.type in (_TEXT, pa.int64()) else column.cast(_TEXT)
