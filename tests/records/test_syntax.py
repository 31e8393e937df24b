import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from muster.records.syntax import invalid_utf8_at, is_deeper_than, too_deep_at


def depth(value: object) -> int:
    if isinstance(value, dict):
        return 1 + max((depth(inner) for inner in value.values()), default=0)
    if isinstance(value, list):
        return 1 + max((depth(inner) for inner in value), default=0)
    return 0


json_values = st.recursive(
    st.none() | st.integers() | st.text(alphabet='[]{}"\\ab', max_size=12),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.text(alphabet='[]{}"\\', max_size=4), inner, max_size=3)
    ),
    max_leaves=30,
)


@given(json_values, st.integers(1, 8))
def test_depth_is_judged_as_by_walking_the_value(value: object, levels: int) -> None:
    assert is_deeper_than(levels, json.dumps(value).encode()) == (depth(value) > levels)


def test_the_position_is_that_of_the_first_bracket_too_many() -> None:
    text = b'["\\"[[", ' + b"[" * 64 + b"]" * 65
    assert too_deep_at(text) == text.index(b"[[[") + 63
    assert too_deep_at(b"[" * 64 + b"]" * 64) is None


@given(st.binary(max_size=200), st.integers(0, 3))
def test_utf8_is_judged_as_by_the_standard_decoder(tail: bytes, offset: int) -> None:
    body = "é".encode() * (65_536 // 2 - offset) + b"x" * offset + tail
    assert invalid_utf8_at(body) == _standard_answer(body)


def _standard_answer(body: bytes) -> int | None:
    try:
        body.decode()
    except UnicodeDecodeError as error:
        return error.start
    return None


@pytest.mark.parametrize("cut", range(1, 4))
def test_a_character_over_the_edge_of_a_piece_is_whole(cut: int) -> None:
    emoji = "\U0001f600".encode()
    assert invalid_utf8_at(b"x" * (65_536 - cut) + emoji) is None
    assert invalid_utf8_at(b"x" * (65_536 - cut) + emoji[:3]) == 65_536 - cut
