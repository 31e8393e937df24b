"""The uploads page: everything that came in, found, sorted, renamed, shared and deleted; files dropped anywhere."""

import json
import re
from collections.abc import Callable, Sequence
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.support.browser import NewVisitor, Person
from tests.support.rawhttp import exchange

FILES = "/api/audience/files"
GOOD = {"email": "ada@example.com"}
BAD = {"first_name": "Nobody"}


def give(person: Person, name: str, good: int = 1, bad: int = 0) -> str:
    answer = person.api.create(name, [GOOD] * good + [BAD] * bad, on_invalid="skip")
    assert answer.status == 200, answer.body
    return str(answer.json["upload_id"])


def names(page: Page) -> list[str]:
    """The names as the table shows them, from top to bottom."""
    return page.locator("table[aria-label=Uploads] tbody tr td:nth-child(2) a").all_inner_texts()


def row(page: Page, name: str) -> Locator:
    return page.get_by_role("row").filter(has=page.get_by_role("link", name=name, exact=True))


def choose_by_keyboard(page: Page, button: str, item: str) -> None:
    """Open a menu and go down to one of its items, without a mouse."""
    page.get_by_role("button", name=button).focus()
    page.keyboard.press("Enter")
    wanted = page.get_by_role("menuitem", name=item)
    expect(wanted).to_be_visible()
    for _ in range(10):
        page.keyboard.press("ArrowDown")
        if wanted.evaluate("item => item === document.activeElement"):
            break
    page.keyboard.press("Enter")


def drop(page: Page, files: Sequence[tuple[str, str]]) -> None:
    """Drag files over the window and let them go in its middle."""
    transfer = page.evaluate_handle(
        """files => {
            const transfer = new DataTransfer();
            for (const [name, text] of files) transfer.items.add(new File([text], name, {type: "text/csv"}));
            return transfer;
        }""",
        [list(file) for file in files],
    )
    page.dispatch_event("main", "dragenter", {"dataTransfer": transfer})
    expect(page.get_by_text("Drop to upload")).to_be_visible()
    page.dispatch_event("main", "dragover", {"dataTransfer": transfer})
    page.dispatch_event("main", "drop", {"dataTransfer": transfer})
    expect(page.get_by_text("Drop to upload")).to_be_hidden()


@pytest.fixture(scope="module")
def library(new_person: Callable[[], Person]) -> Person:
    """Somebody with a few uploads that no test changes."""
    person = new_person()
    give(person, "Spring fair", good=3)
    give(person, "Newsletter March", good=40, bad=7)
    give(person, "Spring webinar", good=12, bad=2)
    give(person, "Dormant accounts", good=1)
    waiting = person.api.call(
        "POST",
        f"{FILES}?auto=false&file_name=leads.csv",
        b"email\nada@example.com\n",
        headers={"Content-Type": "text/csv"},
    )
    assert waiting.status == 202, waiting.body
    return person


def test_the_first_visit_teaches_both_ways_in(
    new_visitor: NewVisitor, new_person: Callable[[], Person]
) -> None:
    newcomer = new_person()
    visitor = new_visitor(newcomer)
    visitor.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page = visitor.go("/uploads")
    expect(page.get_by_role("heading", name="Drop a file anywhere")).to_be_visible()
    visitor.check_looks("uploads-empty")
    page.get_by_role("button", name="Make a key and copy").click()
    expect(page.get_by_text("It is shown only now")).to_be_visible()
    command = page.evaluate("navigator.clipboard.readText()")
    assert visitor.url in command
    key = re.search(r"Bearer (muster_\w+)", command)
    body = re.search(r"-d '(.*)'", command, re.DOTALL)
    assert key is not None
    assert body is not None
    # The command works as it stands, and what it sends appears without a reload.
    sent = exchange(
        newcomer.api.server.address,
        newcomer.api.request(
            "POST",
            "/api/audience/batch-upload",
            body[1].encode(),
            headers={"Authorization": f"Bearer {key[1]}"},
        ),
        method="POST",
    )
    assert sent.status == 200, sent.body
    expect(page.get_by_role("link", name="First leads")).to_be_visible(timeout=15_000)


