"""The list of people who must not leave: what counts as the same, what a domain covers, and that it cannot be read back."""

import json

import pytest

from muster.accounts.model import Principal
from muster.db.schema import suppressions
from muster.errors import Forbidden, InputError, NotFound
from muster.exports.requests import SuppressionsBody
from muster.exports.suppress import check, list_suppressions, remove_entry, suppress, unsuppress
from muster.exports.suppressed import SuppressionKind, spelled
from muster.wiring import House
from tests.exports.exporting import Exports


def values(*given: str, **members: str) -> SuppressionsBody:
    return SuppressionsBody(values=list(given), **members)  # type: ignore[arg-type]


def checked(house: House, who: Principal, *given: str) -> list[tuple[str | None, str | None]]:
    return [(each.kind, each.by) for each in check(house.exports, who, values(*given))]


@pytest.mark.parametrize(
    ("value", "kind", "text"),
    [
        (" Ada@Example.COM ", "email", "ada@example.com"),
        ("Ada@BÜCHER.example", "email", "ada@xn--bcher-kva.example"),
        ("+44 113 496-0987", "phone", "+441134960987"),
        ("Example.ORG.", "domain", "example.org"),
        ("bücher.example", "domain", "xn--bcher-kva.example"),
    ],
)
def test_one_spelling_for_every_way_to_write_it(value: str, kind: str, text: str) -> None:
    found = spelled(value)
    assert found is not None
    assert (found.kind, found.text) == (kind, text)


@pytest.mark.parametrize("value", ["", "  ", "hello", "ada@", "0113 496 0987", "12", "a b@c.de"])
def test_what_is_none_of_the_three_is_nothing(value: str) -> None:
    assert spelled(value) is None


def test_a_national_number_needs_its_country() -> None:
    assert spelled("0113 496 0987", region="GB") == spelled("+441134960987")


def test_adding_twice_is_adding_once_and_refused_values_are_named_by_their_place(
    house: House, ana: Principal
) -> None:
    added = suppress(house.exports, ana, values("a@x.de", "nonsense", "A@X.de", "x.org"))
    assert (added.added, added.already) == (2, 1)
    assert [issue.pointer for issue in added.refused] == ["/values/1"]
    assert suppress(house.exports, ana, values("a@x.de")).already == 1
    with pytest.raises(InputError) as refused:
        suppress(house.exports, ana, values("nonsense"))
    assert refused.value.error_code == "suppression_invalid"
    assert "nonsense" not in json.dumps([refused.value.message, *(i.message for i in refused.value.issues)])


def test_a_domain_covers_its_subdomains_and_every_address_there(house: House, ana: Principal) -> None:
    suppress(house.exports, ana, values("example.org"))
    assert checked(house, ana, "ada@example.org", "ada@mail.example.org", "sub.example.org", "other.org", "org") == [
        ("email", "domain"), ("email", "domain"), ("domain", "domain"), ("domain", None), (None, None),
    ]  # fmt: skip


def test_the_list_of_one_user_says_nothing_of_anothers(house: House, ana: Principal, ben: Principal) -> None:
    suppress(house.exports, ana, values("ada@example.org"))
    suppress(house.exports, ben, values("ada@example.org"))
    mine, _, counts = list_suppressions(house.exports, ana, None, 10, None)
    theirs, _, _ = list_suppressions(house.exports, ben, None, 10, None)
    assert counts == {SuppressionKind.EMAIL: 1, SuppressionKind.PHONE: 0, SuppressionKind.DOMAIN: 0}
    assert mine[0].digest != theirs[0].digest  # the same address cannot be told to be the same
    with pytest.raises(Forbidden):
        remove_entry(house.exports, ana, theirs[0].id)
    with pytest.raises(NotFound):
        remove_entry(house.exports, ana, "sup_" + "A" * 22)
    remove_entry(house.exports, ana, mine[0].id)
    assert checked(house, ana, "ada@example.org") == [("email", None)]
    assert checked(house, ben, "ada@example.org") == [("email", "email")]


def test_nothing_in_the_database_shows_who_is_on_the_list(house: House, ana: Principal) -> None:
    suppress(house.exports, ana, values("ada@example.org", "+441134960987", reason="asked"))
    with house.db.read() as connection:
        rows = [dict(row._mapping) for row in connection.execute(suppressions.select())]
    assert len(rows) == 2
    shown = json.dumps(rows, default=str)
    assert "ada" not in shown
    assert "4960987" not in shown


def test_people_are_taken_off_the_list_by_any_spelling(house: House, ana: Principal) -> None:
    suppress(house.exports, ana, values("ada@example.org", "b@example.org"))
    assert unsuppress(house.exports, ana, values("ADA@example.ORG", "never@there.org")) == 1
    assert checked(house, ana, "ada@example.org", "b@example.org") == [("email", None), ("email", "email")]


def test_pages_of_the_list_hold_every_entry_once(house: House, ana: Principal) -> None:
    suppress(house.exports, ana, values(*(f"p{number}@x.de" for number in range(7))))
    seen: list[str] = []
    cursor = None
    while True:
        page, cursor, _ = list_suppressions(house.exports, ana, SuppressionKind.EMAIL, 3, cursor)
        seen += [entry.id for entry in page]
        if cursor is None:
            break
    assert len(seen) == len(set(seen)) == 7


def test_suppressed_people_leave_by_no_column_whether_it_is_exported_or_not(exports: Exports) -> None:
    upload_id = exports.table(
        {
            "email": ["a@x.de", "b@gone.org", None, None, "e@x.de", "f@x.de"],
            "Telefon": [None, None, "0113 496 0987", None, None, "+1 800 555 0100"],
            "company_domain": [None, None, None, "mail.gone.org", None, None],
            "country": [None, None, "United Kingdom", None, None, None],
            "note": [None, None, None, None, "E@other.de", "write to e@other.de, please"],
            "name": ["kept", "address", "phone", "domain", "note", "also kept"],
        }
    )
    suppress(exports.house.exports, exports.owner, values("gone.org", "+441134960987", "e@other.de"))
    export = exports.done(upload_id, columns=["name", "note"])
    assert exports.file(export).decode().split("\r\n")[1:-1] == [
        "kept,",
        'also kept,"write to e@other.de, please"',
    ]
    assert export.counts.left_out == {"suppressed": 4}
    # A column nobody exports and whose name says nothing is not looked through.
    assert exports.done(upload_id, columns=["name"]).counts.left_out == {"suppressed": 3}
