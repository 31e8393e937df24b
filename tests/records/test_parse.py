import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from muster.errors import MAX_ISSUES_SHOWN, InputError
from muster.records.chunks import CHUNK_BYTES
from muster.records.parse import BatchQuery, OnInvalid, ParsedBatch, parse_batch

GOOD = b'{"email":"a@example.org"}'


def parse(body: bytes, *, max_records: int = 50_000, ndjson: bool = False, **query: Any) -> ParsedBatch:
    return parse_batch(body, max_records=max_records, query=BatchQuery(**query), ndjson=ndjson)


def batch(records: bytes, **members: object) -> bytes:
    head = {"upload_name": "Spring", **members}
    return json.dumps(head).encode()[:-1] + b',"records":' + records + b"}"


def refusal(body: bytes, **options: Any) -> InputError:
    with pytest.raises(InputError) as refused:
        parse(body, **options)
    return refused.value


def stored(parsed: ParsedBatch) -> bytes:
    return b"[" + b",".join(chunk.json for chunk in parsed.chunks) + b"]"


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"", "empty_body"),
        (b" \n", "empty_body"),
        (b"nope", "malformed_json"),
        (b"{", "malformed_json"),
        (b'{"upload_name":"x","records":[' + GOOD + b"]}x", "malformed_json"),
        (b'{"upload_name":"x","records":[' + GOOD + b",]}", "malformed_json"),
        (b'{"upload_name":"x","records":[{"email":NaN}]}', "malformed_json"),
        (b'{"upload_name":"x","records":[{"email":"a","n":Infinity}]}', "malformed_json"),
        (b'{"upload_name":"x","records":[{"email":"a","n":01}]}', "malformed_json"),
        (b'{"upload_name":"x","records":[{"email":"a","x":"\\ud800"}]}', "malformed_json"),
        (b'{"upload_name":"x","records":[{"email":"a","x":"\\udc00 "}]}', "malformed_json"),
        (b'{"upload_name":"\\ud800","records":[' + GOOD + b"]}", "malformed_json"),
        (b'"text"', "body_not_object"),
        (b"5", "body_not_object"),
        (b"null", "body_not_object"),
        (b'{"records":[' + GOOD + b"]}", "upload_name_missing"),
        (batch(b"[" + GOOD + b"]", upload_name=None), "upload_name_not_text"),
        (batch(b"[" + GOOD + b"]", upload_name=5), "upload_name_not_text"),
        (batch(b"[" + GOOD + b"]", upload_name=""), "upload_name_empty"),
        (batch(b"[" + GOOD + b"]", upload_name="x" * 101), "upload_name_too_long"),
        (batch(b"[" + GOOD + b"]", upload_name="a\0b"), "upload_name_has_nul"),
        (b'{"upload_name":"x"}', "records_missing"),
        (batch(b"null"), "records_not_array"),
        (batch(b"{}"), "records_not_array"),
        (batch(b'"x"'), "records_not_array"),
        (batch(b"[]"), "records_empty"),
        (batch(b"[ \n]"), "records_empty"),
        (batch(b"[" + GOOD + b"]", fields="email"), "fields_not_names"),
        (batch(b"[" + GOOD + b"]", fields=[1]), "fields_not_names"),
        (batch(b"[" + GOOD + b"]", on_invalid="ignore"), "on_invalid_unknown"),
        (batch(b"[" + GOOD + b"]", on_invalid=[]), "on_invalid_unknown"),
        (batch(b"[5]"), "records_invalid"),
    ],
    ids=lambda value: value if isinstance(value, str) else repr(value[:40]),
)
def test_a_wrong_body_is_refused_with_its_code(body: bytes, code: str) -> None:
    error = refusal(body)
    assert error.error_code == code
    assert error.issues_total >= 1
    assert error.message.endswith((".", ")"))


