"""Connections in Studio: a form made from the provider's own description, keys that are never shown, one call to try."""

import json
import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.support.browser import NewVisitor, Person, Visitor
from tests.support.enrich_pages import add_provider, ask, step, table_of_people
from tests.support.enrich_server import KEY, Service, company_of, enrich_server

KNOWN = next(name for name in ("acme.com", "globex.co.uk", "initech.org") if company_of(name) is not None)


@pytest.fixture(scope="module")
def registry() -> Iterator[Service]:
    """A service that knows companies, for those with its key."""
    with enrich_server() as service:
        yield service


def settings_of(registry: Service, **members: Any) -> dict[str, Any]:
    return {
        "url": f"{registry.url}/v1/secret/companies/{{domain}}",
        "auth": {"kind": "bearer", "token": KEY},
        "needs": [{"name": "domain", "title": "Domain", "fields": ["company_domain"]}],
        "outputs": [{"name": "company_name", "path": "$.company.name", "title": "Company name"}],
        "price": 0.01,
        **members,
    }


def connection(person: Person, registry: Service, name: str) -> str:
    body = {"provider": "http_json", "name": name, "settings": settings_of(registry)}
    return str(ask(person, "POST", "/connections", body)["connection"]["id"])


def group(page: Page, name: str) -> Locator:
    return page.get_by_role("group", name=name, exact=True)


def test_a_connection_is_written_corrected_tried_and_changed(
    new_visitor: NewVisitor, new_person: Callable[[], Person], registry: Service
) -> None:
    person = new_person()
    visitor = new_visitor(person)
    visitor.expect_refusal(400, "/connections$")
    visitor.expect_refusal(400, "/try$")
    page = visitor.go("/enrichments/connections")
    expect(page.get_by_role("heading", name="No connection yet")).to_be_visible()
    visitor.check_looks("connections-empty")
    page.get_by_role("button", name="Make the first connection").click()
    page.get_by_role("menuitem", name="REST service").click()
    _write(page, registry)
    _correct(visitor, registry)
    _try(visitor)
    _change(visitor, person)


def _write(page: Page, registry: Service) -> None:
    """As somebody in a hurry does: four things are wrong."""
    page.get_by_role("textbox", name="Name", exact=True).first.fill("Registry")
    page.get_by_role("textbox", name="Address").fill("ftp://somewhere/{domain}")
    group(page, "Auth").get_by_label("Kind of auth").select_option("bearer")
    group(page, "Auth").get_by_role("textbox", name="Token").fill(KEY)
    group(page, "Secrets").get_by_role("button", name="Add to secrets").click()
    group(page, "Secrets").get_by_role("combobox", name="Name in secrets").fill("Bad name")
    group(page, "Secrets").get_by_role("textbox", name="Secrets Bad name").fill("anything")
    needs = group(page, "Needs")
    needs.get_by_role("textbox", name="Name", exact=True).fill("domain")
    needs.get_by_role("textbox", name="Title").fill("Domain")
    outputs = group(page, "Outputs")
    outputs.get_by_role("textbox", name="Name", exact=True).fill("company_name")
    outputs.get_by_role("textbox", name="Path").fill("$[")
    page.get_by_role("textbox", name="Price", exact=True).fill("0.01")
    page.get_by_role("button", name="Save connection").click()


def _correct(visitor: Visitor, registry: Service) -> None:
    """Each mistake stands at its field, and the first of them has the focus."""
    page = visitor.page
    address = page.get_by_role("textbox", name="Address")
    path = group(page, "Outputs").get_by_role("textbox", name="Path")
    secret = group(page, "Secrets").get_by_role("textbox", name="Secrets Bad name")
    for field in (address, path, secret):
        expect(field).to_have_attribute("aria-invalid", "true")
        assert page.evaluate(
            "field => field.getAttribute('aria-describedby').split(' ').some("
            "id => document.getElementById(id)?.className.includes('error'))",
            field.element_handle(),
        )
    expect(address).to_be_focused()
    expect(page.get_by_role("alert")).to_contain_text("settings_invalid")
    visitor.check_looks("connection-mistakes")
    address.fill(f"{registry.url}/v1/secret/companies/{{domain}}")
    path.fill("$.company.name")
    group(page, "Secrets").get_by_role("button", name="Remove Bad name from secrets").click()
    page.get_by_role("button", name="Save connection").click()
    expect(page).to_have_url(re.compile("/enrichments/connections/con_"))


def _try(visitor: Visitor) -> None:
    page = visitor.page
    trial = page.get_by_role("region", name="Try it")
    expect(trial).to_contain_text("One call, 0.01 for each one asked.")
    trial.get_by_role("textbox", name="Domain").fill(KNOWN)
    trial.get_by_role("button", name="Try it").click()
    expect(trial.get_by_text("Found", exact=True)).to_be_visible()
    known = company_of(KNOWN)
    assert known is not None
    expect(trial.get_by_role("table", name="What came back")).to_contain_text(known["company"]["name"])
    expect(trial).to_contain_text("cost 0.01")
    visitor.check_looks("connection-tried")


