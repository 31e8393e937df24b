"""Exports in Studio once they are started: followed live, refused rows tried again or dismissed, ended, deleted, listed."""

import re
import threading
from collections.abc import Callable, Iterator

import psycopg
import pytest
from playwright.sync_api import Page, expect

from tests.exports.destinations.places import SECRET
from tests.exports.destinations.servers import Answer, Asked, Endpoint, serving
from tests.support.browser import NewVisitor, Person, Visitor
from tests.support.export_pages import (
    ROWS,
    asked,
    choose_destination,
    connect,
    ended,
    lines_of,
    onward,
    person_at,
    segment_of,
    start_export,
    started,
    step,
    table_of_people,
    take_only,
    wait_for_export,
)
from tests.support.postgres import USER, Cluster
from tests.support.table_page import post_file, wait_until_made


class Slow(Endpoint):
    """Takes the first batch, and the next ones only once somebody opens the gate."""

    def __init__(self) -> None:
        super().__init__(SECRET)
        self.gate = threading.Event()

    def answer(self, asked: Asked) -> Answer:
        if self.rows:
            self.gate.wait(timeout=60)
        return super().answer(asked)


@pytest.fixture
def endpoint() -> Iterator[Endpoint]:
    """Takes rows, and says of each whether it likes it."""
    made = Endpoint(SECRET)
    yield made
    assert made.mistakes == []


@pytest.fixture
def crm(endpoint: Endpoint) -> Iterator[str]:
    """Where it listens."""
    with serving(endpoint.answer) as address:
        yield f"{address}/audience"


def emails(*places: int) -> set[str]:
    return {person_at(at)["business_email"] for at in places}


def in_rows(page: Page, *rows: int) -> None:
    """The list row by row names these, counted from 1."""
    links = page.get_by_role("table", name="Rows").get_by_role("link")
    expect(links).to_have_text([f"row {row}" for row in rows])


def test_refused_rows_are_sent_once_the_receiver_is_mended(
    new_visitor: NewVisitor, new_person: Callable[[], Person], endpoint: Endpoint, crm: str
) -> None:
    person = new_person()
    upload = table_of_people(person, "Fair")
    connect(person, "http", "CRM", {"url": crm, "secret": SECRET})
    endpoint.picky = emails(4, 7)
    visitor = new_visitor(person)
    page = visitor.go(f"/exports/new?upload={upload}")
    onward(page, "Choose where it goes", "where")
    choose_destination(page, "HTTP endpoint")
    expect(page.get_by_label("Connection", exact=True).get_by_role("option", name="CRM")).to_be_attached()
    page.get_by_role("button", name="Try it").click()
    expect(page.get_by_text("The address answered 200. No row was sent.")).to_be_visible()
    visitor.check_looks("export-connection-chosen", themes=("light",))
    onward(page, "Choose the columns", "columns")
    onward(page, "Say who may leave", "people")
    onward(page, "Look before it leaves", "send")
    page.get_by_role("button", name="Start the export").click()
    first = started(page)
    ended(page, f"{ROWS - 2} rows sent")
    refused = page.get_by_role("region", name="What was refused")
    expect(refused).to_contain_text("Picky: 2 rows")
    expect(refused).to_contain_text("“not person4@globex.org”")
    in_rows(page, 5, 8)
    visitor.check_looks("export-refused-rows")
    page.get_by_role("link", name="row 5", exact=True).click()
    expect(page.get_by_role("dialog", name="Row 5")).to_contain_text("person4@globex.org")
    page.go_back()
    page.get_by_role("link", name="Show rows: Picky").click()
    expect(page).to_have_url(re.compile("outcome=failed&code=picky"))
    page.reload()
    in_rows(page, 5, 8)
    with page.expect_download() as download:
        page.get_by_role("button", name="Download this list").click()
    assert download.value.suggested_filename == f"{first}.failed.csv"
    head, *rows = lines_of(download.value.path().read_bytes())
    assert [(row[head.index("row_id")], row[head.index("code")]) for row in rows] == [
        ("4", "picky"),
        ("7", "picky"),
    ]
    assert endpoint.rows.keys() == emails(*range(ROWS)) - emails(4, 7)

    endpoint.picky = set()
    page.get_by_role("button", name="Retry these 2: Picky").click()
    visitor.check_looks("export-retry", themes=("light",))
    page.get_by_role("dialog").get_by_role("button", name="Try again").click()
    expect(page).not_to_have_url(re.compile(first))
    ended(page, "2 rows sent")
    expect(page.get_by_role("link", name="an earlier export")).to_have_attribute("href", f"/exports/{first}")
    assert endpoint.rows.keys() == emails(*range(ROWS))


