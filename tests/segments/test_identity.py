"""When two values name the same person: in memory and in the engine alike."""

import random
from collections.abc import Sequence
from dataclasses import replace

import pytest

from muster.accounts.model import Principal
from muster.errors import Overloaded
from muster.records.checks.emails import check_email
from muster.segments.dedupe import groups_of
from muster.segments.identity import (
    domain_key,
    email_key,
    full_name_key,
    guessed_columns,
    guessed_names,
    name_key,
    phone_key,
    record_key,
    shown_key,
)
from muster.segments.keyed import keyed
from muster.segments.model import By, Dedupe, Identity
from muster.segments.patience import of_job
from muster.segments.room import SegmentsRoom
from muster.segments.sources import newest_sources
from tests.segments.conftest import DOMAINS, EMAILS, FIRST, LAST, PHONES, Tables
from tests.segments.oracle import key_of as known_key
from tests.segments.oracle import people
from tests.segments.plain import ADDRESSES
from tests.segments.plain import DOMAINS as WRITTEN_DOMAINS

ALPHABET = "aAzZ0.-_+@ \t\u00a0\u200béÉßİ\u0131\u017f\u212aK'\"<>()xn--münchen.deORG"


@pytest.mark.parametrize(
    ("value", "key"),
    [
        ("ada@example.com", "ada@example.com"),
        (" Ada@Example.COM\t", "ada@example.com"),
        ("\u200bada@example.com", "ada@example.com"),
        ("Ada.May+x@example.com", "ada.may+x@example.com"),
        ("Jörg@MÜNCHEN.de", "jörg@münchen.de"),
        ("jörg@xn--mnchen-3ya.de", "jörg@münchen.de"),
        ("ada@very.company", "ada@very.company"),
        ("n/a", None),
        ("ada@", None),
        ("@example.com", None),
        ("Ada <ada@example.com>", None),
        ("ada@localhost", None),
        ("a b@example.com", None),
        ("", None),
    ],
)
def test_an_address_is_known_by_its_usual_form(value: str, key: str | None) -> None:
    assert email_key(value) == key


@pytest.mark.parametrize(
    ("value", "region", "key"),
    [
        ("+4930901820", None, "+4930901820"),
        (" +4930901820 ", None, "+4930901820"),
        ("+49 (30) 90-1820", None, "+4930901820"),
        ("0049 30 901820", "DE", "+4930901820"),
        ("030 901820", "DE", "+4930901820"),
        ("030 901820", None, None),
        ("212-555-0100", "US", "+12125550100"),
        ("12", "DE", None),
        ("call me", "DE", None),
        ("+0123456789", None, None),
    ],
)
def test_a_number_is_known_by_its_international_form(value: str, region: str | None, key: str | None) -> None:
    assert phone_key(value, region) == key


@pytest.mark.parametrize(
    ("value", "key"),
    [
        ("Example.ORG", "example.org"),
        ("https://www.example.org/about", "example.org"),
        ("ada@example.org", "example.org"),
        ("MÜNCHEN.de", "xn--mnchen-3ya.de"),
        ("xn--mnchen-3ya.de", "xn--mnchen-3ya.de"),
        ("localhost", None),
        ("10.0.0.1", None),
        ("n/a", None),
    ],
)
def test_a_domain_is_known_by_its_ascii_form(value: str, key: str | None) -> None:
    assert domain_key(value) == key


def test_a_name_is_known_by_its_folded_letters() -> None:
    assert name_key(" Jo\u0308rg\t Müller ") == name_key("jörg MÜLLER") == "jörg müller"
    assert name_key("a\x1fb") == "a b"
    assert name_key(" \n") is None
    assert full_name_key(["Ada", None, " Lovelace"]) == "ada lovelace"
    assert full_name_key([None, " "]) is None


def test_a_record_is_known_by_the_first_column_that_names_somebody() -> None:
    identity = Identity(By.EMAIL, ("work", "private"))
    assert record_key(identity, {"work": "n/a", "private": "A@b.org"}) == "a@b.org"
    assert record_key(identity, {"work": None}) is None
    both = Identity(By.DOMAIN_NAME, ("domain",), ("first", "last"))
    key = record_key(both, {"domain": "Example.org", "first": "Ada", "last": "Lovelace"})
    assert key is not None
    assert shown_key(key) == "example.org · ada lovelace"
    assert record_key(both, {"domain": "example.org"}) is None
    # A name cannot reach into the domain.
    assert record_key(both, {"domain": "example.org", "first": "\x1fada"}) == "example.org\x1fada"


