"""Probable matches without their library: groups from pairs, measures, decisions, segments that use them."""

import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from muster.accounts import users
from muster.ids import new_match_id
from muster.segments.clusters import clusters
from muster.segments.match_files import write_found
from muster.segments.match_model import Compare, CompareKind, Match, MatchFacts, MeasuredOn
from muster.segments.match_store import MatchStore
from muster.segments.measure import curve, planted, point, truths_of_planted
from muster.segments.model import MatchId, Source, Status
from muster.segments.probable import Found, is_installed
from muster.segments.sources import newest_sources
from tests.segments.served import IDENTITY, PEOPLE, SEGMENTS, Served, serve
from tests.support.app import BATCH, running

MATCHES = f"{IDENTITY}/matches"
COMPARE = (Compare("email", CompareKind.EMAIL), Compare("country", CompareKind.EXACT))
UNKNOWN_MATCH = f"mat_{'A' * 22}"


@pytest.fixture
def served(tmp_path: Path, database_url: str) -> Iterator[Served]:
    with running(tmp_path / "data", database_url) as app:
        yield serve(app)


def finished(served: Served, pairs: list[tuple[int, int, float]], threshold: float = 0.9) -> str:
    """A match of Ana's first upload with these pairs of rows, as a job would have left it."""
    room = served.app.house.segments
    principal = users.by_command_line(served.ana.user)
    sources = newest_sources(room.reading, principal, [served.upload])
    now = room.clock()
    match_id = MatchId(new_match_id())
    ordered = sorted(pairs, key=lambda pair: pair[2])
    columns: dict[str, Any] = {
        "a": pa.array([a for a, _, _ in ordered], pa.int64()),
        "b": pa.array([b for _, b, _ in ordered], pa.int64()),
        "probability": pa.array([sure for *_, sure in ordered], pa.float64()),
    }
    for at in range(len(COMPARE)):
        columns |= {
            f"w{at}": pa.array([3.5] * len(pairs)),
            f"g{at}": pa.array([1 if at else -1] * len(pairs), pa.int32()),
        }
    write_found(room, match_id, "job_1", sources, Found(pa.table(columns), (), (("different", "same"),) * 2))
    facts = MatchFacts(len(PEOPLE), len(pairs), 1, 1, MeasuredOn.PLANTED, 0.99, 0.8, (), ())
    made = Match(
        match_id, Status.COMPUTING, None, None, (Source(served.upload, 1),), COMPARE, threshold, None, None, None, None, None, now, now,
    )  # fmt: skip
    with room.db.begin() as connection:
        store = MatchStore(connection, principal)
        store.add(made)
        assert store.finish(match_id, facts, "job_1", now)
    return match_id


def test_pairs_become_groups_unless_somebody_said_otherwise() -> None:
    a, b, c, d, e = ((0, at) for at in range(5))
    assert clusters([], [], []) == []
    assert clusters([(a, b), (c, d), (b, c)], [], []) == [[a, b, c, d]]
    assert clusters([(a, b)], [(d, e)], []) == [[a, b], [d, e]]
    # The surest pairs come first; the one that would bring the two together is left out.
    assert clusters([(a, b), (c, d), (b, c)], [], [(a, d)]) == [[a, b], [c, d]]
    assert clusters([(a, b)], [], [(a, b)]) == []
    # What somebody said is the same stays the same, come what may.
    assert clusters([(b, c)], [(a, b), (a, c)], [(b, c)]) == [[a, b, c]]


def test_groups_agree_with_a_search_through_the_graph() -> None:
    source = random.Random(7)  # noqa: S311
    for _ in range(200):
        rows = [(source.randrange(2), at) for at in range(12)]
        pairs = [tuple(source.sample(rows, 2)) for _ in range(source.randrange(12))]
        expected: list[set[Any]] = []
        for row in rows:
            seen, queue = {row}, [row]
            while queue:
                one = queue.pop()
                near = {b for a, b in pairs if a == one} | {a for a, b in pairs if b == one}
                queue += near - seen
                seen |= near
            if len(seen) > 1 and seen not in expected:
                expected.append(seen)
        found = clusters(pairs, [], [])  # type: ignore[arg-type]
        assert sorted(map(sorted, expected)) == found


def test_precision_and_recall_are_counted_on_what_is_known() -> None:
    truths = [(0.99, True), (0.97, True), (0.96, False), (0.6, True), (0.55, False)]
    at = point(truths, 1, [0.99, 0.9, 0.2], 0.95)
    assert (at.precision, at.recall, at.pairs) == (0.666667, 0.5, 1)
    assert point([], 0, [], 0.5).precision is None
    assert point([], 0, [], 0.5).recall is None
    points = curve(truths, 0, [])
    recalls = [each.recall or 0 for each in points]
    assert recalls == sorted(recalls, reverse=True)