def test_search_status_and_order_stand_in_the_address(new_visitor: NewVisitor, library: Person) -> None:
    visitor = new_visitor(library)
    page = visitor.go("/uploads")
    expect(page.get_by_text("5 uploads", exact=True)).to_be_visible()
    page.keyboard.press("/")
    page.keyboard.type("spring")
    expect(page).to_have_url(re.compile(r"\?q=spring$"))
    expect(page.get_by_text("2 uploads", exact=True)).to_be_visible()
    page.get_by_role("button", name="Rows", exact=True).click()
    expect(page).to_have_url(re.compile(r"sort=-rows_received"))
    expect(page.get_by_role("columnheader", name="Rows", exact=True)).to_have_attribute(
        "aria-sort", "descending"
    )
    page.reload()
    expect(page.get_by_role("link", name="Spring fair")).to_be_visible()
    assert names(page) == ["Spring webinar", "Spring fair"]
    expect(page.get_by_label("Search uploads by name")).to_have_value("spring")
    page.get_by_label("Clear the search").click()
    page.get_by_role("button", name="Status", exact=True).click()
    page.get_by_role("checkbox", name="Needs fixes").check()
    page.get_by_role("checkbox", name="Waiting").check()
    expect(page).to_have_url(re.compile(r"status=ready_with_errors%2Cuploaded|status=uploaded%2Cready"))
    expect(page.get_by_text("3 uploads", exact=True)).to_be_visible()
    page.keyboard.press("Escape")
    assert set(names(page)) == {"Newsletter March", "Spring webinar", "leads.csv"}


def test_nothing_matches_says_so_and_leads_back(new_visitor: NewVisitor, library: Person) -> None:
    page = new_visitor(library).go("/uploads?q=nothing-like-this&sort=name")
    page.get_by_role("button", name="Clear filters").click()
    expect(page.get_by_text("5 uploads", exact=True)).to_be_visible()
    assert names(page)[0] == "Dormant accounts"


def test_bad_rows_and_open_decisions_lead_to_where_they_are_put_right(
    new_visitor: NewVisitor, library: Person
) -> None:
    visitor = new_visitor(library)
    page = visitor.go("/uploads")
    expect(row(page, "Newsletter March")).to_contain_text("Needs fixes", timeout=15_000)
    link = page.get_by_role("link", name="7 bad rows in Newsletter March")
    expect(link).to_have_attribute("href", re.compile(r"/uploads/upl_\w+\?view=issues$"))
    expect(page.get_by_role("link", name="Match the columns of leads.csv")).to_have_attribute(
        "href", re.compile("/import$")
    )
    page.get_by_role("button", name="More about Newsletter March").click()
    expect(page.get_by_role("menuitem", name="Open the table")).to_have_attribute(
        "href", re.compile(r"/uploads/upl_\w+$")
    )
    with page.expect_download() as download:
        page.get_by_role("menuitem", name="Download bad rows").click()
    assert download.value.path().read_text(encoding="utf-8").count("Nobody") == 7
    visitor.check_looks("uploads")


def test_an_upload_is_renamed_and_deleted_by_keyboard_alone(
    new_visitor: NewVisitor, new_person: Callable[[], Person]
) -> None:
    person = new_person()
    upload_id = give(person, "Leads of spring", good=2)
    visitor = new_visitor(person)
    page = visitor.go("/uploads")
    choose_by_keyboard(page, "More about Leads of spring", "Rename")
    expect(page.get_by_label("Name", exact=True)).to_be_focused()
    page.keyboard.type("Leads of summer")
    page.keyboard.press("Enter")
    expect(page.get_by_role("link", name="Leads of summer")).to_be_visible()
    assert person.api.get(upload_id, "?include=none").json["upload_name"] == "Leads of summer"
    choose_by_keyboard(page, "More about Leads of summer", "Delete")
    question = page.get_by_role("dialog", name="Delete Leads of summer?")
    expect(question).to_contain_text("2 rows")
    visitor.check_looks("uploads-delete")
    question.get_by_role("button", name="Delete this upload").press("Enter")
    expect(page.get_by_role("heading", name="Drop a file anywhere")).to_be_visible()
    assert person.api.get(upload_id).status == 404