def test_every_value_of_the_random_worlds_is_known_by_the_key_that_is_written_down_for_it() -> None:
    assert {value: email_key(value) for value in EMAILS} == ADDRESSES
    assert {value: domain_key(value) for value in (*DOMAINS, *EMAILS)} == WRITTEN_DOMAINS
    for region in (None, "DE", "US"):
        for value in PHONES:
            identity = Identity(By.PHONE, ("phone",), region=region)
            assert phone_key(value, region) == known_key(identity, {"phone": value}), (value, region)
    for first in FIRST:
        identity = Identity(By.DOMAIN_NAME, ("domain",), ("first", "last"))
        for last in LAST:
            record = {"domain": "acme.com", "first": first, "last": last}
            key = record_key(identity, record)
            written = known_key(identity, record)
            assert (key and shown_key(key)) == (written and " · ".join(written))


def test_columns_are_found_by_their_headers() -> None:
    assert guessed_columns(By.EMAIL, ["Name", "E-Mail", "Work Email"]) == ("Work Email", "E-Mail")
    assert guessed_columns(By.PHONE, ["Telefon", "x"]) == ("Telefon",)
    assert guessed_columns(By.DOMAIN_NAME, ["Email", "x"]) == ("Email",)
    assert guessed_columns(By.EMAIL, ["a", "b"]) == ()
    assert guessed_names(["Vorname", "Nachname", "Firma"]) == ("Vorname", "Nachname")
    assert guessed_names(["company", "x"]) == ("company",)


def awkward(source: random.Random, values: Sequence[str], number: int) -> list[str | None]:
    """Known values, changed and mixed ones, and nonsense."""
    made: list[str | None] = [None]
    for _ in range(number):
        value = source.choice([value for value in values if value])
        at = source.randrange(len(value) + 1)
        made.append(
            source.choice(
                (
                    value,
                    value.swapcase(),
                    f" {value}",
                    f"{value}\n",
                    value[:at] + source.choice(ALPHABET) + value[at:],
                    "".join(source.choice(ALPHABET) for _ in range(source.randrange(1, 12))),
                )
            )
        )
    return made


IDENTITIES = (
    Identity(By.EMAIL, ("email",)),
    Identity(By.EMAIL, ("work", "email")),
    Identity(By.PHONE, ("phone",), region="DE"),
    Identity(By.PHONE, ("phone", "work")),
    Identity(By.DOMAIN_NAME, ("domain", "email"), ("first", "last")),
    Identity(By.DOMAIN_NAME, ("domain",), ("last",)),
)


@pytest.mark.parametrize("identity", IDENTITIES, ids=lambda identity: f"{identity.by} {identity.columns}")
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_the_engine_gives_every_row_the_key_it_has_in_memory(
    room: SegmentsRoom, ana: Principal, tables: Tables, identity: Identity
) -> None:
    source = random.Random(str(identity))  # noqa: S311
    columns = {
        "email": EMAILS,
        "work": EMAILS,
        "phone": PHONES,
        "domain": DOMAINS,
        "first": FIRST,
        "last": LAST,
    }
    cells = {name: awkward(source, values, 500) for name, values in columns.items()}
    records = [dict(zip(cells, row, strict=True)) for row in zip(*cells.values(), strict=True)]
    upload_id = tables.add(records)
    sources = newest_sources(room.reading, ana, [upload_id])
    rows = keyed(room, sources, identity, of_job())
    found = room.reading.queries.run(f"SELECT place, key FROM {rows.sql}", rows.tables)  # noqa: S608
    keys = dict(zip(found["place"].to_pylist(), found["key"].to_pylist(), strict=True))
    world = tables.world.uploads[upload_id]
    assert keys == {row_id: record_key(identity, record) for row_id, record in world.items()}
    assert len({key for key in keys.values() if key}) > 3
    groups = groups_of(room, sources, Dedupe(identity), of_job())
    expected = [
        len(person.rows)
        for person in people(tables.world, Dedupe(identity), record_key)
        if len(person.rows) > 1
    ]
    assert groups.members.num_rows == sum(expected)
    assert groups.groups == len(expected)


def test_what_is_ordinary_about_an_address_is_its_key_in_lower_case() -> None:
    # What the engine relies on for ASCII: the check changes nothing but the case.
    source = random.Random(5)  # noqa: S311
    tried = 0
    for _ in range(20_000):
        value = (
            "".join(source.choice("abAB.-_+'09@") for _ in range(source.randrange(3, 14)))
            + "@ex-ample.Company"
        )
        if check_email(value).is_ok and "xn--" not in value.lower():
            tried += 1
            assert email_key(value) == value.lower()
    assert tried > 100


def test_a_column_of_too_many_odd_values_is_refused_not_read_for_ever(
    room: SegmentsRoom, ana: Principal, tables: Tables
) -> None:
    upload_id = tables.add([{"phone": f"030 90{at:05d}"} for at in range(50)])
    sources = newest_sources(room.reading, ana, [upload_id])
    impatient = replace(of_job(), until=0.0)
    with pytest.raises(Overloaded) as refused:
        keyed(room, sources, Identity(By.PHONE, ("phone",), region="DE"), impatient)
    assert refused.value.error_code == "identity_too_slow"
    # A failure is not kept: with more time it works.
    assert keyed(room, sources, Identity(By.PHONE, ("phone",), region="DE"), of_job()).tables
