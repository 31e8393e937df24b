"""What an export will be, guessed from names alone: what columns hold, keys, names outside, consent, identities."""

import json
from collections.abc import Sequence
from typing import Any

import pytest

from muster.errors import InputError
from muster.exports.define import define, out_columns, series_of
from muster.exports.destinations import all_destinations
from muster.exports.guess import field_of, identities_of
from muster.exports.model import CONSENTS, Definition, FileOptions, Hashing
from muster.exports.platforms.fields import Field, PlatformId
from muster.exports.requests import parse_export
from muster.tables.formats.write import TableFormat

CRM = ("id", "Vorname", "Nachname", "E-Mail", "email_opt_in", "Telefon", "PLZ", "Land", "Notiz")


def defined(names: Sequence[str] = CRM, destination: str = "download", **members: Any) -> Definition:
    asked = parse_export(json.dumps({"upload_id": "upl_1_A", "destination": destination, **members}).encode())
    return define(asked, names, all_destinations()[destination].manifest, default_name="leads")


def refused(names: Sequence[str] = CRM, destination: str = "download", **members: Any) -> tuple[str, str]:
    with pytest.raises(InputError) as wrong:
        defined(names, destination, **members)
    return wrong.value.error_code, wrong.value.issues[0].pointer or ""


@pytest.mark.parametrize(
    ("name", "field"),
    [
        ("Email", Field.EMAIL), ("E-Mail", Field.EMAIL), ("work_email", Field.EMAIL), ("Contact Email Address", Field.EMAIL),
        ("Email 2", Field.EMAIL), ("email_sha256", Field.EMAIL), ("correo", Field.EMAIL),
        ("Telefon", Field.PHONE), ("mobilePhone", Field.PHONE), ("Primary phone number", Field.PHONE),
        ("Vorname", Field.FIRST_NAME), ("last-name", Field.LAST_NAME), ("Stadt", Field.CITY), ("billing city", Field.CITY),
        ("Bundesland", Field.STATE), ("PLZ", Field.ZIP), ("Country Code", Field.COUNTRY), ("Geschlecht", Field.GENDER),
        ("Geburtsdatum", Field.BIRTH_DATE), ("date of birth", Field.BIRTH_DATE),
        ("customerId", Field.EXTERNAL_ID), ("CRM-ID", Field.EXTERNAL_ID), ("IDFA", Field.MOBILE_ID),
    ],
)  # fmt: skip
def test_a_name_that_means_a_field_is_that_field(name: str, field: Field) -> None:
    assert field_of(name) is field


@pytest.mark.parametrize(
    "name",
    [
        "email_opt_in", "Email verified", "is_email_valid", "email status", "last email sent", "email_bounced",
        "phone_type", "phone valid", "Telefon geprüft", "city_population", "country of birth", "emailSubscribed",
        "id", "ID", "Name", "note", "company", "website", "company_domain", "", "  ",
    ],
)  # fmt: skip
def test_a_name_that_only_speaks_of_a_field_is_none(name: str) -> None:
    assert field_of(name) is None


def test_what_may_hold_an_address_is_looked_through_for_suppressions_even_if_it_may_not_leave_as_one() -> (
    None
):
    names = ("email", "last email sent", "Telefon", "phone_type", "company_domain", "Domain", "note", "name")
    assert identities_of(names) == {
        "email": ("email", "last email sent"),
        "phone": ("Telefon", "phone_type"),
        "domain": ("company_domain", "Domain"),
    }
    assert defined(names).identities == identities_of(names)


def test_without_a_word_everything_leaves_as_it_is_and_the_address_is_the_key() -> None:
    made = defined()
    assert made.output_names == CRM
    assert not any(column.hashed for column in made.columns)
    assert (made.format, made.options) == (TableFormat.CSV, FileOptions(bom=False, formula_safe=True))
    assert (made.name, made.key, made.country, made.hashing) == ("leads", ("E-Mail",), "Land", None)
    assert defined(name="  Spring ").name == "Spring"
    assert defined(name="   ").name == "leads"


@pytest.mark.parametrize(
    ("platform", "outputs"),
    [
        ("google", ("First Name", "Last Name", "Email", "Phone", "Zip", "Country")),
        ("meta", ("fn", "ln", "email", "phone", "zip", "country")),
    ],
)
def test_hashed_only_those_columns_leave_that_the_platform_knows_under_its_own_names(
    platform: str, outputs: tuple[str, ...]
) -> None:
    made = defined(hashing={"platform": platform, "region": "de"})
    assert tuple(column.column for column in made.columns) == (
        "Vorname", "Nachname", "E-Mail", "Telefon", "PLZ", "Land",
    )  # fmt: skip
    assert made.output_names == outputs
    assert made.hashing == Hashing(PlatformId(platform), "DE")
    plain = {column.column for column in made.columns if not column.hashed}
    assert plain == ({"PLZ", "Land"} if platform == "google" else set())


def test_a_column_whose_name_says_nothing_needs_its_field() -> None:
    google = {"platform": "google"}
    chosen = [{"column": "id", "field": "email"}, {"column": "Telefon", "as": "Tel"}]
    made = defined(columns=chosen, hashing=google)
    assert made.output_names == ("Email", "Tel")
    assert refused(columns=["id"], hashing=google) == ("field_unknown", "/columns/0/field")
    assert refused(columns=[{"column": "id", "field": "city"}], hashing=google)[0] == "field_unknown"
    assert refused(("a", "b"), hashing=google) == ("field_unknown", "/columns")


