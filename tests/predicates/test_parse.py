import json
import sys
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from muster.errors import InputError
from muster.predicates.model import (
    MAX_DEPTH,
    MAX_FILTER_CHARACTERS,
    MAX_LEAVES,
    MAX_VALUES,
    AllOf,
    AnyOf,
    Leaf,
    Not,
    Number,
    Operator,
    Predicate,
    to_json,
)
from muster.predicates.parse import parse_filter, predicate_from
from tests.predicates.trees import trees

LEAF = {"field": "a", "op": "eq", "value": "x"}


def refused(raw: str | bytes, pointer: str = "") -> list[tuple[str, str]]:
    """(pointer, code) of every issue."""
    with pytest.raises(InputError) as caught:
        parse_filter(raw, pointer=pointer)
    assert caught.value.error_code == "filter_invalid"
    return [(issue.pointer, issue.code) for issue in caught.value.issues]


def leaf(**members: Any) -> str:
    return json.dumps(LEAF | members)


@pytest.mark.parametrize(
    "raw",
    [
        "",
        " ",
        "{",
        "nonsense",
        '{"all": [}',
        '{"field": "a"} x',
        b"\xff\xfe",
        b'{"field": "\xc3"}',
        "\ufeff{}",
        '"\ud800"',
        "'a'",
    ],
)
def test_what_is_not_json_is_malformed_as_a_whole(raw: str | bytes) -> None:
    assert refused(raw) == [("", "filter_malformed")]


@pytest.mark.parametrize(
    "raw", ["[]", "null", "1", '"eq"', "true", "{}", "NaN", "-Infinity", "1e999", "9" * 5000]
)
def test_what_is_no_node_is_malformed(raw: str) -> None:
    assert refused(raw) == [("", "filter_malformed")]


@pytest.mark.parametrize(
    "opening", ["[", '{"not":', '{"all":[', '{"a":[{"b":'], ids=["array", "not", "all", "mixed"]
)
@pytest.mark.parametrize("closed", [True, False], ids=["closed", "open"])
def test_a_hundred_thousand_levels_are_refused_and_not_followed(opening: str, closed: bool) -> None:
    closing = "".join({"[": "]", "{": "}"}[sign] for sign in reversed(opening) if sign in "[{")
    raw = opening * 100_000 + "1" + (closing * 100_000 if closed else "")
    assert refused(raw) == [("", "filter_too_deep")]


def test_decoded_values_of_any_depth_are_not_followed_either() -> None:
    deep: Any = LEAF
    for _ in range(sys.getrecursionlimit() * 3):
        deep = {"not": deep}
    with pytest.raises(InputError) as caught:
        predicate_from(deep)
    assert [issue.code for issue in caught.value.issues] == ["filter_too_deep"]
    assert caught.value.issues[0].pointer == "/not" * MAX_DEPTH


def test_the_last_level_counts() -> None:
    raw = json.dumps(LEAF)
    for _ in range(MAX_DEPTH - 1):
        raw = f'{{"not": {raw}}}'
    parse_filter(raw)
    assert refused(f'{{"all": [{raw}]}}') == [("/all/0" + "/not" * (MAX_DEPTH - 1), "filter_too_deep")]


def test_the_last_condition_counts() -> None:
    parse_filter(json.dumps({"any": [LEAF] * MAX_LEAVES}))
    assert refused(json.dumps({"any": [LEAF] * (MAX_LEAVES + 50)})) == [
        (f"/any/{MAX_LEAVES}", "filter_too_many_conditions")
    ]


def test_the_last_value_of_a_list_counts_and_the_limit_is_named() -> None:
    parse_filter(leaf(op="in", value=["v"] * MAX_VALUES))
    with pytest.raises(InputError) as caught:
        parse_filter(leaf(op="not_in", value=["v"] * (MAX_VALUES + 1)))
    assert "1,000" in caught.value.issues[0].message


