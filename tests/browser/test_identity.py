"""Duplicates and probable matches in Studio: who is there twice, which value wins, and pairs settled by hand."""

import json
import re
from collections.abc import Callable
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.support.browser import NewVisitor, Person, Visitor
from tests.support.table_page import post_file, wait_until_made

CRM = b"""email,full_name,phone,company_domain
Ada@Example.com,Ada L.,,
bob@example.com,Bob Stone,+12125550100,globex.com
ada@example.com,Ada Lovelace,+4930901820,acme.com
cyd@example.org,Cyd Chen,,
n/a,Nobody,,initech.com
,No Address,,initech.com
"""
EVENT = b"""email,full_name,phone,badge
ada@example.com,Ada King,,speaker
BOB@example.com ,Robert Stone Junior,,guest
eve@example.org,Eve Moss,,guest
"""


def table(person: Person, name: str, body: bytes) -> str:
    upload_id = post_file(person, name, body)
    assert wait_until_made(person, upload_id).startswith("ready")
    return upload_id


@pytest.fixture(scope="module")
def lists(person: Person) -> tuple[str, str]:
    """Two lists with some people in both; no test changes them."""
    return table(person, "CRM", CRM), table(person, "Event", EVENT)


def group(page: Page, identity: str) -> Locator:
    return page.get_by_role("list", name="Groups").get_by_role("listitem").filter(has_text=identity)


def joined(page: Page, identity: str, field: str) -> Locator:
    """The cell with what joining makes of a field."""
    lines = group(page, identity).get_by_role("row")
    return lines.filter(has=page.get_by_role("rowheader", name=field, exact=True)).get_by_role("cell").last


def number(page: Page, label: str) -> Locator:
    return page.get_by_role("region", name="In sum").locator("div", has_text=label).locator("dd")


def test_who_is_there_twice_stands_side_by_side_with_what_joining_makes(
    visitor: Visitor, lists: tuple[str, str]
) -> None:
    crm, event = lists
    page = visitor.go("/identity/duplicates")
    expect(page.get_by_role("heading", name="Who is there more than once?")).to_be_visible()
    visitor.check_looks("duplicates-empty")
    page = visitor.go(f"/identity/duplicates?uploads={crm},{event}")
    expect(number(page, "Rows looked at")).to_have_text("9")
    expect(number(page, "People there more than once")).to_have_text("2")
    expect(number(page, "Rows too many")).to_have_text("3 (33.3%)")
    expect(number(page, "Rows once they are joined")).to_have_text("6")
    expect(page.get_by_text(re.compile("1 row has nothing there"))).to_be_visible()
    ada = group(page, "ada@example.com")
    expect(ada).to_contain_text("3 rows")
    expect(ada.get_by_role("columnheader").nth(1)).to_contain_text("Event, row 1")
    expect(ada.get_by_role("columnheader").nth(1)).to_contain_text("stands for them")
    expect(joined(page, "ada@example.com", "full_name")).to_contain_text("Ada King")
    expect(joined(page, "ada@example.com", "phone")).to_contain_text("empty")
    visitor.check_looks("duplicates")


def test_a_policy_is_changed_beside_the_value_and_the_address_keeps_it(
    visitor: Visitor, lists: tuple[str, str]
) -> None:
    crm, event = lists
    page = visitor.go(f"/identity/duplicates?uploads={crm},{event}")
    joined(page, "ada@example.com", "phone").get_by_role("button", name="Which value wins in phone").press(
        "Enter"
    )
    page.get_by_role("menuitemradio", name=re.compile("^Newest value")).press("Enter")
    expect(joined(page, "ada@example.com", "phone")).to_contain_text("+4930901820")
    expect(joined(page, "ada@example.com", "phone")).to_contain_text("newest, from CRM, row 3")
    policies = page.get_by_role("group", name="Which value wins")
    policies.get_by_label("Which value wins in All other fields").select_option(label="Longest value")
    expect(joined(page, "bob@example.com", "full_name")).to_contain_text("Robert Stone Junior")
    expect(joined(page, "ada@example.com", "full_name")).to_contain_text("Ada Lovelace")
    visitor.check_looks("duplicates-policies")
    page.get_by_label("The row that stands for them").select_option(label="The most complete row")
    expect(group(page, "ada@example.com").get_by_role("columnheader").nth(1)).to_contain_text("CRM, row 3")
    page.reload()
    expect(policies.get_by_label("Which value wins in phone")).to_have_value("newest")
    expect(group(page, "ada@example.com").get_by_role("columnheader").nth(1)).to_contain_text("CRM, row 3")
    link = page.get_by_role("link", name="Build a segment that joins them")
    sent = parse_qs(urlsplit(link.get_attribute("href") or "").query)
    assert sent["from"] == [f"{crm},{event}"]
    wanted = {"by": "email", "keep": "most_complete", "fields": {"phone": "newest", "*": "longest"}}
    assert [json.loads(text) for text in sent["dedupe"]] == [wanted]


