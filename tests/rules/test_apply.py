"""Rules on columns: who is rejected, what is fixed, what is said, and that nothing else moves."""

import time
from collections.abc import Sequence

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from muster.records.checks.choose import value_check
from muster.records.checks.pairs import pair_check
from muster.records.checks.verdict import is_blank
from muster.records.fields import IDENTITY_FIELDS
from muster.records.rules import (
    AnyOf,
    AnyTest,
    Before,
    Boolean,
    Case,
    Date,
    Different,
    Email,
    Enum,
    Equal,
    Greater,
    Length,
    Number,
    PairTest,
    Pattern,
    Phone,
    Required,
    RequiredIf,
    Rule,
    Severity,
    Trim,
    Unique,
)
from muster.rules.apply import apply_rules, identity, unique_rules
from muster.rules.findings import FINDING_SCHEMA

REJECT, WARN, FIX = Severity.REJECT, Severity.WARN, Severity.FIX


def rule(field: str | None, test: AnyTest, severity: Severity = REJECT, otherwise: Severity = REJECT) -> Rule:
    return Rule("rul", "A rule", field, test, severity, otherwise)


def table_of(**columns: Sequence[str | None]) -> pa.Table:
    return pa.table({name: pa.array(values, pa.large_string()) for name, values in columns.items()})


def said(findings: Sequence[object]) -> list[tuple[object, ...]]:
    return [(one.index, one.field, str(one.code), one.value, one.fixed) for one in findings]  # type: ignore[attr-defined]


def test_a_row_is_rejected_once_by_the_first_rule_it_fails_and_the_others_stay_in_order() -> None:
    table = table_of(email=["a@b.co", "x", "c@d.co", "y"], name=["A", "", None, "D"])
    applied = apply_rules([rule("email", Email()), rule("name", Required())], table)
    assert said(applied.rejected) == [
        (1, "email", "email_at_missing", "x", None),
        (2, "name", "required", None, None),
        (3, "email", "email_at_missing", "y", None),
    ]
    assert applied.rejected.indexes() == [1, 2, 3]
    assert applied.table.equals(table)
    assert len(applied.findings) == 0


def test_a_warning_keeps_the_row_unless_another_rule_rejects_it() -> None:
    table = table_of(email=["x", "y"], name=["A", None])
    applied = apply_rules([rule("email", Email(), WARN), rule("name", Required())], table)
    assert said(applied.findings) == [(0, "email", "email_at_missing", "x", None)]
    assert said(applied.rejected) == [(1, "name", "required", None, None)]


def test_a_fix_is_put_in_place_shown_and_seen_by_later_rules() -> None:
    table = table_of(phone=["030 901820", None, "+4930901820", "hello"], name=["a", "b", "c", "d"])
    rules = [
        rule("phone", Phone("DE"), FIX, WARN),
        rule("phone", Pattern(r"\+[0-9]+"), WARN),
        rule("name", Case("upper"), FIX),
    ]
    applied = apply_rules(rules, table)
    assert applied.table.to_pydict() == {
        "phone": ["+4930901820", None, "+4930901820", "hello"],
        "name": ["A", "B", "C", "D"],
    }
    assert said(applied.findings) == [
        (0, "phone", "phone_normalised", "030 901820", "+4930901820"),
        (0, "name", "letter_case", "a", "A"),
        (1, "name", "letter_case", "b", "B"),
        (2, "name", "letter_case", "c", "C"),
        (3, "phone", "phone_syntax", "hello", None),
        (3, "phone", "pattern_mismatch", "hello", None),
        (3, "name", "letter_case", "d", "D"),
    ]
    assert [one.severity for one in applied.findings][:1] == ["fix"]
    assert table.column("phone").to_pylist()[0] == "030 901820", "the table handed in was changed"