@pytest.mark.parametrize(
    ("record", "code", "field"),
    [
        (b"5", "record_not_object", None),
        (b"null", "record_not_object", None),
        (b'"a@example.org"', "record_not_object", None),
        (b'["a@example.org"]', "record_not_object", None),
        (b"{}", "identity_missing", None),
        (b'{"first_name":"Ana"}', "identity_missing", None),
        (b'{"email":null}', "identity_missing", None),
        (b'{"Email":"a@example.org"}', "identity_missing", None),
        (b'{"email":""}', "identity_blank", "email"),
        (b'{"domain":" \\t\\n"}', "identity_blank", "domain"),
        (b'{"domain":"\\u00a0\\u3000"}', "identity_blank", "domain"),
        (b'{"email":"","business_email":" "}', "identity_blank", "business_email"),
        (b'{"email":5}', "identity_not_text", "email"),
        (b'{"company_domain":["x"]}', "identity_not_text", "company_domain"),
        (b'{"email":"","domain":true}', "identity_not_text", "domain"),
        (b'{"email":"a@example.org","email":""}', "identity_blank", "email"),
    ],
    ids=lambda value: value.decode() if isinstance(value, bytes) else None,
)
def test_a_record_without_identity_is_reported_with_its_row(
    record: bytes, code: str, field: str | None
) -> None:
    error = refusal(batch(b"[" + GOOD + b"," + record + b"," + GOOD + b"]"))
    (issue,) = error.issues
    assert (issue.row, issue.field, issue.code) == (1, field, code)
    assert issue.pointer == ("/records/1" if field is None else f"/records/1/{field}")


@pytest.mark.parametrize(
    "record",
    [
        b'{"email":5,"domain":"example.org"}',
        b'{"email":null,"company_domain":"example.org"}',
        b'{"business_email":"","personal_email":"a@example.org"}',
        b'{"email":"not an address but text"}',
        b'{"email":"","email":"a@example.org"}',
        b'{"e\\u006dail":"a@example.org"}',
    ],
    ids=bytes.decode,
)
def test_one_usable_identifier_is_enough(record: bytes) -> None:
    assert parse(batch(b"[" + record + b"]")).rows_accepted == 1


def test_the_first_hundred_issues_are_listed_and_all_are_counted() -> None:
    error = refusal(batch(b"[" + b",".join([b"{}"] * 5000) + b"]"))
    assert error.issues_total == 5000
    assert [issue.row for issue in error.issues] == list(range(MAX_ISSUES_SHOWN))


def test_everything_wrong_is_reported_at_once() -> None:
    error = refusal(b'{"upload_name":"","fields":1,"on_invalid":2,"records":[{},5]}')
    assert [issue.code for issue in error.issues] == [
        "upload_name_empty",
        "fields_not_names",
        "on_invalid_unknown",
        "identity_missing",
        "record_not_object",
    ]


def test_names_are_counted_in_characters_not_bytes() -> None:
    assert parse(batch(b"[" + GOOD + b"]", upload_name="ß" * 100)).upload_name == "ß" * 100
    assert parse(batch(b"[" + GOOD + b"]", upload_name="\U0001f600" * 100)).rows_accepted == 1
    assert refusal(batch(b"[" + GOOD + b"]", upload_name="ß" * 101)).error_code == "upload_name_too_long"


def test_the_limit_on_records_is_exact_and_says_how_to_split() -> None:
    assert parse(batch(b"[" + b",".join([GOOD] * 7) + b"]"), max_records=7).rows_accepted == 7
    error = refusal(batch(b"[" + b",".join([GOOD] * 15) + b"]"), max_records=7)
    assert error.error_code == "records_too_many"
    assert "15 records" in error.message
    assert "limit is 7" in error.message
    assert "3 requests" in error.message


def test_skip_keeps_bad_records_aside_with_rows_and_bytes_as_sent() -> None:
    parsed = parse(batch(b'[{ "a" : 1 },' + GOOD + b",5]", on_invalid="skip"))
    assert parsed.on_invalid is OnInvalid.SKIP
    assert stored(parsed) == b"[" + GOOD + b"]"
    assert [(record.issue.row, record.raw) for record in parsed.rejected] == [(0, b'{ "a" : 1 }'), (2, b"5")]
    assert (parsed.rows_received, parsed.rows_accepted) == (3, 1)


