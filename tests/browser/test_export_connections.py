"""Connections to destinations and schedules in Studio: a generated form, secrets never shown, one call to try; exports that repeat."""

import base64
import json
import re
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.exports.destinations.servers import Asked, Endpoint, serving
from tests.support.browser import NewVisitor, Person, Visitor
from tests.support.enrich_pages import table_of_people

EXPORTS = "/api/audience/exports"
SECRET = "whsec_" + base64.b64encode(b"0123456789abcdef0123456789abcdef").decode()
OTHER_SECRET = "whsec_" + base64.b64encode(b"fedcba9876543210fedcba9876543210").decode()


@pytest.fixture
def endpoint() -> Iterator[tuple[Endpoint, str]]:
    """A receiver that checks signatures, and its address."""
    receiver = Endpoint(SECRET)
    with serving(receiver.answer) as address:
        yield receiver, f"{address}/audience"


def ask(person: Person, method: str, path: str, body: object = None, status: int | None = None) -> Any:
    sent = None if body is None else json.dumps(body).encode()
    answer = person.api.call(method, f"{EXPORTS}{path}", sent)
    assert (answer.status < 300) if status is None else (answer.status == status), answer.body
    return answer.json


def connection(person: Person, name: str, url: str) -> str:
    body = {"destination": "http", "name": name, "settings": {"url": url, "secret": SECRET}}
    return str(ask(person, "POST", "/connections", body)["connection"]["id"])


def schedule(person: Person, upload_id: str, name: str, *, due: timedelta, **members: Any) -> str:
    """Made by the API. due: when, from now."""
    export = {"upload_id": upload_id, "columns": ["business_email"], **members.pop("export", {})}
    starts_at = (datetime.now(UTC) + due).replace(microsecond=0).isoformat()
    body = {"name": name, "every_minutes": 1440, "starts_at": starts_at, "export": export, **members}
    return str(ask(person, "POST", "/schedules", body)["schedule"]["schedule_id"])


def kept(person: Person, schedule_id: str) -> dict[str, Any]:
    return dict(ask(person, "GET", f"/schedules/{schedule_id}")["schedule"])


def line(page: Page, kind: str, name: str) -> Locator:
    """A line of the list of connections or the table of schedules."""
    role = page.get_by_role("listitem") if kind == "Connections" else page.get_by_role("row")
    return role.filter(has=page.get_by_role("link", name=name, exact=True))


def choose(page: Page, name: str, action: str) -> None:
    page.get_by_role("button", name=f"Actions for {name}").click()
    page.get_by_role("menuitem", name=action, exact=True).click()


def test_a_connection_is_written_corrected_tried_and_changed(
    new_visitor: NewVisitor, new_person: Callable[[], Person], endpoint: tuple[Endpoint, str]
) -> None:
    receiver, address = endpoint
    person = new_person()
    visitor = new_visitor(person)
    visitor.expect_refusal(400, "/connections(/xcn_[^/]+)?$")
    page = visitor.go("/exports/connections")
    expect(page.get_by_role("heading", name="No connection yet")).to_be_visible()
    visitor.check_looks("export-connections-empty")
    page.get_by_role("button", name="Make the first connection").click()
    expect(page.get_by_role("menuitem")).to_have_text(
        ["HTTP endpoint", "PostgreSQL table", "Google Customer Match", "Meta Custom Audiences"]
    )
    page.get_by_role("menuitem", name="HTTP endpoint").click()
    _write_and_correct(visitor, address)
    _try(visitor, receiver)
    _change(visitor, person, receiver)


def _write_and_correct(visitor: Visitor, address: str) -> None:
    """Two things are wrong; each is said at its field, and the first has the focus."""
    page = visitor.page
    where = page.get_by_role("textbox", name="Address")
    secret = page.get_by_role("textbox", name="Signing secret")
    page.get_by_role("textbox", name="Name", exact=True).fill("CRM")
    where.fill("ftp://somewhere")
    secret.fill("whsec_short")
    page.get_by_role("button", name="Save connection").click()
    for field in (where, secret):
        expect(field).to_have_attribute("aria-invalid", "true")
    expect(where).to_be_focused()
    expect(page.get_by_role("alert")).to_contain_text("settings_invalid")
    expect(page.get_by_role("region", name="Try it")).to_contain_text("Save the connection first")
    visitor.check_looks("export-connection-mistakes")
    where.fill(address)
    secret.fill(SECRET)
    page.get_by_role("button", name="Save connection").click()
    expect(page).to_have_url(re.compile("/exports/connections/xcn_"))


