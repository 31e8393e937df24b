"""Tables of a few rows: edits and their way back, the states before there is a table, who may see and change it."""

import json
import re
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

import pytest
from playwright.sync_api import expect

from tests.support.browser import NewVisitor, Person, Visitor
from tests.support.table_page import (
    BATCH,
    FILES,
    cell,
    header,
    post_file,
    shows_count,
    wait_until_made,
    warned_of_addresses,
)


@pytest.fixture(scope="module")
def owner(person: Person) -> Person:
    """The module's person, whose addresses are looked at."""
    return warned_of_addresses(person)


def rows_of(person: Person, upload_id: str, query: str = "") -> dict[str, Any]:
    answer = person.api.call("GET", f"{BATCH}/{upload_id}/rows?limit=50{query}")
    assert answer.status == 200, answer.body
    return dict(answer.json)


def values_of(person: Person, upload_id: str, column: str) -> list[str | None]:
    return [row["values"][0] for row in rows_of(person, upload_id, f"&columns={column}")["rows"]]


@pytest.fixture
def small(owner: Person) -> str:
    """A table of a few rows, one of them a reject, for tests that change it."""
    lines = ["email,first_name,age,country", "ana@example.com,Ana,31,US", "no-at,Bob,45, us ", ",Nobody,1,FR"]
    lines += [f"person{at}@example.com,Kim,{20 + at},DE" for at in range(40)]
    upload_id = post_file(owner, "Few people", "\n".join([*lines, ""]).encode())
    assert wait_until_made(owner, upload_id) == "ready_with_errors"
    return upload_id


def test_a_cell_is_edited_and_the_edit_undone(visitor: Visitor, owner: Person, small: str) -> None:
    page = visitor.go(f"/uploads/{small}")
    cell(page, 0, "first_name").click()
    page.keyboard.press("F2")
    page.keyboard.press("Control+a")
    page.keyboard.type("Zoe")
    page.keyboard.press("Escape")
    expect(cell(page, 0, "first_name")).to_have_text("Ana")
    page.keyboard.type("Zoe")
    page.keyboard.press("Enter")
    expect(cell(page, 0, "first_name")).to_have_text("Zoe")
    expect(page.get_by_text("“first_name” changed in row 1")).to_be_visible()
    assert values_of(owner, small, "first_name")[0] == "Zoe"
    page.get_by_role("button", name="Undo").click()
    expect(cell(page, 0, "first_name")).to_have_text("Ana")
    assert values_of(owner, small, "first_name")[0] == "Ana"
    cell(page, 1, "email").click()
    page.keyboard.press("Enter")
    page.keyboard.press("Control+a")
    page.keyboard.type("bob@example.com")
    page.keyboard.press("Enter")
    expect(page.get_by_text("“email” changed in row 2")).to_be_visible()
    expect(cell(page, 1, "email")).not_to_have_class(re.compile("cell-bad"))
    cell(page, 1, "email").click()
    page.keyboard.press("Control+z")
    expect(cell(page, 1, "email")).to_have_text("no-at")
    assert values_of(owner, small, "email")[1] == "no-at"


def test_a_refused_edit_is_taken_back_on_the_screen(visitor: Visitor, owner: Person, small: str) -> None:
    page = visitor.go(f"/uploads/{small}")
    cell(page, 0, "first_name").click()
    assert owner.api.delete(small).status == 200
    visitor.expect_refusal(404, f"/{small}(/|$)")
    page.keyboard.type("Zoe")
    page.keyboard.press("Enter")
    expect(page.get_by_text("The cell keeps its value")).to_be_visible()
    expect(cell(page, 0, "first_name")).to_have_text("Ana")


def test_edits_of_somebody_else_come_by_themselves(visitor: Visitor, owner: Person, small: str) -> None:
    page = visitor.go(f"/uploads/{small}")
    expect(cell(page, 0, "first_name")).to_have_text("Ana")
    body = json.dumps(
        {"edits": [{"row": rows_of(owner, small)["rows"][0]["_row_id"], "set": {"first_name": "Eva"}}]}
    )
    assert owner.api.call("PATCH", f"{BATCH}/{small}/rows", body.encode()).status == 200
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    expect(cell(page, 0, "first_name")).to_have_text("Eva")


