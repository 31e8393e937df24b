"""Building a segment in Studio: conditions in groups, each person once, the live count, saving."""

import json
import re
from collections.abc import Callable
from urllib.parse import quote

import pytest
from playwright.sync_api import Page, Request, Route, expect

from tests.support.browser import NewVisitor, Person, Visitor
from tests.support.segment_pages import (
    CRM,
    EVENT_PEOPLE,
    IN_US,
    builder,
    condition,
    counts,
    equals,
    has_size,
    how_many,
    make,
    one,
    table_of,
)
from tests.support.table_page import shows_count

PREVIEW = "**/api/audience/segments/preview"


@pytest.fixture(scope="module")
def crm(person: Person) -> str:
    return table_of(person, "CRM", CRM)


@pytest.fixture(scope="module")
def event(person: Person, crm: str) -> str:
    """After the CRM, so that its rows are the newer ones."""
    return table_of(person, "Fair", EVENT_PEOPLE)


def test_a_segment_is_built_from_the_filter_of_a_table(visitor: Visitor, crm: str) -> None:
    in_us = how_many(lambda each: each["country"] == "US")
    page = visitor.go(f"/uploads/{crm}?filter={quote(json.dumps(IN_US))}")
    shows_count(page, f"{in_us} of {len(CRM)} rows")
    page.get_by_role("link", name="Build segment").click()
    counts(page, f"{in_us} rows")
    live = page.get_by_role("region", name="Live count")
    expect(live).to_contain_text(f"50% of {len(CRM)} rows")
    expect(live).to_contain_text("country is US")

    # Another condition, by keyboard alone.
    page.get_by_role("button", name="Condition", exact=True).focus()
    page.keyboard.press("Enter")
    expect(
        page.get_by_role("group", name="A new condition").get_by_role("combobox", name="Column")
    ).to_be_focused()
    page.keyboard.type("employ")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    employees = condition(page, "employees")
    employees.get_by_label("Condition", exact=True).select_option("ge")
    expect(live).to_contain_text("1 condition is not finished and does not count yet.")
    expect(page.get_by_role("button", name="Save segment…")).to_be_disabled()
    employees.get_by_role("combobox", name="Value of employees").fill("60")
    large = how_many(lambda each: each["country"] == "US" and each["employees"] >= 60)
    counts(page, f"{large} rows")
    funnel = page.get_by_role("region", name="Left after each condition").get_by_role("listitem")
    expect(funnel).to_have_text(
        [
            re.compile(rf"All rows{len(CRM)}"),
            re.compile(rf"country is US{in_us}takes {len(CRM) - in_us} away"),
            re.compile(rf"employees is at least 60{large}takes {in_us - large} away"),
        ]
    )
    visitor.check_looks("segment-build")
    page.reload()
    counts(page, f"{large} rows")

    # One of the sample, with everything its row holds.
    sample = page.get_by_role("region", name="Rows of the result").get_by_role("button")
    expect(sample).to_have_count(10)
    number = int(sample.first.inner_text()) - 1
    sample.first.click()
    panel = page.get_by_role("dialog", name=f"Row {number + 1} of CRM")
    expect(panel).to_contain_text(CRM[number]["email"])
    expect(panel).to_contain_text(CRM[number]["industry"])
    page.keyboard.press("Escape")
    expect(panel).to_have_count(0)


def test_what_was_built_is_saved(visitor: Visitor, person: Person, crm: str) -> None:
    wanted = {"all": [IN_US, {"field": "employees", "op": "ge", "value": 60}]}
    size = how_many(lambda each: each["country"] == "US" and each["employees"] >= 60)
    page = visitor.go(builder([crm], wanted))
    counts(page, f"{size} rows")
    page.get_by_role("button", name="Save segment…").click()
    dialog = page.get_by_role("dialog", name="Save the segment")
    dialog.get_by_role("textbox", name="Name").fill("Large in the US")
    dialog.get_by_role("textbox", name="Description").fill("For the spring mailing")
    dialog.get_by_role("combobox", name="Tags").fill("spring")
    page.keyboard.press("Enter")
    expect(dialog.get_by_role("radio", name="Live")).to_be_checked()
    visitor.check_looks("segment-save")
    dialog.get_by_role("button", name="Save segment").click()
    expect(page).to_have_url(re.compile(r"/segments/seg_[^/]+$"), timeout=20_000)
    has_size(page, f"{size} rows")
    kept = one(person, page.url.rsplit("/", 1)[1])
    assert (kept["name"], kept["kind"], kept["tags"]) == ("Large in the US", "live", ["spring"])
    assert (kept["count"], kept["filter"]) == (size, wanted)


