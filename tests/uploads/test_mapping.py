"""Columns of a file become columns of a table."""

import pyarrow as pa
import pytest

from muster.errors import InputError
from muster.uploads.mapping import ColumnMapping, Mapping, apply_mapping, mapping_json, parse_mapping


def table(**columns: list[str | None]) -> pa.Table:
    return pa.table({name: pa.array(values, pa.large_string()) for name, values in columns.items()})


def test_every_mistake_of_a_mapping_is_named_with_its_place() -> None:
    with pytest.raises(InputError) as refused:
        parse_mapping(
            {
                "keep_others": "yes",
                "columns": [
                    7,
                    {"to": ["email"]},
                    {"from": ["a", "b"], "to": ["c", "d"]},
                    {"from": "x", "to": "email"},
                    {"from": "y", "to": "email"},
                    {"from": "z", "to": [""], "separator": 9},
                ],
            }
        )
    assert {issue.pointer for issue in refused.value.issues} == {
        "/mapping/keep_others",
        "/mapping/columns/0",
        "/mapping/columns/1/from",
        "/mapping/columns/2",
        "/mapping/columns/4/to",
        "/mapping/columns/5/to",
        "/mapping/columns/5/separator",
    }
    with pytest.raises(InputError):
        parse_mapping([])


def test_a_mapping_survives_being_stored() -> None:
    mapping = Mapping((ColumnMapping(("Name",), ("first", "last"), ", "), ColumnMapping(("x",), ())), False)
    assert parse_mapping(mapping_json(mapping)) == mapping


def test_renamed_columns_stay_in_the_order_of_the_file_and_others_keep_their_name() -> None:
    mapping = Mapping((ColumnMapping(("E-Mail",), ("email",)),))
    result = apply_mapping(mapping, table(Notes=["n"], **{"E-Mail": ["a@b.c"]}, Town=["t"]))
    assert result.to_pydict() == {"Notes": ["n"], "email": ["a@b.c"], "Town": ["t"]}
    assert result.column_names == ["Notes", "email", "Town"]


def test_a_kept_column_makes_way_for_a_mapped_one_of_its_name() -> None:
    mapping = Mapping((ColumnMapping(("E-Mail",), ("email",)),))
    result = apply_mapping(mapping, table(email=["other"], **{"E-Mail": ["a@b.c"]}))
    assert result.to_pydict() == {"email (2)": ["other"], "email": ["a@b.c"]}


def test_a_name_is_split_and_short_ones_leave_the_rest_empty() -> None:
    mapping = Mapping((ColumnMapping(("Name",), ("first", "last")),))
    result = apply_mapping(mapping, table(Name=["Ada  King Lovelace", "Cher", None, "  "]))
    assert result.to_pydict() == {
        "first": ["Ada", "Cher", None, None],
        "last": ["King Lovelace", None, None, None],
    }


def test_a_split_at_a_separator_trims_the_pieces() -> None:
    mapping = Mapping((ColumnMapping(("Place",), ("town", "country"), ","),))
    result = apply_mapping(mapping, table(Place=["Bonn, DE", ",FR", "Oslo,"]))
    assert result.to_pydict() == {"town": ["Bonn", None, "Oslo"], "country": ["DE", "FR", None]}


def test_joined_columns_leave_empty_ones_out() -> None:
    mapping = Mapping((ColumnMapping(("First", "Last"), ("name",)),))
    result = apply_mapping(mapping, table(First=["Ada", None, None], Last=["King", "Cher", None]))
    assert result.to_pydict() == {"name": ["Ada King", "Cher", None]}


def test_dropped_and_missing_columns() -> None:
    mapping = Mapping(
        (ColumnMapping(("secret",), ()), ColumnMapping(("gone",), ("email",))), keep_others=False
    )
    result = apply_mapping(mapping, table(secret=["x"], other=["y"]))
    assert result.to_pydict() == {"email": [None]}


def test_a_table_in_several_chunks_maps_the_same() -> None:
    whole = table(Name=["Ada King", "Cher", None, "A B C"])
    chunked = pa.concat_tables([whole.slice(0, 1), whole.slice(1, 3)])
    mapping = Mapping((ColumnMapping(("Name",), ("first", "last")),))
    assert apply_mapping(mapping, chunked).to_pydict() == apply_mapping(mapping, whole).to_pydict()
