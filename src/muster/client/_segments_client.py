"""The client's calls about segments; a part of `Client`."""

import time
import uuid
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

import msgspec

from ._address import DUPLICATES, SEGMENTS, segment_path
from ._connection import Connection, shaped
from ._errors import StillWorking
from ._pages import pages
from ._segments_model import (
    Duplicates,
    Explanation,
    Members,
    Overlap,
    Segment,
    SegmentPreview,
    SegmentVersion,
)
from ._tables_client import Filter, filter_tree

Dedupe = str | Mapping[str, Any]
"""`email`, `phone`, `domain_name`, or all of it: `{"by": "email", "keep": "newest", "fields": {"*": "newest"}}`."""
Entry = Mapping[str, Any]
"""`{"upload_id": ..., "row": 7}`, `{"email": ...}`, `{"phone": ...}` or `{"domain": ..., "name": ...}`."""

_MEMBERS_AT_ONCE: Final = 1000
_POLL_SECONDS: Final = 0.3


class SegmentsClient:
    """Segments: count before you keep one, keep it, look at its members, why they are in, what changed."""

    _connection: Connection

    def preview_segment(
        self,
        uploads: Sequence[str],
        *,
        filter: Filter | None = None,
        dedupe: Dedupe | None = None,
        sample: int = 10,
        columns: Sequence[str] | None = None,
        token: str | None = None,
    ) -> SegmentPreview:
        """Count without keeping anything. token: a newer preview with the same one ends this one (Conflict)."""
        body = _definition(uploads, filter, dedupe) | {"sample": sample, "columns": columns, "token": token}
        said = self._connection.json("POST", f"{SEGMENTS}/preview", body=body)
        names = [column["name"] for column in said["columns"]]
        return shaped({**said, "sample": _named(said["sample"], names)}, SegmentPreview)

    def create_segment(
        self,
        name: str,
        uploads: Sequence[str],
        *,
        filter: Filter | None = None,
        dedupe: Dedupe | None = None,
        kind: str = "live",
        description: str = "",
        tags: Sequence[str] = (),
        wait: bool = True,
    ) -> Segment:
        """Keep a segment. kind: live, snapshot. wait: until it is counted, where a job does that.

        Raises Conflict when you have one of this name, InvalidRequest with an error for each mistake.
        """
        body = _definition(uploads, filter, dedupe)
        body |= {"name": name, "kind": kind, "description": description, "tags": list(tags)}
        key = {"Idempotency-Key": str(uuid.uuid4())}
        said = self._connection.json("POST", SEGMENTS, body=body, headers=key)
        made = shaped(said["segment"], Segment)
        return self.wait_for_segment(made.id) if wait and not made.is_over else made

    def segments(
        self,
        *,
        name: str | None = None,
        tag: str | None = None,
        kind: str | None = None,
        upload_id: str | None = None,
        sort: str = "-updated_at",
    ) -> Iterator[Segment]:
        """Every segment that fits, fetched page by page; nothing is counted. name: contained, ignoring case."""
        asked = {"name": name, "tag": tag, "kind": kind, "upload_id": upload_id, "sort": sort}
        for page in pages(self._connection, SEGMENTS, asked):
            yield from shaped(page["segments"], tuple[Segment, ...])

    def segment(self, segment_id: str) -> Segment:
        """One segment; a live one is brought up to date first. Raises NotFound."""
        return shaped(self._connection.json("GET", segment_path(segment_id))["segment"], Segment)

    def update_segment(self, segment_id: str, **members: Any) -> Segment:
        """Change the named members: name, description, tags, kind, uploads, filter, dedupe (the last two may be None)."""
        if isinstance(members.get("dedupe"), str):
            members["dedupe"] = {"by": members["dedupe"]}
        if members.get("filter") is not None:
            members["filter"] = filter_tree(members["filter"])
        said = self._connection.json("PATCH", segment_path(segment_id), body=members)
        return shaped(said["segment"], Segment)

    def refresh_segment(self, segment_id: str, *, wait: bool = True) -> Segment:
        """Count it anew, a snapshot as well."""
        said = self._connection.json("POST", segment_path(segment_id, "/refresh"))
        segment = shaped(said["segment"], Segment)
        return self.wait_for_segment(segment_id) if wait and not segment.is_over else segment

    def delete_segment(self, segment_id: str, *, cascade: bool = False) -> None:
        """Forget it. Raises Conflict as long as something is made from it, unless `cascade`."""
        params = {"cascade": "true"} if cascade else {}
        self._connection.call("DELETE", segment_path(segment_id), params=params)

    def wait_for_segment(self, segment_id: str, *, timeout: float | None = None) -> Segment:
        """The segment once no count is on its way. Raises StillWorking after `timeout` seconds."""
        until = None if timeout is None else time.monotonic() + timeout
        while not (segment := self.segment(segment_id)).is_over:
            if until is not None and time.monotonic() + _POLL_SECONDS > until:
                message = f"{segment_id} is still being counted. It goes on; ask for it again later."
                raise StillWorking(message, code="still_working")
            time.sleep(_POLL_SECONDS)
        return segment

    def members(
        self,
        segment_id: str,
        *,
        offset: int = 0,
        limit: int = 100,
        columns: Sequence[str] | None = None,
        version: int | None = None,
        part: str = "all",
        since: int | None = None,
    ) -> Members:
        """One window of the members of a version. part: all, joined, left; the last two compare with `since`."""
        asked: dict[str, str | int] = {"offset": offset, "limit": limit, "part": part}
        if columns is not None:
            asked["columns"] = msgspec.json.encode(list(columns)).decode()
        asked |= {
            name: value for name, value in (("version", version), ("since", since)) if value is not None
        }
        said = self._connection.json("GET", segment_path(segment_id, "/members"), params=asked)
        names = [column["name"] for column in said["columns"]]
        return shaped({**said, "rows": _named(said["rows"], names)}, Members)

    def all_members(self, segment_id: str, **which: Any) -> Iterator[Mapping[str, str | None]]:
        """Every member as column to value, fetched window by window; which: as for `members`."""
        offset = 0
        while True:
            window = self.members(segment_id, offset=offset, limit=_MEMBERS_AT_ONCE, **which)
            which["version"] = window.version  # the same people to the end, whatever changes meanwhile
            yield from (row.values for row in window.rows)
            offset += len(window.rows)
            if not window.rows or offset >= window.total:
                return

    def change_members(
        self,
        segment_id: str,
        *,
        include: Sequence[Entry] = (),
        exclude: Sequence[Entry] = (),
        forget: Sequence[Entry] = (),
    ) -> Segment:
        """Add members and leave them out by hand, whatever the filter says; leaving out wins."""
        body = {"include": list(include), "exclude": list(exclude), "forget": list(forget)}
        said = self._connection.json("POST", segment_path(segment_id, "/members"), body=body)
        return shaped(said["segment"], Segment)

    def segment_history(self, segment_id: str) -> Iterator[SegmentVersion]:
        """Its counts, the newest first, fetched page by page."""
        for page in pages(self._connection, segment_path(segment_id, "/history"), {}):
            yield from shaped(page["versions"], tuple[SegmentVersion, ...])

    def compare_segments(
        self,
        segment_id: str,
        other_id: str,
        *,
        by: str = "row",
        version: int | None = None,
        other_version: int | None = None,
    ) -> Overlap:
        """How much two segments, or two versions of one, have in common. by: row, email, phone, domain_name."""
        versions = {"version": version, "other_version": other_version}
        asked = {"by": by} | {name: value for name, value in versions.items() if value is not None}
        path = segment_path(segment_id, f"/compare/{segment_path(other_id).rpartition('/')[2]}")
        return shaped(self._connection.json("GET", path, params=asked), Overlap)

    def explain_row(self, segment_id: str, row: int, *, upload_id: str | None = None) -> Explanation:
        """Why a row (its `row_id`) is in a segment, or not."""
        asked: dict[str, str | int] = {"row": row} | ({} if upload_id is None else {"upload_id": upload_id})
        said = self._connection.json("GET", segment_path(segment_id, "/explain"), params=asked)
        return shaped(said, Explanation)

    def duplicates(
        self, uploads: Sequence[str], dedupe: Dedupe, *, offset: int = 0, limit: int = 20
    ) -> Duplicates:
        """Groups of rows that are the same person, the largest first, and what joining them would change."""
        body = _definition(uploads, None, dedupe) | {"offset": offset, "limit": limit}
        del body["filter"]
        said = self._connection.json("POST", DUPLICATES, body=body)
        names = [column["name"] for column in said["columns"]]
        items = [
            {
                **item,
                "rows": _named(item["rows"], names),
                "merged": dict(zip(names, item["merged"], strict=True)),
            }
            for item in said["items"]
        ]
        return shaped({**said, "items": items}, Duplicates)


def _definition(uploads: Sequence[str], filter: Filter | None, dedupe: Dedupe | None) -> dict[str, Any]:
    return {
        "uploads": list(uploads),
        "filter": None if filter is None else filter_tree(filter),
        "dedupe": {"by": dedupe} if isinstance(dedupe, str) else dedupe,
    }


def _named(rows: Sequence[Mapping[str, Any]], names: Sequence[str]) -> list[dict[str, Any]]:
    """Rows with their values by column."""
    return [{**row, "values": dict(zip(names, row["values"], strict=False))} for row in rows]