def test_all_matching_rows_are_edited_and_the_history_undoes_it(
    visitor: Visitor, owner: Person, small: str
) -> None:
    tree = quote(json.dumps({"field": "country", "op": "eq", "value": "DE"}))
    page = visitor.go(f"/uploads/{small}?filter={tree}")
    page.get_by_role("button", name="Column country").click()
    page.get_by_role("menuitem", name="Edit all matching rows…").click()
    page.get_by_label("New value").fill("Germany")
    expect(
        page.get_by_text("40 matching rows: “country” becomes “Germany”. You can undo this.")
    ).to_be_visible()
    visitor.check_looks("table-edit-all")
    page.get_by_role("button", name="Edit 40 rows").click()
    expect(page.get_by_text("“country” changed in 40 rows")).to_be_visible()
    assert values_of(owner, small, "country").count("Germany") == 40
    page.get_by_role("button", name="Clear filters").first.click()
    page.get_by_role("button", name="Column country").click()
    page.get_by_role("menuitem", name="Edit all matching rows…").click()
    page.get_by_label("Change").select_option("trim")
    page.get_by_role("button", name="Edit 42 rows").click()
    expect(page.get_by_text("“country” changed in 1 row", exact=True)).to_be_visible()
    assert values_of(owner, small, "country")[1] == "us"
    page.get_by_role("button", name="History").click()
    panel = page.get_by_role("dialog", name="History")
    expect(panel.get_by_role("listitem")).to_have_count(2)
    visitor.check_looks("table-history")
    panel.get_by_role("button", name="Undo").click()
    expect(panel.get_by_text(re.compile("taken back"))).to_be_visible()
    assert values_of(owner, small, "country")[1] == " us "


def test_rejected_rows_lead_to_where_they_are_fixed(visitor: Visitor, small: str) -> None:
    page = visitor.go(f"/uploads/{small}")
    expect(page.get_by_text("1 row could not be taken and is not in this table.")).to_be_visible()
    page.get_by_role("button", name="Download").click()
    csv = page.get_by_role("group", name="42 rows").get_by_role("menuitem", name="CSV")
    with page.expect_download() as download:
        csv.click()
    text = download.value.path().read_text()
    assert text.splitlines()[0].lstrip("\ufeff").startswith("email,first_name,age,country")
    page.get_by_role("link", name="Fix it").click()
    expect(page).to_have_url(re.compile(rf"/uploads/{small}/import\?step=check$"))


def test_a_width_is_kept_in_the_browser(visitor: Visitor, small: str) -> None:
    page = visitor.go(f"/uploads/{small}")
    edge = header(page, "first_name").locator(".ag-header-cell-resize")
    place = edge.bounding_box()
    assert place is not None
    page.mouse.move(place["x"] + place["width"] / 2, place["y"] + 20)
    page.mouse.down()
    page.mouse.move(place["x"] + 90, place["y"] + 20, steps=4)
    page.mouse.up()
    wide = header(page, "first_name").bounding_box()
    assert wide is not None
    assert wide["width"] > 240
    page.reload()
    expect(cell(page, 0, "email")).to_be_visible()
    again = header(page, "first_name").bounding_box()
    assert again is not None
    assert abs(again["width"] - wide["width"]) < 2


def test_a_batch_of_json_is_a_table_too(visitor: Visitor, owner: Person) -> None:
    people = [
        {"email": "ana@example.com", "first_name": None, "notes": {"tags": ["a", "b"]}},
        {"email": "bob@example.com", "first_name": "Bob", "notes": "plain"},
    ]
    made = owner.api.create("From a script", people)
    assert made.status == 200, made.body
    page = visitor.go(f"/uploads/{made.json['upload_id']}")
    expect(cell(page, 0, "email")).to_have_text("ana@example.com", timeout=20_000)
    expect(cell(page, 0, "first_name")).to_have_text("")
    expect(cell(page, 0, "notes")).to_have_text('{"tags":["a","b"]}')