def test_texts_may_not_be_too_long_together() -> None:
    leaves = [{"field": "a", "op": "eq", "value": "x" * 9_999}] * (MAX_FILTER_CHARACTERS // 10_000 + 1)
    assert refused(json.dumps({"all": leaves})) == [("", "filter_too_large")]
    assert refused(" " * 3_000_000) == [("", "filter_too_large")]


@pytest.mark.parametrize(
    ("raw", "pointer", "code"),
    [
        ('{"all": []}', "/all", "filter_group_empty"),
        ('{"any": []}', "/any", "filter_group_empty"),
        ('{"all": {}}', "/all", "filter_group_not_array"),
        ('{"any": null}', "/any", "filter_group_not_array"),
        ('{"not": null}', "/not", "filter_malformed"),
        ('{"not": [1]}', "/not", "filter_malformed"),
        ('{"all": [1]}', "/all/0", "filter_malformed"),
        (f'{{"all": [{leaf()}], "any": [{leaf()}]}}', "", "filter_malformed"),
        (f'{{"all": [{leaf()}], "field": "a"}}', "", "filter_malformed"),
        ('{"op": "eq", "value": "x"}', "/field", "filter_field_invalid"),
        (leaf(field=""), "/field", "filter_field_invalid"),
        (leaf(field=7), "/field", "filter_field_invalid"),
        (leaf(field="x" * 2000), "/field", "filter_field_invalid"),
        (leaf(field="\ud800"), "/field", "filter_field_invalid"),
        ('{"field": "a", "value": "x"}', "/op", "filter_unknown_operator"),
        (leaf(op="EQ"), "/op", "filter_unknown_operator"),
        (leaf(op=["eq"]), "/op", "filter_unknown_operator"),
        (leaf(op={}), "/op", "filter_unknown_operator"),
        (leaf(sql="1=1"), "", "filter_member_unknown"),
        ('{"field": "a", "op": "eq"}', "/value", "filter_value_invalid"),
        (leaf(value=None), "/value", "filter_value_invalid"),
        (leaf(value=""), "/value", "filter_value_invalid"),
        (leaf(value={}), "/value", "filter_value_invalid"),
        (leaf(value=["x"]), "/value", "filter_value_invalid"),
        (leaf(value="x" * 10_001), "/value", "filter_value_invalid"),
        (leaf(value="\ud83d"), "/value", "filter_value_invalid"),
        (leaf(value=float("nan")), "/value", "filter_value_invalid"),
        (leaf(value=float("inf")), "/value", "filter_value_invalid"),
        ('{"field": "a", "op": "lt", "value": 1e999}', "/value", "filter_value_invalid"),
        ('{"field": "a", "op": "lt", "value": ' + "9" * 309 + "}", "/value", "filter_value_invalid"),
        ('{"field": "a", "op": "lt", "value": ' + "9" * 5_000 + "}", "/value", "filter_value_invalid"),
        (leaf(op="lt", value=True), "/value", "filter_value_invalid"),
        (leaf(op="contains", value=5), "/value", "filter_value_invalid"),
        (leaf(op="starts_with", value=False), "/value", "filter_value_invalid"),
        (leaf(op="in"), "/value", "filter_value_invalid"),
        (leaf(op="in", value=[]), "/value", "filter_value_invalid"),
        (leaf(op="in", value=["a", None]), "/value/1", "filter_value_invalid"),
        (leaf(op="in", value=[["a"]]), "/value/0", "filter_value_invalid"),
        (leaf(op="between", value=[1]), "/value", "filter_value_invalid"),
        (leaf(op="between", value=[1, 2, 3]), "/value", "filter_value_invalid"),
        (leaf(op="between", value=[2, 1]), "/value", "filter_value_invalid"),
        (leaf(op="between", value=["b", "a"]), "/value", "filter_value_invalid"),
        (leaf(op="between", value=[1, "2"]), "/value", "filter_value_invalid"),
        (leaf(op="between", value=[False, 1]), "/value/0", "filter_value_invalid"),
        (leaf(op="is_empty", value=True), "/value", "filter_value_invalid"),
        (leaf(ignore_case="yes"), "/ignore_case", "filter_ignore_case_unfit"),
        (leaf(ignore_case=1), "/ignore_case", "filter_ignore_case_unfit"),
        (leaf(ignore_case=None), "/ignore_case", "filter_ignore_case_unfit"),
        (leaf(op="lt", ignore_case=True), "/ignore_case", "filter_ignore_case_unfit"),
        (leaf(value=5, ignore_case=True), "/ignore_case", "filter_ignore_case_unfit"),
        (leaf(op="in", value=["x"] * 101, ignore_case=True), "/ignore_case", "filter_ignore_case_unfit"),
        (leaf(value="x" * 4_001, ignore_case=True), "/ignore_case", "filter_ignore_case_unfit"),
        ('{"field": "a", "field": "b", "op": "is_empty"}', "/field", "filter_member_repeated"),
        ('{"not": {"all": [], "all": []}}', "/not/all", "filter_member_repeated"),
        ('{"a/~b": 1, "a/~b": 2}', "/a~1~0b", "filter_member_repeated"),
    ],
)  # fmt: skip
def test_a_problem_is_found_where_it_is(raw: str, pointer: str, code: str) -> None:
    assert refused(raw, pointer="/filter") == [(f"/filter{pointer}", code)]


def test_all_problems_are_told_at_once() -> None:
    raw = json.dumps(
        {"all": [LEAF | {"op": "equals"}, LEAF, {"not": {"any": [LEAF | {"field": 1, "value": []}]}}]}
    )
    assert refused(raw) == [
        ("/all/0/op", "filter_unknown_operator"),
        ("/all/2/not/any/0/field", "filter_field_invalid"),
        ("/all/2/not/any/0/value", "filter_value_invalid"),
    ]


@pytest.mark.parametrize(
    ("op", "meant"),
    [("=", "`eq`"), ("!=", "`ne`"), ("gte", "`ge`"), ("LIKE", "`contains`"), ("start_with", "`starts_with`"), ("notin", "`not_in`")],
)  # fmt: skip
def test_an_operator_spelled_elsewhere_names_the_one_that_is_meant(op: str, meant: str) -> None:
    with pytest.raises(InputError) as caught:
        parse_filter(leaf(op=op))
    assert meant in caught.value.issues[0].message


def test_no_message_repeats_what_was_sent() -> None:
    secret = "ada.lovelace@example.com"
    raw = json.dumps(
        {"any": [LEAF | {"op": secret}, LEAF | {secret: 1}, secret, LEAF | {"op": "lt", "value": [secret]}]}
    )
    with pytest.raises(InputError) as caught:
        parse_filter(raw)
    assert len(caught.value.issues) == 4
    assert not any(secret in issue.message for issue in caught.value.issues)


def test_a_flood_of_problems_stays_an_answer() -> None:
    leaves = [{"field": "a", "op": "in", "value": [None] * 900}] * 400
    with pytest.raises(InputError) as caught:
        predicate_from({"any": leaves})
    assert caught.value.issues_total < 2_000


def test_a_good_filter_becomes_the_tree_it_says() -> None:
    raw = """{"all": [{"field": "country", "op": "in", "value": ["US", 5, 5.5, true]},
                      {"any": [{"field": "name", "op": "contains", "value": "x", "ignore_case": true},
                               {"not": {"field": "city", "op": "is_empty", "value": null}}]},
                      {"field": "size", "op": "between", "value": [1, 1e3], "ignore_case": false}]}"""
    assert parse_filter(raw) == AllOf(
        (
            Leaf("country", Operator.IN, ("US", Number(5), Number(5.5), True)),
            AnyOf((Leaf("name", Operator.CONTAINS, ("x",), True), Not(Leaf("city", Operator.IS_EMPTY)))),
            Leaf("size", Operator.BETWEEN, (Number(1), Number(1000))),
        )
    )


@settings(max_examples=100, deadline=None)
@given(trees)
def test_a_tree_survives_json(tree: Predicate) -> None:
    again = parse_filter(json.dumps(to_json(tree)).encode())
    assert again == tree
    assert hash(again) == hash(tree)
    assert to_json(again) == to_json(tree)
    assert predicate_from(to_json(tree)) == tree


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5) | st.sampled_from(list(Operator)),
    lambda parts: st.lists(parts, max_size=3)
    | st.dictionaries(st.sampled_from(["all", "any", "not", "field", "op", "value", "ignore_case", "x"]), parts, max_size=4),
    max_leaves=12,
)  # fmt: skip


