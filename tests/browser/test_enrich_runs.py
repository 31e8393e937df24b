"""Runs of enrichment in Studio: followed live, paused, ended, stopped at the budget, asked again, found in the list."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.support.browser import NewVisitor, Person, Visitor
from tests.support.enrich_pages import (
    ROWS,
    ask,
    cells_of,
    is_over,
    pretend,
    start_run,
    step,
    table_of_people,
    wait_for_run,
)
from tests.support.table_page import BATCH, cell

SLOW = {"latency_ms": 400, "concurrency": 2}
"""Twenty calls of two: eight seconds."""


@pytest.fixture
def people(person: Person) -> str:
    """A table of people, for tests that change it."""
    return table_of_people(person, "Spring fair")


def paused_while_asking(page: Page) -> None:
    expect(page.get_by_role("heading", name="Asking Pretend…")).to_be_visible(timeout=20_000)
    page.get_by_role("button", name="Pause").click()
    expect(page.get_by_role("heading", name="Paused")).to_be_visible(timeout=20_000)


def test_a_run_is_followed_paused_and_cancelled(visitor: Visitor, person: Person, people: str) -> None:
    run_id = start_run(person, people, pretend(**SLOW, price_micros=1000), budget=2, name="Slow")
    page = visitor.go(f"/enrichments/{run_id}")
    expect(page.get_by_text(re.compile(r"^cost [\d.]+ of 2\.00, [\d.]+ left$"))).to_be_visible(timeout=20_000)
    expect(page.get_by_role("progressbar", name="How much of the run is done")).to_be_visible()
    visitor.check_looks("enrich-running")
    paused_while_asking(page)
    visitor.check_looks("enrich-paused")
    assert wait_for_run(person, run_id, lambda run: run["status"] == "paused")["actions"] == [
        "resume",
        "cancel",
    ]
    page.reload()
    expect(page.get_by_role("heading", name="Paused")).to_be_visible()
    page.get_by_role("button", name="Go on").click()
    expect(page.get_by_role("heading", name="Asking Pretend…")).to_be_visible(timeout=20_000)
    page.get_by_role("button", name="Cancel").click()
    expect(page.get_by_role("heading", name="You cancelled the run")).to_be_visible(timeout=20_000)
    expect(page.get_by_text("No column was stored.")).to_be_visible()
    visitor.check_looks("enrich-cancelled")
    assert wait_for_run(person, run_id, is_over)["status"] == "cancelled"
    answer = person.api.call("GET", f"{BATCH}/{people}/rows?limit=1")
    assert "industry" not in [column["name"] for column in answer.json["columns"]]


def test_a_run_that_rests_ends_well_where_no_stream_comes_through(
    visitor: Visitor, person: Person, people: str
) -> None:
    visitor.expect_cut_network()
    visitor.page.route("**/events", lambda route: route.abort())
    run_id = start_run(person, people, pretend(latency_ms=200, concurrency=4), name="Without a stream")
    page = visitor.go(f"/enrichments/{run_id}")
    expect(page.get_by_role("heading", name=re.compile("cells filled$"))).to_be_visible(timeout=30_000)
    run = wait_for_run(person, run_id, is_over)
    [target] = run["targets"]
    assert cells_of(page, "What each column got", "industry") == ["0", str(target["filled"])]


def test_a_run_stops_at_its_budget_and_the_rest_is_asked_later(
    visitor: Visitor, person: Person, people: str
) -> None:
    priced = pretend(price_micros=100_000, price_per="asked", hit_share=1)
    run_id = start_run(person, people, priced, budget=1, name="Small budget")
    page = visitor.go(f"/enrichments/{run_id}")
    expect(page.get_by_role("heading", name="Stopped at the budget")).to_be_visible(timeout=30_000)
    run = wait_for_run(person, run_id, is_over)
    asked, left = (run["providers"][0]["counts"][name] for name in ("asked", "left"))
    assert (asked, left, run["cost"]) == (10, ROWS - 10, 1)
    expect(page.get_by_text(f"{left} questions were not asked. It cost 1.00 of 1.00.")).to_be_visible()
    visitor.check_looks("enrich-stopped")
    page.get_by_role("button", name=f"Ask the {left} questions left").click()
    dialog = page.get_by_role("dialog", name="Ask about what is left")
    dialog.get_by_role("textbox", name="Budget").fill("3")
    visitor.check_looks("enrich-ask-the-rest", themes=("light",))
    dialog.get_by_role("button", name=f"Ask {left} questions").click()
    expect(page.get_by_role("heading", name=f"{left} cells filled")).to_be_visible(timeout=30_000)
    expect(page.get_by_role("link", name="an earlier run")).to_be_visible()
    assert not page.url.endswith(run_id)


def test_one_cause_of_failures_is_asked_again(visitor: Visitor, person: Person, people: str) -> None:
    failing = pretend(failure_share=0.3, hit_share=1)
    run_id = start_run(person, people, failing, name="Half of it fails")
    [failure] = wait_for_run(person, run_id, is_over)["failures"]
    page = visitor.go(f"/enrichments/{run_id}")
    failed = page.get_by_role("region", name="What failed")
    expect(failed).to_contain_text(f"Pretended: {failure['rows']} rows")
    expect(failed).to_contain_text("pretended")
    visitor.check_looks("enrich-failures")
    row = failure["row_ids"][0] + 1
    failed.get_by_role("link", name=f"row {row}", exact=True).click()
    expect(page.get_by_role("dialog", name=f"Row {row}")).to_contain_text(f"Person{row - 1}@")
    page.go_back()
    failed.get_by_role("button", name=f"Retry these {failure['rows']}").click()
    page.get_by_role("dialog").get_by_role("button", name=f"Ask {failure['inputs']} questions").click()
    expect(page).not_to_have_url(re.compile(run_id))
    again = page.url.rsplit("/", 1)[1]
    run = wait_for_run(person, again, is_over)
    assert (run["parent_id"], run["providers"][0]["counts"]["rows"]) == (run_id, failure["rows"])


def test_a_run_is_taken_back_and_planned_again(visitor: Visitor, person: Person, people: str) -> None:
    run_id = start_run(person, people, pretend(hit_share=1, salt="again"), name="First try")
    wait_for_run(person, run_id, is_over)
    page = visitor.go(f"/enrichments/{run_id}")
    page.get_by_role("button", name="Undo").click()
    dialog = page.get_by_role("dialog", name="Take this run back?")
    expect(dialog).to_contain_text("industry goes from the table.")
    dialog.get_by_role("button", name="Undo the run").click()
    expect(page.get_by_role("heading", name="Taken back")).to_be_visible()
    visitor.check_looks("enrich-undone")
    page.get_by_role("link", name="Plan another like this").click()
    step(page, "providers")
    page.get_by_role("button", name="Settings of “Pretend”").click()
    expect(page.get_by_role("textbox", name="Salt")).to_have_value("again")


def test_a_run_that_fails_says_why(visitor: Visitor, person: Person, people: str) -> None:
    run_id = start_run(person, people, pretend(**SLOW), name="Overtaken")
    page = visitor.go(f"/enrichments/{run_id}")
    expect(page.get_by_role("heading", name="Asking Pretend…")).to_be_visible(timeout=20_000)
    made_anew = person.api.call("POST", f"{BATCH}/{people}/reprocess", b"")
    assert made_anew.status == 202, made_anew.body
    expect(page.get_by_role("heading", name="The run failed")).to_be_visible(timeout=40_000)
    expect(page.get_by_role("alert")).to_contain_text("table_changed")
    visitor.check_looks("enrich-failed")


def test_the_list_of_runs_is_narrowed_in_the_address_and_follows_the_work(
    new_visitor: NewVisitor, new_person: Callable[[], Person]
) -> None:
    person = new_person()
    visitor = new_visitor(person)
    page = visitor.go("/enrichments")
    expect(page.get_by_role("heading", name="Fill in what is missing")).to_be_visible()
    visitor.check_looks("enrich-runs-empty")
    fair, shop = table_of_people(person, "Fair"), table_of_people(person, "Shop")
    wait_for_run(person, start_run(person, fair, pretend(), name="Done one"), is_over)
    slow = start_run(person, shop, pretend(**SLOW), name="Slow one")
    page.reload()
    runs = page.get_by_role("table", name="Runs").get_by_role("row")
    expect(runs.nth(1)).to_contain_text("Slow one")
    expect(runs.nth(1)).to_contain_text(re.compile("Running.*of 40 rows"), timeout=20_000)
    expect(runs.nth(2)).to_contain_text("Done one")
    visitor.check_looks("enrich-runs")
    page.get_by_label("Upload", exact=True).select_option(label="Fair")
    expect(runs).to_have_count(2)
    page.get_by_label("Status", exact=True).select_option(label="Running")
    expect(page.get_by_role("heading", name="No run matches")).to_be_visible()
    expect(page).to_have_url(re.compile(rf"status=running&upload={fair}"))
    page.get_by_role("button", name="Clear the filters").click()
    expect(runs).to_have_count(3)
    ask(person, "POST", f"/{slow}/cancel")
    expect(runs.nth(1)).to_contain_text("Cancelled", timeout=20_000)
    page.get_by_role("link", name="Done one").click()
    expect(page.get_by_role("link", name="Open the table")).to_be_visible()


def test_runs_fit_a_narrow_window(new_visitor: NewVisitor, person: Person, people: str) -> None:
    run_id = start_run(
        person, people, pretend(failure_share=0.2), name="A run with a name that takes its room"
    )
    wait_for_run(person, run_id, is_over)
    visitor = new_visitor(person, width=360, height=740)
    for path, name in (("/enrichments", "runs"), (f"/enrichments/{run_id}", "run")):
        page = visitor.go(path)
        expect(page.get_by_text("A run with a name that takes its room").first).to_be_visible()
        assert page.evaluate("document.documentElement.scrollWidth") <= 360
        visitor.check_looks(f"enrich-{name}-narrow", themes=("light",))


def test_cells_filled_in_a_column_of_the_file_say_who_filled_them(
    visitor: Visitor, person: Person, people: str
) -> None:
    filled = {"provider": "email_domain", "outputs": {"domain": "company_domain", "mail_domain": None}}
    run_id = start_run(person, people, filled)
    wait_for_run(person, run_id, is_over)
    page = visitor.go(f"/uploads/{people}")
    expect(cell(page, 4, "company_domain")).to_have_text("acme.com")
    cell(page, 4, "company_domain").hover()
    expect(page.get_by_role("tooltip")).to_contain_text("Domain of the e-mail address")
    cell(page, 0, "company_domain").hover()
    expect(page.get_by_role("tooltip")).to_have_count(0)


def test_nobody_follows_the_run_of_another(
    new_visitor: NewVisitor, new_person: Callable[[], Person], person: Person, people: str
) -> None:
    run_id = start_run(person, people, pretend())
    stranger = new_visitor(new_person())
    stranger.expect_refusal(403, f"/{run_id}$")
    page = stranger.go(f"/enrichments/{run_id}")
    expect(page.get_by_role("alert")).to_contain_text("You may not see this")
    expect(page.get_by_role("alert")).to_contain_text("run_not_yours")
