"""Enriching a table in Studio: from what is missing, by providers in order, to columns that say where they come from."""

import json
import re
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

import pytest
from playwright.sync_api import Page, expect

from tests.support.browser import NewVisitor, Person, Visitor
from tests.support.enrich_pages import ROWS, add_provider, cells_of, has_order, row_of, step, table_of_people
from tests.support.table_page import BATCH, cell, header, shows_count


@pytest.fixture
def people(person: Person) -> str:
    """A table of people, for tests that change it."""
    return table_of_people(person, "Spring fair")


def columns_of(person: Person, upload_id: str) -> list[str]:
    answer = person.api.call("GET", f"{BATCH}/{upload_id}/rows?limit=1")
    assert answer.status == 200, answer.body
    return [column["name"] for column in answer.json["columns"]]


def stays_after_a_reload(page: Page, name: str, words: str) -> None:
    """The step is the same after a reload, and so is what was chosen."""
    expect(page.locator("main")).to_contain_text(words)
    page.reload()
    step(page, name)
    expect(page.locator("main")).to_contain_text(words)


def test_what_is_missing_is_filled_in_and_taken_back(visitor: Visitor, person: Person, people: str) -> None:
    page = visitor.go(f"/uploads/{people}")
    page.get_by_role("link", name="Enrich", exact=True).click()
    _choose_goals(visitor)
    _look_at_the_providers(visitor)
    _map(visitor)
    _estimate(visitor)
    page.get_by_role("button", name="Run", exact=True).click()

    # The run, live until it is done.
    expect(page).to_have_url(re.compile("/enrichments/enr_"))
    expect(page.get_by_role("heading", name=re.compile("cells filled$"))).to_be_visible(timeout=30_000)
    assert cells_of(page, "What each column got", "email_normalised") == ["0", str(ROWS)]
    visitor.check_looks("enrich-done")
    page.get_by_role("link", name="Open the table").click()

    # Its columns are in the table, and say where they come from: to the eye, to the pointer, to the keyboard.
    expect(header(page, "first_name")).to_contain_text("enriched")
    expect(header(page, "business_email")).not_to_contain_text("enriched")
    expect(cell(page, 1, "first_name")).to_have_text("Bob")
    _see_where_values_come_from(visitor)

    page.get_by_role("button", name="History").click()
    panel = page.get_by_role("dialog", name="History")
    expect(panel.get_by_role("listitem").first).to_contain_text("Enriched")
    panel.get_by_role("button", name="Undo").click()
    expect(panel.get_by_text(re.compile("taken back"))).to_be_visible()
    assert columns_of(person, people) == ["business_email", "full_name", "country", "company_domain"]
    page.keyboard.press("Escape")
    expect(header(page, "first_name")).to_have_count(0)
    expect(header(page, "full_name")).to_be_visible()


def _choose_goals(visitor: Visitor) -> None:
    """Gaps with how many rows lack them come before columns that would be new."""
    page = visitor.page
    step(page, "goal")
    gaps = page.get_by_role("region", name="Gaps in columns you have")
    expect(gaps.get_by_role("listitem")).to_have_count(1)
    expect(gaps).to_contain_text(f"{ROWS - 10} rows lack it (75%)")
    gaps.get_by_role("checkbox", name="Company domain").check()
    page.get_by_role("checkbox", name="Normalised address").check()
    page.get_by_role("checkbox", name="First name").check()
    visitor.check_looks("enrich-goal")
    stays_after_a_reload(page, "goal", "3 columns chosen")
    page.get_by_role("button", name="Choose providers", exact=True).click()


def _look_at_the_providers(visitor: Visitor) -> None:
    page = visitor.page
    step(page, "providers")
    expect(page.get_by_text("the first acceptable value stays")).to_be_visible()
    has_order(page, "E-mail hygiene", "Domain of the e-mail address", "Company domain", "Names split")
    expect(page.get_by_role("region", name="Columns several providers fill")).to_contain_text(
        "Domain of the e-mail address, then Company domain"
    )
    visitor.check_looks("enrich-providers")
    stays_after_a_reload(page, "providers", "4 providers in order")
    page.get_by_role("button", name="Map the columns").click()


