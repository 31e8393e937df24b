import pytest

from muster.errors import InputError
from muster.predicates.check import check
from muster.predicates.model import AllOf, AnyOf, Leaf, Not, Operator


def empty(field: str) -> Leaf:
    return Leaf(field, Operator.IS_EMPTY)


def test_every_unknown_field_is_told_with_its_place() -> None:
    tree = AllOf((empty("email"), Not(empty("emial")), AnyOf((empty("zzz"), empty("email")))))
    with pytest.raises(InputError) as caught:
        check(tree, {"email", "E-Mail", "city"}, pointer="/filter")
    assert caught.value.error_code == "filter_invalid"
    assert [(issue.pointer, issue.field, issue.code) for issue in caught.value.issues] == [
        ("/filter/all/1/not/field", "emial", "filter_unknown_field"),
        ("/filter/all/2/any/0/field", "zzz", "filter_unknown_field"),
    ]
    assert "`email`" in caught.value.issues[0].message
    assert "Did you mean" not in caught.value.issues[1].message


def test_a_field_in_another_case_is_unknown_but_found_as_close() -> None:
    with pytest.raises(InputError) as caught:
        check(empty("EMAIL"), ["Email"])
    assert "`Email`" in caught.value.issues[0].message


def test_known_fields_pass() -> None:
    check(AllOf((empty("a"), empty(""))), ("a", ""))


def test_an_absurd_name_against_thousands_of_fields_is_answered() -> None:
    with pytest.raises(InputError):
        check(empty("x" * 1_000), [f"field_{at}" for at in range(5_000)])
