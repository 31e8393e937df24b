"""API keys and the request log: made, shown once, used, rolled, renamed, revoked; and what was asked with them."""

import re
from collections.abc import Callable

from playwright.sync_api import Locator, Page, expect

from tests.support.browser import NewVisitor, Person
from tests.support.live import Api

BATCH = "/api/audience/batch-upload"


def create_key(page: Page, name: str, *, access: str = "Everything", ends: str = "In 90 days") -> str:
    """Makes a key as a person does; the text that is shown once."""
    page.get_by_role("button", name=re.compile("^Create (your first )?key$")).first.click()
    page.get_by_role("textbox", name="Name").fill(name)
    page.get_by_role("radio", name=re.compile(f"^{access}")).click()
    page.get_by_label("Ends", exact=True).select_option(ends)
    page.get_by_role("dialog").get_by_role("button", name="Create key").click()
    return taken(page)


def taken(page: Page) -> str:
    """The text of the key just shown, its window closed."""
    text = page.get_by_role("region", name="The new API key").inner_text()
    page.get_by_role("button", name="I have kept it").click()
    return text


def row(page: Page, name: str) -> Locator:
    return page.get_by_role("row").filter(has_text=name)


def act(page: Page, name: str, action: str) -> None:
    page.get_by_role("button", name=f"Actions for {name}", exact=True).click()
    page.get_by_role("menuitem", name=action).click()
    expect(page.get_by_role("menu")).to_have_count(0)  # it fades


def test_the_first_key_is_made_shown_once_and_works(
    new_visitor: NewVisitor, new_person: Callable[[], Person]
) -> None:
    somebody = new_person()
    somebody.api.call("DELETE", f"/api/keys/{somebody.api.key.split('_')[1]}")
    visitor = new_visitor(somebody)
    page = visitor.go("/keys?show=all")
    visitor.go("/keys")
    page.get_by_role("button", name="Create key").click()
    page.get_by_role("textbox", name="Name").fill("Landing page")
    page.get_by_role("radio", name="Upload only").click()
    expect(page.get_by_role("dialog")).to_contain_text("uploads:write")
    visitor.check_looks("keys-create")
    page.get_by_role("dialog").get_by_role("button", name="Create key").click()
    secret = page.get_by_role("region", name="The new API key").inner_text()
    command = page.get_by_role("region", name="A command that uses the key").inner_text()
    assert secret in command
    assert f"curl {visitor.url}{BATCH}" in command
    page.keyboard.press("Escape")  # must not lose the key
    visitor.check_looks("keys-shown")
    page.get_by_role("button", name="I have kept it").click()
    expect(row(page, "Landing page")).to_contain_text("Upload only")
    assert secret not in page.content()
    api = Api(somebody.api.server, secret)
    assert api.create("By the new key", [{"email": "a@example.org"}]).status == 200
    assert api.call("GET", BATCH).status == 403


def test_a_key_does_exactly_what_was_ticked(new_visitor: NewVisitor, person: Person) -> None:
    page = new_visitor(person).go("/keys")
    page.get_by_role("button", name="Create key").click()
    page.get_by_role("textbox", name="Name").fill("Ticked")
    page.get_by_role("radio", name="Read only").click()
    page.get_by_role("radio", name="Choose").click()
    page.get_by_label("Read segments").uncheck()
    expect(page.get_by_label("Run this installation")).to_have_count(0)  # a member may not hand it on
    page.get_by_role("dialog").get_by_role("button", name="Create key").click()
    api = Api(person.api.server, taken(page))
    assert api.call("GET", BATCH).status == 200
    assert api.call("DELETE", f"{BATCH}/upl_1737000000_aaaaaaaaaaaaaaaaaaaaaa").status == 403
    assert "segments:read" not in api.call("GET", "/api/auth/me").json["scopes"]


def test_a_rolled_key_goes_on_for_as_long_as_was_chosen(new_visitor: NewVisitor, person: Person) -> None:
    visitor = new_visitor(person)
    page = visitor.go("/keys")
    old = create_key(page, "To roll")
    act(page, "To roll", "Roll")
    page.get_by_label("The old key stops").select_option("In 1 hour")
    page.get_by_role("button", name="Roll key").click()
    new = taken(page)
    assert new != old
    for key in (old, new):
        assert Api(person.api.server, key).call("GET", BATCH).status == 200
    expect(row(page, "To roll")).to_have_count(2)
    expect(row(page, "To roll").filter(has_text="Ends soon")).to_have_count(1)


def test_renaming_and_revoking_name_the_key_they_mean(new_visitor: NewVisitor, person: Person) -> None:
    visitor = new_visitor(person)
    page = visitor.go("/keys")
    key = create_key(page, "Old name")
    act(page, "Old name", "Rename")
    page.get_by_role("textbox", name="Name").fill("New name")
    page.get_by_role("button", name="Rename", exact=True).click()
    expect(row(page, "New name")).to_be_visible()
    expect(row(page, "Old name")).to_have_count(0)
    act(page, "New name", "Revoke")
    dialog = page.get_by_role("dialog", name="Revoke “New name”?")
    expect(dialog).to_contain_text("muster_" + key.split("_")[1])
    visitor.check_looks("keys-revoke")
    dialog.get_by_role("button", name="Revoke key").click()
    expect(row(page, "New name")).to_have_count(0)
    assert Api(person.api.server, key).call("GET", BATCH).status == 401
    page.get_by_role("switch", name=re.compile("^Show revoked and expired")).click()
    expect(page).to_have_url(re.compile("show=all"))
    expect(row(page, "New name")).to_contain_text("Revoked")