def _map(visitor: Visitor) -> None:
    page = visitor.page
    step(page, "map")
    reads = page.get_by_role("group", name="What “E-mail hygiene” reads")
    expect(reads.get_by_role("combobox", name="E-mail address")).to_have_value("business_email")
    expect(reads).to_contain_text("100% of rows have this")
    policy = page.get_by_role("region", name="How columns are filled").get_by_label("Values that are there")
    policy.select_option("overwrite")
    expect(page.get_by_text("Replaces up to 10 values")).to_be_visible()
    policy.select_option("fill_empty")
    visitor.check_looks("enrich-map")
    stays_after_a_reload(page, "map", "3 columns will be filled")
    page.get_by_role("button", name="Estimate").click()


def _estimate(visitor: Visitor) -> None:
    page = visitor.page
    step(page, "estimate")
    sample = page.get_by_role("region", name="Rows before and after")
    expect(sample.get_by_text("person0@acme.com", exact=True)).to_be_visible()
    visitor.check_looks("enrich-estimate")
    page.get_by_role("textbox", name="Name").fill("Clean up the fair")
    page.reload()
    step(page, "estimate")
    expect(sample.get_by_text("person0@acme.com", exact=True)).to_be_visible()
    expect(page.get_by_role("textbox", name="Name")).to_have_value("Clean up the fair")


def _see_where_values_come_from(visitor: Visitor) -> None:
    page = visitor.page
    cell(page, 1, "first_name").click()
    page.mouse.move(2, 2)
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("ArrowRight")
    origin = page.get_by_role("tooltip")
    expect(origin).to_contain_text("Names split")
    expect(origin).to_contain_text("certain · free")
    expect(page.get_by_text("first_name: from Names split")).to_be_visible()
    visitor.check_looks("enrich-provenance")
    page.keyboard.press("Escape")
    expect(origin).to_have_count(0)
    cell(page, 2, "email_normalised").hover()
    expect(origin).to_contain_text("E-mail hygiene")
    page.keyboard.press("Space")
    panel = page.get_by_role("dialog", name="Row 2")
    expect(panel.get_by_text(re.compile("^ ?Names split"))).to_be_visible()
    visitor.check_looks("enrich-row")
    page.keyboard.press("Escape")
    expect(panel).to_have_count(0)


def test_the_order_is_changed_by_keyboard_and_by_dragging(visitor: Visitor, people: str) -> None:
    page = visitor.go(f"/uploads/{people}/enrich?step=providers")
    expect(page.get_by_role("heading", name="Nobody is asked yet")).to_be_visible()
    for title in ("Names split", "Telephone numbers", "Pretend"):
        add_provider(page, title)
    has_order(page, "Names split", "Telephone numbers", "Pretend")
    page.get_by_role("button", name="Ask “Pretend” earlier").press("Enter")
    has_order(page, "Names split", "Pretend", "Telephone numbers")
    expect(page.get_by_role("button", name="Ask “Pretend” earlier")).to_be_focused()
    page.keyboard.press("Enter")
    has_order(page, "Pretend", "Names split", "Telephone numbers")
    expect(page.get_by_role("button", name="Ask “Pretend” later")).to_be_focused()
    page.reload()
    has_order(page, "Pretend", "Names split", "Telephone numbers")
    lines = page.get_by_role("list", name="Providers in order").get_by_role("listitem")
    lines.nth(2).locator("[draggable=true]").drag_to(lines.nth(0), target_position={"x": 40, "y": 8})
    has_order(page, "Telephone numbers", "Pretend", "Names split")
    page.get_by_role("button", name="Do not ask “Telephone numbers”").click()
    has_order(page, "Pretend", "Names split")


def test_the_numbers_shown_are_those_of_the_estimate(visitor: Visitor, person: Person) -> None:
    many = table_of_people(person, "More than a sample", 200)
    page = visitor.go(f"/uploads/{many}/enrich?step=providers")
    add_provider(page, "Pretend")
    page.get_by_role("button", name="Settings of “Pretend”").click()
    page.get_by_role("textbox", name="Price", exact=True).fill("20000")
    expect(page.get_by_text("0.02 for each one found")).to_be_visible()
    page.get_by_role("button", name="Map the columns").click()
    page.get_by_role("combobox", name="Key").click()
    page.get_by_role("option", name=re.compile("business_email")).click()
    with page.expect_response(re.compile("/estimate$")) as first:
        page.get_by_role("button", name="Estimate").click()
    _shows(page, first.value.json())
    expect(page.get_by_role("textbox", name="Budget")).to_have_attribute("required", "")
    expect(page.get_by_role("button", name="Run", exact=True)).to_be_disabled()

    # What costs something is asked only when somebody presses the button that says what it costs.
    left = first.value.json()["providers"][0]["sample"]["left"]
    with page.expect_response(re.compile("/estimate$")) as second:
        page.get_by_role(
            "button", name=f"Ask paid providers for the sample: at most {left * 0.02:.2f}"
        ).click()
    assert json.loads(second.value.request.post_data or "{}")["ask_paid"] is True
    _shows(page, second.value.json())
    page.get_by_role("button", name=re.compile("^Allow")).click()
    expect(page.get_by_text("Enough for everything it can cost.")).to_be_visible()
    expect(page.get_by_role("button", name="Run", exact=True)).to_be_enabled()
    visitor.check_looks("enrich-estimate-paid")


