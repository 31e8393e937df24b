"""Segments on their way out: the members of a version, joined values in their place, and what goes with them."""

import csv
import io
import json

import pytest

from muster.errors import Conflict, NotFound
from muster.exports.model import Export
from muster.segments.delete import delete
from muster.segments.model import Segment
from muster.segments.requests import parse_create
from muster.segments.save import create as save
from muster.uploads.erase import erase
from tests.exports.exporting import Exports, Inbox


def segment_of(exports: Exports, *upload_ids: str, **members: object) -> Segment:
    asked = {"name": "Germans", "uploads": list(upload_ids), **members}
    room = exports.house.segments
    return save(room, exports.owner, parse_create(json.dumps(asked).encode()), by_job=False)


def rows(exports: Exports, export: Export) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(exports.file(export).decode(), newline="")))


@pytest.fixture
def two(exports: Exports) -> tuple[str, str]:
    """Two uploads that know some of the same people, each a little."""
    first = exports.table(
        {
            "email": ["ann@x.de", "bob@x.de", "cid@x.de"],
            "country": ["DE", "US", "DE"],
            "phone": ["+4930901820", None, None],
        }
    )
    second = exports.table(
        {"email": ["ANN@x.de", "dan@x.de"], "country": ["DE", "DE"], "city": ["Berlin", "Bonn"]}
    )
    return first, second


def test_members_leave_with_joined_values_and_nobody_else_does(
    exports: Exports, two: tuple[str, str]
) -> None:
    segment = segment_of(
        exports,
        *two,
        filter={"field": "country", "op": "eq", "value": "DE"},
        dedupe={"by": "email", "keep": "newest", "fields": {"*": "newest"}},
    )
    export = exports.done(segment_id=segment.id, columns=["email", "phone", "city"])
    assert export.version == 1
    found = {row["email"].lower(): (row["phone"], row["city"]) for row in rows(exports, export)}
    assert found == {"ann@x.de": ("+4930901820", "Berlin"), "cid@x.de": ("", ""), "dan@x.de": ("", "Bonn")}


def test_a_live_segment_is_brought_up_to_date_and_a_version_stays_what_it_was(
    exports: Exports, two: tuple[str, str]
) -> None:
    segment = segment_of(exports, two[0], filter={"field": "country", "op": "eq", "value": "DE"})
    assert len(rows(exports, exports.done(segment_id=segment.id))) == 2
    exports.edit(two[0], {1: {"country": "DE"}})
    assert [row["email"] for row in rows(exports, exports.done(segment_id=segment.id, columns=["email"]))] == [
        "ann@x.de", "bob@x.de", "cid@x.de",
    ]  # fmt: skip
    old = exports.done(segment_id=segment.id, version=1, columns=["email"])
    assert [row["email"] for row in rows(exports, old)] == ["ann@x.de", "cid@x.de"]


def test_changes_of_a_segment_are_sent_and_failures_tried_again(
    exports: Exports, inbox: Inbox, two: tuple[str, str]
) -> None:
    segment = segment_of(exports, two[0], filter={"field": "country", "op": "eq", "value": "DE"})
    members = {"segment_id": segment.id, "destination": "inbox", "columns": ["email"], "since": "last"}
    exports.done(**members)
    assert set(inbox.rows) == {"ann@x.de", "cid@x.de"}
    exports.edit(two[0], {0: {"country": "US"}, 1: {"country": "DE"}})
    export = exports.done(**members)
    assert set(inbox.rows) == {"bob@x.de", "cid@x.de"}
    assert (export.counts.joined, export.counts.left) == (1, 1)


def test_deleting_a_segment_or_an_upload_of_it_asks_about_its_exports(
    exports: Exports, two: tuple[str, str]
) -> None:
    room, ana = exports.house.segments, exports.owner
    segment = segment_of(exports, *two)
    export = exports.done(segment_id=segment.id)
    with pytest.raises(Conflict) as refused:
        delete(room, ana, segment.id, cascade=False)
    assert refused.value.error_code == "segment_in_use"
    assert export.id in refused.value.issues[0].message
    with pytest.raises(Conflict) as refused:
        erase(exports.house.uploads, ana, two[1])
    assert [issue.field for issue in refused.value.issues] == ["segment", "export"]
    erase(exports.house.uploads, ana, two[1], cascade=True)
    with pytest.raises(NotFound):
        exports.get(export.id)
