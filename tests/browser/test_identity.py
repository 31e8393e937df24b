"""Duplicates and probable matches in Studio: who is there twice, which value wins, and pairs settled by hand."""

import json
import re
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.support.browser import Person, Visitor
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
