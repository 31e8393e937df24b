"""Columns taken apart: whatever pieces they come in, each row still has its value."""

import pyarrow as pa
import pytest

from muster.tables.coded import coded


def test_all_pieces_of_a_column_count_by_the_same_different_values() -> None:
    pieces = [["a", "b", None], ["c", "a"], [], ["b", None, "d"]]
    column = pa.chunked_array([pa.array(piece, pa.large_string()) for piece in pieces])
    text = coded(column)
    assert text.different is not None
    assert text.which is not None
    assert sorted(text.different.to_pylist()) == ["a", "b", "c", "d"]
    assert text.different.take(text.which.combine_chunks()).to_pylist() == column.to_pylist()


@pytest.mark.parametrize("pieces", [[], [[]], [[None]]])
def test_a_column_without_a_value_has_no_different_ones(pieces: list[list[None]]) -> None:
    column = pa.chunked_array([pa.array(piece, pa.large_string()) for piece in pieces], pa.large_string())
    text = coded(column)
    assert text.different is not None
    assert text.which is not None
    assert (len(text.different), text.which.null_count) == (0, len(column))


def test_a_column_whose_values_hardly_come_again_stays_whole() -> None:
    column = pa.chunked_array([pa.array([f"p{at}@example.org" for at in range(21_000)], pa.large_string())])
    assert coded(column).different is None
