"""Segments in Studio: the list, members and versions, by hand, why, overlap."""

import json
import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.support.browser import NewVisitor, Person, Visitor
from tests.support.segment_pages import (
    CRM,
    EVENT,
    EVENT_PEOPLE,
    SEGMENTS,
    ask,
    edit,
    equals,
    has_size,
    how_many,
    list_row,
    make,
    one,
    table_of,
)

IN_US = how_many(lambda each: each["country"] == "US")


@pytest.fixture(scope="module")
def crm(person: Person) -> str:
    """Nobody changes it."""
    return table_of(person, "CRM", CRM)


@pytest.fixture(scope="module")
def event(person: Person, crm: str) -> str:
    """After the CRM, so that its rows are the newer ones."""
    return table_of(person, "Fair", EVENT_PEOPLE)


def counted(page: Page, words: str) -> None:
    expect(page.get_by_test_id("members-count")).to_have_text(words, timeout=20_000)


def side(page: Page, name: str) -> None:
    page.get_by_role("navigation", name=re.compile("^Sides of")).get_by_role("link", name=name).click()


def test_the_list_is_searched_tagged_and_ordered_in_the_address(
    new_visitor: NewVisitor, new_person: Callable[[], Person]
) -> None:
    person = new_person()
    visitor = new_visitor(person)
    page = visitor.go("/segments")
    expect(page.get_by_role("heading", name="Choose whom you speak to")).to_be_visible(timeout=20_000)
    expect(page.get_by_role("link", name="Bring a file in first")).to_have_attribute("href", "/uploads")
    visitor.check_looks("segments-empty")
    upload = table_of(person, "CRM", CRM)
    retail = how_many(lambda each: each["industry"] == "retail")
    make(person, upload, "Buyers in the US", tags=["spring"], description="For the mailing")
    make(person, upload, "Retail", filter=equals("industry", "retail"), kind="snapshot", tags=["shops"])
    page.reload()
    expect(list_row(page, "Buyers in the US")).to_contain_text(
        f"{IN_US} rows50% of {len(CRM)} rows", timeout=20_000
    )
    expect(list_row(page, "Retail")).to_contain_text("Snapshot")
    rows = page.get_by_role("table", name="Segments").get_by_role("row")
    expect(rows).to_have_count(3)
    visitor.check_looks("segments")
    page.get_by_label("Order").select_option("-count")
    expect(page).to_have_url(re.compile(r"\?sort=-count$"))
    expect(rows.nth(1)).to_contain_text("Buyers in the US" if retail < IN_US else "Retail")
    page.get_by_role("button", name="shops").click()
    expect(rows).to_have_count(2)
    expect(page).to_have_url(re.compile("tag=shops"))
    page.get_by_role("textbox", name="Search segments by name").fill("buyers")
    expect(page.get_by_role("heading", name="No segment matches")).to_be_visible()
    page.reload()
    expect(page.get_by_role("heading", name="No segment matches")).to_be_visible(timeout=20_000)
    page.get_by_role("button", name="Clear the filters").click()
    expect(rows).to_have_count(3)

    page.get_by_role("button", name="More about Retail").click()
    page.get_by_role("menuitem", name="Name, description, tags").click()
    dialog = page.get_by_role("dialog", name="Name, description, tags")
    dialog.get_by_role("textbox", name="Name").fill("Shops")
    dialog.get_by_role("button", name="Save").click()
    expect(list_row(page, "Shops")).to_be_visible()
    [found] = ask(person, "GET", f"{SEGMENTS}?name=shops")["segments"]
    assert (found["tags"], found["count"]) == (["shops"], retail)