def test_skip_does_not_excuse_the_envelope() -> None:
    assert refusal(batch(b"[" + GOOD + b"]", on_invalid="skip", upload_name="")).issues_total == 1


def test_a_bare_array_takes_its_name_from_the_query() -> None:
    parsed = parse(b" [" + GOOD + b"] ", upload_name="Bare", fields=("email",))
    assert (parsed.upload_name, parsed.fields, parsed.rows_accepted) == ("Bare", ("email",), 1)
    assert refusal(b"[" + GOOD + b"]").error_code == "upload_name_missing"
    assert refusal(b"[5]", upload_name="x").issues[0].pointer == "/0"


def test_what_the_body_says_outranks_the_query() -> None:
    parsed = parse(batch(b"[" + GOOD + b"]", upload_name="Body"), upload_name="Query")
    assert parsed.upload_name == "Body"


def test_a_byte_order_mark_is_ignored() -> None:
    assert parse(b"\xef\xbb\xbf" + batch(b"[" + GOOD + b"]")).rows_accepted == 1


def test_unknown_members_are_ignored() -> None:
    assert parse(batch(b"[" + GOOD + b"]", colour={"a": [1, 2]})).rows_accepted == 1


@pytest.mark.parametrize("where", ["record", "envelope", "ignored member"])
def test_nesting_is_allowed_to_64_levels_and_no_further(where: str) -> None:
    def body(levels: int) -> bytes:
        inner = b"[" * levels + b"]" * levels
        if where == "record":
            return batch(b'[{"email":"a","x":' + inner + b"}]")
        if where == "envelope":
            return b'{"upload_name":"x","y":' + inner + b',"records":[' + GOOD + b"]}"
        return b'[{"email":"a","pad":"' + b"[" * 500 + b'","x":' + inner + b"}]"

    outside = {"record": 3, "envelope": 1, "ignored member": 2}[where]
    assert parse(body(64 - outside), upload_name="x").rows_accepted == 1
    error = refusal(body(65 - outside), upload_name="x")
    assert error.error_code == "nesting_too_deep"
    assert "at byte" in error.message


def test_brackets_inside_text_are_not_nesting() -> None:
    record = json.dumps({"email": "a", "x": '[{"\\' * 300}).encode()
    assert parse(batch(b"[" + record + b"]")).rows_accepted == 1


def test_a_text_that_closes_brackets_does_not_hide_nesting() -> None:
    inner = b'["]",' * 70 + b"1" + b"]" * 70
    tail = b',"y":"' + b"[" * 70 + b'"'
    error = refusal(batch(b'[{"email":"a","x":' + inner + tail + b"}]"))
    assert error.error_code == "nesting_too_deep"


def test_ten_megabytes_of_brackets_are_refused_not_followed() -> None:
    assert refusal(b"[" * 10_000_000).error_code == "nesting_too_deep"


@pytest.mark.parametrize(
    "bad",
    [
        b"\xff",
        b"\xc0\xaf",
        b"\xe2\x82",
        b"\xed\xa0\x80",
        b"\xf4\x90\x80\x80",
        b"\x80",
        b"\xc3",
        b"\xf0\x9f\x98",
    ],
    ids=bytes.hex,
)
@pytest.mark.parametrize("padding", [0, 65_530, 65_536, 200_000])
def test_broken_utf8_is_found_at_its_byte_even_in_a_skipped_value(bad: bytes, padding: int) -> None:
    body = batch(b'[{"email":"a","pad":"' + b"x" * padding + b'","x":"' + bad + b'"}]')
    error = refusal(body)
    assert error.error_code == "invalid_utf8"
    assert f"at byte {body.index(bad)}." in error.message


def test_numbers_too_large_for_a_float_are_kept_as_sent() -> None:
    record = b'{"email":"a","n":1e999,"m":12345678901234567890123,"k":1.0}'
    assert stored(parse(batch(b"[" + record + b"]"))) == b"[" + record + b"]"