def test_groups_within_groups_are_negated_duplicated_and_removed(visitor: Visitor, crm: str) -> None:
    page = visitor.go(builder([crm], IN_US))
    counts(page, f"{how_many(lambda each: each['country'] == 'US')} rows")
    page.get_by_role("button", name="Group", exact=True).click()
    inner = page.get_by_role("group", name="Rows that match at least one of these")
    inner.get_by_role("combobox", name="Column").fill("industry")
    page.get_by_role("option", name="industry").click()
    industry = condition(page, "industry")
    industry.get_by_label("Condition", exact=True).select_option("eq")
    # Values that are seen often are offered.
    industry.get_by_role("combobox", name="Value of industry").click()
    page.get_by_role("option", name="retail").click()
    counts(page, f"{how_many(lambda each: each['country'] == 'US' and each['industry'] == 'retail')} rows")
    industry.get_by_role("button", name="Duplicate the condition on industry").click()
    expect(industry).to_have_count(2)
    second = industry.nth(1)
    second.get_by_role("combobox", name="Value of industry").fill("health")
    counts(page, f"{how_many(lambda each: each['country'] == 'US' and each['industry'] != 'software')} rows")
    turn = second.get_by_role("button", name="Turn the condition on industry round")
    turn.focus()
    page.keyboard.press("Space")
    expect(turn).to_have_attribute("aria-pressed", "true")
    counts(page, f"{how_many(lambda each: each['country'] == 'US' and each['industry'] != 'health')} rows")
    expect(page.get_by_role("region", name="Live count")).to_contain_text("not (industry is health")
    visitor.check_looks("segment-groups")
    inner.get_by_label("How these conditions are joined").select_option("not any")
    nobody = how_many(
        lambda each: (
            each["country"] == "US" and not (each["industry"] == "retail" or each["industry"] != "health")
        )
    )
    counts(page, f"{nobody} rows")
    page.reload()
    counts(page, f"{nobody} rows")
    none = page.get_by_role("group", name="Rows that match none of these")
    none.get_by_role("button", name="Duplicate this group").click()
    expect(none).to_have_count(2)
    none.nth(1).get_by_role("button", name="Remove this group").press("Enter")
    expect(none).to_have_count(1)
    none.get_by_role("button", name="Remove this group").press("Enter")
    expect(page.get_by_role("button", name="Condition", exact=True)).to_be_focused()
    counts(page, f"{how_many(lambda each: each['country'] == 'US')} rows")


def test_what_is_not_finished_survives_a_reload(visitor: Visitor, crm: str) -> None:
    page = visitor.go(builder([crm], {"field": "employees", "op": "ge", "value": 60}))
    counts(page, f"{how_many(lambda each: each['employees'] >= 60)} rows")
    value = condition(page, "employees").get_by_role("combobox", name="Value of employees")
    value.fill("many")
    counts(page, f"{len(CRM)} rows")
    expect(condition(page, "employees")).to_contain_text(
        "Enter a number such as 250 or 3.5. It does not count yet."
    )
    page.reload()
    expect(value).to_have_value("many")
    expect(page.get_by_role("button", name="Save segment…")).to_be_disabled()
    value.fill("80")
    counts(page, f"{how_many(lambda each: each['employees'] >= 80)} rows")