def test_refused_rows_are_dismissed_by_cause(
    visitor: Visitor, person: Person, endpoint: Endpoint, crm: str
) -> None:
    upload = table_of_people(person, "Half of it is odd", 8)
    connection = connect(person, "http", "Odd one", {"url": crm, "secret": SECRET})
    endpoint.picky, endpoint.bad = emails(1), emails(6)
    export_id = start_export(person, upload_id=upload, destination="http", connection=connection)
    wait_for_export(person, export_id)
    page = visitor.go(f"/exports/{export_id}")
    refused = page.get_by_role("region", name="What was refused")
    expect(refused).to_contain_text("The endpoint refused the row: 1 row")
    page.get_by_role("button", name="Dismiss: Picky").click()
    page.get_by_role("dialog").get_by_role("button", name="Dismiss").click()
    expect(refused).to_contain_text("1 of these rows is dismissed")
    expect(
        page.get_by_role("table", name="Rows").get_by_role("row").filter(has_text="row 2")
    ).to_contain_text("dismissed")
    visitor.check_looks("export-dismissed", themes=("dark",))
    endpoint.picky, endpoint.bad = set(), set()
    page.get_by_role("button", name="Retry 1 refused row").click()
    page.get_by_role("dialog").get_by_role("button", name="Try again").click()
    expect(page).not_to_have_url(re.compile(export_id))
    ended(page, "1 row sent")
    assert endpoint.rows.keys() == emails(*range(8)) - emails(1)


def test_an_export_is_followed_and_cancelled_and_the_rest_is_sent(visitor: Visitor, person: Person) -> None:
    upload = table_of_people(person, "Slow")
    slow = Slow()
    with serving(slow.answer) as address:
        connection = connect(person, "http", "Slow one", {"url": f"{address}/audience", "secret": SECRET})
        export_id = start_export(
            person, upload_id=upload, destination="http", connection=connection, settings={"batch_rows": 10}
        )
        page = visitor.go(f"/exports/{export_id}")
        expect(page.get_by_role("heading", name="Sending…")).to_be_visible(timeout=20_000)
        expect(page.get_by_role("progressbar", name="How much of the export is done")).to_be_visible()
        visitor.check_looks("export-running")
        page.get_by_role("button", name="Cancel").click()
        ended(page, "You cancelled the export")
        visitor.check_looks("export-cancelled", themes=("light",))
        assert wait_for_export(person, export_id)["status"] == "cancelled"
        slow.gate.set()
        page.get_by_role("button", name=re.compile(r"^Send the \d+ rows left$")).click()
        page.get_by_role("dialog", name="Send what is missing?").get_by_role(
            "button", name="Try again"
        ).click()
        expect(page).not_to_have_url(re.compile(export_id))
        ended(page, re.compile(r"^\d+ rows sent$"))
    assert slow.rows.keys() == emails(*range(ROWS))


def test_an_export_that_fails_says_why_and_what_is_left(
    visitor: Visitor, person: Person, endpoint: Endpoint, crm: str
) -> None:
    upload = table_of_people(person, "Unwelcome", 6)
    connection = connect(person, "http", "Closed", {"url": crm, "secret": SECRET})
    endpoint.statuses = [410]
    export_id = start_export(person, upload_id=upload, destination="http", connection=connection)
    page = visitor.go(f"/exports/{export_id}")
    ended(page, "The export failed")
    expect(page.get_by_role("alert")).to_contain_text("it wants nothing more from here")
    expect(page.get_by_role("alert")).to_contain_text("destination_refused")
    expect(page.get_by_text("No row was delivered.")).to_be_visible()
    visitor.check_looks("export-failed")
    page.get_by_role("button", name="Send the 6 rows left").click()
    page.get_by_role("dialog").get_by_role("button", name="Try again").click()
    ended(page, "6 rows sent")


