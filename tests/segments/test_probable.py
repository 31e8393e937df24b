"""Probable matches with their library: planted doubles are found, measured and joined; run where the extra is installed."""

import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from muster.errors import Conflict
from muster.jobs import store as job_store
from muster.jobs.model import JobState
from muster.jobs.read import newest_job
from muster.segments.match_job import match_kind
from muster.segments.match_model import Compare, CompareKind
from muster.segments.probable import find_pairs, is_installed
from muster.tables.engine import EngineLimits
from tests.segments.served import IDENTITY, SEGMENTS, Served, serve
from tests.support.app import build_now, running
from tests.support.inline_run import InlineRun

if not is_installed():
    pytest.skip(
        "the extra is not installed: `scripts/setup.sh identity`, then .venv-identity/bin/pytest",
        allow_module_level=True,
    )

MATCHES = f"{IDENTITY}/matches"
SYLLABLES = ("an", "be", "ka", "lo", "mi", "ra", "so", "tu", "vel", "wen", "zor", "dal", "fer", "gus", "hin", "jo", "qui", "pet", "nor")  # fmt: skip


def people(number: int, doubles: int) -> tuple[list[dict[str, str]], list[tuple[int, int]]]:
    """Records, and which of them are the same person by construction."""
    source = random.Random(42)  # noqa: S311

    def word(syllables: int) -> str:
        return "".join(source.choice(SYLLABLES) for _ in range(syllables))

    firsts, lasts = [word(2) for _ in range(120)], [word(3) for _ in range(900)]
    records = []
    for at in range(number):
        first, last = source.choice(firsts), source.choice(lasts)
        records.append(
            {
                "full_name": f"{first} {last}",
                "email": f"{first}.{last}{at}@{word(2)}.com",
                "city": f"city {source.randrange(60)}",
            }
        )
    same = []
    for origin in source.sample(range(number), doubles):
        copy = dict(records[origin])
        if source.random() < 0.5:
            name = copy["full_name"]
            at = source.randrange(1, len(name) - 1)
            copy["full_name"] = name[:at] + source.choice("aeiou") + name[at + 1 :]
        else:
            copy["email"] = copy["email"].replace(".com", ".org")
        same.append((origin, len(records)))
        records.append(copy)
    return records, same


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with running(tmp_path_factory.mktemp("probable") / "data") as app:
        yield serve(app)


def matched(served: Served, records: list[dict[str, str]], **members: Any) -> tuple[str, dict[str, Any]]:
    """An upload of these records and its finished match."""
    upload_id = served.app.upload(served.ana, "people", records=records)["upload_id"]
    build_now(served.app, served.ana, upload_id)
    body = {
        "uploads": [upload_id],
        "compare": [{"column": "full_name", "kind": "name"}, {"column": "email", "kind": "email"}, {"column": "city", "kind": "exact"}],
        **{name: value(upload_id) if callable(value) else value for name, value in members.items()},
    }  # fmt: skip
    made = served.ask("POST", MATCHES, body, expect=202)["match"]
    assert made["status"] == "computing"
    run_job(served, made["id"])
    return upload_id, served.ask("GET", f"{MATCHES}/{made['id']}")["match"]


def run_job(served: Served, match_id: str) -> None:
    room = served.app.house.segments
    with room.db.read() as connection:
        job = newest_job(connection, served.ana.user.id, match_id)
    assert job is not None
    match_kind(room).run(InlineRun(job))
    with room.db.begin() as connection:
        assert job_store.finish(connection, job.id, JobState.DONE, None, room.clock())


def test_doubles_are_found_measured_on_copies_and_joined_by_a_segment(served: Served) -> None:
    records, same = people(1_500, 150)
    upload_id, match = matched(served, records)
    assert (match["status"], match["rows"], match["measured_on"]) == ("ready", 1_650, "planted")
    # Copies have up to two mistakes and gaps, more than the doubles here.
    assert match["recall"] > 0.4
    assert match["precision"] > 0.9
    recalls = [point["recall"] for point in match["curve"]]
    assert recalls == sorted(recalls, reverse=True)
    assert {weight["column"] for weight in match["weights"]} == {"full_name", "email", "city"}
    found = served.ask("GET", f"{MATCHES}/{match['id']}/pairs?from=0.95&limit=1000")
    pairs = {frozenset((pair["a"]["_row_id"], pair["b"]["_row_id"])) for pair in found["pairs"]}
    right = pairs & {frozenset(pair) for pair in same}
    assert len(right) / len(same) > 0.8
    assert len(right) / len(pairs) > 0.9
    assert all(len(pair["evidence"]) == 3 for pair in found["pairs"])
    body = {"uploads": [upload_id], "dedupe": {"by": "match", "match": match["id"]}, "sample": 0}
    counted = served.ask("POST", f"{SEGMENTS}/preview", body)
    assert counted["rows"] == 1_650
    assert 1_650 - len(pairs) <= counted["of"] < 1_650 - len(same) / 2


def test_precision_and_recall_are_measured_on_labels_when_there_are_enough(served: Served) -> None:
    records, same = people(900, 90)
    source = random.Random(3)  # noqa: S311

    def labels(upload_id: str) -> list[dict[str, Any]]:
        others = [tuple(source.sample(range(900), 2)) for _ in range(60)]
        return [
            {
                "a": {"upload_id": upload_id, "row": a},
                "b": {"upload_id": upload_id, "row": b},
                "same": is_same,
            }
            for pairs, is_same in ((same, True), (others, False))
            for a, b in pairs
        ]

    _, match = matched(served, records, labels=labels)
    assert match["measured_on"] == "labels"
    assert match["recall"] > 0.6
    assert match["precision"] is None or match["precision"] > 0.9


def test_rows_without_any_agreement_teach_nothing_and_the_match_says_so(tmp_path: Path) -> None:
    rows = pa.table(
        {
            "id": pa.array(range(200), pa.int64()),
            "c0": pa.array([f"{at:05d} name" for at in range(200)], pa.large_string()),
            "c1": pa.array([None] * 200, pa.large_string()),
        }
    )
    compare = (Compare("a", CompareKind.EXACT), Compare("b", CompareKind.EXACT))
    limits = EngineLimits(tmp_path, 256 * 1024**2, 2, 1024**3, ())
    with pytest.raises(Conflict) as refused:
        find_pairs(rows, rows.slice(0, 0), compare, limits, lambda: None)
    assert refused.value.error_code == "match_untrained"
