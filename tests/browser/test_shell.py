"""How Studio is served, and the frame around its pages."""

import re
from pathlib import Path

from playwright.sync_api import expect

from muster.web.studio import SECTIONS
from tests.support.browser import ROOT, NewVisitor, Person, Visitor
from tests.support.live import LiveServer
from tests.support.rawhttp import Answer, exchange

_MAX_SCRIPT_BYTES = 450_000


def get(studio: LiveServer, path: str, coding: str = "identity") -> Answer:
    request = (
        f"GET {path} HTTP/1.1\r\nHost: localhost\r\nAccept-Encoding: {coding}\r\nConnection: close\r\n\r\n"
    )
    return exchange(studio.address, request.encode())


def test_an_asset_that_does_not_exist_is_404_and_no_way_out_of_the_directory(studio: LiveServer) -> None:
    for path in (
        "/assets/nothing.js",
        "/assets/..%2Findex.html",
        "/assets/%2e%2e/%2e%2e/app.py",
        "/api/nothing",
    ):
        assert get(studio, path).status == 404, path


def test_the_page_may_run_only_its_own_scripts_and_is_asked_for_each_time(studio: LiveServer) -> None:
    answer = get(studio, "/uploads/anything/at/all")
    assert answer.status == 200
    assert "script-src 'self'" in answer.headers["content-security-policy"]
    assert "unsafe-eval" not in answer.headers["content-security-policy"]
    assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]
    assert answer.headers["cache-control"] == "no-cache"
    assert answer.headers["referrer-policy"] == "no-referrer"


def test_assets_are_kept_for_ever_and_come_compressed(studio: LiveServer) -> None:
    script = re.search(rb'src="(/assets/index-[^"]+\.js)"', get(studio, "/").body)
    assert script is not None
    plain = get(studio, script[1].decode())
    for coding in ("br", "gzip"):
        small = get(studio, script[1].decode(), coding)
        assert small.headers["content-encoding"] == coding
        assert len(small.body) < len(plain.body) / 2
        assert small.headers["cache-control"] == "public, max-age=31536000, immutable"


def test_every_page_of_the_router_is_served() -> None:
    router = (ROOT / "studio/src/app/router.tsx").read_text(encoding="utf-8")
    pages = {path.split("/")[1] for path in re.findall(r'path: "(/[^"]*)"', router)} - {""}
    assert pages == set(SECTIONS)


def test_the_lock_file_names_no_host() -> None:
    lock = (ROOT / "studio/package-lock.json").read_text(encoding="utf-8")
    assert '"resolved"' not in lock
    assert "registry" not in lock


def test_nothing_built_calls_another_host(studio: LiveServer) -> None:
    built = Path(studio.full_environment["MUSTER_STUDIO_DIR"])
    for page in (built / "index.html", *built.glob("assets/*.css")):
        assert not re.search(r"url\(['\"]?https?:|(src|href)=\"https?:", page.read_text(encoding="utf-8")), (
            page
        )


def test_the_first_load_stays_within_its_budget(visitor: Visitor) -> None:
    sizes: dict[str, int] = {}
    session = visitor.page.context.new_cdp_session(visitor.page)
    session.send("Network.enable")
    scripts: dict[str, str] = {}
    session.on(
        "Network.responseReceived",
        lambda event: (
            scripts.update({event["requestId"]: event["response"]["url"]})
            if event["type"] == "Script"
            else None
        ),
    )
    session.on(
        "Network.loadingFinished",
        lambda event: sizes.update({event["requestId"]: int(event["encodedDataLength"])}),
    )
    visitor.go("/uploads")
    expect(visitor.page.get_by_role("heading", level=1)).to_be_visible()
    visitor.page.wait_for_load_state("networkidle")
    loaded = sum(sizes[request] for request in scripts if request in sizes)
    assert 0 < loaded <= _MAX_SCRIPT_BYTES, loaded


def test_without_a_session_every_page_leads_to_the_sign_in_and_back(new_visitor: NewVisitor) -> None:
    stranger = new_visitor()
    stranger.go("/rules?q=anything")
    expect(stranger.page).to_have_url(re.compile(r"/sign-in\?next=%2Frules%3Fq%3Danything$"))


def test_an_address_that_leads_nowhere_says_so(visitor: Visitor) -> None:
    page = visitor.go("/uploads/some/where/else")
    expect(page.get_by_role("heading", level=1, name="Not found")).to_be_visible()
    visitor.check_looks("not-found")


def test_the_navigation_works_by_keyboard_and_the_heading_takes_the_focus(visitor: Visitor) -> None:
    page = visitor.go("/uploads")
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    page.get_by_role("link", name="API keys").focus()
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("/keys$"))
    expect(page.get_by_role("heading", level=1)).to_be_focused()
    expect(page).to_have_title(re.compile("- Muster Studio$"))


def test_the_theme_is_chosen_once_and_kept(visitor: Visitor) -> None:
    page = visitor.go("/uploads")
    page.get_by_role("button", name="Choose light or dark").click()
    page.get_by_role("menuitem", name="Dark").click()
    assert page.evaluate("document.documentElement.dataset.mantineColorScheme") == "dark"
    page.reload()
    # Set by the script in the head, before anything is painted.
    assert page.evaluate("document.documentElement.dataset.mantineColorScheme") == "dark"


def test_signing_out_ends_the_session_for_every_page(new_visitor: NewVisitor, person: Person) -> None:
    visitor = new_visitor(person)
    page = visitor.go("/uploads")
    page.get_by_role("button", name="Your account").click()
    page.get_by_role("menuitem", name="Sign out").click()
    expect(page).to_have_url(re.compile("/sign-in"))
    visitor.go("/uploads")
    expect(page).to_have_url(re.compile("/sign-in"))


def test_a_narrow_window_keeps_the_navigation_behind_a_button(
    new_visitor: NewVisitor, person: Person
) -> None:
    visitor = new_visitor(person, width=360, height=740)
    page = visitor.go("/uploads")
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    page.get_by_role("button", name="Open the navigation").click()
    page.get_by_role("link", name="Rules").click()
    expect(page).to_have_url(re.compile("/rules$"))


def test_a_session_that_ends_while_a_page_is_open_leads_to_the_sign_in_and_back(
    new_visitor: NewVisitor, person: Person
) -> None:
    visitor = new_visitor(person)
    visitor.expect_refusal(401, "^/api/")
    page = visitor.go("/rules")
    expect(page.get_by_role("heading", level=1, name="Rules")).to_be_visible()
    page.context.clear_cookies()
    page.get_by_role("link", name="API keys").click()
    expect(page).to_have_url(re.compile(r"/sign-in\?next=%2Fkeys"))
    page.get_by_label("E-mail").fill(person.email)
    page.get_by_label("Password", exact=True).fill(person.password)
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect(page).to_have_url(re.compile("/keys$"))
