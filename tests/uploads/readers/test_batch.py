"""A batch upload as portions: accepted and rejected records together again, in the order they were sent."""

from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from muster.objects.frames import frame_records
from muster.objects.local import LocalStore
from muster.records.chunks import join_records
from muster.records.parse import BatchQuery, parse_batch
from muster.uploads.readers.batch import batch_portions
from muster.uploads.readers.json_portions import Cuts
from muster.uploads.receive import _reject_json
from tests.uploads.readers.whole import Whole, signature, whole_of


def stored(root: Path, body: bytes, ndjson: bool = False) -> tuple[LocalStore, str | None]:
    """A batch as `receive` stores it, in frames of a few records."""
    batch = parse_batch(
        body, max_records=50_000, query=BatchQuery("x", None, "skip"), ndjson=ndjson, keep_all=True
    )
    raws: list[bytes] = []
    for chunk in batch.chunks:
        raws += map(bytes, msgspec.json.decode(b"[%b]" % bytes(chunk.json), type=list[msgspec.Raw]))
    store = LocalStore(root)
    store.put(
        "u/records",
        frame_records((b",".join(raws[n : n + 3]), len(raws[n : n + 3])) for n in range(0, len(raws), 3)),
    )
    if not batch.rejected:
        return store, None
    store.put("u/rejects", frame_records(join_records(map(_reject_json, batch.rejected))))
    return store, "u/rejects"


def read(root: Path, body: bytes, cuts: Cuts | None = None, ndjson: bool = False) -> Whole:
    store, rejects = stored(root, body, ndjson)
    portions = list(batch_portions(store, "u/records", rejects, None, cuts))
    for number, portion in enumerate(portions[:-1]):
        again = batch_portions(store, "u/records", rejects, portion.position, cuts)
        assert list(map(signature, again)) == list(map(signature, portions[number + 1 :]))
    return whole_of(portions)


def body_of(records: list[Any]) -> bytes:
    return msgspec.json.encode({"upload_name": "x", "on_invalid": "skip", "records": records})


@pytest.mark.parametrize("cuts", [Cuts(), Cuts(1, 1), Cuts(100, 40, 4)], ids=["whole", "frames", "small"])
def test_rejects_stand_where_they_were_sent(tmp_path: Path, cuts: Cuts) -> None:
    records: list[Any] = [{"name": "none"}]
    records += [{"email": f"{n}@example.com", "n": n} for n in range(5)]
    records += [7, {"email": " "}, {"email": "z@example.com"}, {"email": 1}]
    whole = read(tmp_path, body_of(records), cuts)
    assert list(whole.rows) == [1, 2, 3, 4, 5, 8]
    assert whole.rows[5] == {"email": "4@example.com", "n": "4"}
    assert [(reject.row, reject.code) for reject in whole.rejects] == [
        (0, "identity_missing"),
        (6, "record_not_object"),
        (7, "identity_blank"),
        (9, "identity_not_text"),
    ]
    assert whole.rejects[0].values == {"name": "none"}
    assert whole.rejects[1].original == "7"
    assert whole.received == len(records)


def test_a_batch_of_rejects_only_adds_up(tmp_path: Path) -> None:
    whole = read(tmp_path, body_of([{}, {"email": ""}, 3]), Cuts(1, 1))
    assert (whole.received, len(whole.rejects)) == (3, 3)


def test_a_line_that_was_no_json_comes_back_as_text(tmp_path: Path) -> None:
    whole = read(tmp_path, b'{"email":"a@b.c"}\nnot json\n{"email":"d@e.f"}\n', ndjson=True)
    assert list(whole.rows) == [0, 2]
    assert whole.rejects[0].original == "not json"


def test_an_accepted_record_no_table_can_hold_is_a_reject_in_its_place(tmp_path: Path) -> None:
    records = [{"name": "none"}, {"email": "a@b.c", "k" * 2000: 1}, {"email": "d@e.f"}]
    whole = read(tmp_path, body_of(records))
    assert [(reject.row, reject.code) for reject in whole.rejects] == [
        (0, "identity_missing"),
        (1, "column_name_too_long"),
    ]
    assert list(whole.rows) == [2]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=40)
@given(
    st.lists(
        st.sampled_from([{"email": "a@b.c"}, {"email": "d@e.f", "x": 1.5}, {}, 1]), min_size=1, max_size=30
    ),
    st.integers(1, 90),
    st.integers(1, 90),
    st.integers(1, 12),
)
def test_wherever_portions_end_every_record_is_there_once(
    tmp_path: Path, records: list[Any], portion: int, piece: int, cells: int
) -> None:
    whole = read(tmp_path, body_of(records), Cuts(portion, piece, cells))
    good = [index for index, record in enumerate(records) if isinstance(record, dict) and record]
    assert list(whole.rows) == good
    assert [reject.row for reject in whole.rejects] == sorted(set(range(len(records))) - set(good))
