"""A visitor of Studio: one real browser window that notices everything that goes wrong in it.

A console error, an uncaught exception, a failed request, a refusal nobody expected or a call to another origin
is written down, and `Visitor.close` fails the test with it.
"""

import os
import re
import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Request, Response

from tests.support.live import Api, LiveServer

ROOT = Path(__file__).parents[2]
SCREENSHOTS = ROOT / "screenshots"
CHROMIUM_OPTIONS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    # Nothing but this machine can be reached; what asks for more is also a fault of the visit.
    "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1",
]
PASSWORD = "correct horse battery staple"

_AXE = ROOT / "studio/node_modules/axe-core/axe.min.js"
_AXE_TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
# The browser without its window first: it shows the same pages for half of the processor time.
_NAMES = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def chromium_path() -> str | None:
    """A browser of the system; None leaves it to the one Playwright installed itself, if any."""
    named = os.environ.get("MUSTER_TEST_CHROMIUM")
    return named or next((path for name in _NAMES if (path := shutil.which(name))), None)


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody with an account."""

    email: str
    password: str
    api: Api


@dataclass  # without slots: Playwright writes attributes on the owner of a method it calls
class Visitor:
    """One window. `page` is Playwright's; `expect_refusals` names the refusals a test provokes."""

    page: Page
    url: str
    _faults: list[str] = field(default_factory=list)
    _expected: list[tuple[int, str]] = field(default_factory=list)
    _is_network_cut: bool = False

    def go(self, path: str) -> Page:
        """Open an address of Studio."""
        self.page.goto(f"{self.url}{path}")
        return self.page

    def expect_refusal(self, status: int, path: str) -> None:
        """From now on an answer `status` to a request whose path matches the pattern `path` is no fault."""
        self._expected.append((status, path))

    def expect_cut_network(self) -> None:
        """From now on failed requests are no fault: the test cuts the connection."""
        self._is_network_cut = True

    def check_looks(self, name: str, *, themes: Sequence[str] = ("light", "dark")) -> None:
        """In each theme: a screenshot to look at (`screenshots/NAME-THEME.png`), and axe finds nothing."""
        SCREENSHOTS.mkdir(exist_ok=True)
        for theme in themes:
            self.page.emulate_media(color_scheme=theme, reduced_motion="reduce")  # type: ignore[arg-type]
            self.page.wait_for_function(
                "theme => document.documentElement.dataset.mantineColorScheme === theme", arg=theme
            )
            self._wait_until_still()
            self.page.screenshot(path=SCREENSHOTS / f"{name}-{theme}.png")
            assert not (found := self.violations()), (name, theme, found)

    def _wait_until_still(self) -> None:
        """Until nothing fades any more: a colour half way would count as bad contrast."""
        self.page.wait_for_function(
            "() => document.getAnimations().every(each => each.playState !== 'running' "
            "|| each.effect.getComputedTiming().iterations === Infinity)"
        )

    def violations(self) -> list[dict[str, Any]]:
        """What axe finds against WCAG 2.2 AA on the page as it is now."""
        if not self.page.evaluate("() => 'axe' in window"):
            self.page.evaluate(_AXE.read_text(encoding="utf-8"))
        found = self.page.evaluate(
            "async tags => (await axe.run(document, {runOnly: {type: 'tag', values: tags}})).violations",
            _AXE_TAGS,
        )
        return [
            {
                "rule": one["id"],
                "nodes": [
                    (node["target"], node["failureSummary"], node["html"][:200]) for node in one["nodes"]
                ][:5],
            }
            for one in found
        ]

    def close(self) -> None:
        """End the visit; fails when anything went wrong during it."""
        self.page.context.close()
        assert not self._faults, self._faults

    def watch(self) -> None:
        """Begin to write faults down. Requests are only listened to: to hold each up would also switch the cache off."""
        self.page.context.on("request", self._on_request)
        self.page.on("console", self._on_console)
        self.page.on("pageerror", lambda error: self._faults.append(f"uncaught: {error}"))
        self.page.on("requestfailed", self._on_failed)
        self.page.on("response", self._on_response)

    def _on_console(self, message: ConsoleMessage) -> None:
        # Chromium writes a line for every refusal; `_on_response` judges those, knowing which are expected.
        if message.type in {"error", "warning"} and not message.text.startswith("Failed to load resource"):
            self._faults.append(f"console {message.type}: {message.text}")

    def _on_failed(self, request: Request) -> None:
        reason = request.failure or ""
        # A page that is left, or a query nobody waits for any more, breaks its requests off.
        if not self._is_network_cut and "ERR_ABORTED" not in reason:
            self._faults.append(f"request failed: {request.method} {request.url}: {reason}")

    def _on_response(self, response: Response) -> None:
        path = urlsplit(response.url).path
        is_expected = any(
            status == response.status and re.search(pattern, path) for status, pattern in self._expected
        )
        if response.status >= 400 and not is_expected:
            self._faults.append(f"refused: {response.request.method} {path}: {response.status}")

    def _on_request(self, request: Request) -> None:
        if not request.url.startswith((self.url, "data:", "blob:")):
            self._faults.append(f"call to another origin: {request.url}")


NewVisitor = Callable[..., Visitor]


def open_window(
    browser: Browser, server: LiveServer, person: Person | None, *, width: int = 1280, height: int = 800
) -> Visitor:
    """A window of its own, with nobody's or `person`'s session; only this server may be called from it."""
    url = f"http://127.0.0.1:{server.port}"
    context = browser.new_context(
        viewport={"width": width, "height": height}, color_scheme="light", reduced_motion="reduce"
    )
    if person is not None:
        sign_in(context, url, person)
    visitor = Visitor(context.new_page(), url)
    visitor.expect_refusal(401, r"^/api/auth/me$")  # how Studio learns that nobody is signed in
    visitor.watch()
    return visitor


def sign_in(context: BrowserContext, url: str, person: Person) -> None:
    """Give the window a session without typing; the sign-in page has tests of its own."""
    answer = context.request.post(
        f"{url}/api/auth/sign-in", data={"email": person.email, "password": person.password}
    )
    assert answer.ok, answer.text()
