"""The body around the records: members in any order, and bodies that are almost JSON."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from muster.errors import InputError
from tests.records.test_parse import GOOD, batch, parse, refusal, stored


@pytest.mark.parametrize(
    "body",
    [
        b'{"upload_name":"x","records":[' + GOOD + b'],"fields":["email"]}',
        b'{"records":[' + GOOD + b'],"upload_name":"x","fields":["email"]}',
        b'{"fields":["email"],"records" : \n[' + GOOD + b' ] , "upload_name":"x"}\n ',
        b'{"fields":["email"],"records":[{}],"upload_name":"x","records":[' + GOOD + b"]}",
        b'{"fields":["email"],"note":"\\"records\\":[","upload_name":"x","records":[' + GOOD + b"]}",
        b'{"fields":["email"],"note":{"records":[1]},"upload_name":"x","records":[' + GOOD + b"]}",
        b'{"fields":["email"],"upload_name":"x","records":[' + GOOD + b'],"note":["],\\"fields\\":"]}',
        b'{"fields":["email"],"upload_name":"x","rec\\u006frds":[' + GOOD + b"]}",
        b'{"fields":["email"],"pad":"' + b"x" * 90_000 + b'","upload_name":"x","records":[' + GOOD + b"]}",
        b'{"records":[' + GOOD + b'],"upload_name":"x","fields":["email"],"pad":"' + b"x" * 90_000 + b'"}',
    ],
    ids=range(10),
)
def test_members_stand_in_any_order_and_lookalikes_do_not_mislead(body: bytes) -> None:
    parsed = parse(body)
    assert (parsed.upload_name, parsed.fields, parsed.rows_accepted) == ("x", ("email",), 1)
    assert stored(parsed).replace(b" ", b"") == b"[" + GOOD + b"]"


@pytest.mark.parametrize(
    "body",
    [
        b'{"upload_name":"x","records":[' + GOOD + b"]",
        b'{"upload_name":"x","records":[' + GOOD + b"}",
        b'{"upload_name":"x","records":[' + GOOD + b"]}}",
        b'{"upload_name":"x","records":[' + GOOD + b"]]}",
        b'{"upload_name":"x","records":[' + GOOD + b"]},",
        b'{"upload_name":"x","records":[' + GOOD + b" " + GOOD + b"]}",
        b'{"upload_name":"x","records":[,' + GOOD + b"]}",
        b'{"upload_name":"x","records":[' + GOOD + b'],"fields":}',
        b'{"upload_name":"x","records":[' + GOOD + b'],"fields":[}',
        b'{"upload_name":"x",,"records":[' + GOOD + b"]}",
        b'{"upload_name":"x","records":[' + GOOD + b'] "fields":[]}',
        b'{"upload_name":"x","records":[' + b",".join([GOOD] * 9000) + b',{"email"}]}',
        b'{"upload_name":"x","records":[' + b",".join([GOOD] * 9000) + b"," + b"[" * 3000 + b"]}",
    ],
    ids=range(13),
)
def test_a_body_that_is_not_json_is_refused_wherever_it_breaks(body: bytes) -> None:
    with pytest.raises((ValueError, RecursionError)):
        json.loads(body)
    assert refusal(body).error_code in {"malformed_json", "nesting_too_deep"}


def test_of_two_arrays_of_records_the_last_counts_as_for_any_json_reader() -> None:
    body = b'{"upload_name":"x","records":[' + GOOD + b'],"records":[{"domain":"example.org"}]}'
    assert stored(parse(body)) == b'[{"domain":"example.org"}]'
    assert refusal(body[:-1] + b',"records":5}').error_code == "records_not_array"


@settings(max_examples=300, deadline=None)
@given(data=st.data())
def test_a_damaged_body_is_taken_exactly_when_a_strict_reader_takes_it(data: st.DataObject) -> None:
    body = bytearray(batch(b"[" + GOOD + b', {"domain": "x", "n": [1.5e3, {"a": "],}"}]}]', fields=["n"]))
    for _ in range(data.draw(st.integers(1, 3))):
        position = data.draw(st.integers(0, len(body) - 1))
        change = data.draw(st.sampled_from(["delete", "double", "replace"]))
        if change == "delete":
            del body[position]
        elif change == "double":
            body.insert(position, body[position])
        else:
            body[position] = data.draw(st.sampled_from(b'{}[],:"\\ 0en\n'))
    try:
        reference = json.loads(bytes(body))
    except ValueError:
        reference = None
    if reference is None:
        assert refusal(bytes(body)).error_code in {"malformed_json", "body_not_object", "empty_body"}
        return
    taken = _records_or_code(bytes(body))
    if isinstance(taken, str):
        assert taken != "malformed_json"
    else:
        assert taken == (reference["records"] if isinstance(reference, dict) else reference)


def _records_or_code(body: bytes) -> str | list[object]:
    try:
        records: list[object] = json.loads(stored(parse(body, upload_name="query")))
    except InputError as error:
        return error.error_code
    return records
