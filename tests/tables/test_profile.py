"""Profiles against plain counting, and what they say when they do not count everything."""

from collections import Counter
from datetime import date, timedelta
from itertools import pairwise

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from muster.errors import NotFound
from muster.objects.keys import table_file
from muster.tables.coded import coded
from muster.tables.issues import ISSUES_SCHEMA, write_issues, write_row_ids
from muster.tables.model import ROW_ID, ColumnType, Overlay
from muster.tables.profile import build_profile, load_profile, store_profile
from muster.tables.profile_counts import ValueCounts
from muster.tables.profile_model import BINS, SHOWN_CHARACTERS, Bin, Profile, TopValue, binned
from muster.tables.room import TablesRoom
from muster.tables.write import write_parquet
from tests.tables.portions import Build, Rows


def test_every_number_agrees_with_counting_by_hand(build: Build, files: TablesRoom) -> None:
    cities = [None if n % 7 == 0 else ["Köln", "Bonn", "Ulm", "東京"][n % 4] for n in range(1000)]
    ages = [str(n % 90) for n in range(1000)]
    built = build({"city": cities[:600], "age": ages[:600]}, {"city": cities[600:], "age": ages[600:]})
    found = build_profile(files, built.manifest(), {"c0": {"text": 857, "null": 143}})
    city, age = found.columns
    counted = Counter(value for value in cities if value is not None)
    assert found.rows == 1000
    assert (city.name, city.type, city.filled, city.empty) == ("city", ColumnType.TEXT, 857, 143)
    assert (city.distinct, city.distinct_exact, city.top_exact) == (4, True, True)
    assert [(top.value, top.rows) for top in city.top] == sorted(
        counted.items(), key=lambda one: (-one[1], one[0])
    )
    assert (city.length_min, city.length_max) == (2, 4)
    assert sum(one.rows for one in city.lengths) == 857
    assert (city.minimum, city.maximum, city.histogram) == (None, None, ())
    assert city.kinds == {"text": 857, "null": 143}
    assert (age.type, age.minimum, age.maximum, age.distinct) == (ColumnType.INTEGER, 0, 89, 90)
    assert len(age.histogram) == BINS
    assert sum(one.rows for one in age.histogram) == 1000
    assert (age.histogram[0].low, age.histogram[-1].high) == (0, 89)
    in_first = sum(int(value) < age.histogram[0].high for value in ages)
    assert age.histogram[0].rows == in_first


def test_a_table_without_rows_or_columns_has_a_profile(build: Build, files: TablesRoom) -> None:
    assert build_profile(files, build().manifest()) == Profile(0, ())
    (column,) = build_profile(files, build({"a": []}).manifest()).columns
    assert (column.filled, column.empty, column.distinct, column.top, column.length_min) == (
        0,
        0,
        0,
        (),
        None,
    )
    assert column.invalid_share == 0


def test_an_empty_column_among_others(build: Build, files: TablesRoom) -> None:
    built = build({"a": ["x", "y"], "b": [None, None]})
    found = build_profile(files, built.manifest()).columns[1]
    assert (found.type, found.filled, found.empty, found.distinct, found.lengths) == (
        ColumnType.TEXT,
        0,
        2,
        0,
        (),
    )


def test_edits_count_and_hidden_rows_do_not(build: Build, files: TablesRoom) -> None:
    built = build({"age": ["1", "2", "300"]})
    overlay = table_file(built.table_id, "edit_1", "c0.parquet")
    members = {ROW_ID: pa.array([0]), "value": pa.array(["2"], pa.large_string()), "typed": pa.array([2.0])}
    write_parquet(files, overlay, pa.table(members))
    hidden = table_file(built.table_id, "edit_1", "hidden.parquet")
    write_row_ids(files, hidden, pa.array([2]))
    manifest = built.manifest(overlays=(Overlay("c0", overlay, 1),), hidden_key=hidden, hidden_rows=1)
    (age,) = build_profile(files, manifest).columns
    assert (age.filled, age.empty, age.minimum, age.maximum, age.top) == (2, 0, 2, 2, (TopValue("2", 2),))
    assert age.histogram == (Bin(2, 2, 2),)