def test_an_export_goes_on_well_where_no_stream_comes_through(visitor: Visitor, person: Person) -> None:
    upload = table_of_people(person, "Without a stream")
    visitor.expect_cut_network()
    visitor.page.route("**/events", lambda route: route.abort())
    slow = Slow()
    with serving(slow.answer) as address:
        connection = connect(person, "http", "No stream", {"url": f"{address}/audience", "secret": SECRET})
        wish = {
            "upload_id": upload,
            "destination": "http",
            "connection": connection,
            "settings": {"batch_rows": 10},
        }
        page = visitor.go(f"/exports/{start_export(person, **wish)}")
        expect(page.get_by_role("heading", name="Sending…")).to_be_visible(timeout=20_000)
        slow.gate.set()
        ended(page, f"{ROWS} rows sent")


def test_an_export_is_done_again_and_deleted(visitor: Visitor, person: Person) -> None:
    segment = segment_of(person, table_of_people(person, "Members"), "Germans again")
    columns = [{"column": "first_name", "as": "Name"}, "business_email"]
    wish = {
        "segment_id": segment,
        "columns": columns,
        "format": "ndjson",
        "consent": {"column": "newsletter", "values": ["no"]},
    }
    export_id = start_export(person, name="The first one", **wish)
    wait_for_export(person, export_id)
    page = visitor.go(f"/exports/{export_id}")
    asked_for = page.get_by_role("region", name="What it was asked to do")
    expect(asked_for).to_contain_text("newsletter is one of no")
    expect(asked_for.get_by_role("row").nth(1)).to_contain_text("Name")
    page.get_by_role("button", name="Download it by a script").click()
    expect(page.get_by_role("region", name="Command that downloads the file")).to_contain_text("curl -C -")
    page.get_by_role("link", name="Do it again").click()
    step(page, "send")
    expect(page.get_by_role("textbox", name="Name")).to_have_value("The first one")
    page.get_by_role("textbox", name="Name").fill("The second one")
    page.get_by_role("button", name="Start the export").click()
    second = started(page)
    ended(page, "10 rows in the file")
    same = ("columns", "format", "options", "consent", "destination", "since", "key")
    before, after = wait_for_export(person, export_id), wait_for_export(person, second)
    assert [before[name] for name in same] == [after[name] for name in same]
    page.get_by_role("button", name="Delete", exact=True).click()
    visitor.check_looks("export-delete", themes=("light",))
    page.get_by_role("dialog").get_by_role("button", name="Delete export").click()
    expect(page).to_have_url(re.compile("/exports$"))
    expect(page.get_by_role("link", name="The first one")).to_be_visible()
    expect(page.get_by_role("link", name="The second one")).to_have_count(0)


def test_people_reach_a_database_told_apart_by_a_column_of_ones_own(
    visitor: Visitor, person: Person, postgres_cluster: Cluster
) -> None:
    body = "business_email,first_name,customer_no\na@example.com,Ana,C-1\nb@example.com,Bo,C-2\nb@example.com,Bob,C-2\n"
    upload = post_file(person, "Customers", body.encode())
    assert wait_until_made(person, upload) == "ready"
    database = postgres_cluster.create()
    place = {"host": "127.0.0.1", "port": postgres_cluster.port, "database": database, "user": USER}
    connect(
        person, "postgresql", "Warehouse", {**place, "password": postgres_cluster.password, "ssl": "disable"}
    )
    page = visitor.go(f"/exports/new?upload={upload}&step=where")
    choose_destination(page, "PostgreSQL table")
    page.get_by_role("textbox", name="Table", exact=True).fill("people")
    onward(page, "Choose the columns", "columns")
    take_only(page, ["first_name", "customer_no"])
    expect(page.get_by_text("Say which columns tell people apart.")).to_be_visible()
    page.get_by_role("combobox", name="Columns that tell people apart").click()
    page.get_by_role("option", name="customer_no").click()
    page.keyboard.press("Escape")
    visitor.check_looks("export-key", themes=("light",))
    onward(page, "Say who may leave", "people")
    onward(page, "Look before it leaves", "send")
    page.get_by_role("button", name="Start the export").click()
    export = wait_for_export(person, started(page))
    assert (export["status"], export["key"]) == ("done", ["customer_no"])
    with psycopg.connect(postgres_cluster.url(database)) as connection:
        rows = connection.execute(
            "SELECT customer_no, first_name FROM people ORDER BY customer_no"
        ).fetchall()
    assert rows == [("C-1", "Ana"), ("C-2", "Bob")]
    postgres_cluster.drop(database)