def test_groups_are_paged_and_fields_that_agree_are_shown_on_wish(visitor: Visitor, person: Person) -> None:
    lines = "".join(f"p{at}@example.com,Kim,{word}\n" for at in range(23) for word in ("old", "new"))
    upload_id = table(person, "Twice each", f"email,first_name,note\n{lines}".encode())
    page = visitor.go(f"/identity/duplicates?uploads={upload_id}")
    status = page.get_by_role("status")
    expect(status.filter(has_text="Groups 1 to 10 of 23, the largest first")).to_be_visible()
    pages = page.get_by_role("navigation", name="Pages of groups")
    expect(pages.get_by_role("button", name="Before")).to_be_disabled()
    pages.get_by_role("button", name="Next").click()
    pages.get_by_role("button", name="Next").click()
    expect(status.filter(has_text="Groups 21 to 23 of 23")).to_be_visible()
    expect(pages.get_by_role("button", name="Next")).to_be_disabled()
    page.reload()
    expect(page.get_by_role("list", name="Groups").get_by_role("listitem")).to_have_count(3)
    one = page.get_by_role("list", name="Groups").get_by_role("listitem").first
    expect(one.get_by_role("rowheader")).to_have_text(["email", "note"])
    expect(one).to_contain_text("1 field agrees")
    page.get_by_role("switch", name="Show fields that agree, too").press("Space")
    expect(one.get_by_role("rowheader")).to_have_text(["email", "first_name", "note"])
    expect(page).to_have_url(re.compile("page=3.*whole=1|whole=1.*page=3"))
    page.go_back()
    expect(status.filter(has_text="Groups 11 to 20 of 23")).to_be_visible()


def test_telephone_numbers_count_with_their_country_and_a_row_leads_to_its_table(
    visitor: Visitor, person: Person
) -> None:
    body = b"email,phone\na@example.com,030 901820\nb@example.com,+49 30 901820\nc@example.com,030901820\n"
    upload_id = table(person, "Calls", body)
    page = visitor.go(f"/identity/duplicates?uploads={upload_id}")
    expect(page.get_by_role("heading", name="Nobody is there twice")).to_be_visible()
    visitor.check_looks("duplicates-none")
    page.get_by_label("Two rows are the same person with").select_option(label="The same telephone number")
    expect(page.get_by_role("heading", name="Nobody is there twice")).to_be_visible()
    page.get_by_label("Country of numbers without a country code").fill("de")
    expect(group(page, "+4930901820")).to_contain_text("3 rows")
    expect(page).to_have_url(re.compile("by=phone.*region=DE"))
    group(page, "+4930901820").get_by_role("link", name="Calls, row 2").click()
    expect(page.get_by_role("dialog", name="Row 2")).to_contain_text("b@example.com")


def test_a_list_without_addresses_says_which_column_to_name(visitor: Visitor, person: Person) -> None:
    upload_id = table(
        person, "Companies", b"company_domain,contact\nacme.com,x@acme.com\nacme.com,X@acme.com\n"
    )
    visitor.expect_refusal(400, "/identity/duplicates$")
    page = visitor.go(f"/identity/duplicates?uploads={upload_id}")
    expect(page.get_by_role("alert")).to_contain_text("identity_columns_missing")
    visitor.check_looks("duplicates-refused")
    page.get_by_role("combobox", name="Read from").click()
    page.get_by_role("option", name="contact").click()
    expect(group(page, "x@acme.com")).to_contain_text("2 rows")


def test_nobody_looks_through_the_uploads_of_another(
    new_visitor: NewVisitor, new_person: Callable[[], Person], lists: tuple[str, str]
) -> None:
    stranger = new_visitor(new_person())
    stranger.expect_refusal(403, "/api/")
    page = stranger.go(f"/identity/duplicates?uploads={lists[0]}")
    expect(page.get_by_role("alert")).to_contain_text("You may not see this")
    expect(page.locator("main")).not_to_contain_text("ada@example.com")


def test_uploads_that_are_ticked_are_looked_through(visitor: Visitor, lists: tuple[str, str]) -> None:
    page = visitor.go("/uploads")
    for name in ("CRM", "Event"):
        page.get_by_role("checkbox", name=f"Select {name}").check()
    bar = page.get_by_role("region", name="Selected uploads")
    bar.get_by_role("link", name="Find duplicates").press("Enter")
    expect(page.get_by_role("heading", name="Duplicates", level=1)).to_be_focused()
    expect(number(page, "People there more than once")).to_have_text("2")
    for upload_id in lists:
        assert upload_id in page.url


def test_duplicates_fit_a_narrow_window(
    new_visitor: NewVisitor, person: Person, lists: tuple[str, str]
) -> None:
    visitor = new_visitor(person, width=360, height=740)
    page = visitor.go(f"/identity/duplicates?uploads={','.join(lists)}")
    expect(group(page, "ada@example.com")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    visitor.check_looks("duplicates-narrow")