@settings(max_examples=150, deadline=None)
@given(json_values)
def test_whatever_is_sent_is_a_tree_or_a_refusal_with_reasons(value: Any) -> None:
    refusal = None
    try:
        tree = predicate_from(value)
    except InputError as caught:
        refusal = caught
    if refusal is None:
        assert predicate_from(to_json(tree)) == tree
    else:
        assert refusal.issues
        assert all(issue.message and issue.code.startswith("filter_") for issue in refusal.issues)


def test_true_is_not_one() -> None:
    true, one = Leaf("a", Operator.EQ, (True,)), Leaf("a", Operator.EQ, (Number(1),))
    assert true != one
    assert len({true, one}) == 2
    assert parse_filter(leaf(value=True)) != parse_filter(leaf(value=1))


@pytest.mark.parametrize(
    ("sent", "value", "back"),
    [
        (1.0, 1.0, 1),
        (2**53 + 1, 2.0**53, 2.0**53),
        (-0.0, 0.0, 0),
        (0.1, 0.1, 0.1),
        (10**22, 1e22, 1e22),
    ],
)
def test_a_number_is_the_nearest_float(sent: float, value: float, back: float) -> None:
    tree = predicate_from(LEAF | {"value": sent})
    assert tree == Leaf("a", Operator.EQ, (Number(value),))
    assert json.dumps(to_json(tree)["value"]) == json.dumps(back)