def test_a_person_in_several_uploads_counts_once(visitor: Visitor, crm: str, event: str) -> None:
    page = visitor.go("/segments/new")
    expect(page.get_by_role("region", name="Live count")).to_contain_text("Choose an upload")
    visitor.check_looks("segment-build-empty", themes=("light",))
    for name in ("CRM", "Fair"):
        page.get_by_role("combobox", name="Uploads").fill(name)
        page.get_by_role("option", name=re.compile(f"^{name} ")).click()
    page.keyboard.press("Escape")
    everybody = [*CRM, *EVENT_PEOPLE]
    people = {each["email"]: each for each in everybody}  # the newest row of each stands for them
    counts(page, f"{len(everybody)} rows")
    page.get_by_role("switch", name="Count each person once").check()
    counts(page, f"{len(people)} people")
    live = page.get_by_role("region", name="Live count")
    expect(live).to_contain_text(
        f"{len(everybody)} rows, of which {len(everybody) - len(people)} are of people who are there already."
    )
    page.get_by_role("button", name="Condition", exact=True).click()
    page.get_by_role("combobox", name="Column").fill("country")
    page.get_by_role("option", name="country").click()
    condition(page, "country").get_by_label("Condition", exact=True).select_option("eq")
    condition(page, "country").get_by_role("combobox", name="Value of country").fill("US")
    newest = how_many(lambda each: each["country"] == "US", list(people.values()))
    counts(page, f"{newest} people")
    expect(live).to_contain_text("one row per e-mail address, the newest")
    # The first value instead of the newest: those who were elsewhere before the fair are out again.
    page.get_by_label("Which value wins in All fields").select_option("first")
    first = {each["email"]: each for each in reversed(everybody)}
    counts(page, f"{how_many(lambda each: each['country'] == 'US', list(first.values()))} people")
    visitor.check_looks("segment-dedupe")
    page.reload()
    counts(page, f"{how_many(lambda each: each['country'] == 'US', list(first.values()))} people")
    expect(page.get_by_role("link", name="See who would be joined")).to_have_attribute(
        "href", re.compile(f"/identity/duplicates.*{event}")
    )


def test_only_the_last_question_is_waited_for(visitor: Visitor, crm: str) -> None:
    held: list[Route] = []
    broken_off: list[str] = []

    def hold(route: Route, request: Request) -> None:
        if '"value":"DE"' in (request.post_data or ""):
            held.append(route)
        else:
            route.fallback()

    page = visitor.go(builder([crm], IN_US))
    in_us = f"{how_many(lambda each: each['country'] == 'US')} rows"
    counts(page, in_us)
    page.route(PREVIEW, hold)
    page.on("requestfailed", lambda request: broken_off.append(request.post_data or ""))
    value = condition(page, "country").get_by_role("combobox", name="Value of country")
    with page.expect_request(lambda request: '"value":"DE"' in (request.post_data or "")):
        value.fill("DE")
    # The old number stays, and says that it is old.
    expect(page.get_by_test_id("segment-count")).to_have_text(in_us)
    expect(page.get_by_test_id("segment-count")).to_have_attribute("aria-busy", "true")
    expect(page.get_by_text("Counting…")).to_be_visible()
    value.fill("FR")
    counts(page, f"{how_many(lambda each: each['country'] == 'FR')} rows")
    assert held
    assert all('"value":"DE"' in body for body in broken_off)
    assert len(broken_off) == len(held)


def test_what_the_server_refuses_stands_where_it_is_wrong(visitor: Visitor, person: Person, crm: str) -> None:
    visitor.expect_refusal(400, "/segments/preview$")
    page = visitor.go(builder([crm], {"all": [IN_US, equals("contry", "US")]}))
    expect(condition(page, "contry").get_by_role("alert")).to_contain_text("country")
    expect(condition(page, "country").get_by_role("alert")).to_have_count(0)
    expect(page.get_by_role("region", name="Live count")).to_contain_text("Not counted: see what is marked")
    expect(page.get_by_role("button", name="Save segment…")).to_be_disabled()
    visitor.check_looks("segment-refused")
    condition(page, "contry").get_by_role("button", name="Remove the condition on contry").click()
    counts(page, f"{how_many(lambda each: each['country'] == 'US')} rows")
    page.get_by_role("switch", name="Count each person once").check()
    page.get_by_label("Two rows are the same person with").select_option("phone")
    expect(page.get_by_role("region", name="One person, one member").get_by_role("alert")).to_be_visible()
    page.goto(f"{visitor.url}/segments/new?from={crm}&def=%7Bbroken")
    expect(page.get_by_role("alert")).to_contain_text("The filter in this address cannot be read.")
    page.get_by_role("button", name="Try again").click()
    expect(page).to_have_url(re.compile("/segments/new$"))


