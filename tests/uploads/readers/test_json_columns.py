"""JSON values as text: exact, and counted by kind."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from muster.uploads.readers.json_columns import columns_of, names_of, texts_of
from muster.uploads.readers.json_records import (
    COLUMN_NAME_TOO_LONG,
    MAX_COLUMNS,
    NO_NAME,
    RECORD_EMPTY,
    TOO_MANY_COLUMNS,
    Records,
    read_array,
    read_each,
)


def columns(text: bytes) -> dict[str, list[str | None]]:
    records = read_array(text)
    assert records is not None
    assert not records.bad
    return {column.name: column.texts.to_pylist() for column in columns_of(records.good)}


def kinds(text: bytes) -> dict[str, dict[str, int]]:
    records = read_array(text)
    assert records is not None
    return {column.name: dict(column.kinds) for column in columns_of(records.good)}


@pytest.mark.parametrize(
    "number",
    ["0", "-0", "1.0", "1e5", "1E+5", "-0.0", "12345678901234567890", "0.1000", "1e400", "-1", "9" * 5000],
)
def test_a_number_keeps_the_digits_it_was_sent_with(number: str) -> None:
    assert columns(b'{"n":%b},{"n":%b}' % (number.encode(), b"1")) == {"n": [number, "1"]}
    nested = columns(b'{"n":{"x": [%b]}}' % number.encode())
    assert nested == {"n": [f'{{"x":[{number}]}}']}


def test_words_nulls_and_nested_values_are_text_and_counted_by_kind() -> None:
    text = b'{"a":true,"b":null,"c":{"x": 1}},{"a":false,"c":[ 1, "\\u00e9" ]},{"a":"true","b":"","c":"t"}'
    assert columns(text) == {
        "a": ["true", "false", "true"],
        "b": [None, None, None],
        "c": ['{"x":1}', '[1,"é"]', "t"],
    }
    assert kinds(text) == {
        "a": {"boolean": 2, "text": 1},
        "b": {"null": 1, "missing": 1, "text": 1},
        "c": {"object": 1, "array": 1, "text": 1},
    }


def test_keys_that_differ_by_case_are_columns_of_their_own_and_the_last_of_equal_ones_wins() -> None:
    assert columns(b'{"Email":"a","email":"b","email":"c"}') == {"Email": ["a"], "email": ["c"]}


def test_an_empty_key_and_one_with_a_nul_are_columns() -> None:
    assert columns(b'{"":"a","x\\u0000y":"b"}') == {NO_NAME: ["a"], "x\0y": ["b"]}


def test_columns_stand_in_order_of_first_appearance() -> None:
    assert names_of([{"b": 1}, {"a": 1, "b": 2}, {"c": 1}, {"b": 3, "a": 1}]) == ["b", "a", "c"]


@pytest.mark.parametrize(
    ("record", "code"),
    [
        (b"{}", RECORD_EMPTY),
        (json.dumps({f"k{n}": 1 for n in range(MAX_COLUMNS + 1)}).encode(), TOO_MANY_COLUMNS),
        (json.dumps({"k" * 1001: 1}).encode(), COLUMN_NAME_TOO_LONG),
        (b"[" * 20 + b"]" * 20, "record_not_object"),
        (b'{"a":' + b"[" * 64 + b"]" * 64 + b"}", "record_malformed"),
        (b'{"a":' + b"[" * 100_000 + b"]" * 100_000 + b"}", "record_malformed"),
        (b'{"a":"\xff"}', "record_malformed"),
        (b'{"a":"\\ud800"}', "record_malformed"),
        (b'{"a":NaN}', "record_malformed"),
        (b'{"a":1},{"b":2}', "record_malformed"),
        (b"", "record_malformed"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_record_that_is_none_leaves_its_neighbours_alone(record: bytes, code: str) -> None:
    records = read_each([b'{"a":"1"}', record, b'{"a":"2"}'])
    assert [(bad.index, bad.code) for bad in records.bad] == [(1, code)]
    assert list(records.indexes) == [0, 2]
    assert records.good == [{"a": "1"}, {"a": "2"}]


def test_a_list_cut_anywhere_is_the_same_list() -> None:
    whole = read_each([b'{"a":1}', b"x", b'{"a":2}', b"{}", b'{"a":3}'])
    for cut in range(6):
        parts = (whole.up_to(cut), whole.from_index(cut))
        assert sum(part.received for part in parts) == 5
        assert [record for part in parts for record in part.good] == whole.good
        assert [bad.index + base for part, base in zip(parts, (0, cut), strict=True) for bad in part.bad] == [
            1,
            3,
        ]


_text = st.text(st.characters(codec="utf-8"), max_size=8)
_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**70), 2**70)
    | st.floats(allow_nan=False, allow_infinity=False)
    | _text,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_text, inner, max_size=3),
    max_leaves=8,
)
_records = st.lists(st.dictionaries(_text, _values, min_size=1, max_size=6), min_size=1, max_size=12)


def expected(value: Any) -> str | None:
    """The rule in the plainest words there are: Python's own JSON, with its own number texts."""
    if value is None or value == "":
        return None
    if isinstance(value, str):
        return value
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)


@given(_records)
def test_any_records_give_what_the_json_module_reads(sent: list[dict[str, Any]]) -> None:
    texts = [json.dumps(record).encode() for record in sent]
    for records in (read_each(texts), read_array(b" , ".join(texts))):
        assert isinstance(records, Records)
        assert not records.bad
        found = {column.name: column.texts.to_pylist() for column in columns_of(records.good)}
        for index, text in enumerate(texts):
            for name, value in json.loads(text).items():
                text_found = found[name or NO_NAME][index]
                if not isinstance(value, (dict, list, float)):
                    assert text_found == expected(value)
                elif text_found is not None:
                    assert json.loads(text_found) == value
        first = {name: values[0] for name, values in found.items() if values[0] is not None}
        assert {k: v for k, v in texts_of(records.good[0]).items() if v is not None} == first