def test_under_reject_and_warn_a_value_that_could_be_fixed_stays_as_it_is() -> None:
    table = table_of(phone=["030 901820"], mail=["Ana@EXAMPLE.com"])
    applied = apply_rules([rule("phone", Phone("DE")), rule("mail", Email(), WARN)], table)
    assert applied.table.equals(table)
    assert (len(applied.rejected), len(applied.findings)) == (0, 0)


def test_what_cannot_be_fixed_is_rejected_or_reported_as_the_rule_says() -> None:
    table = table_of(day=["31.12.2024", "yesterday"])
    for otherwise in (REJECT, WARN):
        applied = apply_rules([rule("day", Date(), FIX, otherwise)], table)
        assert applied.table["day"].to_pylist() == ["2024-12-31", "yesterday"]
        assert len(applied.rejected) == (otherwise is REJECT)
        assert len(applied.findings) == 1 + (otherwise is WARN)


def test_nothing_looks_at_a_row_after_its_rejection() -> None:
    table = table_of(a=[None, "x"], b=["lower", "lower"])
    applied = apply_rules([rule("a", Required()), rule("b", Case("upper"), FIX)], table)
    assert applied.table["b"].to_pylist() == ["lower", "LOWER"]
    assert said(applied.findings) == [(1, "b", "letter_case", "lower", "LOWER")]


@pytest.mark.parametrize(
    "test", [Email(), Phone("DE"), Date(), Number(), Boolean(), Enum(("a",)), Pattern("a"), Length(3)]
)
def test_empty_and_blank_cells_only_matter_to_required_and_to_tests_of_several_fields(test: AnyTest) -> None:
    table = table_of(field=[None, "", "  ", "\u00a0\t"])
    assert len(apply_rules([rule("field", test)], table).rejected) == 0
    assert apply_rules([rule("field", Required())], table).rejected.indexes() == [0, 1, 2, 3]


def test_trimming_empties_a_blank_cell() -> None:
    applied = apply_rules([rule("a", Trim(), FIX), rule("a", Required(), WARN)], table_of(a=["  ", " x "]))
    assert applied.table["a"].to_pylist() == [None, "x"]
    assert said(applied.findings) == [
        (0, "a", "blanks_around", "  ", ""),
        (0, "a", "required", None, None),
        (1, "a", "blanks_around", " x ", "x"),
    ]


def test_a_field_without_a_column_is_empty_everywhere() -> None:
    table = table_of(a=["x", None])
    assert apply_rules([rule("b", Required())], table).rejected.indexes() == [0, 1]
    assert len(apply_rules([rule("b", Email(), FIX)], table).rejected) == 0
    assert apply_rules([rule("b", RequiredIf("a"))], table).rejected.indexes() == [0]
    assert apply_rules([rule("b", Equal("a"))], table).rejected.indexes() == [0]
    assert apply_rules([rule(None, AnyOf(("b", "c")))], table).rejected.indexes() == [0, 1]


def test_rules_that_are_off_or_need_the_whole_upload_are_left_out() -> None:
    off = Rule("rul", "Off", "a", Required(), enabled=False)
    unique = rule(None, Unique(("a",)))
    applied = apply_rules([off, unique], table_of(a=[None, "x", "x"]))
    assert (len(applied.rejected), len(applied.findings)) == (0, 0)
    assert unique_rules([off, unique, Rule("r", "Off", None, Unique(("a",)), enabled=False)]) == [unique]