def test_the_list_is_narrowed_in_the_address_and_follows_the_work(
    new_visitor: NewVisitor, new_person: Callable[[], Person]
) -> None:
    person = new_person()
    visitor = new_visitor(person)
    page = visitor.go("/exports")
    expect(page.get_by_role("heading", name="Take your audience where it is needed")).to_be_visible()
    visitor.check_looks("exports-empty")
    upload = table_of_people(person, "Everybody")
    segment = segment_of(person, upload, "Germans")
    wait_for_export(person, start_export(person, segment_id=segment, name="A file of Germans", format="xlsx"))
    slow = Slow()
    with serving(slow.answer) as address:
        connection = connect(person, "http", "CRM", {"url": f"{address}/audience", "secret": SECRET})
        wish = {
            "upload_id": upload,
            "destination": "http",
            "connection": connection,
            "settings": {"batch_rows": 10},
        }
        moving = start_export(person, name="All to the CRM", **wish)
        page.reload()
        rows = page.get_by_role("table", name="Exports").get_by_role("row")
        expect(rows.nth(1)).to_contain_text(
            re.compile("All to the CRM.*HTTP endpoint, CRM.*Running.*of 60 rows"), timeout=20_000
        )
        expect(rows.nth(2)).to_contain_text(
            re.compile("Segment Germans, version 1.*Download, Excel.*Done.*30 in the file")
        )
        visitor.check_looks("exports")
        page.get_by_label("Source", exact=True).select_option(label="Germans")
        expect(rows).to_have_count(2)
        expect(page).to_have_url(re.compile(f"segment={segment}"))
        page.get_by_label("Status", exact=True).select_option(label="Running")
        expect(page.get_by_role("heading", name="No export matches")).to_be_visible()
        page.reload()
        page.get_by_role("button", name="Clear the filters").click()
        expect(rows).to_have_count(3)
        slow.gate.set()
        expect(rows.nth(1)).to_contain_text(re.compile("Done.*60 sent"), timeout=20_000)
    assert wait_for_export(person, moving)["written"] == ROWS
    page.get_by_role("link", name="A file of Germans").click()
    expect(page.get_by_role("link", name="Download a-file-of-germans.xlsx")).to_be_visible()


def test_exports_fit_a_narrow_window(
    new_visitor: NewVisitor, person: Person, endpoint: Endpoint, crm: str
) -> None:
    upload = table_of_people(person, "Narrow", 6)
    connection = connect(person, "http", "A connection with a long name", {"url": crm, "secret": SECRET})
    endpoint.picky = emails(2)
    name = "An export with a name that takes its room"
    export_id = start_export(person, upload_id=upload, destination="http", connection=connection, name=name)
    wait_for_export(person, export_id)
    visitor = new_visitor(person, width=360, height=740)
    for path, shot in (("/exports", "exports"), (f"/exports/{export_id}", "export")):
        page = visitor.go(path)
        expect(page.get_by_text(name).first).to_be_visible()
        assert page.evaluate("document.documentElement.scrollWidth") <= 360
        visitor.check_looks(f"{shot}-narrow", themes=("light",))
    assert asked(person, "GET", f"/api/audience/exports?upload_id={upload}")["total"] == 1