def test_a_live_segment_follows_its_table(visitor: Visitor, person: Person) -> None:
    upload = table_of(person, "Followed", CRM)
    segment_id = make(person, upload, "Follows")
    page = visitor.go(f"/segments/{segment_id}")
    has_size(page, f"{IN_US} rows")
    german = next(at for at, each in enumerate(CRM) if each["country"] == "DE")
    edit(person, upload, german, country="US")
    page.reload()
    has_size(page, f"{IN_US + 1} rows")
    expect(page.get_by_role("main")).to_contain_text("1 joined")
    side(page, "History")
    expect(page.get_by_role("img", name=f"Sizes, the oldest first: {IN_US}, {IN_US + 1}")).to_be_visible()
    visitor.check_looks("segment-history")
    page.get_by_role("link", name="1 who joined in version 2").click()
    counted(page, "1 row who joined")
    expect(page.get_by_role("region", name="Members of Follows")).to_contain_text(CRM[german]["email"])
    expect(page.get_by_role("note")).to_contain_text("In version 2 and not in version 1.")
    page.goto(f"{visitor.url}/segments?q=Follows")
    expect(list_row(page, "Follows")).to_contain_text("+1", timeout=20_000)
    expect(list_row(page, "Follows").get_by_role("img")).to_have_accessible_name(
        f"Sizes, the oldest first: {IN_US}, {IN_US + 1}"
    )


def test_a_snapshot_takes_changes_in_when_it_is_refreshed(visitor: Visitor, person: Person) -> None:
    upload = table_of(person, "Kept", CRM)
    segment_id = make(person, upload, "Keeps", kind="snapshot")
    countries = [each["country"] for each in CRM]
    leaves, joins, other = countries.index("US"), countries.index("DE"), countries.index("FR")
    edit(person, upload, leaves, country="FR")
    edit(person, upload, joins, country="US")
    edit(person, upload, other, country="US")
    page = visitor.go(f"/segments/{segment_id}")
    has_size(page, f"{IN_US} rows")
    expect(page.get_by_text("Its tables changed since this snapshot was taken.")).to_be_visible()
    visitor.check_looks("segment-stale")
    page.get_by_role("button", name="Refresh").click()
    has_size(page, f"{IN_US + 1} rows")
    expect(page.get_by_text("Its tables changed since this snapshot was taken.")).to_have_count(0)
    side(page, "History")
    page.get_by_role("link", name="2 who joined in version 2").click()
    counted(page, "2 rows who joined")
    page.reload()
    counted(page, "2 rows who joined")
    page.get_by_text("Left", exact=True).click()
    counted(page, "1 row who left")
    left = page.get_by_role("region", name="Members of Keeps")
    expect(left).to_contain_text(CRM[leaves]["email"])
    expect(left).to_contain_text("US")
    page.get_by_role("button", name="Members of now").click()
    counted(page, f"1 to 50 of {IN_US + 1} rows")
    page.get_by_role("button", name="More about Keeps").click()
    page.get_by_role("menuitem", name="Let it follow its tables").click()
    expect(page.get_by_text("Live", exact=True)).to_be_visible()
    assert one(person, segment_id)["kind"] == "live"


def test_a_segment_that_is_counted_by_a_job_is_followed(visitor: Visitor, person: Person, crm: str) -> None:
    wish = json.dumps({"name": "Counted later", "uploads": [crm], "filter": equals("country", "US")})
    headers = {"Prefer": "respond-async"}
    answer = person.api.call("POST", SEGMENTS, wish.encode(), headers=headers)
    assert (answer.status, answer.json["segment"]["status"]) == (202, "computing")
    page = visitor.go(f"/segments/{answer.json['segment']['id']}")
    has_size(page, f"{IN_US} rows")
    expect(page.get_by_text("Counting", exact=True)).to_have_count(0)
    counted(page, f"1 to 50 of {IN_US} rows")


def test_members_are_paged_and_their_columns_chosen(visitor: Visitor, person: Person, crm: str) -> None:
    page = visitor.go(f"/segments/{make(person, crm, 'Paged')}")
    counted(page, f"1 to 50 of {IN_US} rows")
    table = page.get_by_role("region", name="Members of Paged")
    visitor.check_looks("segment-members")
    page.get_by_role("button", name="Page 2").click()
    counted(page, f"51 to {IN_US} of {IN_US} rows")
    in_us = [each for each in CRM if each["country"] == "US"]
    expect(table).to_contain_text(in_us[50]["email"])
    page.get_by_role("button", name="Columns").click()
    page.get_by_role("checkbox", name="industry").uncheck()
    page.keyboard.press("Escape")
    expect(table.get_by_role("columnheader", name="industry")).to_have_count(0)
    page.reload()
    counted(page, f"51 to {IN_US} of {IN_US} rows")
    expect(table.get_by_role("columnheader")).to_have_text(
        ["Row", "email", "full_name", "country", "employees"]
    )
    table.get_by_role("button").first.click()
    panel = page.get_by_role("dialog", name=re.compile("^Row [0-9]+ of CRM$"))
    expect(panel).to_contain_text(in_us[50]["industry"])
    visitor.check_looks("segment-member")