@pytest.mark.parametrize(
    ("test", "pairs"),
    [
        (Equal("b"), {("x", "x"): None, ("x", "X"): "fields_differ", (None, None): None, (None, ""): None,
                      ("x", None): "fields_differ", (None, "x"): "fields_differ"}),
        (Equal("b", ignore_case=True), {("stra\u00dfe", "STRASSE"): None, ("x", "y"): "fields_differ"}),
        (Different("b"), {("x", "x"): "fields_equal", ("x", "X"): None, (None, None): None, (" ", " "): None}),
        (Different("b", ignore_case=True), {("x", "X"): "fields_equal", ("x", None): None}),
        (Before("b"), {("2024-01-01", "02.01.2024"): None, ("2024-01-02", "2024-01-02"): "field_not_before",
                       ("2024-01-02", "2024-01-01"): "field_not_before", ("2024-01-02", None): None,
                       ("soon", "2024-01-01"): "fields_not_comparable",
                       ("03/04/2024", "2024-01-01"): "fields_not_comparable"}),
        (Before("b", or_equal=True, day_first=True), {("2024-04-03", "03/04/2024"): None}),
        (Greater("b"), {("10", "9"): None, ("9", "10"): "field_not_greater", ("1,000", "999.5"): None,
                        ("9007199254740993", "9007199254740992"): None, ("5", "5"): "field_not_greater",
                        ("five", "5"): "fields_not_comparable", (None, "5"): None}),
        (Greater("b", or_equal=True, decimal_comma=True), {("1.000,5", "1000,5"): None}),
        (RequiredIf("b"), {(None, "x"): "field_needed_with", (" ", "x"): "field_needed_with",
                           (None, None): None, (None, "  "): None, ("a", "x"): None}),
        (RequiredIf("b", equals="yes"), {(None, "yes"): "field_needed_with", (None, "no"): None}),
    ],
    ids=repr,
)  # fmt: skip
def test_a_field_is_held_against_another(
    test: PairTest, pairs: dict[tuple[str | None, str | None], str | None]
) -> None:
    table = table_of(a=[one for one, _ in pairs], b=[other for _, other in pairs])
    found = {one.index: str(one.code) for one in apply_rules([rule("a", test)], table).rejected}
    assert [found.get(at) for at in range(len(pairs))] == list(pairs.values())


CELLS = st.one_of(
    st.none(),
    st.sampled_from(["", " ", "x", "X", " x", "a@b.co", "A@B.CO", "a@b", "2024-02-29", "29.02.2024", "03/04/24",
                     "1,000", "1000", "1.5", "+4930901820", "030 901820", "yes", "NO", "\u05d3"]),
    st.text(max_size=6),
)  # fmt: skip
ANY_TEST = st.sampled_from(
    [Required(), Email(), Date(), Number(min=0), Phone("DE"), Boolean(), Enum(("x",)), Pattern("[a-z]+"), Trim(),
     Length(2, 5), Case("upper"), Equal("b"), Different("b"), RequiredIf("b"), Greater("b"), AnyOf(("a", "b"))]
)  # fmt: skip


def by_hand(
    rules: Sequence[Rule], rows: list[dict[str, str | None]]
) -> tuple[list[object], list[object], list[object]]:
    """The same, row by row and without Arrow: what `apply_rules` is held against."""
    rejected: list[object] = []
    noted: list[object] = []
    table: list[object] = []
    for index, sent in enumerate(rows):
        row, notes, gone = dict(sent), [], False
        for one in rules:
            test, name = one.test, one.field
            value = None if name is None else row[name]
            if isinstance(test, Required | AnyOf):
                names = [name] if isinstance(test, Required) else test.fields
                is_bad = all(row[each] is None or is_blank(row[each] or "") for each in names if each)
                code, fixed = (
                    ("required" if isinstance(test, Required) else "field_any_of") if is_bad else None,
                    None,
                )
                ok = not is_bad
            elif isinstance(test, PairTest):
                code, fixed = pair_check(test)(value, row[test.other]), None
                ok = code is None
            elif value is None or (is_blank(value) and not isinstance(test, Trim)):
                continue
            else:
                verdict = value_check(test)(value)  # type: ignore[arg-type]
                ok, code, fixed = verdict.is_ok, verdict.code, verdict.fixed
            if one.severity is FIX and fixed is not None:
                notes.append((index, name, str(code), value, fixed))
                row[str(name)] = fixed or None
            elif not ok and one.unfixed is WARN:
                notes.append((index, name, str(code), value, None))
            elif not ok:
                rejected.append((index, name, str(code), value, None))
                gone = True
                break
        if not gone:
            noted += notes
        table.append(row)
    return rejected, noted, table