def test_dates_moments_and_truth_values(build: Build, files: TablesRoom) -> None:
    days = [(date(2024, 1, 1) + timedelta(days=n)).isoformat() for n in range(100)]
    built = build(
        {
            "day": days,
            "at": [f"{day}T10:00:00Z" for day in days],
            "ok": ["true", "false"] * 50,
            "one": ["2024-02-29"] * 100,
        }
    )
    day, at, ok, one = build_profile(files, built.manifest()).columns
    assert (day.minimum, day.maximum, day.histogram[0]) == (
        "2024-01-01",
        "2024-04-09",
        Bin("2024-01-01", "2024-01-06", 5),
    )
    assert sum(one.rows for one in day.histogram) == 100
    assert (at.minimum, at.maximum) == ("2024-01-01T10:00:00Z", "2024-04-09T10:00:00Z")
    assert (len(at.histogram), sum(one.rows for one in at.histogram)) == (BINS, 100)
    assert (ok.minimum, ok.histogram, ok.top) == (None, (), (TopValue("false", 50), TopValue("true", 50)))
    assert one.histogram == (Bin("2024-02-29", "2024-03-01", 100),)


def test_a_nearly_unique_column_says_that_it_was_not_counted_value_by_value(
    build: Build, files: TablesRoom
) -> None:
    values = [f"p{n}@example.org" if n % 10 else "info@example.org" for n in range(2000)]
    (found,) = build_profile(files, build({"email": values}).manifest(), count_each=100).columns
    assert not found.distinct_exact
    assert not found.top_exact
    assert 1700 < found.distinct <= 2000
    assert found.top == (TopValue("info@example.org", 200),)
    assert (found.length_max, sum(one.rows for one in found.lengths)) == (17, 2000)


def test_about_is_never_more_than_there_are(build: Build, files: TablesRoom) -> None:
    values = {f"c{at}": [f"v{at}-{n}" for n in range(30)] for at in range(60)}
    found = build_profile(files, build(values).manifest(), count_each=0).columns
    assert max(column.distinct for column in found) == 30


def test_issues_are_counted_by_row_and_column(build: Build, files: TablesRoom) -> None:
    built = build({"email": ["a", "b", "c", None], "age": ["1", "2", "3", "4"]})
    issue = {"code": "x", "severity": "warn", "value": None, "fixed": None, "message": "m"}
    rows = [(0, "email"), (0, "email"), (2, "email"), (3, None)]
    key = table_file(built.table_id, "job_one", "issues.parquet")
    given = pa.Table.from_pylist(
        [{"_row_id": row, "field": name, **issue} for row, name in rows], ISSUES_SCHEMA
    )
    write_issues(files, key, given)
    email, age = build_profile(files, built.manifest(issues=(key,), issues_rows=4)).columns
    assert (email.rows_with_issues, age.rows_with_issues) == (2, 0)
    assert email.invalid_share == pytest.approx(2 / 3)
    hidden = table_file(built.table_id, "job_one", "hidden.parquet")
    write_row_ids(files, hidden, pa.array([2]))
    without = built.manifest(issues=(key,), issues_rows=4, hidden_key=hidden, hidden_rows=1)
    assert build_profile(files, without).columns[0].rows_with_issues == 1


def test_long_values_are_cut(build: Build, files: TablesRoom) -> None:
    (found,) = build_profile(files, build({"a": ["é" * 5000]}).manifest()).columns
    assert found.top == (TopValue("é" * SHOWN_CHARACTERS, 1),)
    assert found.length_max == 5000


def test_hundreds_of_columns_are_described_in_their_order(build: Build, files: TablesRoom) -> None:
    built = build({f"n{at}": [str(at), None] for at in range(150)})
    found = build_profile(files, built.manifest())
    assert [column.top[0].value for column in found.columns] == [str(at) for at in range(150)]