def test_people_are_added_and_left_out_by_hand(visitor: Visitor, person: Person, crm: str) -> None:
    segment_id = make(person, crm, "By hand")
    german = next(each for each in CRM if each["country"] == "DE")
    page = visitor.go(f"/segments/{segment_id}/by-hand")
    form = page.get_by_role("form", name="Add or leave out by hand")
    lines = form.get_by_role("textbox", name="E-mail addresses, one a line")
    visitor.expect_refusal(400, f"{segment_id}/members$")
    lines.fill(f"{german['email']}\nnobody")
    form.get_by_role("button", name="Add 2 entries").click()
    expect(form.get_by_role("alert")).to_contain_text("nobody: ")
    visitor.check_looks("segment-by-hand-refused")
    lines.fill(german["email"].upper())
    form.get_by_role("button", name="Add", exact=True).click()
    entries = page.get_by_role("region", name="Who is added and left out").get_by_role("row")
    expect(entries.nth(1)).to_contain_text(f"{german['email']}added")
    has_size(page, f"{IN_US + 1} rows")

    # Out again by its row: leaving out wins.
    form.get_by_label("Named by").select_option("row")
    form.get_by_role("textbox", name="Row").fill(str(CRM.index(german) + 1))
    form.get_by_text("Leave out", exact=True).first.click()
    form.get_by_role("button", name="Leave out", exact=True).click()
    expect(entries.nth(2)).to_contain_text(f"CRM, row {CRM.index(german) + 1}left out")
    has_size(page, f"{IN_US} rows")
    visitor.check_looks("segment-by-hand")
    page.get_by_role("button", name=f"Take CRM, row {CRM.index(german) + 1} from the list").click()
    has_size(page, f"{IN_US + 1} rows")
    expect(entries).to_have_count(2)

    # A member is left out where it is seen, and that is taken back.
    side(page, "Members")
    page.get_by_role("region", name="Members of By hand").get_by_role("button").first.click()
    page.get_by_role("dialog").get_by_role("button", name="Leave out by hand").click()
    has_size(page, f"{IN_US} rows")
    assert one(person, segment_id)["excluded"] == 1
    page.get_by_role("button", name="Undo").click()
    has_size(page, f"{IN_US + 1} rows")
    assert (one(person, segment_id)["included"], one(person, segment_id)["excluded"]) == (1, 0)


def test_why_somebody_is_not_in_is_told_condition_by_condition(
    visitor: Visitor, person: Person, crm: str, event: str
) -> None:
    both = {"all": [equals("country", "US"), {"field": "employees", "op": "ge", "value": 50}]}
    segment_id = make(person, crm, "Asked", uploads=[crm, event], filter=both, dedupe={"by": "email"})
    small = next(each for each in CRM if each["country"] == "US" and each["employees"] < 50)
    row = CRM.index(small)
    page = visitor.go(f"/segments/{segment_id}/why")
    page.get_by_role("textbox", name="E-mail, telephone, name or anything else").fill(small["full_name"])
    page.get_by_role("button", name="Find").click()
    page.get_by_role("region", name=f"Rows that hold {small['full_name']}").get_by_role(
        "button"
    ).first.click()
    why = page.get_by_role("region", name="Why", exact=True)
    expect(why).to_contain_text(f"CRM, row {row + 1}: not in", timeout=20_000)
    expect(why).to_contain_text("Not in: employees is at least 50 does not hold.")
    parts = why.get_by_role("listitem").get_by_role("listitem")
    expect(parts.nth(0).get_by_role("img")).to_have_accessible_name("holds:")
    expect(parts.nth(1).get_by_role("img")).to_have_accessible_name("does not hold:")
    expect(parts.nth(1)).to_contain_text(f"here: {small['employees']}")
    visitor.check_looks("segment-why")
    page.reload()
    expect(why).to_contain_text(f"CRM, row {row + 1}: not in", timeout=20_000)

    # Somebody whom a newer row stands for, asked by the row.
    twice = EVENT[0]
    page.get_by_label("Or a row of").select_option(label="CRM")
    page.get_by_role("textbox", name="Row", exact=True).fill(str(twice + 1))
    page.get_by_role("button", name="Ask why").click()
    same = why.get_by_role("region", name="Rows of the same person")
    expect(same).to_contain_text("Fair, row 1 (stands for them)")
    same.get_by_role("link", name="Fair, row 1").click()
    is_in = EVENT_PEOPLE[0]["employees"] >= 50
    expect(why).to_contain_text(f"Fair, row 1: {'in' if is_in else 'not in'}", timeout=20_000)
    page.get_by_role("textbox", name="E-mail, telephone, name or anything else").fill("nobody at all")
    page.get_by_role("button", name="Find").click()
    expect(page.get_by_text("No row of its uploads holds “nobody at all”")).to_be_visible(timeout=20_000)