@settings(max_examples=150, deadline=None)
@given(
    st.lists(st.fixed_dictionaries({"a": CELLS, "b": CELLS}), max_size=12),
    st.lists(st.tuples(ANY_TEST, st.sampled_from(Severity), st.sampled_from([REJECT, WARN])), max_size=5),
)
def test_columns_give_what_rows_one_by_one_would(
    rows: list[dict[str, str | None]], wished: list[tuple[AnyTest, Severity, Severity]]
) -> None:
    rules = [rule(None if isinstance(test, AnyOf) else "a", test, *how) for test, *how in wished]
    table = table_of(a=[row["a"] for row in rows], b=[row["b"] for row in rows])
    applied = apply_rules(rules, table)
    rejected, noted, fixed = by_hand(rules, rows)
    assert said(applied.rejected) == rejected
    assert said(applied.findings) == noted
    assert applied.table.to_pylist() == fixed
    assert applied.table.schema == table.schema


def test_a_table_in_pieces_or_of_other_text_types_is_read_the_same() -> None:
    pieces = pa.chunked_array([["x"], [], ["a@b.co", "y"]], pa.string())
    table = pa.table({"email": pieces, "other": pa.chunked_array([["1", "2", "3"]])})
    assert apply_rules([rule("email", Email())], table).rejected.indexes() == [0, 2]
    empty = table_of(email=[])
    assert len(apply_rules([rule("email", Email(), FIX)], empty).rejected) == 0
    assert apply_rules([], table).table.equals(table)


def test_findings_are_columns_to_write_and_a_sequence_to_read() -> None:
    found = apply_rules([rule("a", Number(), WARN)], table_of(a=["1", "x", "y", "z"])).findings
    assert found.table.schema == FINDING_SCHEMA
    assert (len(found), found[0].index, found[-1].value, found[1:2][0].value) == (3, 1, "z", "y")
    assert [one.value for one in found] == ["x", "y", "z"]
    assert found[0].message == "This is not a number; use digits and a decimal point."
    with pytest.raises(IndexError):
        found[3]


def test_identity_is_any_of_the_five_fields_with_more_than_blanks() -> None:
    table = table_of(
        email=["a@b.co", None, "  ", None, None, ""],
        company_domain=[None, "b.co", None, " ", None, None],
        name=["A", "B", "C", "D", "E", "F"],
    )
    found = identity(table)
    assert said(found) == [
        (2, "email", "identity_blank", None, None),
        (3, "company_domain", "identity_blank", None, None),
        (4, None, "identity_missing", None, None),
        (5, "email", "identity_blank", None, None),
    ]
    assert {one.severity for one in found} == {"reject"}


@pytest.mark.parametrize("name", IDENTITY_FIELDS)
def test_each_identity_field_alone_is_enough(name: str) -> None:
    assert len(identity(table_of(**{name: ["x", "y"]}))) == 0
    assert len(identity(table_of(**{name: ["x", None]}))) == 1


def test_without_any_identity_column_the_hint_is_to_map_one() -> None:
    found = identity(table_of(mail=["a@b.co", "c@d.co"]))
    assert [(one.index, str(one.code)) for one in found] == [(0, "identity_missing"), (1, "identity_missing")]
    assert "Map the column" in found[0].message
    assert len(identity(table_of(mail=[]))) == 0
    assert len(identity(table_of(email=[]))) == 0


def test_a_million_rows_that_are_fine_cost_next_to_nothing() -> None:
    rows = 1_000_000
    table = table_of(email=[f"person{number}@example{number % 999}.com" for number in range(rows)])
    started = time.perf_counter()
    assert len(identity(table)) == 0
    took_identity = time.perf_counter() - started
    started = time.perf_counter()
    assert len(apply_rules([rule("email", Email())], table).rejected) == 0
    took_email = time.perf_counter() - started
    # A loop over the values takes 0.3 and 30 seconds; this allows for a machine that does ten other things.
    assert took_identity < 0.25
    assert took_email < 2
