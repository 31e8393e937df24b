"""Rules as JSON: read back what was written, and a pointer to everything that is wrong."""

from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from muster.errors import InputError
from muster.records.issues import (
    BATCH_CODES,
    RECORD_CODES,
    RULE_CODES,
    BatchCode,
    RecordCode,
    RuleCode,
    row_issue,
)
from muster.records.rule_parse import parse_rule, rule_json
from muster.records.rule_words import sentence
from muster.records.rules import (
    FIXING,
    TESTS,
    WITHOUT_FIELD,
    AnyOf,
    AnyTest,
    Before,
    Boolean,
    Case,
    Date,
    Different,
    Enum,
    Equal,
    Greater,
    Length,
    Number,
    Pattern,
    Phone,
    RequiredIf,
    Rule,
    Severity,
    Unique,
    Url,
    rules_hash,
)

EXAMPLES: list[AnyTest] = [
    Case("title"),
    Length(1, 5),
    Enum(("a", "b"), ignore_case=True),
    Pattern("[a-z]+", match="part", ignore_case=True),
    Phone("DE"),
    Date(
        ("DD.MM.YYYY", "D MMM YY"),
        day_first=True,
        with_time=True,
        min=date(2020, 2, 29),
        max=date(2024, 1, 1),
    ),
    Number(-1.5, 10, integer=True, decimal_comma=True),
    Boolean(("ja",), ("nein",)),
    Url(("https", "ftp")),
    Equal("other", ignore_case=True),
    Different("other"),
    Before("other", or_equal=True, day_first=False),
    Greater("other", decimal_comma=True),
    RequiredIf("other", equals="yes"),
    AnyOf(("a", "b")),
    Unique(("a", "b"), ignore_case=True),
]
EXAMPLES += [shape() for kind, shape in TESTS.items() if kind in {"required", "trim", "email", "domain"}]


def rule_of(test: AnyTest, **members: Any) -> Rule:
    return Rule("rul_1", "A rule", None if isinstance(test, WITHOUT_FIELD) else "field", test, **members)


def sent(**members: Any) -> dict[str, Any]:
    return {"name": "A rule", "field": "email", "test": {"kind": "email"}, **members}


def mistakes(rule: object) -> list[str]:
    with pytest.raises(InputError) as refused:
        parse_rule(rule)
    assert refused.value.error_code == "rule_invalid"
    return [issue.pointer for issue in refused.value.issues]


def test_every_kind_of_test_has_an_example_here() -> None:
    assert {type(test) for test in EXAMPLES} == set(TESTS.values())


@pytest.mark.parametrize("test", EXAMPLES, ids=lambda test: type(test).__name__)
def test_a_rule_is_read_back_as_it_was_written(test: AnyTest) -> None:
    for severity in Severity:
        if severity is Severity.FIX and not isinstance(test, FIXING):
            continue
        rule = rule_of(test, severity=severity, otherwise=Severity.WARN, enabled=False)
        assert parse_rule(rule_json(rule), rule_id="rul_1") == rule