def _shows(page: Page, estimate: dict[str, Any]) -> None:
    def amount(value: float | None) -> str:
        return "not known" if value is None else "0" if value == 0 else f"{value:,.2f}"

    expect(page.locator("[aria-busy=true]")).to_have_count(0)
    for target in estimate["targets"]:
        shown = cells_of(page, "Columns that are filled", target["column"])
        expected = "not known" if target["expected"] is None else str(target["expected"])
        assert shown[:3] == [str(target["already"]), str(target["missing"]), expected]
    [asked] = estimate["providers"]
    sample = asked["sample"]
    assert cells_of(page, "Providers that are asked", "Pretend") == [
        str(asked["rows"]),
        str(asked["inputs_distinct"]),
        str(asked["cached"]),
        str(asked["to_ask"]),
        f"{sample['found']} of {sample['asked']} found" if sample["asked"] else "not asked",
        amount(asked["cost"]["likely"]),
        amount(asked["cost"]["most"]),
    ]
    sums = page.get_by_role("region", name="In sum")
    expect(sums).to_contain_text(f"At most{amount(estimate['cost']['most'])}", use_inner_text=False)


def test_another_table_is_looked_up(visitor: Visitor, person: Person, people: str) -> None:
    rows = b"domain,employees\nacme.com,250\nglobex.co.uk,90\n"
    made = person.api.call(
        "POST",
        "/api/audience/files?upload_name=Register&file_name=r.csv",
        rows,
        headers={"Content-Type": "text/csv"},
    )
    assert made.status == 202, made.body
    page = visitor.go(f"/uploads/{people}/enrich?step=providers")
    add_provider(page, "Look up in another table")
    expect(page.get_by_text("Still needed: Upload, Keys, Columns to take.")).to_be_visible()
    page.get_by_role("combobox", name="Upload").click()
    page.get_by_role("option", name="Register").click()
    page.get_by_role("combobox", name="Column", exact=True).fill("domain")
    page.get_by_role("combobox", name="Name in columns to take").fill("employees")
    page.get_by_role("textbox", name="Columns to take employees").fill("size")
    expect(page.get_by_text("Fills size")).to_be_visible()
    visitor.check_looks("enrich-lookup")
    page.get_by_role("button", name="Map the columns").click()
    expect(page.get_by_role("button", name="Estimate")).to_be_disabled()
    page.get_by_role("combobox", name="domain", exact=True).click()
    page.get_by_role("option", name=re.compile("company_domain")).click()
    page.get_by_role("button", name="Estimate").click()
    expect(row_of(page, "Rows before and after", "1").get_by_text("250")).to_be_visible()


def test_a_mistake_leads_to_the_field_it_is_about(visitor: Visitor, people: str) -> None:
    visitor.expect_refusal(400, "/enrichments/estimate$")
    page = visitor.go(f"/uploads/{people}/enrich?step=providers")
    add_provider(page, "Names split")
    page.get_by_role("button", name="Map the columns").click()
    accepts = page.get_by_role("group", name="Which values first_name accepts")
    accepts.get_by_label("A found value").select_option("pattern")
    accepts.get_by_role("textbox", name="Pattern (RE2)").fill("(unclosed")
    page.get_by_role("button", name="Estimate").click()
    refusal = page.get_by_role("alert")
    expect(refusal).to_contain_text("req_")
    expect(refusal.locator("code").first).to_have_text(re.compile("^[a-z_]+$"))
    visitor.check_looks("enrich-refused")
    page.get_by_role("button", name="Change it").first.click()
    step(page, "map")
    expect(accepts.get_by_role("alert")).to_be_visible()
    expect(accepts.get_by_role("textbox", name="Pattern (RE2)")).to_have_value("(unclosed")


