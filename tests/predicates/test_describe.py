import json
from itertools import product

import pytest
from hypothesis import given, settings

from muster.predicates.describe import describe
from muster.predicates.model import AllOf, AnyOf, Leaf, Not, Number, Operator, Predicate
from muster.predicates.parse import parse_filter
from tests.predicates.trees import trees


def leaf(**members: object) -> dict[str, object]:
    return {"field": "city", "op": "eq", "value": "Rome"} | members


@pytest.mark.parametrize(
    ("filter_", "sentence"),
    [
        (leaf(), "city is Rome"),
        (leaf(op="ne"), "city is not Rome"),
        (leaf(value="New York"), 'city is "New York"'),
        (leaf(value="5"), 'city is "5"'),
        (leaf(value=5), "city is 5"),
        (leaf(value=1234567.5), "city is 1234567.5"),
        (leaf(value=50000), "city is 50,000"),
        (leaf(value=True), "city is true"),
        (leaf(value="true"), 'city is "true"'),
        (leaf(op="ge", value=50), "city is at least 50"),
        (leaf(op="lt", value="2025-01-15"), 'city is before "2025-01-15"'),
        (leaf(op="between", value=[1, 9]), "city is between 1 and 9"),
        (leaf(op="in", value=["Rome", "New York", 5]), 'city is one of (Rome, "New York", 5)'),
        (leaf(op="not_in", value=["Rome"]), "city is not one of (Rome)"),
        (leaf(op="contains"), 'city contains "Rome"'),
        (leaf(op="not_contains"), 'city does not contain "Rome"'),
        (leaf(op="starts_with", ignore_case=True), 'city starts with "Rome" (ignoring case)'),
        (leaf(op="ends_with"), 'city ends with "Rome"'),
        ({"field": "city", "op": "is_empty"}, "city is empty"),
        ({"field": "home city", "op": "is_not_empty"}, '"home city" is not empty'),
        ({"field": "and", "op": "is_empty"}, '"and" is empty'),
        ({"not": leaf()}, "not (city is Rome)"),
        (
            {
                "all": [
                    leaf(),
                    {"any": [leaf(field="size", op="ge", value=50), leaf(field="tags", op="contains")]},
                ]
            },
            'city is Rome and (size is at least 50 or tags contains "Rome")',
        ),
        (
            {"any": [{"all": [leaf()]}, {"all": [leaf(), leaf()]}]},
            "city is Rome or (city is Rome and city is Rome)",
        ),
    ],
)
def test_a_filter_reads_as_a_sentence(filter_: dict[str, object], sentence: str) -> None:
    assert describe(parse_filter(json.dumps(filter_))) == sentence


def test_long_texts_and_lists_are_cut_and_say_so() -> None:
    assert describe(Leaf("f", Operator.EQ, ("x" * 200,))) == f'f is "{"x" * 80}"… (200 characters)'
    many = tuple(Number(at) for at in range(1_010))
    assert (
        describe(Leaf("f", Operator.IN, many)) == "f is one of (0, 1, 2, 3, 4, 5, 6, 7, 8, 9 and 1,000 more)"
    )


def test_a_sentence_has_nothing_in_it_that_cannot_be_seen() -> None:
    # A right-to-left override would turn the rest of the sentence around.
    told = describe(Leaf("a\u202eb", Operator.EQ, ('x"\n\u2028\0\u202e y',)))
    assert told == r'"a\u202eb" is "x\"\n\u2028\u0000\u202e y"'


@settings(max_examples=100, deadline=None)
@given(trees)
def test_every_tree_has_a_sentence(tree: Predicate) -> None:
    told = describe(tree)
    assert told.isprintable()
    assert told == describe(tree)


def test_small_trees_with_different_shapes_have_different_sentences() -> None:
    parts: list[Predicate] = [
        *(
            Leaf("a", Operator.EQ, (value,))
            for value in ("b", 'b"', "true", True, "5", Number(5), "b or a is b")
        ),
        Leaf("a is b or a", Operator.EQ, ("b",)),
        Leaf("a", Operator.NE, ("b",)),
        Leaf("a", Operator.EQ, ("not b",)),
        Leaf("a", Operator.EQ, ("b",), ignore_case=True),
        Leaf("a", Operator.EQ, ("b (ignoring case)",)),
        Leaf("a", Operator.IN, ("b", "c")),
        Leaf("a", Operator.IN, ("b, c",)),
        Leaf("a", Operator.IS_EMPTY),
        Leaf("a", Operator.EQ, ("empty",)),
        Leaf("a", Operator.GE, (Number(5),)),
        Leaf("a", Operator.GE, ("5",)),
    ]
    pairs = [group((one, other)) for one, other in product(parts, parts) for group in (AllOf, AnyOf)]
    few = [*pairs[:3], *(Not(pair) for pair in pairs[:3])]
    nested = [
        group((one, other)) for one, other in product(few, [*few, *parts[:2]]) for group in (AllOf, AnyOf)
    ]
    all_trees = [*parts, *(Not(part) for part in parts), *pairs, *nested]
    assert len({describe(tree) for tree in all_trees}) == len(set(all_trees))