def test_a_wide_table_says_the_same_about_a_column_as_a_narrow_one(build: Build, files: TablesRoom) -> None:
    values: dict[str, list[str | None]] = {
        "city": [None if n % 7 == 0 else ["Köln", "Bonn", "Ulm"][n % 3] for n in range(500)],
        "age": [str(n % 90) for n in range(500)],
        "id": [f"p{n}" for n in range(500)],
        "none": [None] * 500,
    }
    narrow = build_profile(files, build(values).manifest()).columns
    wide = build_profile(
        files, build(values | {f"n{at}": ["x"] * 500 for at in range(100)}).manifest()
    ).columns
    assert wide[:4] == narrow


def test_a_profile_is_the_same_every_time_and_survives_being_stored(build: Build, files: TablesRoom) -> None:
    built = build({"a": [f"v{n}" for n in range(5000)], "b": [str(n / 7) for n in range(5000)]})
    found = build_profile(files, built.manifest())
    key = table_file(built.table_id, "job_one", "profile.json")
    store_profile(files, key, found)
    assert load_profile(files, key) == found == build_profile(files, built.manifest())


def test_a_missing_part_is_not_an_empty_one(build: Build, files: TablesRoom) -> None:
    built = build({"a": ["x"]})
    files.objects.delete(built.parts[0].key)
    with pytest.raises(NotFound):
        build_profile(files, built.manifest())


@given(st.dictionaries(st.integers(0, 10_000), st.integers(1, 50), max_size=60))
def test_bins_cover_every_length_once(counts: dict[int, int]) -> None:
    bins = binned(counts)
    assert len(bins) <= BINS
    assert sum(one.rows for one in bins) == sum(counts.values())
    for one in bins:
        assert one.rows == sum(rows for length, rows in counts.items() if one.low <= length < one.high)
    assert all(left.high == right.low for left, right in pairwise(bins))


def test_what_was_counted_while_writing_makes_the_same_profile(build: Build, files: TablesRoom) -> None:
    counts = ValueCounts()
    built = build()
    for part in range(3):
        rows = range(part * 21_000, part * 21_000 + 21_000)
        columns: Rows = {
            "email": [f"p{n}@example.org" if n % 9 else "info@example.org" for n in rows],
            "city": [None if n % 7 == 0 else ["Köln", "Bonn", "Ulm", "東京"][n % 4] for n in rows],
            "age": [str(n % 90) for n in rows],
            "code": [str(n * 7919 % 20_011 if part else n % 50) for n in rows],
            "none": [None] * 21_000,
        }
        if part == 1:
            columns["late"] = [f"{n % 3} months" for n in rows]
        built.add(columns, counts=counts)
    manifest = built.manifest()
    assert build_profile(files, manifest, counts=counts) == build_profile(files, manifest)
    assert counts.counted("c1") is not None
    email, code = counts.counted("c0"), counts.counted("c3")
    assert email is not None
    assert email.values is None
    assert sum(email.lengths.values()) == 63_000
    assert code is not None
    assert code.values is None
    assert sum(code.lengths.values()) == 63_000


def test_what_was_counted_is_not_believed_where_people_see_other_rows(
    build: Build, files: TablesRoom
) -> None:
    counts = ValueCounts()
    built = build().add({"city": ["Ulm", "Bonn", "Bonn"]}, counts=counts)
    key = table_file(built.table_id, "job_one", "hidden.parquet")
    write_row_ids(files, key, pa.array([1], pa.int64()))
    hidden = built.manifest(hidden_key=key, hidden_rows=1)
    assert build_profile(files, hidden, counts=counts) == build_profile(files, hidden)
    longer = built.add({"city": ["Ulm"]}).manifest()
    assert build_profile(files, longer, counts=counts) == build_profile(files, longer)


def test_a_table_of_many_columns_or_long_values_is_not_counted_in_memory() -> None:
    counts = ValueCounts()
    counts.add(
        {f"c{at}": coded(pa.chunked_array([pa.array(["a"], pa.large_string())])) for at in range(65)}, 1
    )
    assert counts.counted("c0") is None
    counts = ValueCounts()
    counts.add({"c0": coded(pa.chunked_array([pa.array(["a" * 3_000_000, "b"], pa.large_string())]))}, 2)
    found = counts.counted("c0")
    assert found is not None
    assert found.values is None
    assert found.lengths == {3_000_000: 1, 1: 1}
