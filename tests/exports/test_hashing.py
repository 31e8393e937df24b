"""The hasher over batches: cells in their places, empty ones empty, each row's own country."""

import pyarrow as pa
import pytest

from muster.exports.hashing import HashColumn, Hasher, HashPlan, Unhashed, is_hashed, sha256_hex
from muster.exports.platforms import PLATFORMS
from muster.exports.platforms.fields import Failure, Field, PlatformId
from tests.exports.hashed import hashed_cell


def batch(**columns: list[str | None]) -> pa.RecordBatch:
    return pa.record_batch({name: pa.array(values, pa.large_string()) for name, values in columns.items()})


def test_each_rows_phone_is_read_in_its_own_country() -> None:
    plan = HashPlan(PlatformId.GOOGLE, "US", (HashColumn("tel", Field.PHONE, ("Phone",)),), country="land")
    result = Hasher(plan).hash(
        batch(tel=["030 901820", "800 555 0100", "0113 496 0987"], land=["Germany", None, "UK"])
    )
    assert result.columns[0].to_pylist() == [
        sha256_hex("+4930901820"),
        sha256_hex("+18005550100"),
        sha256_hex("+441134960987"),
    ]


def test_blank_cells_are_empty_and_nobodys_fault() -> None:
    plan = HashPlan(PlatformId.META, None, (HashColumn("mail", Field.EMAIL, ("email",)),))
    result = Hasher(plan).hash(batch(mail=[None, "", "  ", "\u200b", "ada@example.com"]))
    assert result.columns[0].to_pylist() == [None, None, None, None, sha256_hex("ada@example.com")]
    assert result.unhashed == ()
    assert result.can_match.to_pylist() == [False, False, False, False, True]


def test_what_could_not_be_normalised_is_told_by_row_and_counted() -> None:
    plan = HashPlan(
        PlatformId.META,
        None,
        (HashColumn("mail", Field.EMAIL, ("email",)), HashColumn("name", Field.FIRST_NAME, ("fn",))),
    )
    result = Hasher(plan).hash(batch(mail=["ada", "bob@example.com", "eve@"], name=["Ada", "--", "--"]))
    assert set(result.unhashed) == {
        Unhashed(0, "mail", Failure.EMAIL),
        Unhashed(2, "mail", Failure.EMAIL),
        Unhashed(1, "name", Failure.VALUE),
        Unhashed(2, "name", Failure.VALUE),
    }
    assert result.counts() == {("mail", "email_invalid"): 2, ("name", "value_invalid"): 2}
    assert result.can_match.to_pylist() == [False, True, False]


def test_remembered_values_are_those_of_their_own_column_and_country() -> None:
    plan = HashPlan(PlatformId.META, None, (HashColumn("zip", Field.ZIP, ("zip",)),), country="land")
    hasher = Hasher(plan)
    rows = batch(zip=["94035-1234", "94035-1234"] * 3, land=["US", "FR"] * 3)
    assert hasher.hash(rows).columns[0].to_pylist() == [sha256_hex("94035"), sha256_hex("940351234")] * 3
    assert hasher.hash(rows).columns[0].to_pylist() == [sha256_hex("94035"), sha256_hex("940351234")] * 3


@pytest.mark.parametrize("platform", list(PlatformId))
def test_hashes_pass_as_they_are_in_lower_case_for_every_hashed_field(platform: PlatformId) -> None:
    digest = sha256_hex("something")
    for field, rule in PLATFORMS[platform].rules.items():
        if rule.is_hashed and len(rule.names) == 1:
            assert hashed_cell(platform, field, digest.upper()) == digest


@pytest.mark.parametrize("value", ["", "a" * 63, "a" * 65, "g" * 64, "a" * 63 + "\n"])
def test_what_only_looks_like_a_hash_is_none(value: str) -> None:
    assert not is_hashed(value)


@pytest.mark.parametrize(
    ("field", "value", "normal"),
    [
        (Field.EMAIL, " Ada@Example.COM", "ada@example.com"),
        (Field.PHONE, "+1 800 555 0100", "+18005550100"),
        (Field.BIRTH_DATE, "1997-02-16", "19970216"),
        (Field.COUNTRY, "Germany", "de"),
        (Field.TEXT, "  Two\t Words ", "two words"),
        (Field.EXTERNAL_ID, "Kunde 7", "Kunde 7"),
    ],
)
def test_generic_hashes_are_of_the_plainest_form(field: Field, value: str, normal: str) -> None:
    assert hashed_cell(PlatformId.SHA256, field, value) == sha256_hex(normal)
