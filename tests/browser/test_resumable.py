"""A file on a bad connection, or one whose page was reloaded, arrives whole: it goes on at the byte the server has."""

import json
import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Dialog, Page, Request, expect

from tests.support.browser import NewVisitor, Person, Visitor, open_window
from tests.support.cutting_proxy import CuttingProxy
from tests.support.live import LiveServer

TUS = "/api/audience/files/tus"
_ROWS = 8_000
_WAIT_MS = 60_000


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """About 8 MB, so that there is a middle to be cut in."""
    path = tmp_path_factory.mktemp("files") / "leads.csv"
    rows = "".join(f"p{at}@example.com,{at:06}{'x' * 1000}\n" for at in range(_ROWS))
    path.write_text("email,note\n" + rows, encoding="utf-8")
    return path


class Sending:
    """What the page asked of the server to send a file: methods, and the offsets it went on at."""

    def __init__(self, page: Page) -> None:
        self.methods: list[str] = []
        self.offsets: list[int] = []
        page.on("request", self.note)

    def note(self, request: Request) -> None:
        """Write down what one request is about."""
        if TUS not in request.url or request.method == "OPTIONS":
            return
        self.methods.append(request.method)
        if request.method == "PATCH":
            self.offsets.append(int(request.headers["upload-offset"]))


def choose(page: Page, file: Path) -> None:
    page.get_by_label("New upload", exact=True).set_input_files(file)


def slow_down(page: Page, bytes_per_second: int) -> None:
    """Throttle what the page sends; -1: not any more."""
    session = page.context.new_cdp_session(page)
    session.send(
        "Network.emulateNetworkConditions",
        {"offline": False, "latency": 0, "downloadThroughput": -1, "uploadThroughput": bytes_per_second},
    )


def check_whole(person: Person, file: Path) -> None:
    """The one upload there is holds the file byte for byte: processed as it is, every row comes back as it was."""
    (upload_id,) = person.api.every_upload()
    path = f"/api/audience/batch-upload/{upload_id}"
    decided = person.api.call("PUT", f"{path}/mapping?auto=true", b"{}")
    assert decided.status in {200, 202}, decided.body
    deadline = time.monotonic() + 60
    while True:
        now: dict[str, Any] = person.api.get(upload_id, "?include=none").json
        if now["upload_status"] not in {"uploaded", "processing"}:
            break
        assert time.monotonic() < deadline, now
        time.sleep(0.1)
    assert now["upload_status"] == "ready", now
    assert now["size_bytes"] == file.stat().st_size
    lines = file.read_text(encoding="utf-8").splitlines()[1:]
    got: list[str] = []
    while len(got) < len(lines):
        page = person.api.get(upload_id, f"?offset={len(got)}&limit=1000").json["records"]
        assert page
        got += [f"{record['email']},{record['note']}" for record in page]
    assert got == lines


@contextmanager
def behind_a_bad_line(
    browser: Browser, studio: LiveServer, person: Person, *, cuts: int
) -> Iterator[tuple[Visitor, CuttingProxy]]:
    """A window whose connections to the server are cut after 1 to 2 MB, so many times."""
    proxy = CuttingProxy(lambda: studio.address, cuts=cuts, min_bytes=1_000_000, max_bytes=2_000_000)
    visitor = open_window(browser, LiveServer(studio.home, port=proxy.port), person)
    visitor.expect_cut_network()
    visitor.expect_refusal(423, f"^{TUS}/")  # asked again before the server has noticed the cut
    visitor.expect_refusal(409, f"^{TUS}/")  # or when bytes of the cut request were stored after it was asked
    try:
        yield visitor, proxy
        visitor.close()
    finally:
        proxy.close()


def test_a_connection_that_is_cut_again_and_again_loses_nothing(
    browser: Browser, studio: LiveServer, new_person: Callable[[], Person], file: Path
) -> None:
    person = new_person()
    with behind_a_bad_line(browser, studio, person, cuts=3) as (visitor, proxy):
        page = visitor.go("/uploads")
        sending = Sending(page)
        choose(page, file)
        expect(page).to_have_url(re.compile(r"/uploads/upl_\w+/import"), timeout=_WAIT_MS)
        assert proxy.done == 3
    # Made once; after each cut it asked where the server stands and went on there.
    assert sending.methods.count("POST") == 1
    assert sending.methods.count("HEAD") >= 1  # Chromium itself repeats what broke before an answer began
    assert sending.offsets[0] == 0
    assert sending.offsets == sorted(set(sending.offsets))
    assert sending.offsets[-1] > 0
    check_whole(person, file)


