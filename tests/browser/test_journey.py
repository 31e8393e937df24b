"""The whole way in Studio, by hand: a file, a table, what was missing, a segment of it, and a file that leaves."""

import re
from pathlib import Path

from playwright.sync_api import Page, expect

from tests.browser.test_import import step as import_step
from tests.support.browser import Person, Visitor
from tests.support.enrich_pages import ROWS, people_csv
from tests.support.enrich_pages import step as enrich_step
from tests.support.export_pages import choose_destination, downloaded, ended, lines_of, onward, take_only
from tests.support.export_pages import step as export_step
from tests.support.segment_pages import counts, has_size
from tests.support.table_page import cell, header, shows_count


def test_from_a_file_to_a_file(visitor: Visitor, person: Person, tmp_path: Path) -> None:
    path = tmp_path / "fair.csv"
    path.write_bytes(people_csv())
    page = visitor.go("/uploads")
    page.get_by_label("New upload", exact=True).set_input_files(path)
    _open_the_table(page)
    _fill_what_is_missing(page)
    _keep_those_of_one_domain(page)
    _let_them_leave(page)
    ended(page, f"{ROWS // 4} rows in the file")
    head, *rows = lines_of(downloaded(visitor, tmp_path))
    assert head == ["business_email", "company_domain", "first_name"]
    # Every fourth person is of Acme; half of these had a domain before, and none a first name.
    assert rows == [[f"Person{at}@acme.com", "acme.com", "Ana"] for at in range(0, ROWS, 4)]


def _open_the_table(page: Page) -> None:
    import_step(page, "file")
    page.get_by_role("button", name="Match the columns").click()
    import_step(page, "match")
    page.get_by_role("button", name="Check the rows").click()
    import_step(page, "check")
    page.get_by_role("button", name="Finish").click()
    import_step(page, "done")
    page.get_by_role("link", name="Open the table").click()
    shows_count(page, f"{ROWS} rows")
    expect(header(page, "company_domain")).to_be_visible()


def _fill_what_is_missing(page: Page) -> None:
    page.get_by_role("link", name="Enrich", exact=True).click()
    enrich_step(page, "goal")
    gaps = page.get_by_role("region", name="Gaps in columns you have")
    gaps.get_by_role("checkbox", name="Company domain").check()
    page.get_by_role("checkbox", name="First name").check()
    page.get_by_role("button", name="Choose providers", exact=True).click()
    enrich_step(page, "providers")
    page.get_by_role("button", name="Map the columns").click()
    enrich_step(page, "map")
    page.get_by_role("button", name="Estimate").click()
    enrich_step(page, "estimate")
    expect(page.get_by_role("region", name="Rows before and after")).to_be_visible()
    page.get_by_role("button", name="Run", exact=True).click()
    expect(page.get_by_role("heading", name=re.compile("cells filled$"))).to_be_visible(timeout=60_000)
    page.get_by_role("link", name="Open the table").click()
    expect(header(page, "first_name")).to_contain_text("enriched")


def _keep_those_of_one_domain(page: Page) -> None:
    page.get_by_role("button", name="Column company_domain").click()
    page.get_by_role("menuitem", name="Filter…").click()
    page.get_by_label("Value", exact=True).fill("acme.com")
    page.get_by_role("button", name="Add filter").click()
    shows_count(page, f"{ROWS // 4} of {ROWS} rows")
    expect(cell(page, 0, "first_name")).to_have_text("Ana")
    page.get_by_role("link", name="Build segment").click()
    counts(page, f"{ROWS // 4} rows")
    page.get_by_role("button", name="Save segment…").click()
    dialog = page.get_by_role("dialog", name="Save the segment")
    dialog.get_by_role("textbox", name="Name").fill("Acme at the fair")
    dialog.get_by_role("button", name="Save segment").click()
    has_size(page, f"{ROWS // 4} rows")


def _let_them_leave(page: Page) -> None:
    page.get_by_role("link", name="Export", exact=True).click()
    export_step(page, "rows")
    expect(page.get_by_text(f"{ROWS // 4} members.")).to_be_visible()
    onward(page, "Choose where it goes", "where")
    choose_destination(page, "Download")
    onward(page, "Choose the columns", "columns")
    take_only(page, ["business_email", "company_domain", "first_name"])
    onward(page, "Say who may leave", "people")
    onward(page, "Look before it leaves", "send")
    expect(page.get_by_role("region", name="Rows as they would leave")).to_contain_text("acme.com")
    page.get_by_role("button", name="Start the export").click()