def test_a_name_is_taken_once(visitor: Visitor, person: Person, crm: str) -> None:
    make(person, crm, "Taken")
    visitor.expect_refusal(409, "/segments$")
    page = visitor.go(builder([crm], equals("industry", "retail")))
    counts(page, f"{how_many(lambda each: each['industry'] == 'retail')} rows")
    page.get_by_role("button", name="Save segment…").click()
    dialog = page.get_by_role("dialog", name="Save the segment")
    dialog.get_by_role("textbox", name="Name").fill("Taken")
    dialog.get_by_role("radio", name="Snapshot").check()
    dialog.get_by_role("button", name="Save segment").click()
    expect(dialog).to_contain_text("You have a segment of this name already.")
    dialog.get_by_role("textbox", name="Name").fill("Not taken")
    dialog.get_by_role("button", name="Save segment").click()
    expect(page).to_have_url(re.compile(r"/segments/seg_[^/]+$"))
    assert one(person, page.url.rsplit("/", 1)[1])["kind"] == "snapshot"


def test_the_conditions_of_a_segment_are_changed(visitor: Visitor, person: Person, crm: str) -> None:
    segment_id = make(person, crm, "To be changed")
    page = visitor.go(f"/segments/{segment_id}")
    page.get_by_role("link", name="Change", exact=True).click()
    counts(page, f"{how_many(lambda each: each['country'] == 'US')} rows")
    expect(page.get_by_role("button", name="As it was")).to_have_count(0)
    condition(page, "country").get_by_role("combobox", name="Value of country").fill("DE")
    in_de = how_many(lambda each: each["country"] == "DE")
    counts(page, f"{in_de} rows")
    page.reload()
    counts(page, f"{in_de} rows")
    expect(page.get_by_role("button", name="As it was")).to_be_visible()
    page.get_by_role("button", name="Save changes").click()
    expect(page).to_have_url(re.compile(f"/segments/{segment_id}$"))
    has_size(page, f"{in_de} rows")
    assert one(person, segment_id)["filter"] == {"all": [equals("country", "DE")]}


def test_conditions_too_long_for_an_address_are_kept_in_the_tab(visitor: Visitor, crm: str) -> None:
    page = visitor.go(builder([crm], {"field": "email", "op": "in", "value": [CRM[0]["email"]]}))
    counts(page, "1 row")
    emails = [each["email"] for each in CRM]
    page.get_by_role("combobox", name="Values of email").click()
    page.evaluate(
        "text => { const data = new DataTransfer(); data.setData('text/plain', text);"
        " document.activeElement.dispatchEvent(new ClipboardEvent('paste', {clipboardData: data, bubbles: true, cancelable: true})); }",
        "\n".join([*emails, *(f"stranger{at}@example.org" for at in range(200))]),
    )
    counts(page, f"{len(CRM)} rows")
    expect(page).to_have_url(re.compile("def=tab"))
    page.reload()
    counts(page, f"{len(CRM)} rows")


def test_the_builder_fits_a_narrow_window(new_visitor: NewVisitor, person: Person, crm: str) -> None:
    visitor = new_visitor(person, width=360, height=740)
    deep = {
        "all": [
            IN_US,
            {"any": [equals("industry", "retail"), {"not": {"all": [equals("industry", "health")]}}]},
        ]
    }
    page = visitor.go(builder([crm], deep, {"by": "email"}))
    counts(page, f"{how_many(lambda each: each['country'] == 'US' and each['industry'] != 'health')} people")
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    visitor.check_looks("segment-build-narrow")


def test_nobody_builds_on_the_upload_of_another(
    new_visitor: NewVisitor, new_person: Callable[[], Person], crm: str
) -> None:
    stranger = new_visitor(new_person())
    stranger.expect_refusal(403, "")
    page: Page = stranger.go(builder([crm]))
    expect(page.get_by_role("alert").first).to_contain_text("You may not see this", timeout=20_000)
    expect(page.get_by_role("button", name="Save segment…")).to_be_disabled()