def test_only_the_rows_shown_in_the_table_are_enriched(visitor: Visitor, people: str) -> None:
    tree = quote(json.dumps({"field": "country", "op": "eq", "value": "DE"}))
    page = visitor.go(f"/uploads/{people}?filter={tree}")
    shows_count(page, f"{ROWS // 2} of {ROWS} rows")
    page.get_by_role("link", name="Enrich", exact=True).click()
    page.get_by_role("checkbox", name="First name").check()
    page.get_by_role("button", name="Choose providers", exact=True).click()
    page.get_by_role("button", name="Map the columns").click()
    expect(page.get_by_role("region", name="In which rows")).to_contain_text("country is “DE”")
    with page.expect_response(re.compile("/estimate$")) as answer:
        page.get_by_role("button", name="Estimate").click()
    assert answer.value.json()["rows_matching"] == ROWS // 2
    expect(page.get_by_role("region", name="In sum")).to_contain_text(f"Rows of {ROWS}")


def test_the_same_run_is_started_again_after_an_undo(visitor: Visitor, person: Person, people: str) -> None:
    page = visitor.go(f"/uploads/{people}/enrich?step=providers")
    add_provider(page, "Names split")
    page.get_by_role("button", name="Map the columns").click()
    page.get_by_role("button", name="Estimate").click()
    page.get_by_role("button", name="Run", exact=True).click()
    expect(page.get_by_role("heading", name=re.compile("cells filled$"))).to_be_visible(timeout=30_000)
    first = page.url
    page.get_by_role("button", name="Undo").click()
    page.get_by_role("button", name="Undo the run").click()
    page.get_by_role("link", name="Plan another like this").click()
    page.get_by_role("button", name="Map the columns").click()
    page.get_by_role("button", name="Estimate").click()
    page.get_by_role("button", name="Run", exact=True).click()
    expect(page.get_by_role("heading", name=re.compile("cells filled$"))).to_be_visible(timeout=30_000)
    assert page.url != first


def test_the_wizard_fits_a_narrow_window(new_visitor: NewVisitor, person: Person, people: str) -> None:
    visitor = new_visitor(person, width=360, height=740)
    page = visitor.go(f"/uploads/{people}/enrich")
    page.get_by_role("checkbox", name="Company domain").check()
    visitor.check_looks("enrich-goal-narrow", themes=("light",))
    for name, onward in (
        ("providers", "Choose providers"),
        ("map", "Map the columns"),
        ("estimate", "Estimate"),
    ):
        page.get_by_role("button", name=onward, exact=True).click()
        step(page, name)
        expect(page.get_by_role("heading", level=2).first).to_be_visible()
        if name == "estimate":
            expect(page.get_by_role("button", name="Run", exact=True)).to_be_visible()
        assert page.evaluate("document.documentElement.scrollWidth") <= 360
        visitor.check_looks(f"enrich-{name}-narrow", themes=("light",))


def test_a_link_to_one_table_enriches_nothing_and_tells_no_origins(
    new_visitor: NewVisitor, person: Person
) -> None:
    made = person.api.create("Shared", [{"email": "reader@example.org", "full_name": "Kim Lee"}])
    guest = new_visitor()
    asked: list[str] = []
    page = guest.go(f"/open#{made.json['session_token']}")
    page.on("request", lambda request: asked.append(request.url))
    expect(cell(page, 0, "full_name")).to_have_text("Kim Lee", timeout=20_000)
    cell(page, 0, "full_name").click()
    page.keyboard.press("Space")
    expect(page.get_by_role("dialog")).to_contain_text("Kim Lee")
    expect(page.get_by_role("link", name="Enrich", exact=True)).to_have_count(0)
    assert not [url for url in asked if "provenance" in url or "enrichments" in url]


def test_nobody_enriches_the_table_of_another(
    new_visitor: NewVisitor, new_person: Callable[[], Person], people: str
) -> None:
    stranger = new_visitor(new_person())
    stranger.expect_refusal(403, f"/{people}")
    stranger.expect_refusal(404, f"/{people}")
    page = stranger.go(f"/uploads/{people}/enrich")
    expect(page.get_by_role("alert")).to_contain_text(re.compile("You may not see this|This does not exist"))
    expect(page.get_by_role("link", name="All uploads")).to_be_visible()