@pytest.mark.parametrize(
    ("rule", "pointers"),
    [
        (None, [""]),
        ([], [""]),
        ({}, ["/test", "/name", "/field"]),
        (sent(name=""), ["/name"]),
        (sent(name="  "), ["/name"]),
        (sent(name="x" * 101), ["/name"]),
        (sent(name="nul\0"), ["/name"]),
        (sent(name="half\ud800"), ["/name"]),
        (sent(name=5), ["/name"]),
        (sent(field=None), ["/field"]),
        (sent(field=""), ["/field"]),
        (sent(field="nul\0"), ["/field"]),
        (sent(field="half\ud800"), ["/field"]),
        (sent(field="x" * 1001), ["/field"]),
        (sent(severity="ignore"), ["/severity"]),
        (sent(severity=None), ["/severity"]),
        (sent(otherwise="fix"), ["/otherwise"]),
        (sent(enabled="yes"), ["/enabled"]),
        (sent(colour="red"), [""]),
        (sent(test=None), ["/test"]),
        (sent(test="email"), ["/test"]),
        (sent(test={}), ["/test/kind"]),
        (sent(test={"kind": "telepathy"}), ["/test/kind"]),
        (sent(test={"kind": ["email"]}), ["/test/kind"]),
        (sent(test={"kind": "email", "dns": True}), ["/test"]),
        (sent(test={"kind": "enum"}), ["/test/values"]),
        (sent(test={"kind": "enum", "values": []}), ["/test/values"]),
        (sent(test={"kind": "enum", "values": ["a", 5]}), ["/test/values/1"]),
        (sent(test={"kind": "enum", "values": ["a", "nul\0"]}), ["/test/values"]),
        (sent(test={"kind": "enum", "values": ["x"] * 1001}), ["/test/values"]),
        (sent(test={"kind": "length", "min": 5, "max": 4}), ["/test/max"]),
        (sent(test={"kind": "length", "min": -1}), ["/test/min"]),
        (sent(test={"kind": "length", "min": "1", "max": "x"}), ["/test/min", "/test/max"]),
        (sent(test={"kind": "number", "min": 5, "max": 4}), ["/test/max"]),
        (sent(test={"kind": "number", "min": "5"}), ["/test/min"]),
        (sent(test={"kind": "number", "min": 1e301}), ["/test/min"]),
        (sent(test={"kind": "date", "min": "2024-01-02", "max": "2024-01-01"}), ["/test/max"]),
        (sent(test={"kind": "date", "min": "2023-02-29"}), ["/test/min"]),
        (sent(test={"kind": "date", "formats": ["DD.MM.YYYY", "DD.MM"]}), ["/test/formats/1"]),
        (sent(test={"kind": "date", "formats": ["%d.%m.%Y"]}), ["/test/formats/0"]),
        (sent(test={"kind": "date", "formats": ["YYYY-MM-DD-DD"]}), ["/test/formats/0"]),
        (sent(test={"kind": "phone", "region": "XX"}), ["/test/region"]),
        (sent(test={"kind": "phone", "region": "de"}), ["/test/region"]),
        (sent(test={"kind": "pattern", "pattern": "(a"}), ["/test/pattern"]),
        (sent(test={"kind": "pattern", "pattern": "a" * 1001}), ["/test/pattern"]),
        (sent(test={"kind": "pattern", "pattern": "((a{100}){100}){100}"}), ["/test/pattern"]),
        (sent(test={"kind": "pattern", "pattern": r"(?=a)b"}), ["/test/pattern"]),
        (sent(test={"kind": "pattern", "pattern": r"(a)\1"}), ["/test/pattern"]),
        (sent(test={"kind": "pattern", "pattern": "half\ud800"}), ["/test/pattern"]),
        (sent(test={"kind": "boolean", "true": ["Ja"], "false": ["ja"]}), ["/test/false"]),
        (sent(test={"kind": "url", "schemes": ["HTTP"]}), ["/test/schemes/0"]),
        (sent(test={"kind": "any_of", "fields": ["a"]}), ["/field"]),
        (sent(field=None, test={"kind": "unique", "fields": []}), ["/test/fields"]),
        (sent(field=None, test={"kind": "unique", "fields": ["x"] * 21}), ["/test/fields"]),
        (sent(test={"kind": "equal"}), ["/test/other"]),
        (sent(severity="fix", test={"kind": "length", "max": 5}), ["/severity"]),
        (sent(severity="fix", test={"kind": "required"}), ["/severity"]),
        (
            sent(name="", severity="no", test={"kind": "length", "min": -1, "max": 2.5}),
            ["/test/min", "/test/max", "/name", "/severity"],
        ),
    ],
    ids=lambda value: ascii(value)[:70],
)
def test_every_mistake_is_pointed_at(rule: object, pointers: list[str]) -> None:
    found = mistakes(rule)
    # Without a test nobody knows whether it takes a field.
    assert [pointer for pointer in found if pointer != "/field" or "/field" in pointers] == pointers


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)
MEMBER = st.sampled_from(["values", "min", "max", "pattern", "match", "formats", "region", "other", "fields", "case",
                          "true", "schemes", "ignore_case", "equals", "with_time"])  # fmt: skip
TEST = st.builds(
    lambda kind, rest: {"kind": kind, **rest},
    st.sampled_from([*TESTS]),
    st.dictionaries(MEMBER, JSON | st.lists(st.text(max_size=4), min_size=1, max_size=3), max_size=3),
)