def test_a_file_at_work_becomes_a_table_by_itself(visitor: Visitor, owner: Person) -> None:
    body = "\n".join(["email,n", *(f"p{at}@example.com,{at}" for at in range(30_000)), ""]).encode()
    upload_id = post_file(owner, "Not yet matched", body, "&auto=false")
    page = visitor.go(f"/uploads/{upload_id}")
    expect(page.get_by_role("heading", name="The columns are not matched yet")).to_be_visible()
    visitor.check_looks("table-waiting")
    decided = owner.api.call("PUT", f"{BATCH}/{upload_id}/mapping?auto=true", b"{}")
    assert decided.status in {200, 202}, decided.body
    expect(cell(page, 0, "email")).to_have_text("p0@example.com", timeout=30_000)
    shows_count(page, "30,000 rows")


def test_a_failed_upload_says_why(visitor: Visitor, owner: Person) -> None:
    path = f"{FILES}?upload_name=Damaged&file_name=people.parquet"
    sent = owner.api.call("POST", path, b"PAR1" + bytes(range(256)) + b"PAR1")
    upload_id = sent.json["upload_id"]
    assert wait_until_made(owner, upload_id) == "failed"
    page = visitor.go(f"/uploads/{upload_id}")
    expect(page.get_by_role("heading", name="This upload could not become a table")).to_be_visible()
    expect(page.get_by_text("The Parquet file is damaged or cut off.")).to_be_visible()
    visitor.check_looks("table-failed")


def test_a_file_without_rows_is_an_empty_table(visitor: Visitor, owner: Person) -> None:
    upload_id = post_file(owner, "Only a header", b"email,first_name\n")
    assert wait_until_made(owner, upload_id).startswith("ready")
    page = visitor.go(f"/uploads/{upload_id}")
    expect(page.get_by_role("heading", name="This table has no rows")).to_be_visible()


def test_the_table_fits_a_small_window(new_visitor: NewVisitor, owner: Person, small: str) -> None:
    narrow = new_visitor(owner, width=360, height=740)
    page = narrow.go(f"/uploads/{small}")
    expect(cell(page, 0, "email")).to_have_text("ana@example.com")
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    narrow.check_looks("table-narrow")


def test_a_filter_nobody_can_read_is_said_and_cleared(visitor: Visitor, small: str) -> None:
    page = visitor.go(f"/uploads/{small}?filter=nonsense")
    expect(page.get_by_text("The filter in this address cannot be read.")).to_be_visible()
    page.get_by_role("button", name="Try again").click()
    expect(page).to_have_url(re.compile(rf"/uploads/{small}$"))
    shows_count(page, "42 rows")


def test_nobody_sees_the_table_of_another(
    new_visitor: NewVisitor, new_person: Callable[[], Person], small: str
) -> None:
    stranger = new_visitor(new_person())
    stranger.expect_refusal(404, f"/{small}$")
    stranger.expect_refusal(403, f"/{small}$")
    page = stranger.go(f"/uploads/{small}")
    expect(page.get_by_role("alert")).to_contain_text(re.compile("You may not see this|This does not exist"))
    expect(page.locator("body")).not_to_contain_text("ana@example.com")
    expect(page.get_by_role("link", name="Go to your uploads")).to_be_visible()


def test_a_link_shows_the_table_and_changes_nothing(new_visitor: NewVisitor, owner: Person) -> None:
    made = owner.api.create("Shared", [{"email": "reader@example.org", "first_name": "Kim"}])
    guest = new_visitor()
    page = guest.go(f"/open#{made.json['session_token']}")
    expect(cell(page, 0, "first_name")).to_have_text("Kim", timeout=20_000)
    cell(page, 0, "first_name").click()
    page.keyboard.type("Eva")
    page.keyboard.press("Enter")
    expect(page.locator(".ag-cell input")).to_have_count(0)
    expect(cell(page, 0, "first_name")).to_have_text("Kim")
    # What cannot be edited is opened; it has to be there before a key can close it.
    expect(page.get_by_role("dialog")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    page.get_by_role("button", name="Column first_name").click()
    expect(page.get_by_role("menuitem", name="Filter…")).to_be_visible()
    expect(page.get_by_role("menuitem", name="Edit all matching rows…")).to_have_count(0)
