from muster.records.fields import union_of_keys


def test_keys_are_listed_in_order_of_first_appearance_over_all_chunks() -> None:
    chunks = [b'{"b":1,"a":{"x":1}},{"c":null}', b'{"a":2,"\\u0064":3,"b":1,"b":2}']
    assert union_of_keys(chunks) == ["b", "a", "c", "d"]


def test_no_records_have_no_keys() -> None:
    assert union_of_keys([]) == []