def test_ndjson_is_one_record_a_line_and_a_bad_line_is_a_bad_record() -> None:
    body = GOOD + b"\r\n\n  " + GOOD + b'\n{"email":\n\xff\n5\n' + GOOD + b"," + GOOD
    error = refusal(body, ndjson=True, upload_name="x")
    assert [(issue.row, issue.code) for issue in error.issues] == [
        (2, "record_malformed"),
        (3, "record_malformed"),
        (4, "record_not_object"),
        (5, "record_malformed"),
    ]
    assert "Line 4" in error.issues[0].message
    kept = parse(body, ndjson=True, upload_name="x", on_invalid="skip")
    assert stored(kept) == b"[" + GOOD + b"," + GOOD + b"]"
    assert [record.is_json for record in kept.rejected] == [False, False, True, False]


def test_a_json_value_may_not_span_lines_of_ndjson() -> None:
    body = b'{"email":"a"\n}\n' + GOOD + b"," + GOOD + b"\n"
    error = refusal(body, ndjson=True, upload_name="x")
    assert [issue.row for issue in error.issues] == [0, 1, 2]


def test_ndjson_nested_too_deeply_is_a_bad_line() -> None:
    deep = b'{"email":"a","x":' + b"[" * 64 + b"]" * 64 + b"}"
    flat = b'{"email":"a","x":' + b"[" * 63 + b"]" * 63 + b"}"
    parsed = parse(deep + b"\n" + flat, ndjson=True, upload_name="x", on_invalid="skip")
    assert [record.issue.row for record in parsed.rejected] == [0]


records_strategy = st.lists(
    st.dictionaries(
        st.text(max_size=8),
        st.recursive(
            st.none()
            | st.booleans()
            | st.integers()
            | st.floats(allow_nan=False, allow_infinity=False)
            | st.text(max_size=30),
            lambda inner: (
                st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=4), inner, max_size=4)
            ),
            max_leaves=8,
        ),
        max_size=6,
    ),
    min_size=1,
    max_size=20,
)


@settings(max_examples=300, deadline=None)
@given(records=records_strategy, style=st.sampled_from([(",", ":"), (", ", ": "), (" , ", " : ")]))
def test_whatever_is_accepted_comes_back_byte_for_byte(
    records: list[dict[str, Any]], style: tuple[str, str]
) -> None:
    texts = [
        json.dumps({"email": "a@example.org", **record}, ensure_ascii=False, separators=style).encode(
            errors="surrogatepass"
        )
        for record in records
    ]
    parsed = parse(batch(b"[" + b",".join(texts) + b"]", on_invalid="skip"))
    assert parsed.rows_received == len(records)
    good = [text for index, text in enumerate(texts) if index not in {r.issue.row for r in parsed.rejected}]
    assert stored(parsed) == b"[" + b",".join(good) + b"]"


@pytest.mark.parametrize(
    "filler",
    [
        '"},{"',
        '\\"},{\\"',
        "plain",
        "é},{ü",
    ],
)
def test_large_batches_are_cut_only_between_records(filler: str) -> None:
    records = [
        {"email": f"user{number}@example.org", "x": filler * 40, "y": [{"a": {}}, {"b": 1}], "z": "]["}
        for number in range(1500)
    ]
    texts = [json.dumps(record, ensure_ascii=False).encode() for record in records]
    parsed = parse(batch(b"[" + b",".join(texts) + b"]"))
    assert parsed.rows_accepted == 1500
    assert len(parsed.chunks) > 1
    assert stored(parsed) == b"[" + b",".join(texts) + b"]"
    for chunk in parsed.chunks:
        assert len(json.loads(b"[" + bytes(chunk.json) + b"]")) == chunk.records
        assert len(chunk.json) < 2 * CHUNK_BYTES


def test_rows_are_numbered_across_chunks() -> None:
    texts = [b'{"email":"a@example.org","x":"%s"}' % (b"y" * 200)] * 3000
    texts[2999] = b'{"email":""}'
    texts[1500] = b'{"email":7}'
    error = refusal(batch(b"[" + b" ,\n".join(texts) + b"]"))
    assert [(issue.row, issue.code) for issue in error.issues] == [
        (1500, "identity_not_text"),
        (2999, "identity_blank"),
    ]
