"""Warnings and fixes, and ids of hidden rows, as files."""

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from muster.tables.issues import ISSUES_SCHEMA, write_issues, write_row_ids
from muster.tables.room import TablesRoom

KEY = "tables/xx/t/job_one/issues-00000.parquet"


def issues(*rows: tuple[int, str]) -> pa.Table:
    return pa.Table.from_pylist(
        [
            {
                "_row_id": row,
                "field": field,
                "code": "email_syntax",
                "severity": "warn",
                "value": "x",
                "fixed": None,
                "message": "m",
            }
            for row, field in rows
        ],
        schema=ISSUES_SCHEMA,
    )


def test_issues_are_sorted_by_row_and_keep_their_order_within_one(files: TablesRoom) -> None:
    given = [(9, "a"), (2, "z"), (2, "b"), (0, "c"), (2, "a")]
    assert write_issues(files, KEY, issues(*given)).rows == 5
    stored = pq.read_table(files.cache.path(KEY))
    assert stored.schema.equals(ISSUES_SCHEMA)
    assert [(row["_row_id"], row["field"]) for row in stored.to_pylist()] == [
        (0, "c"),
        (2, "z"),
        (2, "b"),
        (2, "a"),
        (9, "a"),
    ]


def test_no_issues_are_a_file_of_the_same_columns(files: TablesRoom) -> None:
    write_issues(files, KEY, issues())
    assert pq.read_schema(files.cache.path(KEY)).equals(ISSUES_SCHEMA)


def test_a_table_that_lacks_a_column_of_issues_is_refused(files: TablesRoom) -> None:
    with pytest.raises(KeyError):
        write_issues(files, KEY, pa.table({"_row_id": [1]}))


def test_ids_of_hidden_rows_are_sorted_and_each_there_once(files: TablesRoom) -> None:
    assert write_row_ids(files, KEY, pa.array([5, 1, 5, 3], pa.int32())).rows == 3
    assert pq.read_table(files.cache.path(KEY)).to_pydict() == {"_row_id": [1, 3, 5]}