@settings(max_examples=300, deadline=None)
@given(
    JSON
    | st.builds(
        lambda test, field, severity: {"name": "n", "test": test, "field": field, "severity": severity},
        JSON | TEST,
        JSON | st.just("f"),
        JSON | st.sampled_from([*Severity]),
    )
)
def test_whatever_is_sent_is_a_rule_or_refused_with_pointers_into_it(rule: Any) -> None:
    try:
        parsed = parse_rule(rule)
    except InputError as refused:
        for issue in refused.issues:
            found = rule
            for step in issue.pointer.split("/")[1:-1]:
                found = found[int(step) if isinstance(found, list) else step]
        return
    assert parse_rule(rule_json(parsed)) == parsed


def test_a_bad_pattern_is_refused_with_the_place_of_the_mistake() -> None:
    with pytest.raises(InputError) as refused:
        parse_rule(sent(test={"kind": "pattern", "pattern": "abc[z-a]+"}))
    assert "character 5" in refused.value.issues[0].message
    assert "z-a" not in refused.value.message


def test_pointers_begin_where_the_rule_stands() -> None:
    with pytest.raises(InputError) as refused:
        parse_rule(sent(name=""), pointer="/rules/3")
    assert refused.value.issues[0].pointer == "/rules/3/name"


def test_the_hash_tells_what_rules_do_and_not_what_they_are_called() -> None:
    rules = [rule_of(Enum(("a",))), rule_of(Length(1))]
    same = [Rule("rul_9", "Other", "field", Enum(("a",))), Rule("rul_8", "Names", "field", Length(1))]
    assert rules_hash(rules) == rules_hash(same)
    others = [
        list(reversed(rules)),
        rules[:1],
        [rule_of(Enum(("A",))), rules[1]],
        [rule_of(Enum(("a",)), severity=Severity.WARN), rules[1]],
        [rule_of(Enum(("a",)), otherwise=Severity.WARN), rules[1]],
        [Rule("rul_1", "A rule", "other", Enum(("a",))), rules[1]],
    ]
    assert len({rules_hash(rules), *map(rules_hash, others)}) == 1 + len(others)
    # A stored hash must mean the same after an upgrade.
    assert rules_hash([]) == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"


def test_there_are_many_codes_each_with_one_sentence_that_says_what_to_do() -> None:
    codes = [*RecordCode, *RuleCode]
    assert len(codes) >= 40
    assert len({str(code) for code in [*codes, *BatchCode]}) == len(codes) + len(BatchCode)
    assert (set(RECORD_CODES), set(RULE_CODES), set(BATCH_CODES)) == (
        set(RecordCode),
        set(RuleCode),
        set(BatchCode),
    )
    for said in [*RECORD_CODES.values(), *RULE_CODES.values()]:
        assert said.endswith(".")
        assert len(said) < 140


@pytest.mark.parametrize("test", EXAMPLES, ids=lambda test: type(test).__name__)
def test_every_code_has_words_under_every_rule(test: AnyTest) -> None:
    for code in RuleCode:
        assert sentence(test, code).endswith(".")


def test_a_rules_own_limits_are_in_its_words() -> None:
    assert sentence(Length(2, 5), RuleCode.TOO_LONG) == "Give at most 5 characters."
    assert sentence(Number(0, 100), RuleCode.NUMBER_TOO_LARGE) == "Give a number of at most 100."
    assert sentence(Enum(("a", "b", "c")), RuleCode.ENUM_UNKNOWN) == "Use one of `a`, `b` or `c`."
    many = Enum(tuple(str(number) for number in range(1000)))
    assert sentence(many, RuleCode.ENUM_UNKNOWN).endswith("`9` and 990 more.")
    assert sentence(Equal("mail"), RuleCode.FIELDS_DIFFER) == "Give the same value as in `mail`."


def test_a_row_is_told_apart_by_number_line_field_value_and_reason() -> None:
    issue = row_issue(4, RuleCode.EMAIL_SYNTAX, line=7, field="email", value="ana@")
    assert (issue.row, issue.line, issue.field, issue.code, issue.value) == (
        4,
        7,
        "email",
        "email_syntax",
        "ana@",
    )
    assert issue.reason == RULE_CODES[RuleCode.EMAIL_SYNTAX]
    assert row_issue(0, RecordCode.QUOTE_UNCLOSED).reason == RECORD_CODES[RecordCode.QUOTE_UNCLOSED]
    assert (
        row_issue(0, RecordCode.QUOTE_UNCLOSED, reason="The file ends here.").reason == "The file ends here."
    )