def test_planted_copies_differ_from_their_rows_and_are_the_same_each_time() -> None:
    compare = (
        Compare("n", CompareKind.NAME),
        Compare("e", CompareKind.EMAIL),
        Compare("c", CompareKind.EXACT),
    )
    rows = [(f"ada lovelace {at}", f"ada{at}@example.org", "paris") for at in range(300)] + [
        (None, "x", None)
    ] * 50
    copies = planted(rows, compare, random.Random(1))  # noqa: S311
    assert copies == planted(rows, compare, random.Random(1))  # noqa: S311
    assert len(copies) == 50
    assert all(at < 300 for at, _ in copies)
    for at, values in copies:
        assert any(value == own for value, own in zip(values, rows[at], strict=True) if own is not None)
    assert sum(values != rows[at] for at, values in copies) > 45
    assert planted([], compare, random.Random(1)) == []  # noqa: S311


def test_a_copy_of_a_row_that_has_doubles_says_nothing_of_them() -> None:
    copies = {100: 1, 101: 2}
    pairs = [(1, 100, 0.9), (2, 100, 0.8), (3, 100, 0.7), (100, 101, 0.9), (5, 101, 0.6)]
    truths, missed = truths_of_planted(copies, pairs, {1: {2}})
    assert (truths, missed) == ([(0.9, True), (0.7, False), (0.6, False)], 1)


def test_without_the_extra_a_match_says_how_to_get_it(served: Served) -> None:
    if is_installed():
        pytest.skip("the extra `identity` is installed here; its tests are those of test_probable.py")
    body = {
        "uploads": [served.upload],
        "compare": [{"column": "email", "kind": "email"}, {"column": "country", "kind": "exact"}],
    }
    refused = served.ask("POST", MATCHES, body, expect=409)
    assert refused["code"] == "identity_extra_missing"
    assert 'pip install "muster[server,identity]"' in refused["message"]


@pytest.mark.parametrize(
    "members",
    [
        {"uploads": []}, {"compare": []}, {"compare": [{"column": "email", "kind": "email"}]}, {"compare": [{"column": "email", "kind": "shoe"}] * 2},
        {"compare": [{"column": "email", "kind": "email"}] * 2}, {"threshold": 0.4}, {"threshold": 1.1}, {"more": 1},
        {"labels": [{"a": {"upload_id": "x", "row": 1}, "b": {"upload_id": "x", "row": 1}, "same": True}]},
    ],
)  # fmt: skip
def test_a_match_that_makes_no_sense_is_refused(served: Served, members: dict[str, Any]) -> None:
    body = {
        "uploads": [served.upload],
        "compare": [{"column": "email", "kind": "email"}, {"column": "country", "kind": "exact"}],
    }
    assert served.ask("POST", MATCHES, {**body, **members}, expect=400)["errors"]


def test_a_match_is_only_its_owners(served: Served) -> None:
    match_id = finished(served, [(0, 2, 0.95)])
    decisions: dict[str, Any] = {
        "decisions": [
            {
                "a": {"upload_id": served.upload, "row": 0},
                "b": {"upload_id": served.upload, "row": 1},
                "same": True,
            }
        ]
    }
    for method, path, body in (
        ("GET", "", None), ("GET", "/pairs", None), ("POST", "/decisions", decisions), ("DELETE", "", None),
    ):  # fmt: skip
        one = f"{MATCHES}/{match_id}{path}"
        assert served.app.client.request(method, one, json=body).status_code == 401
        assert served.ask(method, one, body, who=served.bob, expect=403)["code"] == "match_not_yours"
        unknown = served.ask(method, f"{MATCHES}/{UNKNOWN_MATCH}{path}", body, expect=404)
        assert unknown["code"] == "match_not_found"
    assert served.ask("GET", MATCHES, who=served.bob)["total"] == 0
    dedupe = {"by": "match", "match": match_id}
    body = {"uploads": [served.bobs], "dedupe": dedupe}
    assert (
        served.ask("POST", f"{SEGMENTS}/preview", body, who=served.bob, expect=403)["code"]
        == "match_not_yours"
    )


def test_pairs_are_shown_with_their_evidence_the_least_probable_first(served: Served) -> None:
    match_id = finished(served, [(0, 2, 0.95), (1, 3, 0.6)])
    shown = served.ask("GET", f"{MATCHES}/{match_id}")["match"]
    assert (shown["status"], shown["pairs"], shown["precision"], shown["measured_on"]) == (
        "ready",
        2,
        0.99,
        "planted",
    )
    found = served.ask("GET", f"{MATCHES}/{match_id}/pairs")
    assert [pair["probability"] for pair in found["pairs"]] == [0.6, 0.95]
    pair = found["pairs"][1]
    assert (pair["a"]["_row_id"], pair["b"]["_row_id"]) == (0, 2)
    assert pair["a"]["values"] == ["ana@example.com", "US"]
    assert pair["evidence"] == [
        {"column": "email", "level": None, "weight": 3.5},
        {"column": "country", "level": "same", "weight": 3.5},
    ]
    assert [column["name"] for column in found["columns"]] == ["email", "country"]
    narrow = served.ask("GET", f"{MATCHES}/{match_id}/pairs?from=0.9&to=1&columns=phone&limit=1")
    assert (narrow["total"], narrow["pairs"][0]["a"]["values"]) == (1, ["+12125550100"])
    assert served.ask("GET", MATCHES)["matches"][0]["id"] == match_id
    for wrong in ("from=2", "limit=0", "columns=nowhere"):
        served.ask("GET", f"{MATCHES}/{match_id}/pairs?{wrong}", expect=400)


