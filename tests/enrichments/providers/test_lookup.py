from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from muster.enrichments.forms import formed
from muster.enrichments.provider import Call, Form
from muster.enrichments.providers.lookup import AMBIGUOUS, Lookup, LookupSettings
from muster.errors import InputError, NotFound
from tests.enrichments.providers.asking import ask, ask_one, batch_of
from tests.enrichments.providers.reference import Rows, Tables

LOOKUP = Lookup()
CUSTOMERS: Rows = [
    {"Domain": "ACME.com", "Tier": "gold", "Since": "2019"},
    {"Domain": " beta.org\u00a0", "Tier": "silver", "Since": None},
    {"Domain": "twice.net", "Tier": "gold", "Since": "2020"},
    {"Domain": "Twice.net", "Tier": "lead", "Since": "2021"},
    {"Domain": "same.net", "Tier": "gold", "Since": "2022"},
    {"Domain": "SAME.net", "Tier": "gold", "Since": ""},
    {"Domain": "", "Tier": "ghost", "Since": "1"},
    {"Domain": None, "Tier": "ghost", "Since": "2"},
    {"Domain": "bare.net", "Tier": None, "Since": "  "},
]


@pytest.fixture
def tables(tmp_path: Path) -> Tables:
    return Tables(tmp_path, {"upl_customers": CUSTOMERS})


def looking(**more: Any) -> LookupSettings:
    return LookupSettings.model_validate(
        {
            "upload_id": "upl_customers",
            "keys": [{"column": "Domain"}],
            "gives": {"Tier": "tier", "Since": "customer_since"},
        }
        | more
    )


@pytest.mark.parametrize(
    ("keep", "key", "expected"),
    [
        ("only", "acme.com", {"tier": "gold", "customer_since": "2019", "outcome": "found"}),
        ("only", "beta.org", {"tier": "silver", "outcome": "found"}),
        ("only", "twice.net", {"outcome": "skipped", "reason": "ambiguous"}),
        ("only", "same.net", {"tier": "gold", "customer_since": "2022", "outcome": "found"}),
        ("first", "twice.net", {"tier": "gold", "customer_since": "2020"}),
        ("newest", "twice.net", {"tier": "lead", "customer_since": "2021"}),
        ("newest", "same.net", {"tier": "gold"}),
        ("only", "bare.net", {"outcome": "empty", "reason": None}),
        ("only", "nobody.net", {"outcome": "empty", "reason": "not_in_table"}),
    ],
)
def test_a_row_is_found_by_its_key(tables: Tables, keep: str, key: str, expected: dict[str, str]) -> None:
    found = ask_one(LOOKUP, key, settings=looking(keep=keep), reference=tables)
    assert expected.items() <= found.items()


def test_values_of_one_row_are_never_mixed_with_those_of_another(tables: Tables) -> None:
    assert "customer_since" not in ask_one(
        LOOKUP, "same.net", settings=looking(keep="newest"), reference=tables
    )


def test_an_ambiguous_key_gives_nothing(tables: Tables) -> None:
    assert "tier" not in ask_one(LOOKUP, "twice.net", settings=looking(), reference=tables)


def test_rows_of_the_other_table_without_a_key_are_nobodys(tables: Tables) -> None:
    sql = LOOKUP.reference_sql(looking(keep="first"), Call(looking(), frozenset({"tier"}), reference=tables))
    rows = tables.query(f"SELECT * FROM ({sql}) ORDER BY k1", {}).to_pylist()  # noqa: S608
    assert [row["k1"] for row in rows] == ["acme.com", "bare.net", "beta.org", "same.net", "twice.net"]
    assert list(rows[0]) == ["k1", "tier", "customer_since", AMBIGUOUS]
    assert "ghost" not in {row["tier"] for row in rows}


def test_the_engine_is_told_which_keys_are_ambiguous(tables: Tables) -> None:
    sql = LOOKUP.reference_sql(looking(), Call(looking(), frozenset(), reference=tables))
    ambiguous = tables.query(f"SELECT k1, tier FROM ({sql}) WHERE {AMBIGUOUS}", {}).to_pylist()  # noqa: S608
    assert ambiguous == [{"k1": "twice.net", "tier": None}]


def test_several_keys_must_all_agree(tmp_path: Path) -> None:
    tables = Tables(
        tmp_path,
        {
            "upl_people": [
                {"first": "Ada", "last": "Lovelace", "id": "A-1"},
                {"first": "Ada", "last": "Byron", "id": "A-2"},
                {"first": None, "last": "Lovelace", "id": "A-3"},
            ]
        },
    )
    settings = LookupSettings.model_validate(
        {
            "upload_id": "upl_people",
            "keys": [{"column": "first"}, {"column": "last", "form": "exact"}],
            "gives": {"id": "person_id"},
        }
    )
    rows = [("ada", "Lovelace"), ("ADA", "Byron"), ("ada", "lovelace"), ("bob", "Byron")]
    answered = ask(LOOKUP, rows, settings=settings, reference=tables)
    assert [row["person_id"] for row in answered] == ["A-1", "A-2", None, None]