def test_bulk_work_tells_what_each_upload_answered(
    new_visitor: NewVisitor, new_person: Callable[[], Person]
) -> None:
    person = new_person()
    ids = {name: give(person, name) for name in ("One", "Two", "Three")}
    waiting = person.api.call(
        "POST",
        f"{FILES}?auto=false&file_name=half.csv",
        b"email\nada@example.com\n",
        headers={"Content-Type": "text/csv"},
    )
    assert waiting.status == 202
    visitor = new_visitor(person)
    page = visitor.go("/uploads")
    for name in ("One", "Two", "half.csv"):
        page.get_by_role("checkbox", name=f"Select {name}").check()
    bar = page.get_by_role("region", name="Selected uploads")
    expect(bar).to_contain_text("3 uploads selected")
    expect(row(page, "One")).to_contain_text("Ready", timeout=15_000)
    expect(row(page, "Two")).to_contain_text("Ready", timeout=15_000)
    bar.get_by_role("button", name="Process again").click()
    report = page.get_by_role("dialog", name=re.compile("2 of 3 uploads"))
    expect(report.get_by_role("row", name=re.compile("half.csv.*mapping"))).to_be_visible()
    report.get_by_role("button", name="Close").last.click()
    page.get_by_role("checkbox", name="Select One").check()
    page.get_by_role("checkbox", name="Select Three").check()
    bar.get_by_role("button", name="Delete").click()
    question = page.get_by_role("dialog", name="Delete 2 uploads?")
    expect(question.get_by_role("listitem")).to_have_text(["Three", "One"])
    question.get_by_role("button", name="Delete 2 uploads").click()
    expect(page.get_by_text("2 uploads", exact=True)).to_be_visible()
    assert set(names(page)) == {"Two", "half.csv"}
    assert [person.api.get(ids[name]).status for name in ("One", "Two", "Three")] == [404, 200, 404]


def test_deleting_much_wants_the_name_typed(
    new_visitor: NewVisitor, new_person: Callable[[], Person]
) -> None:
    person = new_person()
    body = b"email\n" + b"".join(b"p%d@example.com\n" % at for at in range(100_000))
    sent = person.api.call("POST", f"{FILES}?file_name=big.csv", body, headers={"Content-Type": "text/csv"})
    assert sent.status == 202
    page = new_visitor(person).go("/uploads")
    expect(row(page, "big.csv")).to_contain_text("100,000", timeout=30_000)
    expect(row(page, "big.csv")).to_contain_text("Ready", timeout=30_000)
    page.get_by_role("button", name="More about big.csv").click()
    page.get_by_role("menuitem", name="Delete").click()
    confirm = page.get_by_role("button", name="Delete this upload")
    expect(confirm).to_be_disabled()
    page.get_by_label(re.compile("Type big.csv")).fill("big.csv")
    confirm.click()
    expect(page.get_by_role("heading", name="Drop a file anywhere")).to_be_visible()


def test_a_dropped_file_lands_in_the_import(
    new_visitor: NewVisitor, new_person: Callable[[], Person]
) -> None:
    person = new_person()
    page = new_visitor(person).go("/uploads")
    expect(page.get_by_role("heading", name="Drop a file anywhere")).to_be_visible()
    drop(page, [("leads.csv", "email\nada@example.com\n")])
    expect(page).to_have_url(re.compile(r"/uploads/upl_\w+/import"))
    (upload,) = person.api.every_upload().values()
    assert (upload["upload_name"], upload["status_reason"]) == ("leads.csv", "awaiting_mapping")


def test_many_files_wait_their_turn_and_what_cannot_be_read_says_what_to_do(
    new_visitor: NewVisitor, new_person: Callable[[], Person]
) -> None:
    person = new_person()
    visitor = new_visitor(person)
    page = visitor.go("/uploads")
    expect(page.get_by_role("heading", name="Drop a file anywhere")).to_be_visible()
    good = [(f"part{at}.csv", f"email\np{at}@example.com\n") for at in range(4)]
    drop(page, [*good, ("slides.pdf", "x"), ("old.xls", "x"), ("nothing.csv", "")])
    queue = page.get_by_role("region", name="Your files")
    expect(queue.get_by_role("link", name="Continue import")).to_have_count(4, timeout=20_000)
    expect(queue.get_by_role("listitem", name="slides.pdf")).to_contain_text("Send CSV, TSV, XLSX")
    expect(queue.get_by_role("listitem", name="old.xls")).to_contain_text("save it as .xlsx")
    expect(queue.get_by_role("listitem", name="nothing.csv")).to_contain_text("empty")
    assert len(person.api.every_upload()) == 4
    visitor.check_looks("uploads-queue")
    queue.get_by_role("button", name="Take slides.pdf off the list").click()
    expect(queue.get_by_role("listitem", name="slides.pdf")).to_be_hidden()