def test_a_segment_joins_pairs_from_the_threshold_on_and_those_settled_by_hand(served: Served) -> None:
    match_id = finished(served, [(0, 2, 0.95), (1, 3, 0.6)])
    dedupe = {"by": "match", "match": match_id}
    refused = served.ask(
        "POST",
        f"{SEGMENTS}/preview",
        {"uploads": [served.upload], "dedupe": {**dedupe, "threshold": 0.5}},
        expect=400,
    )
    assert refused["code"] == "threshold_too_low"
    made = served.make("people", filter=None, dedupe=dedupe)
    assert (made["count"], made["dedupe"]["threshold"]) == (4, 0.9)
    assert made["describe"] == "every row; one row per probable person, the newest"
    assert served.members(made["id"]) == [1, 2, 3, 4]
    strict = served.make("strict", filter=None, dedupe={**dedupe, "threshold": 0.99})
    assert strict["count"] == 5

    def pair(a: int, b: int, *, same: bool) -> dict[str, Any]:
        return {
            "a": {"upload_id": served.upload, "row": a},
            "b": {"upload_id": served.upload, "row": b},
            "same": same,
        }

    path = f"{MATCHES}/{match_id}/decisions"
    served.ask("POST", path, {"decisions": [pair(1, 3, same=True), pair(2, 0, same=False)]})
    assert served.one(made["id"])["count"] == 4
    assert served.members(made["id"]) == [0, 2, 3, 4]
    decided = served.ask("GET", f"{MATCHES}/{match_id}/pairs")["pairs"]
    assert [each["decision"] for each in decided] == [True, False]
    served.ask("POST", path, {"decisions": [pair(1, 3, same=False)]})
    assert served.one(made["id"])["count"] == 5
    assert (
        served.ask("POST", path, {"decisions": [pair(0, 99, same=True)]}, expect=400)["code"] == "row_unknown"
    )
    groups = served.ask("POST", f"{IDENTITY}/duplicates", {"uploads": [served.upload], "dedupe": dedupe})
    assert groups["groups"] == 0


def test_a_match_in_use_stays_and_goes_with_its_upload(served: Served) -> None:
    match_id = finished(served, [(0, 2, 0.95)])
    made = served.make("uses it", filter=None, dedupe={"by": "match", "match": match_id})
    refused = served.ask("DELETE", f"{MATCHES}/{match_id}", expect=409)
    assert refused["code"] == "match_in_use"
    assert made["id"] in refused["errors"][0]["message"]
    served.ask("DELETE", f"{SEGMENTS}/{made['id']}")
    kinds = [
        error["field"] for error in served.ask("DELETE", f"{BATCH}/{served.upload}", expect=409)["errors"]
    ]
    assert kinds == ["probable match"]
    served.ask("DELETE", f"{BATCH}/{served.upload}?cascade=true")
    assert served.ask("GET", f"{MATCHES}/{match_id}", expect=404)["code"] == "match_not_found"
    assert not list(served.app.house.objects.list("segments/"))
    other = finished_of_other(served)
    assert served.ask("DELETE", f"{MATCHES}/{other}")["message"] == "Match deleted."
    assert not list(served.app.house.objects.list("segments/"))


def test_a_segment_of_another_upload_goes_with_the_match_it_uses(served: Served) -> None:
    match_id = finished(served, [(0, 2, 0.95)])
    dedupe = {"by": "match", "match": match_id}
    made = served.make("elsewhere", uploads=[served.other], filter=None, dedupe=dedupe)
    assert made["count"] == 2
    errors = served.ask("DELETE", f"{BATCH}/{served.upload}", expect=409)["errors"]
    assert [error["field"] for error in errors] == ["segment", "probable match"]
    served.ask("DELETE", f"{BATCH}/{served.upload}?cascade=true")
    assert served.ask("GET", f"{SEGMENTS}/{made['id']}", expect=404)["code"] == "segment_not_found"
    assert not list(served.app.house.objects.list("segments/"))


def finished_of_other(served: Served) -> str:
    swapped = Served(served.app, served.ana, served.bob, served.other, served.upload, served.bobs)
    return finished(swapped, [(0, 1, 0.95)])


def test_a_table_that_was_made_anew_outdates_a_match(served: Served) -> None:
    from tests.support.app import build_now

    match_id = finished(served, [(0, 2, 0.95)])
    made = served.make("outdated", filter=None, dedupe={"by": "match", "match": match_id})
    served.ask("POST", f"{BATCH}/{served.upload}/reprocess", expect={200, 202})
    build_now(served.app, served.ana, served.upload)
    assert served.ask("GET", f"{SEGMENTS}/{made['id']}", expect=409)["code"] == "match_outdated"