def test_the_terms_are_what_the_settings_say() -> None:
    terms = LOOKUP.terms(looking())
    assert [(need.name, need.title, need.fields, need.form) for need in terms.needs] == [
        ("k1", "Domain", ("Domain",), Form.FOLDED)
    ]
    assert [(output.name, output.column) for output in terms.gives] == [
        ("tier", "tier"),
        ("customer_since", "customer_since"),
    ]
    assert terms.keep is None


def test_names_of_columns_can_be_anything(tmp_path: Path) -> None:
    column = "a\"b'; DROP TABLE x; --"
    tables = Tables(tmp_path, {"upl_odd": [{column: "x", "v0": "1", "select": "2"}]})
    settings = LookupSettings.model_validate(
        {"upload_id": "upl_odd", "keys": [{"column": column}], "gives": {"v0": "select", "select": "v1"}}
    )
    assert {"select": "1", "v1": "2"}.items() <= ask_one(
        LOOKUP, "x", settings=settings, reference=tables
    ).items()


@pytest.mark.parametrize(
    "wrong",
    [
        {"gives": {}},
        {"gives": {"Tier": "Tier!"}},
        {"gives": {"Tier": "x", "Since": "x"}},
        {"gives": {"Tier": "_row_id"}},
        {"gives": {"Tier": "k1"}},
        {"keys": []},
        {"keys": [{"column": "a"}] * 4},
        {"keys": [{"column": "Domain", "form": "soundex"}]},
        {"keep": "any"},
        {"other": 1},
    ],
)
def test_settings_that_cannot_work_are_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        looking(**wrong)


def test_what_the_other_table_refuses_is_said(tables: Tables) -> None:
    with pytest.raises(NotFound):
        ask_one(LOOKUP, "acme.com", settings=looking(upload_id="upl_gone"), reference=tables)
    with pytest.raises(InputError):
        ask_one(LOOKUP, "acme.com", settings=looking(keys=[{"column": "Nope"}]), reference=tables)
    with pytest.raises(InputError) as refused:
        ask_one(LOOKUP, "acme.com", settings=looking())
    assert refused.value.error_code == "lookup_not_here"


TEXT = (
    st.sampled_from(["a", "A", " a", "a\u200b", "b", "B ", "\u00c4", "A\u0308", "", " ", "c\x00"]) | st.none()
)


@pytest.mark.parametrize("keep", ["only", "first", "newest"])
@given(
    rows=st.lists(st.fixed_dictionaries({"k": TEXT, "v": TEXT, "w": TEXT}), max_size=12),
    keys=st.lists(TEXT.filter(bool), max_size=5),
)
@settings(
    max_examples=30,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
def test_the_engine_joins_as_plain_python_would(
    tmp_path: Path, keep: str, rows: Rows, keys: list[str]
) -> None:
    chosen = LookupSettings.model_validate(
        {"upload_id": "upl_r", "keys": [{"column": "k"}], "gives": {"v": "one", "w": "two"}, "keep": keep}
    )
    tables = Tables(tmp_path, {"upl_r": rows or [{"k": None, "v": None, "w": None}]})
    asked = [
        key for (key,) in zip(formed(pa.array(keys, pa.large_string()), Form.FOLDED).to_pylist(), strict=True)
    ]
    asked = list(dict.fromkeys(key for key in asked if key is not None))
    forms = formed(pa.array([row["k"] for row in rows], pa.large_string()), Form.FOLDED).to_pylist()
    answered = ask(LOOKUP, [(key,) for key in asked], settings=chosen, reference=tables)
    for key, got in zip(asked, answered, strict=True):
        same = [row for row, form in zip(rows, forms, strict=True) if form == key]
        said = [{(row[name] or "").strip() and row[name] for row in same} - {None, ""} for name in ("v", "w")]
        if keep == "only" and any(len(values) > 1 for values in said):
            assert (got["_outcome"], got["one"], got["two"]) == ("skipped", None, None)
        elif keep == "only":
            assert [got["one"], got["two"]] == [next(iter(values), None) for values in said]
        else:
            row = (same[0] if keep == "first" else same[-1]) if same else {"v": None, "w": None}
            assert [got["one"], got["two"]] == [
                ((row[name] or "").strip() and row[name]) or None for name in ("v", "w")
            ]


def test_an_empty_batch_is_answered(tables: Tables) -> None:
    chosen = looking()
    call = Call(chosen, frozenset({"tier"}), reference=tables)
    assert LOOKUP.enrich(batch_of(LOOKUP, chosen, []), call).num_rows == 0