def _try(visitor: Visitor, receiver: Endpoint) -> None:
    page = visitor.page
    trial = page.get_by_role("region", name="Try it")
    trial.get_by_role("button", name="Try it").click()
    expect(trial.get_by_role("alert")).to_contain_text("It works")
    expect(trial).to_contain_text("The address answered 200.")
    assert [asked.json["type"] for asked in receiver.asked] == ["export.probe"]
    assert receiver.mistakes == []
    visitor.check_looks("export-connection-tried")
    receiver.statuses = [503]
    trial.get_by_role("button", name="Try it").click()
    expect(trial.get_by_role("alert")).to_contain_text("It does not work yet")
    expect(trial.get_by_role("alert")).to_contain_text("destination_unavailable")
    trial.get_by_text("Settings of an export to try it with").click()
    trial.get_by_role("textbox", name="Rows in a batch").fill("9")
    with page.expect_request(lambda request: request.url.endswith("/try")) as sent:
        trial.get_by_role("button", name="Try it").click()
    assert json.loads(sent.value.post_data or "") == {"settings": {"batch_rows": 9}}
    expect(trial.get_by_role("alert")).to_contain_text("It works")


def _change(visitor: Visitor, person: Person, receiver: Endpoint) -> None:
    """The secret is neither shown nor lost when the name changes, and asked for anew when the address does."""
    page = visitor.page
    page.reload()
    name = page.get_by_role("textbox", name="Name", exact=True)
    secret = page.get_by_role("textbox", name="Signing secret")
    trial = page.get_by_role("region", name="Try it")
    expect(secret).to_have_value("")
    expect(secret).to_have_attribute("placeholder", re.compile("^Kept"))
    assert SECRET not in page.content()
    name.fill("Customer relations")
    expect(trial).to_contain_text("your changes are not yet")
    with page.expect_request(lambda request: request.method == "PATCH") as sent:
        page.get_by_role("button", name="Save changes").click()
    assert json.loads(sent.value.post_data or "")["settings"]["secret"] is None
    expect(page.get_by_role("heading", level=1, name="Customer relations")).to_be_visible()
    trial.get_by_role("button", name="Try it").click()
    expect(trial.get_by_role("alert")).to_contain_text("It works")
    where = page.get_by_role("textbox", name="Address")
    address = where.input_value()
    where.fill("https://elsewhere.example/audience")
    page.get_by_role("button", name="Save changes").click()
    expect(secret).to_have_attribute("aria-invalid", "true")
    expect(page.get_by_text("Give this secret anew: the kept one was for another place.")).to_be_visible()
    where.fill(address)
    secret.fill(OTHER_SECRET)
    page.get_by_role("button", name="Save changes").click()
    expect(secret).to_have_value("")
    trial.get_by_role("button", name="Try it").click()
    expect(trial.get_by_role("alert")).to_contain_text("The endpoint answered 401.")
    assert len(receiver.mistakes) == 1
    page.get_by_role("button", name="Do without signing secret").click()
    expect(secret).to_have_attribute("placeholder", "")
    page.get_by_role("button", name="Save changes").click()
    expect(page.get_by_text("“Customer relations” is saved.").last).to_be_visible()
    (only,) = ask(person, "GET", "/connections")["connections"]
    assert (only["name"], only["settings"]) == ("Customer relations", {"url": address})


def test_a_taken_name_is_refused_where_it_is_written(
    visitor: Visitor, person: Person, endpoint: tuple[Endpoint, str]
) -> None:
    connection(person, "Taken", endpoint[1])
    visitor.expect_refusal(409, "/connections$")
    page = visitor.go("/exports/connections/new?destination=http")
    page.get_by_role("textbox", name="Name", exact=True).fill("Taken")
    page.get_by_role("textbox", name="Address").fill(endpoint[1])
    page.get_by_role("button", name="Save connection").click()
    expect(page.get_by_role("alert")).to_contain_text("You have another connection with this name")
    page.get_by_role("textbox", name="Name", exact=True).fill("Free")
    page.get_by_role("button", name="Save connection").click()
    expect(page.get_by_role("heading", level=1, name="Free")).to_be_visible()