def test_a_reload_in_the_middle_goes_on_once_the_same_file_is_chosen(
    new_visitor: NewVisitor, new_person: Callable[[], Person], file: Path, tmp_path: Path
) -> None:
    person = new_person()
    visitor = new_visitor(person)
    visitor.expect_cut_network()
    page = visitor.go("/uploads")
    warnings: list[str] = []

    def stay_calm(dialog: Dialog) -> None:
        warnings.append(dialog.type)
        dialog.accept()

    page.on("dialog", stay_calm)
    page.get_by_role("heading", level=1).click()  # browsers warn only who has touched the page
    slow_down(page, 1_500_000)
    choose(page, file)
    expect(
        page.get_by_role("listitem", name="leads.csv").get_by_text(re.compile(r"[3-9]\d(\.\d)?% of"))
    ).to_be_visible(timeout=_WAIT_MS)
    # Going elsewhere within Studio stops nothing.
    page.get_by_role("link", name="API keys").click()
    expect(page).to_have_url(re.compile("/keys$"))
    page.get_by_role("link", name="Uploads", exact=True).click()
    expect(page.get_by_role("region", name="Uploading 1 file")).to_be_visible()
    page.reload()
    assert warnings == ["beforeunload"]
    slow_down(page, -1)
    left = page.get_by_role("listitem", name="leads.csv, interrupted")
    expect(left).to_contain_text("Drop the same file to continue")
    visitor.check_looks("uploads-interrupted")
    other = tmp_path / "leads.csv"
    other.write_text("email\nada@example.com\n", encoding="utf-8")
    left.get_by_label("Choose the file").set_input_files(other)
    expect(left.get_by_role("alert")).to_contain_text("another file")
    sending = Sending(page)
    left.get_by_label("Choose the file").set_input_files(file)
    expect(page).to_have_url(re.compile(r"/uploads/upl_\w+/import"), timeout=_WAIT_MS)
    assert sending.methods[0] == "HEAD"
    assert "POST" not in sending.methods
    assert sending.offsets[0] > 0
    check_whole(person, file)


def test_an_upload_is_paused_gone_on_with_and_given_up(
    new_visitor: NewVisitor, new_person: Callable[[], Person], file: Path
) -> None:
    person = new_person()
    visitor = new_visitor(person)
    visitor.expect_cut_network()
    page = visitor.go("/uploads")
    slow_down(page, 1_000_000)
    choose(page, file)
    item = page.get_by_role("listitem", name="leads.csv")
    expect(item).to_contain_text(re.compile(r"% of 8\.\d MB · .*B/s · .* left"), timeout=_WAIT_MS)
    visitor.check_looks("uploads-sending")
    item.get_by_role("button", name="Pause leads.csv").click()
    expect(item).to_contain_text("paused")
    item.get_by_role("button", name="Resume leads.csv").click()
    expect(item).to_contain_text("went on at", timeout=_WAIT_MS)
    item.get_by_role("button", name="Cancel leads.csv").click()
    expect(page.get_by_role("heading", name="Drop a file anywhere")).to_be_visible(timeout=_WAIT_MS)
    assert person.api.every_upload() == {}
    page.reload()
    expect(page.get_by_role("heading", name="Drop a file anywhere")).to_be_visible()


def test_without_a_network_it_waits_and_goes_on_by_itself(
    new_visitor: NewVisitor, new_person: Callable[[], Person], file: Path
) -> None:
    person = new_person()
    visitor = new_visitor(person)
    visitor.expect_cut_network()
    page = visitor.go("/uploads")
    expect(page.get_by_role("heading", name="Drop a file anywhere")).to_be_visible()
    page.context.set_offline(True)
    choose(page, file)
    item = page.get_by_role("listitem", name="leads.csv")
    expect(item.get_by_role("status")).to_contain_text("goes on by itself")
    visitor.check_looks("uploads-offline")
    page.context.set_offline(False)
    expect(page).to_have_url(re.compile(r"/uploads/upl_\w+/import"), timeout=_WAIT_MS)
    check_whole(person, file)


def test_a_refusal_says_what_to_do_and_can_be_tried_again(
    new_visitor: NewVisitor, new_person: Callable[[], Person], tmp_path: Path
) -> None:
    person = new_person()
    visitor = new_visitor(person)
    visitor.expect_refusal(507, f"^{TUS}$")
    page = visitor.go("/uploads")
    expect(page.get_by_role("heading", name="Drop a file anywhere")).to_be_visible()
    body = json.dumps({"status": "error", "message": "The storage is full.", "code": "storage_full"})
    full: dict[str, Any] = {"status": 507, "body": body, "headers": {"Content-Type": "application/json"}}
    page.route(f"**{TUS}", lambda route: route.fulfill(**full))
    small = tmp_path / "small.csv"
    small.write_text("email\nada@example.com\n", encoding="utf-8")
    choose(page, small)
    item = page.get_by_role("listitem", name="small.csv")
    expect(item.get_by_role("alert")).to_contain_text("The storage is full.")
    page.unroute(f"**{TUS}")
    item.get_by_role("button", name="Try small.csv again").click()
    expect(page).to_have_url(re.compile(r"/uploads/upl_\w+/import"), timeout=_WAIT_MS)
