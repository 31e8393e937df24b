"""Rejects as stored: in order, countable from the middle, joined without being held in memory."""

import json
from collections.abc import Mapping
from dataclasses import dataclass

import pytest

from muster.errors import NotFound
from muster.objects.frames import read_index, stream_json, window
from muster.tables.rejects import concatenate, write_rejects
from muster.tables.room import TablesRoom

KEY = "tables/xx/t/job_one/rejects-{}.json.zst"


@dataclass(frozen=True)
class Refused:
    row: int
    line: int | None = None
    field: str | None = None
    code: str = "identity_missing"
    reason: str = "Give at least one."
    values: Mapping[str, str | None] | None = None
    original: str | None = None


def read(room: TablesRoom, key: str) -> list[dict[str, object]]:
    found: list[dict[str, object]] = json.loads(
        b"".join(stream_json(room.objects, key, read_index(room.objects, key)))
    )
    return found


def test_a_reject_keeps_its_columns_or_else_its_text(files: TablesRoom) -> None:
    rejects = [
        Refused(4, values={"email": None, "näme": 'a"b\n'}),
        Refused(7, line=12, field="email", code="csv_too_few", original='a;"b'),
        Refused(9, line=14),
    ]
    assert write_rejects(files, KEY.format(0), rejects) == 3
    base = {"code": "identity_missing", "reason": "Give at least one."}
    assert read(files, KEY.format(0)) == [
        {**base, "row": 4, "record": {"email": None, "näme": 'a"b\n'}},
        {**base, "row": 7, "code": "csv_too_few", "line_number": 12, "field": "email", "line": 'a;"b'},
        {**base, "row": 9, "line_number": 14, "line": ""},
    ]


def test_no_rejects_are_an_empty_file(files: TablesRoom) -> None:
    assert write_rejects(files, KEY.format(0), []) == 0
    assert read(files, KEY.format(0)) == []


@pytest.mark.parametrize("counts", [[], [0], [0, 0], [1, 0, 2], [0, 3000, 0, 1, 0], [2500, 2500]])
def test_joined_files_hold_every_reject_once_and_in_order(files: TablesRoom, counts: list[int]) -> None:
    rows = iter(range(sum(counts)))
    keys = []
    for number, count in enumerate(counts):
        keys.append(KEY.format(number))
        write_rejects(files, keys[-1], [Refused(next(rows), original="x" * 90) for _ in range(count)])
    assert concatenate(files, keys, KEY.format("all")) == sum(counts)
    assert [reject["row"] for reject in read(files, KEY.format("all"))] == list(range(sum(counts)))
    index = read_index(files.objects, KEY.format("all"))
    assert index.records == sum(counts)
    if index.records > 2:
        (one,) = window(files.objects, KEY.format("all"), index, index.records - 2, index.records - 1)
        assert json.loads(bytes(one))["row"] == index.records - 2


def test_a_missing_file_is_no_file_without_rejects(files: TablesRoom) -> None:
    write_rejects(files, KEY.format(0), [Refused(0)])
    with pytest.raises(NotFound):
        concatenate(files, [KEY.format(0), KEY.format(1)], KEY.format("all"))
    with pytest.raises(NotFound):
        files.objects.size(KEY.format("all"))


def test_joining_again_gives_the_same_bytes(files: TablesRoom) -> None:
    write_rejects(files, KEY.format(0), [Refused(row) for row in range(100)])
    concatenate(files, [KEY.format(0)], KEY.format("a"))
    concatenate(files, [KEY.format(0)], KEY.format("b"))
    assert b"".join(files.objects.stream(KEY.format("a"))) == b"".join(files.objects.stream(KEY.format("b")))