def test_a_connection_in_use_is_deleted_only_when_nothing_needs_it(
    new_visitor: NewVisitor, new_person: Callable[[], Person]
) -> None:
    """First Studio knows nothing of its use and the server refuses; then Studio says what uses it."""
    person = new_person()
    upload_id = table_of_people(person, "Kept in step", 6)
    receiver, may_answer = Endpoint(SECRET), threading.Event()

    def answer(asked: Asked) -> tuple[int, Any]:
        assert may_answer.wait(60)
        return receiver.answer(asked)

    with serving(answer) as address:
        made = connection(person, "Warehouse", f"{address}/audience")
        visitor = new_visitor(person)
        visitor.expect_refusal(409, f"/connections/{made}$")
        page = visitor.go("/exports/connections")
        export = {"destination": "http", "connection": made}
        page.route("**/exports/schedules?*", lambda route: route.fulfill(json=nothing("schedules")))
        page.reload()
        expect(line(page, "Connections", "Warehouse")).to_contain_text(f"HTTP endpoint · {address}")
        nightly = schedule(person, upload_id, "Nightly", due=timedelta(days=1), export=export)
        page.get_by_role("button", name="Delete Warehouse").click()
        dialog = page.get_by_role("dialog", name="Delete “Warehouse”?")
        dialog.get_by_role("button", name="Delete connection").click()
        expect(dialog.get_by_role("alert")).to_contain_text("connection_in_use")
        dialog.get_by_role("button", name="Cancel").click()

        page.unroute("**/exports/schedules?*")
        ask(person, "POST", f"/schedules/{nightly}/run")
        page.reload()
        expect(line(page, "Connections", "Warehouse")).to_contain_text(
            "Used by 1 schedule and 1 export at work"
        )
        visitor.check_looks("export-connections")
        page.get_by_role("button", name="Delete Warehouse").click()
        in_use = page.get_by_role("dialog", name="“Warehouse” is in use")
        expect(in_use.get_by_role("listitem")).to_have_count(2)
        expect(in_use.get_by_role("button", name="Delete")).to_have_count(0)
        visitor.check_looks("export-connection-in-use")
        in_use.get_by_role("link", name="Schedule “Nightly”").click()
        expect(page.get_by_role("heading", level=1, name="Nightly")).to_be_visible()
        may_answer.set()
        expect(page.get_by_role("link", name="Last export of Nightly: Done")).to_be_visible(timeout=30_000)
        assert len(receiver.rows) == 6
        page.get_by_role("button", name="Delete", exact=True).click()
        page.get_by_role("dialog").get_by_role("button", name="Delete schedule").click()
        expect(page.get_by_role("heading", name="No schedule yet")).to_be_visible()

        page.get_by_role("link", name="Connections").click()
        page.get_by_role("button", name="Delete Warehouse").click()
        dialog.get_by_role("button", name="Delete connection").click()
        expect(page.get_by_role("heading", name="No connection yet")).to_be_visible()
        assert ask(person, "GET", "/connections")["connections"] == []


def nothing(name: str) -> dict[str, Any]:
    """An empty page of a list, as it was before."""
    return {"status": "success", name: [], "next_cursor": None, "total": 0}


def test_a_schedule_is_run_paused_resumed_edited_and_deleted(
    new_visitor: NewVisitor, new_person: Callable[[], Person]
) -> None:
    person = new_person()
    visitor = new_visitor(person)
    page = visitor.go("/exports/schedules")
    expect(page.get_by_role("heading", name="No schedule yet")).to_be_visible()
    visitor.check_looks("schedules-empty")
    upload_id = table_of_people(person, "Newsletter readers", 8)
    made = schedule(
        person, upload_id, "Nightly file", due=timedelta(hours=3, minutes=5), export={"since": "last"}
    )
    page.reload()
    listed = line(page, "Schedules", "Nightly file")
    expect(listed).to_contain_text("Newsletter readers → Download, CSV, only what changed")
    expect(listed).to_contain_text("every day")
    expect(listed).to_contain_text("in 3.1 h")
    expect(listed).to_contain_text("not yet")

    choose(page, "Nightly file", "Run now")
    expect(page.get_by_text("“Nightly file” runs now. Its next time stays as it was.")).to_be_visible()
    expect(listed.get_by_role("link", name="Last export of Nightly file: Done")).to_be_visible(timeout=30_000)
    expect(listed).to_contain_text("in 3.1 h")
    visitor.check_looks("schedules")

    choose(page, "Nightly file", "Pause")
    expect(listed.get_by_text("Paused", exact=True)).to_be_visible()
    assert kept(person, made)["enabled"] is False
    choose(page, "Nightly file", "Resume")
    expect(listed).to_contain_text("in 3.1 h")
    assert kept(person, made)["enabled"] is True
    choose(page, "Nightly file", "Edit")
    _edit(visitor, person, made)
    page.get_by_role("link", name="All schedules").click()
    choose(page, "Weekly file", "Delete")
    dialog = page.get_by_role("dialog", name="Delete “Weekly file”?")
    expect(dialog).to_contain_text("The exports it made stay in the list")
    dialog.get_by_role("button", name="Delete schedule").click()
    expect(page.get_by_role("heading", name="No schedule yet")).to_be_visible()
    ask(person, "GET", f"/schedules/{made}", status=404)
    assert ask(person, "GET", "")["total"] == 1