def _change(visitor: Visitor, person: Person) -> None:
    """The key is neither shown nor lost when something else is changed; another one takes its place."""
    page = visitor.page
    page.reload()
    token = group(page, "Auth").get_by_role("textbox", name="Token")
    expect(token).to_have_value("")
    expect(token).to_have_attribute("placeholder", re.compile("^Kept"))
    assert KEY not in page.content()
    page.get_by_role("textbox", name="Name", exact=True).first.fill("Company registry")
    trial = page.get_by_role("region", name="Try it")
    expect(trial).to_contain_text("your changes are not yet")
    with page.expect_request(lambda request: request.method == "PATCH") as sent:
        page.get_by_role("button", name="Save changes").click()
    assert json.loads(sent.value.post_data or "")["settings"]["auth"] == {"kind": "bearer", "token": None}
    expect(page.get_by_role("heading", level=1, name="Company registry")).to_be_visible()
    trial.get_by_role("textbox", name="Domain").fill(KNOWN)
    trial.get_by_role("button", name="Try it").click()
    expect(trial.get_by_text("Found", exact=True)).to_be_visible()
    token.fill("another")
    page.get_by_role("button", name="Save changes").click()
    expect(token).to_have_value("")
    trial.get_by_role("button", name="Try it").click()
    expect(trial.get_by_role("alert")).to_contain_text("req_")


def test_a_connection_is_a_provider_among_others(visitor: Visitor, person: Person, registry: Service) -> None:
    made = connection(person, registry, "Registry of companies")
    upload_id = table_of_people(person, "Asked about")
    page = visitor.go(f"/uploads/{upload_id}/enrich")
    page.get_by_role("checkbox", name="Company name").check()
    page.get_by_role("button", name="Choose providers", exact=True).click()
    step(page, "providers")
    picker = page.get_by_label("Connection")
    expect(picker).to_have_value(made)
    expect(page.get_by_text("0.01 for each one asked", exact=True)).to_be_visible()
    add_provider(page, "Names split")
    page.get_by_role("button", name="Ask “Names split” earlier").click()
    page.get_by_role("button", name="Map the columns").click()
    expect(page.get_by_role("combobox", name="Domain", exact=True)).to_have_value("company_domain")
    page.get_by_role("button", name="Estimate").click()
    page.get_by_role("button", name=re.compile("^Ask paid providers for the sample")).click()
    known = company_of("acme.com") or company_of("globex.co.uk")
    assert known is not None
    expect(page.get_by_role("region", name="Rows before and after")).to_contain_text(known["company"]["name"])
    visitor.check_looks("enrich-connection-estimate", themes=("light",))


def test_connections_are_listed_and_deleted(visitor: Visitor, person: Person, registry: Service) -> None:
    connection(person, registry, "To be deleted")
    page = visitor.go("/enrichments/connections")
    listed = (
        page.get_by_role("list", name="Connections").get_by_role("listitem").filter(has_text="To be deleted")
    )
    expect(listed).to_contain_text("gives company_name")
    expect(listed).to_contain_text("answers kept 90 days, “nothing” 7 days")
    visitor.check_looks("connections")
    page.get_by_role("button", name="Delete To be deleted").click()
    dialog = page.get_by_role("dialog", name="Delete “To be deleted”?")
    dialog.get_by_role("button", name="Cancel").click()
    expect(listed).to_have_count(1)
    page.get_by_role("button", name="Delete To be deleted").click()
    dialog.get_by_role("button", name="Delete connection").click()
    expect(listed).to_have_count(0)
    names = [each["name"] for each in ask(person, "GET", "/connections")["connections"]]
    assert "To be deleted" not in names


def test_a_connection_fits_a_narrow_window(
    new_visitor: NewVisitor, person: Person, registry: Service
) -> None:
    made = connection(person, registry, "Narrow")
    visitor = new_visitor(person, width=360, height=740)
    for path in ("/enrichments/connections", f"/enrichments/connections/{made}"):
        page = visitor.go(path)
        expect(
            page.get_by_text("Narrow").or_(page.get_by_role("heading", name="Narrow")).first
        ).to_be_visible()
        assert page.evaluate("document.documentElement.scrollWidth") <= 360
    visitor.check_looks("connection-narrow", themes=("light",))


def test_nobody_sees_the_connection_of_another(
    new_visitor: NewVisitor, new_person: Callable[[], Person], person: Person, registry: Service
) -> None:
    made = connection(person, registry, "Private")
    stranger = new_visitor(new_person())
    stranger.expect_refusal(403, f"/{made}$")
    page = stranger.go(f"/enrichments/connections/{made}")
    expect(page.get_by_role("alert")).to_contain_text("You may not see this")
    expect(page.locator("body")).not_to_contain_text(registry.url)