def test_a_second_column_of_one_kind_is_numbered_and_a_date_of_birth_is_three() -> None:
    names = ("work email", "private email", "Geburtsdatum", "Handy", "Telefon")
    made = defined(names, hashing={"platform": "meta"})
    assert made.output_names == ("email", "email_2", "doby", "dobm", "dobd", "phone", "phone_2")
    renamed = [
        {"column": "work email", "as": "mail"},
        "private email",
        {"column": "Geburtsdatum", "as": "born"},
    ]
    assert defined(names, columns=renamed, hashing={"platform": "meta"}).output_names == (
        "mail", "email", "born_doby", "born_dobm", "born_dobd",
    )  # fmt: skip
    both = [{"column": name, "as": "mail"} for name in names[:2]]
    assert refused(names, columns=both, hashing={"platform": "meta"}) == ("column_repeated", "/columns/1")


@pytest.mark.parametrize(
    ("names", "key"),
    [
        (("phone", "customer id", "email", "work email"), ("email",)),
        (("customer id", "phone"), ("phone",)),
        (("note", "customer id"), ("customer id",)),
        (("email_opt_in", "email"), ("email",)),
        (("note",), ()),
    ],
)
def test_the_key_is_the_first_address_else_phone_else_id(
    names: tuple[str, ...], key: tuple[str, ...]
) -> None:
    made = defined(names)
    assert made.key == key
    assert tuple(column.name for column in out_columns(made) if column.is_key) == key


def test_a_key_is_named_as_it_leaves_and_asked_for_only_where_it_is_needed() -> None:
    columns = [{"column": "id", "as": "Number"}, "Notiz"]
    assert defined(columns=columns, key=["Number", "Number"]).key == ("Number",)
    assert refused(columns=columns, key=["id"]) == ("column_unknown", "/key/0")
    assert defined(columns=columns).key == ()
    assert refused(columns=columns, since="last") == ("export_key_missing", "/key")
    assert refused(columns=columns, destination="postgresql") == ("export_key_missing", "/key")
    assert defined(columns=columns, destination="http").key == ()
    assert defined(columns=columns, since="last", key=["Number"]).since_last


def test_what_says_yes_is_compared_folded_and_yes_by_default() -> None:
    assert defined(consent={"column": "email_opt_in"}).consent is not None
    made = defined(consent={"column": "email_opt_in", "values": [" JA ", "ja", "Ok"]}).consent
    assert made is not None
    assert made.values == ("ja", "ok")
    by_default = defined(consent={"column": "email_opt_in"}).consent
    assert by_default is not None
    assert by_default.values == CONSENTS


@pytest.mark.parametrize(
    ("destination", "members", "code", "pointer"),
    [
        ("http", {"format": "csv"}, "format_unusable", "/format"),
        ("download", {"format": "parquet", "options": {"formula_safe": True}}, "format_unusable", "/options"),
        ("download", {"format": "ndjson", "options": {"bom": True}}, "format_unusable", "/options"),
        ("google_data_manager", {"hashing": {"platform": "meta"}}, "hashing_unusable", "/hashing/platform"),
        ("download", {"columns": ["E-Mail", {"column": "_change", "as": "x"}]}, "column_unknown", "/columns/1"),
        ("download", {"columns": ["E-Mail", {"column": "id", "as": "_change"}], "since": "last"}, "column_repeated", "/columns"),
    ],
)  # fmt: skip
def test_what_does_not_go_together_is_refused_with_its_place(
    destination: str, members: dict[str, Any], code: str, pointer: str
) -> None:
    assert refused(destination=destination, **members) == (code, pointer)


def test_a_spreadsheet_is_guarded_only_where_a_person_opens_the_file() -> None:
    assert defined(destination="object_store").options == FileOptions()
    assert defined(destination="object_store", options={"formula_safe": True}).options.formula_safe
    assert not defined(options={"formula_safe": False}).options.formula_safe
    assert defined(format="xlsx").options == FileOptions()
    assert defined(destination="http").format is None


def test_a_destination_brings_its_own_hashing() -> None:
    made = defined(destination="meta_custom_audiences", hashing={"platform": "meta", "region": "US"})
    assert made.hashing == Hashing(PlatformId.META, "US")
    assert defined(destination="google_data_manager").hashing == Hashing(PlatformId.GOOGLE)


def test_exports_are_of_one_series_whatever_they_are_called_and_of_others_when_anything_else_differs() -> (
    None
):
    first = series_of(defined(since="last"))
    assert series_of(defined(name="another", since="last")) == first
    others = [
        defined(CRM[:-1], since="last"),
        defined(columns=[{"column": "E-Mail", "as": "Mail"}], since="last"),
        defined(consent={"column": "email_opt_in"}, since="last"),
        defined(hashing={"platform": "google"}, since="last"),
        defined(hashing={"platform": "google", "region": "DE"}, since="last"),
        defined(key=["Telefon"], since="last"),
        defined(format="ndjson", since="last"),
        defined(options={"bom": True}, since="last"),
        defined(destination="object_store", settings={"path": "a.csv"}, since="last"),
        defined(destination="object_store", settings={"path": "b.csv"}, since="last"),
        defined(filter={"field": "id", "op": "eq", "value": "1"}, since="last"),
    ]
    series = [series_of(each) for each in others]
    assert first not in series
    assert len(set(series)) == len(series)