def _edit(visitor: Visitor, person: Person, made: str) -> None:
    """Its address is its own; a span that is too short is refused at its field."""
    page = visitor.page
    expect(page).to_have_url(re.compile(f"/exports/schedules/{made}$"))
    page.reload()
    form = page.get_by_role("form", name="Schedule")
    save = form.get_by_role("button", name="Save changes")
    expect(save).to_be_disabled()
    expect(page.get_by_role("region", name="What it exports")).to_contain_text(
        "only what changed since the last export like this"
    )
    visitor.check_looks("schedule")
    form.get_by_role("textbox", name="Every").fill("1")
    form.get_by_role("combobox", name="Unit").select_option("minutes")
    save.click()
    expect(form.get_by_role("alert")).to_have_text("From 5 minutes to 31 days.")
    expect(form.get_by_role("textbox", name="Every")).to_be_focused()
    visitor.check_looks("schedule-refused", themes=("light",))
    assert kept(person, made)["every_minutes"] == 1440
    form.get_by_role("combobox", name="Unit").select_option("weeks")
    form.get_by_role("textbox", name="Name").fill("Weekly file")
    form.get_by_label("Next run").fill("2031-05-06T07:30")
    with page.expect_request(lambda request: request.method == "PATCH") as sent:
        save.click()
    assert set(json.loads(sent.value.post_data or "")) == {"name", "every_minutes", "starts_at"}
    expect(page.get_by_role("heading", level=1, name="Weekly file")).to_be_visible()
    expect(page.get_by_role("region", name="Runs")).to_contain_text("every week")
    expect(page.get_by_role("region", name="Runs")).to_contain_text("May 6, 2031, 7:30 AM")
    expect(form.get_by_label("Next run")).to_have_value("2031-05-06T07:30")
    told = kept(person, made)
    browser_time = page.evaluate("new Date('2031-05-06T07:30').toISOString()")
    assert (told["name"], told["every_minutes"]) == ("Weekly file", 10080)
    assert datetime.fromisoformat(told["next_at"]) == datetime.fromisoformat(browser_time)


def test_whoever_resumes_a_schedule_that_was_due_meanwhile_says_whether_to_make_up_for_it(
    new_visitor: NewVisitor, new_person: Callable[[], Person]
) -> None:
    person = new_person()
    upload_id = table_of_people(person, "Waiting", 4)
    due = timedelta(hours=-30)
    wait = schedule(person, upload_id, "Waits", due=due, enabled=False)
    now = schedule(person, upload_id, "Makes up", due=due, enabled=False)
    before = datetime.fromisoformat(kept(person, wait)["next_at"])
    visitor = new_visitor(person)
    page = visitor.go("/exports/schedules")
    choose(page, "Waits", "Resume")
    expect(page.get_by_role("dialog")).to_contain_text("while it was paused")
    visitor.check_looks("schedule-resume", themes=("light",))
    page.get_by_role("button", name="Wait for the next time").click()
    expect(line(page, "Schedules", "Waits")).to_contain_text("in 18 h")
    told = kept(person, wait)
    assert told["enabled"]
    assert datetime.fromisoformat(told["next_at"]) - before == timedelta(days=2)
    choose(page, "Makes up", "Resume")
    with page.expect_request(lambda request: request.method == "PATCH") as sent:
        page.get_by_role("button", name="Make up for it now").click()
    assert json.loads(sent.value.post_data or "") == {"enabled": True}
    expect(line(page, "Schedules", "Makes up").get_by_text("Paused", exact=True)).to_have_count(0)
    assert kept(person, now)["enabled"]


def test_connections_and_schedules_fit_a_narrow_window(
    new_visitor: NewVisitor, person: Person, endpoint: tuple[Endpoint, str]
) -> None:
    long = "A name so long that it fits on no telephone, however it is held, and on few desks " * 2
    made = connection(person, long[:100].strip(), endpoint[1])
    upload_id = table_of_people(person, "Narrow", 4)
    repeated = schedule(person, upload_id, long.strip(), due=timedelta(days=3))
    visitor = new_visitor(person, width=360, height=740)
    paths = ("connections", f"connections/{made}", "schedules", f"schedules/{repeated}")
    for number, path in enumerate(paths):
        page = visitor.go(f"/exports/{path}")
        expect(page.get_by_text(re.compile("^A name so long")).first).to_be_visible()
        assert page.evaluate("document.documentElement.scrollWidth") <= 360, path
        visitor.check_looks(f"export-kept-narrow-{number}", themes=("light",))


def test_nobody_sees_the_connection_or_schedule_of_another(
    new_visitor: NewVisitor, new_person: Callable[[], Person], person: Person, endpoint: tuple[Endpoint, str]
) -> None:
    made = connection(person, "Private", endpoint[1])
    repeated = schedule(person, table_of_people(person, "Private", 4), "Private", due=timedelta(days=3))
    stranger = new_visitor(new_person())
    for path in (f"connections/{made}", f"schedules/{repeated}"):
        stranger.expect_refusal(403, f"/{path}$")
        page = stranger.go(f"/exports/{path}")
        expect(page.get_by_role("alert")).to_contain_text("You may not see this")
        expect(page.locator("body")).not_to_contain_text(endpoint[1])