def test_cells_copied_in_a_spreadsheet_are_pasted_as_a_file(
    new_visitor: NewVisitor, new_person: Callable[[], Person]
) -> None:
    person = new_person()
    page = new_visitor(person).go("/uploads")
    expect(page.get_by_role("heading", name="Drop a file anywhere")).to_be_visible()
    page.evaluate(
        """text => {
            const clipboardData = new DataTransfer();
            clipboardData.setData("text/plain", text);
            document.body.dispatchEvent(new ClipboardEvent("paste", {clipboardData, bubbles: true}));
        }""",
        "email\tname\nada@example.com\tAda\n",
    )
    expect(page).to_have_url(re.compile(r"/uploads/upl_\w+/import"))
    (upload,) = person.api.every_upload().values()
    assert re.fullmatch(r"Pasted [\d. -]+\.tsv", upload["upload_name"])


def test_a_shared_link_opens_this_upload_for_somebody_without_an_account(
    new_visitor: NewVisitor, library: Person
) -> None:
    page = new_visitor(library).go("/uploads")
    page.get_by_role("button", name="More about Spring fair").click()
    page.get_by_role("menuitem", name="Share a read-only link").click()
    page.get_by_role("button", name="Make a link").click()
    address = page.get_by_label("Read-only link").input_value()
    assert re.search(r"/open#sess_\w+$", address)
    guest = new_visitor()
    guest.page.goto(address)
    expect(guest.page).to_have_url(re.compile(r"/uploads/upl_\w+"))


def test_the_list_goes_on_by_itself_and_loads_more_on_request(
    new_visitor: NewVisitor, new_person: Callable[[], Person]
) -> None:
    person = new_person()
    for at in range(53):
        give(person, f"Batch {at:02}")
    visitor = new_visitor(person)
    answers: list[int] = []
    visitor.page.on(
        "response",
        lambda response: (
            answers.append(response.status) if "/api/audience/batch-upload?" in response.url else None
        ),
    )
    page = visitor.go("/uploads?sort=name")
    expect(page.get_by_text("50 of 53 uploads")).to_be_visible()
    page.get_by_role("button", name="Load more").click()
    expect(page.get_by_text("53 uploads", exact=True)).to_be_visible()
    assert names(page) == [f"Batch {at:02}" for at in range(53)]
    # Asked again while nothing is new, the server has nothing to say.
    with page.expect_response(lambda response: response.status == 304, timeout=30_000):
        pass
    assert set(answers) == {200, 304}


def test_two_people_see_only_their_own(
    new_visitor: NewVisitor, new_person: Callable[[], Person], library: Person
) -> None:
    other = new_person()
    upload_id = give(other, "Only mine")
    page = new_visitor(other).go("/uploads")
    expect(page.get_by_text("1 upload", exact=True)).to_be_visible()
    assert names(page) == ["Only mine"]
    page = new_visitor(library).go("/uploads?q=Only+mine")
    expect(page.get_by_role("heading", name="No upload matches")).to_be_visible()
    assert library.api.get(upload_id).status == 403


def test_a_list_that_cannot_be_asked_says_so_and_comes_back(new_visitor: NewVisitor, library: Person) -> None:
    visitor = new_visitor(library)
    visitor.expect_refusal(503, "^/api/audience/batch-upload$")
    body = json.dumps({"status": "error", "message": "The database is away.", "code": "unavailable"})
    refused: dict[str, Any] = {
        "status": 503,
        "body": body,
        "headers": {"Content-Type": "application/json", "X-Request-Id": "req_test"},
    }
    pattern = re.compile(r"/api/audience/batch-upload\?")
    visitor.page.route(pattern, lambda route: route.fulfill(**refused))
    page = visitor.go("/uploads")
    note = page.get_by_role("alert")
    expect(note).to_contain_text("The database is away.", timeout=20_000)
    expect(note).to_contain_text("req_test")
    page.unroute(pattern)
    note.get_by_role("button", name="Try again").click()
    expect(page.get_by_text("5 uploads", exact=True)).to_be_visible()


def test_a_narrow_window_shows_cards(new_visitor: NewVisitor, library: Person) -> None:
    visitor = new_visitor(library, width=360, height=740)
    page = visitor.go("/uploads")
    expect(page.get_by_role("list", name="Uploads").get_by_role("listitem")).to_have_count(5)
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    page.get_by_label("Sort by").select_option("Rows: most first")
    expect(page).to_have_url(re.compile("sort=-rows_received"))
    expect(page.get_by_role("list", name="Uploads").get_by_role("link").first).to_have_text(
        "Newsletter March"
    )
    visitor.check_looks("uploads-narrow")
