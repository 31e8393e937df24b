"""Exporting in Studio: the wizard, from people to a file or a destination, and what it refuses to send."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, Route, expect

from tests.support.browser import NewVisitor, Person, Visitor
from tests.support.export_pages import (
    EXPORTS,
    ROWS,
    all_exports,
    asked,
    choose_destination,
    column_line,
    downloaded,
    ended,
    lines_of,
    onward,
    person_at,
    segment_of,
    started,
    step,
    table_of_people,
    take_only,
    wait_for_export,
)
from tests.support.table_page import BATCH


@pytest.fixture
def people(person: Person) -> str:
    return table_of_people(person, "Spring fair")


def test_a_segment_leaves_as_a_file_with_other_names(
    visitor: Visitor, person: Person, people: str, tmp_path: Path
) -> None:
    segment = segment_of(person, people, "In Germany")
    page = visitor.go(f"/exports/new?segment={segment}")
    step(page, "rows")
    expect(page.get_by_text("30 members.")).to_be_visible()
    visitor.check_looks("export-rows")
    onward(page, "Choose where it goes", "where")
    choose_destination(page, "Download")
    page.get_by_role("checkbox", name="For Excel: begin with a byte order mark").check()
    visitor.check_looks("export-where")
    onward(page, "Choose the columns", "columns")
    _choose_columns(visitor)
    onward(page, "Say who may leave", "people")
    page.get_by_role("switch", name="Only people who agreed").check()
    expect(page.get_by_label("Column that holds consent")).to_have_value("newsletter")
    expect(page.get_by_role("region", name="Who stays here")).to_contain_text(
        "10 rows without consent would be left out"
    )
    visitor.check_looks("export-people")
    onward(page, "Look before it leaves", "send")
    _look_before_it_leaves(visitor)
    page.get_by_role("button", name="Start the export").click()

    export_id = started(page)
    ended(page, "20 rows in the file")
    expect(page.get_by_role("list", name="Why rows were left out")).to_contain_text("10 rows without consent")
    visitor.check_looks("export-done")
    saved = downloaded(visitor, tmp_path)
    assert saved.startswith(b"\xef\xbb\xbf")
    head, *rows = lines_of(saved)
    assert head == ["First name", "business_email", "country"]
    members = [person_at(at) for at in range(1, ROWS, 2)]
    agreed = [each for each in members if each["newsletter"] == "Yes"]
    harmless = {"=cmd()": "'=cmd()"}
    assert rows == [
        [harmless.get(each["first_name"], each["first_name"]), each["business_email"], each["country"]]
        for each in agreed
    ]
    assert wait_for_export(person, export_id)["source"]["segment_id"] == segment


def _choose_columns(visitor: Visitor) -> None:
    page = visitor.page
    take_only(page, ["business_email", "first_name", "country"])
    expect(page.get_by_text("3 of 5 columns leave")).to_be_visible()
    column_line(page, "first_name").get_by_label("Name of first_name outside").fill("business_email")
    expect(column_line(page, "first_name").get_by_role("alert")).to_contain_text(
        "Two columns would be called “business_email”."
    )
    expect(page.get_by_role("button", name="Say who may leave")).to_be_disabled()
    column_line(page, "first_name").get_by_label("Name of first_name outside").fill("First name")
    column_line(page, "first_name").get_by_role("button", name="Move first_name up").press("Enter")
    expect(page.get_by_role("button", name="Move first_name down")).to_be_focused()
    visitor.check_looks("export-columns")
    page.reload()
    step(page, "columns")
    boxes = page.get_by_role("list", name="Columns in order").get_by_role("checkbox")
    expect(boxes.nth(0)).to_have_accessible_name("first_name")
    expect(column_line(page, "first_name").get_by_label("Name of first_name outside")).to_have_value(
        "First name"
    )
    expect(page.get_by_text("3 of 5 columns leave")).to_be_visible()


def _look_before_it_leaves(visitor: Visitor) -> None:
    page = visitor.page
    shown = page.get_by_role("region", name="Rows as they would leave")
    expect(shown.get_by_role("columnheader")).to_have_text(["First name", "business_email", "country"])
    expect(shown.get_by_role("row").nth(1)).to_contain_text("person1@acme.com")
    page.reload()
    step(page, "send")
    expect(shown.get_by_role("row").nth(1)).to_contain_text("person1@acme.com")
    visitor.check_looks("export-send")


def through_to_the_end(page: Page, destination: str = "Download") -> None:
    """Every step as it stands, up to the last."""
    onward(page, "Choose where it goes", "where")
    choose_destination(page, destination)
    onward(page, "Choose the columns", "columns")
    onward(page, "Say who may leave", "people")
    onward(page, "Look before it leaves", "send")


def test_a_suppressed_person_stays_here(
    new_visitor: NewVisitor, new_person: Callable[[], Person], tmp_path: Path
) -> None:
    person = new_person()
    upload = table_of_people(person, "With a protester")
    asked(person, "POST", "/api/audience/suppressions", {"values": ["Person3@acme.com", "globex.org"]})
    visitor = new_visitor(person)
    page = visitor.go(f"/exports/new?upload={upload}")
    onward(page, "Choose where it goes", "where")
    choose_destination(page, "Download")
    onward(page, "Choose the columns", "columns")
    take_only(page, ["first_name", "country"])
    onward(page, "Say who may leave", "people")
    expect(page.get_by_role("region", name="Suppression list")).to_contain_text(
        "2 addresses, numbers and domains are on it."
    )
    stays = page.get_by_role("region", name="Who stays here")
    expect(stays).to_contain_text("Of all 60 rows")
    expect(stays).to_contain_text("31 rows on the suppression list would be left out")
    onward(page, "Look before it leaves", "send")
    page.get_by_role("button", name="Start the export").click()
    started(page)
    ended(page, "29 rows in the file")
    page.get_by_role("link", name="Show them: on the suppression list").click()
    expect(page).to_have_url(re.compile("outcome=left_out&code=suppressed"))
    rows = page.get_by_role("table", name="Rows").get_by_role("row")
    expect(rows).to_have_count(32)
    expect(rows.filter(has=page.get_by_role("link", name="row 4", exact=True))).to_contain_text(
        "on the suppression list"
    )
    _, *left = lines_of(downloaded(visitor, tmp_path))
    assert left == [
        [person_at(at)["first_name"].replace("=", "'="), "DE"] for at in range(1, ROWS, 2) if at != 3
    ]


def test_what_a_destination_refuses_is_said_where_it_can_be_mended(
    visitor: Visitor, person: Person, people: str
) -> None:
    visitor.expect_refusal(400, f"^{EXPORTS}$")
    page = visitor.go(f"/exports/new?upload={people}")
    onward(page, "Choose where it goes", "where")
    expect(page.get_by_role("button", name="Choose the columns")).to_be_disabled()
    choose_destination(page, "Bucket or directory")
    expect(page.get_by_text("Fill in Path.")).to_be_visible()
    field = page.get_by_role("textbox", name="Path")
    field.fill("../etc/passwd")
    page.get_by_role("button", name="Choose the columns").click()
    expect(page.get_by_role("alert")).to_contain_text("settings_invalid")
    expect(field).to_have_accessible_description(re.compile("none of which begins with a dot"))
    visitor.check_looks("export-refused", themes=("light",))
    field.fill("people.csv")
    expect(page.get_by_role("alert")).to_have_count(0)
    page.get_by_role("button", name="Choose the columns").click()
    expect(page.get_by_role("alert")).to_contain_text("export_place_refused")
    expect(page.get_by_role("alert")).to_contain_text("The operator allows no directory")
    step(page, "where")


def test_a_lost_answer_starts_no_second_export(visitor: Visitor, person: Person) -> None:
    upload = table_of_people(person, "Sent once", 4)
    visitor.expect_cut_network()
    lost: list[int] = []

    def lose_the_first(route: Route) -> None:
        if route.request.method != "POST" or "dry_run" in (route.request.post_data or "") or lost:
            route.fallback()
            return
        lost.append(route.fetch().status)
        route.abort()

    visitor.page.route(f"**{EXPORTS}", lose_the_first)
    page = visitor.go(f"/exports/new?upload={upload}")
    through_to_the_end(page)
    page.get_by_role("button", name="Start the export").click()
    expect(page.get_by_role("alert")).to_contain_text("The server does not answer")
    assert lost == [202]
    page.reload()
    page.get_by_role("button", name="Start the export").click()
    export_id = started(page)
    assert [each["export_id"] for each in all_exports(person, f"?upload_id={upload}")] == [export_id]


def test_only_filtered_rows_leave_from_a_table(visitor: Visitor, people: str, tmp_path: Path) -> None:
    only = '{"field":"country","op":"eq","value":"US"}'
    page = visitor.go(f"/uploads/{people}?filter={only}")
    page.get_by_role("button", name="Download", exact=True).click()
    page.get_by_role("menuitem", name="Export the rows shown…").click()
    step(page, "rows")
    expect(page.get_by_text("30 of 60 rows match.")).to_be_visible()
    through_to_the_end(page)
    page.get_by_role("textbox", name="Name").fill("American friends")
    page.get_by_role("button", name="Start the export").click()
    started(page)
    ended(page, "30 rows in the file")
    expect(page.get_by_role("region", name="What it was asked to do")).to_contain_text("country is “US”")
    _, *rows = lines_of(downloaded(visitor, tmp_path))
    assert [row[0] for row in rows] == [person_at(at)["business_email"] for at in range(0, ROWS, 2)]
    expect(page.get_by_role("link", name="Download american-friends.csv")).to_be_visible()


def test_only_changes_leave_the_second_time(visitor: Visitor, person: Person, tmp_path: Path) -> None:
    upload = table_of_people(person, "Moving", 8)
    page = visitor.go(f"/exports/new?upload={upload}")
    through_to_the_end(page)
    page.get_by_role("checkbox", name="Only what changed since the last export like this").check()
    expect(page.get_by_role("form", name="Start the export").get_by_text("business_email")).to_be_visible()
    visitor.check_looks("export-changes", themes=("light",))
    page.get_by_role("button", name="Start the export").click()
    first = started(page)
    ended(page, "8 rows in the file")
    changes = wait_for_export(person, first)["changes"]
    assert changes == {"joined": 8, "changed": 0, "left": 0, "unchanged": 0}
    asked(
        person, "PATCH", f"{BATCH}/{upload}/rows", {"edits": [{"row": 2, "set": {"first_name": "Changed"}}]}
    )
    page.get_by_role("link", name="Do it again").click()
    step(page, "send")
    expect(
        page.get_by_role("checkbox", name="Only what changed since the last export like this")
    ).to_be_checked()
    page.get_by_role("button", name="Start the export").click()
    expect(page).not_to_have_url(re.compile(first))
    ended(page, "1 row in the file")
    since = page.get_by_role("region", name="What became of the rows")
    expect(since).to_contain_text("Changed1")
    expect(since).to_contain_text("Unchanged7")
    [head, row] = lines_of(downloaded(visitor, tmp_path))
    assert (row[head.index("first_name")], row[head.index("_change")]) == ("Changed", "changed")


def test_an_export_is_kept_on_a_schedule(visitor: Visitor, person: Person) -> None:
    upload = table_of_people(person, "Each other day", 4)
    page = visitor.go(f"/exports/new?upload={upload}")
    through_to_the_end(page)
    page.get_by_text("On a schedule").click()
    page.get_by_role("textbox", name="Every").fill("2")
    page.get_by_label("First at").fill("2031-05-06T07:08")
    visitor.check_looks("export-schedule", themes=("light",))
    page.get_by_role("button", name="Keep the schedule").click()
    expect(page).to_have_url(re.compile("/exports/schedules$"))
    [kept] = [
        each
        for each in asked(person, "GET", f"{EXPORTS}/schedules")["schedules"]
        if each["name"] == "Each other day"
    ]
    assert (kept["every_minutes"], kept["export"]["upload_id"]) == (2880, upload)
    assert kept["next_at"].startswith("2031-05-06T")
    assert all_exports(person, f"?upload_id={upload}") == []


def test_the_wizard_fits_a_narrow_window(new_visitor: NewVisitor, person: Person, people: str) -> None:
    visitor = new_visitor(person, width=360, height=2000)  # nothing below a footer that sticks
    page = visitor.go("/exports/new")
    expect(page.get_by_role("heading", name="Whom do you want to export?")).to_be_visible()
    visitor.check_looks("export-choose-narrow", themes=("light",))
    page.get_by_role("combobox", name="Or an upload").click()
    page.get_by_role("option", name="Spring fair (60 rows)").first.click()
    for button, name in (
        ("Choose where it goes", "where"),
        ("Choose the columns", "columns"),
        ("Say who may leave", "people"),
        ("Look before it leaves", "send"),
    ):
        if name == "columns":
            choose_destination(page, "Download")
            page.get_by_label("Hashing", exact=True).select_option(label="For Meta Custom Audiences")
        onward(page, button, name)
        assert page.evaluate("document.documentElement.scrollWidth") <= 360
        visitor.check_looks(f"export-{name}-narrow", themes=("light",))


def test_nobody_exports_the_people_of_another(
    new_visitor: NewVisitor, new_person: Callable[[], Person], person: Person, people: str
) -> None:
    export_id = asked(person, "POST", EXPORTS, {"upload_id": people})["export"]["export_id"]
    wait_for_export(person, export_id)
    stranger = new_visitor(new_person())
    stranger.expect_refusal(403, f"^{EXPORTS}")
    page = stranger.go(f"/exports/new?upload={people}")
    expect(page.get_by_role("alert")).to_contain_text("You may not see this")
    page = stranger.go(f"/exports/{export_id}")
    expect(page.get_by_role("alert")).to_contain_text("You may not see this")
