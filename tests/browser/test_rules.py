"""Rules as a person writes them: a sentence, tried before it is saved, in an order that can be changed."""

import json
import re
from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.support.browser import NewVisitor, Person, Visitor
from tests.support.job_fixtures import wait_for
from tests.support.live import Api

RULES = "/api/audience/rules"


def add(api: Api, name: str, field: str, test: dict[str, object], severity: str = "reject") -> str:
    body = json.dumps({"name": name, "field": field, "test": test, "severity": severity}).encode()
    answer = api.call("POST", RULES, body)
    assert answer.status in {200, 201}, answer.body
    rule_id: str = answer.json["rule"]["id"]
    return rule_id


def names(api: Api) -> list[str]:
    return [rule["name"] for rule in api.call("GET", RULES).json["rules"]]


def start_a_rule(page: Page, field: str, test: str) -> None:
    page.get_by_role("button", name="New rule").click()
    page.get_by_label("Field", exact=False).first.fill(field)
    page.keyboard.press("Escape")
    page.get_by_role("combobox", name="Test").click()
    page.get_by_role("option", name=test, exact=True).click()


def test_without_rules_the_page_teaches_what_one_is(
    new_visitor: NewVisitor, new_person: Callable[[], Person]
) -> None:
    visitor = new_visitor(new_person())
    page = visitor.go("/rules")
    expect(page.get_by_text("No rules of your own yet")).to_be_visible()
    expect(page.get_by_text("At least one of business_email")).to_be_visible()
    visitor.check_looks("rules-empty")


def test_a_rule_is_written_tried_on_values_and_on_an_upload_and_saved(
    new_visitor: NewVisitor, new_person: Callable[[], Person]
) -> None:
    person = new_person()
    records = [
        {"email": f"p{number}@example.com", "plan": "gold" if number % 4 else "tin"} for number in range(40)
    ]
    upload_id = person.api.create("Plans", records).json["upload_id"]
    wait_for(
        lambda: person.api.get(upload_id, "?include=none").json["upload_status"],
        lambda status: status == "ready",
        seconds=60,
    )
    visitor = new_visitor(person)
    page = visitor.go("/rules")
    start_a_rule(page, "plan", "must be one of a list")
    expect(page.get_by_role("button", name="Save rule")).to_be_disabled()
    for word in ("gold", "silver"):
        page.get_by_role("combobox", name="Allowed values").fill(word)
        page.keyboard.press("Enter")
    expect(page.get_by_text("plan must be gold or silver, else the row is rejected.")).to_be_visible()
    page.get_by_label("On values").fill("gold\ntin")
    page.get_by_role("button", name="Try on these values").click()
    tried = page.get_by_role("region", name="What the rule says of each value")
    expect(tried.get_by_role("row", name=re.compile("^gold"))).to_contain_text("passes")
    expect(tried.get_by_role("row", name=re.compile("^tin"))).to_contain_text("rejected")
    page.get_by_role("combobox", name="On a whole upload").click()
    page.get_by_role("option", name=re.compile("^Plans")).click()
    page.get_by_role("button", name="Try on this upload").click()
    expect(page.get_by_role("status").filter(has_text="10 of 40 rows")).to_be_visible()
    visitor.check_looks("rules-editor")
    page.get_by_role("button", name="Save rule").click()
    expect(page.get_by_role("listitem").filter(has_text="plan must be gold or silver")).to_be_visible()
    (kept,) = person.api.call("GET", RULES).json["rules"]
    assert kept["test"] == {"kind": "enum", "values": ["gold", "silver"], "ignore_case": False}
    assert kept["severity"] == "reject"


def test_rules_are_ordered_switched_edited_and_deleted(
    new_visitor: NewVisitor, new_person: Callable[[], Person]
) -> None:
    person = new_person()
    add(person.api, "Addresses", "email", {"kind": "email"}, "fix")
    second = add(person.api, "Phones", "phone", {"kind": "phone", "region": "DE"}, "warn")
    visitor = new_visitor(person)
    page = visitor.go("/rules")
    page.get_by_role("button", name="Move “Phones” earlier").press("Enter")
    wait_for(lambda: names(person.api), lambda found: found == ["Phones", "Addresses"], seconds=10)
    page.get_by_role("switch", name="“Phones” is on").press("Space")
    wait_for(
        lambda: person.api.call("GET", f"{RULES}/{second}").json["rule"]["enabled"],
        lambda on: on is False,
        seconds=10,
    )
    visitor.check_looks("rules")
    visitor.go(f"/rules?rule={second}")  # the editor has an address of its own
    page.get_by_label("Name").fill("German phones")
    page.get_by_role("button", name="Save changes").click()
    expect(page.get_by_text("German phones")).to_be_visible()
    page.get_by_role("button", name="More about “German phones”").click()
    page.get_by_role("menuitem", name="Delete").click()
    expect(page.get_by_role("dialog", name="Delete this rule?")).to_contain_text("German phones")
    page.get_by_role("button", name="Delete rule").click()
    wait_for(lambda: names(person.api), lambda found: found == ["Addresses"], seconds=10)


def test_a_rule_the_server_refuses_says_why_and_loses_nothing(visitor: Visitor) -> None:
    visitor.expect_refusal(400, f"^{RULES}$")
    page = visitor.go("/rules")
    start_a_rule(page, "code", "must match a pattern")
    page.get_by_label("Pattern (RE2)").fill("(unclosed")
    page.get_by_role("button", name="Save rule").click()
    expect(page.get_by_role("alert")).to_contain_text("This rule cannot be used")
    expect(page.get_by_label("Pattern (RE2)")).to_have_value("(unclosed")


def test_rules_fit_a_narrow_window(new_visitor: NewVisitor, person: Person) -> None:
    add(
        person.api,
        "Addresses of people who write long names for their rules",
        "business_email",
        {"kind": "email"},
    )
    visitor = new_visitor(person, width=360, height=740)
    page = visitor.go("/rules")
    expect(page.get_by_role("listitem").first).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    visitor.check_looks("rules-narrow")