def test_two_segments_are_laid_over_each_other(
    visitor: Visitor, person: Person, crm: str, event: str
) -> None:
    first = make(person, crm, "Everybody", filter=None)
    make(person, event, "At the fair", filter=None)
    shared = len(set(EVENT) & set(range(len(CRM))))
    page = visitor.go(f"/segments/{first}/overlap")
    page.get_by_role("combobox", name="With").click()
    page.get_by_role("option", name="At the fair").click()
    picture = page.get_by_role("img", name=re.compile("in both"))
    expect(picture).to_have_accessible_name(
        f"0 rows in both, {len(CRM)} only in Everybody, {len(EVENT_PEOPLE)} only in At the fair",
        timeout=20_000,
    )
    page.get_by_label("What makes two members one").select_option("email")
    only_a, only_b = len(CRM) - shared, len(EVENT_PEOPLE) - shared
    expect(picture).to_have_accessible_name(
        f"{shared} e-mail addresses in both, {only_a} only in Everybody, {only_b} only in At the fair",
        timeout=20_000,
    )
    visitor.check_looks("segment-overlap")
    page.reload()
    expect(picture).to_have_accessible_name(re.compile(f"^{shared} e-mail addresses in both"), timeout=20_000)


def test_a_segment_leads_to_its_exports(visitor: Visitor, person: Person, crm: str) -> None:
    segment_id = make(person, crm, "To be sent")
    page = visitor.go(f"/segments/{segment_id}")
    expect(page.get_by_role("link", name="Export", exact=True)).to_have_attribute(
        "href", f"/exports/new?segment={segment_id}"
    )
    expect(page.get_by_role("link", name="Exports made from it")).to_have_attribute(
        "href", f"/exports?segment={segment_id}"
    )


def test_segments_fit_a_narrow_window(new_visitor: NewVisitor, person: Person, crm: str, event: str) -> None:
    name = "A segment with a name that takes all the room there is and then some more of it"
    segment_id = make(person, crm, name, uploads=[crm, event], tags=["a-tag-of-some-length"])
    visitor = new_visitor(person, width=360, height=740)
    page = visitor.go("/segments?q=all+the+room")
    expect(page.get_by_role("link", name=name)).to_be_visible(timeout=20_000)
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    visitor.check_looks("segments-narrow", themes=("light",))
    for part in ("", "/history", "/by-hand", "/why", "/overlap"):
        page = visitor.go(f"/segments/{segment_id}{part}")
        has_size(page, "rows")
        if part == "":
            expect(page.get_by_test_id("members-count")).to_contain_text("rows")
        assert page.evaluate("document.documentElement.scrollWidth") <= 360, part
        visitor.check_looks(f"segment{part.replace('/', '-')}-narrow", themes=("light",))


def test_nobody_sees_the_segment_of_another(
    new_visitor: NewVisitor, new_person: Callable[[], Person], person: Person, crm: str
) -> None:
    segment_id = make(person, crm, "Private")
    stranger = new_visitor(new_person())
    stranger.expect_refusal(403, f"/{segment_id}$")
    page = stranger.go(f"/segments/{segment_id}")
    expect(page.get_by_role("alert")).to_contain_text("segment_not_yours", timeout=20_000)