def test_without_a_key_the_page_teaches_and_somebody_elses_keys_are_not_seen(
    new_visitor: NewVisitor, person: Person, new_person: Callable[[], Person]
) -> None:
    create_key(new_visitor(person).go("/keys"), "Not yours")
    visitor = new_visitor(new_person())
    page = visitor.go("/keys")
    expect(page.get_by_role("heading", level=1, name="API keys")).to_be_visible()
    expect(page.get_by_role("row").nth(1)).to_be_visible()
    expect(page.get_by_text("Not yours")).to_have_count(0)


def test_keys_and_requests_fit_a_narrow_window(new_visitor: NewVisitor, person: Person) -> None:
    visitor = new_visitor(person, width=360, height=740)
    page = visitor.go("/keys")
    create_key(page, "A name that is rather long, as names of keys sometimes are", access="Read only")
    expect(page.get_by_role("listitem").filter(has_text="rather long")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    visitor.check_looks("keys-360")
    visitor.go("/keys/requests")
    expect(page.get_by_role("listitem").filter(has_text="/api/").first).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    visitor.check_looks("requests-360")


def test_a_request_is_found_by_what_went_wrong_and_copied_as_curl(
    new_visitor: NewVisitor, new_person: Callable[[], Person]
) -> None:
    somebody = new_person()
    refused = somebody.api.call("GET", f"{BATCH}?limit=0")
    assert refused.status == 400
    assert somebody.api.create("Logged", [{"email": "a@example.org"}]).status == 200
    visitor = new_visitor(somebody)
    page = visitor.go("/keys/requests?via=key")
    refresh_until(page, page.get_by_role("row").filter(has_text="POST"))
    expect(page.get_by_role("row").filter(has_text="400")).to_be_visible()
    visitor.check_looks("requests")

    page.get_by_label("Status", exact=True).select_option("4xx")
    expect(page.get_by_role("row").filter(has_text="POST")).to_have_count(0)
    expect(page).to_have_url(re.compile("status=4xx"))
    page.reload()
    expect(page.get_by_label("Status", exact=True)).to_have_value("4xx")
    page.get_by_role("row").filter(has_text="400").get_by_role("button").click()
    drawer = page.get_by_role("dialog")
    expect(drawer).to_contain_text(refused.headers["x-request-id"])
    expect(drawer.get_by_role("region", name="The request as a curl command")).to_contain_text(
        f"curl '{visitor.url}{BATCH}?limit=VALUE'"
    )
    expect(drawer).not_to_contain_text(somebody.api.key)
    visitor.check_looks("requests-details")
    page.keyboard.press("Escape")
    expect(drawer).to_have_count(0)

    page.get_by_label("Path contains").fill("no/such/path")
    expect(page.get_by_role("heading", name="No request matches")).to_be_visible()
    visitor.check_looks("requests-no-match", themes=["light"])
    page.get_by_role("button", name="Clear the filters").click()
    expect(page.get_by_label("Path contains")).to_have_value("")
    expect(page.get_by_role("row").filter(has_text="400")).to_be_visible()


def test_the_link_of_an_error_opens_that_one_request(
    new_visitor: NewVisitor, new_person: Callable[[], Person]
) -> None:
    somebody = new_person()
    refused = somebody.api.call("GET", f"{BATCH}?limit=0")
    assert somebody.api.call("GET", BATCH).status == 200
    visitor = new_visitor(somebody)
    request_id = refused.headers["x-request-id"]
    page = visitor.go(f"/keys/requests?request_id={request_id}")
    # At once, though the log is written a second later: the page looks again by itself.
    expect(page.get_by_role("dialog")).to_contain_text(request_id)
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(page.get_by_role("row")).to_have_count(2)


def test_older_requests_come_page_by_page(new_visitor: NewVisitor, new_person: Callable[[], Person]) -> None:
    somebody = new_person()
    for _ in range(60):
        assert somebody.api.call("GET", f"{BATCH}?limit=1").status == 200
    page = new_visitor(somebody).go("/keys/requests?via=key")
    refresh_until(page, page.get_by_role("button", name="Show older"))
    assert page.get_by_role("row").count() == 51
    page.get_by_role("button", name="Show older").click()
    expect(page.get_by_role("row")).to_have_count(61)
    expect(page.get_by_role("button", name="Show older")).to_have_count(0)


def refresh_until(page: Page, there: Locator) -> None:
    """The log is written about a second after an answer."""
    for _ in range(10):
        try:
            expect(there.first).to_be_visible(timeout=700)
            return
        except AssertionError:
            page.get_by_role("button", name="Refresh").click()
    expect(there.first).to_be_visible()
