"""Sign-in page: by password, by one-time link, by issuer; where it leads, and where it must not."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.support.browser import PASSWORD, NewVisitor, Person, Visitor, open_window
from tests.support.live import LiveServer


@pytest.fixture(scope="module")
def empty_house(studio: LiveServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveServer]:
    """A server that nobody has signed in to yet, with an issuer that is away."""
    environment = {
        "MUSTER_STUDIO_DIR": studio.environment["MUSTER_STUDIO_DIR"],
        "MUSTER_OIDC_ISSUER": "http://127.0.0.1:9/",
        "MUSTER_OIDC_AUDIENCE": "muster",
        "MUSTER_OIDC_CLIENT_ID": "muster",
        "MUSTER_OIDC_NAME": "Example SSO",
    }
    live = LiveServer(tmp_path_factory.mktemp("empty-house"), environment=environment)
    try:
        yield live.start()
    finally:
        live.kill()


def sign_in_by_hand(page: Page, email: str, password: str) -> None:
    page.get_by_label("E-mail").fill(email)
    page.get_by_label("Password", exact=True).fill(password)
    page.get_by_role("button", name="Sign in", exact=True).click()


@pytest.mark.parametrize(
    "next_page",
    [
        "https://evil.example.org/uploads",
        "//evil.example.org/",
        "/\\evil.example.org",
        "/\t/evil.example.org",
        "javascript:alert(1)",
        "/api/auth/me",
    ],
)
def test_nothing_but_a_page_of_studio_is_gone_to(
    new_visitor: NewVisitor, person: Person, next_page: str
) -> None:
    stranger = new_visitor()
    stranger.page.goto(stranger.url + "/sign-in")
    # As an address bar would take it, without Playwright's own idea of escaping.
    stranger.page.evaluate("next => location.replace('/sign-in?' + new URLSearchParams({next}))", next_page)
    stranger.page.wait_for_url("**/sign-in?next=*")
    sign_in_by_hand(stranger.page, person.email, person.password)
    expect(stranger.page).to_have_url(f"{stranger.url}/uploads")


def test_a_wrong_password_is_one_line_that_does_not_say_what_was_wrong(
    new_visitor: NewVisitor, person: Person
) -> None:
    stranger = new_visitor()
    stranger.expect_refusal(401, "^/api/auth/sign-in$")
    page = stranger.go("/sign-in")
    lines = set()
    for email in (person.email, "nobody@example.com"):
        sign_in_by_hand(page, email, "not the password at all")
        expect(page.get_by_role("alert")).not_to_be_empty()
        expect(page.get_by_role("button", name="Sign in", exact=True)).to_be_enabled()
        lines.add(page.get_by_role("alert").inner_text())
        page.reload()
    assert len(lines) == 1
    sign_in_by_hand(page, person.email, "not the password at all")
    expect(page.get_by_role("alert")).not_to_be_empty()
    stranger.check_looks("sign-in-refused")


def test_signing_in_leads_to_the_page_that_was_asked_for(new_visitor: NewVisitor, person: Person) -> None:
    stranger = new_visitor()
    page = stranger.go("/keys?show=all")
    expect(page).to_have_url(re.compile(r"/sign-in\?next="))
    stranger.check_looks("sign-in")
    # By keyboard alone: the first field has the focus, Enter sends.
    expect(page.get_by_label("E-mail")).to_be_focused()
    page.keyboard.type(person.email)
    page.keyboard.press("Tab")
    page.keyboard.type(person.password)
    page.keyboard.press("Enter")
    expect(page).to_have_url(f"{stranger.url}/keys?show=all")
    expect(page.get_by_role("heading", level=1, name="API keys")).to_be_visible()


def test_password_managers_and_people_can_see_what_is_what(new_visitor: NewVisitor) -> None:
    page = new_visitor().go("/sign-in")
    password = page.get_by_label("Password", exact=True)
    expect(password).to_have_attribute("autocomplete", "current-password")
    expect(page.get_by_label("E-mail")).to_have_attribute("autocomplete", "username")
    password.fill("visible words")
    page.get_by_role("button", name="Show the password").click()
    expect(password).to_have_attribute("type", "text")


def test_somebody_signed_in_is_not_asked_again(visitor: Visitor) -> None:
    visitor.go("/sign-in")
    expect(visitor.page).to_have_url(f"{visitor.url}/uploads")


def test_without_an_account_the_page_names_the_command(new_visitor: NewVisitor, person: Person) -> None:
    # `person` exists and signs in, so that this is no first run any more.
    new_visitor(person)
    visitor = new_visitor(width=360, height=740)
    page = visitor.go("/sign-in")
    page.get_by_role("button", name="No account, or no password?").click()
    expect(page.get_by_text("muster admin user create EMAIL")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    visitor.check_looks("sign-in-360")


def test_a_spent_link_says_how_to_get_a_new_one(new_visitor: NewVisitor) -> None:
    stranger = new_visitor()
    stranger.expect_refusal(401, "^/api/auth/sign-in$")
    page = stranger.go("/sign-in#aTokenThatNobodyEverIssued")
    expect(page.get_by_role("alert")).to_contain_text("muster admin user link")
    assert page.evaluate("location.hash") == ""


def test_the_owner_comes_in_by_the_printed_link_and_sets_a_password(
    browser: Browser, empty_house: LiveServer
) -> None:
    printed = (empty_house.home / "stdout-1.log").read_text() + empty_house.log
    link = re.search(r"/sign-in#(\w+)", printed)
    assert link is not None, printed
    owner = open_window(browser, empty_house, None)
    page = owner.go("/sign-in")
    expect(page.get_by_text("the server printed")).to_be_visible()
    owner.check_looks("sign-in-first-run")

    page.goto(f"{owner.url}/sign-in?next=%2Fsettings")
    # Pasted into an open page: only the fragment is new, so nothing is loaded.
    page.evaluate("token => { location.hash = token }", link[1])
    expect(page.get_by_role("heading", name="You are in")).to_be_visible()
    assert link[1] not in page.evaluate("location.href")
    owner.check_looks("sign-in-set-password")
    page.get_by_role("textbox", name="New password").fill(PASSWORD)
    page.get_by_role("button", name="Set password and go on").click()
    expect(page).to_have_url(f"{owner.url}/settings")
    expect(page.get_by_text("Owner: runs this installation")).to_be_visible()

    # Nobody has made a key here: the page teaches what one is for.
    page.get_by_role("link", name="API keys").click()
    expect(page.get_by_role("region", name="A first upload by command line")).to_contain_text(owner.url)
    expect(page.get_by_role("button", name="Create your first key")).to_be_visible()
    owner.check_looks("keys-empty")

    page.get_by_role("button", name="Your account").click()
    page.get_by_role("menuitem", name="Sign out").click()
    expect(page.get_by_text("You are signed out.")).to_be_visible()
    sign_in_by_hand(page, "owner@localhost", PASSWORD)
    expect(page).to_have_url(f"{owner.url}/uploads")
    owner.close()


def test_an_issuer_that_is_away_leads_back_with_a_sentence(browser: Browser, empty_house: LiveServer) -> None:
    stranger = open_window(browser, empty_house, None)
    page = stranger.go("/sign-in")
    button = page.get_by_role("link", name="Continue with Example SSO")
    expect(button).to_have_attribute("href", "/api/auth/oidc/start?next=%2Fuploads")
    button.click()
    expect(page).to_have_url(re.compile(r"/sign-in\?error=\w+"))
    expect(page.get_by_role("alert")).to_contain_text("ask whoever runs this server")
    stranger.close()
