"""What tests of the export pages share: people to export, exports asked by the API, where things are in the wizard."""

import csv
import io
import json
import re
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from playwright.sync_api import Locator, Page, expect

from tests.support.browser import Person, Visitor
from tests.support.table_page import post_file, wait_until_made

EXPORTS = "/api/audience/exports"
SEGMENTS = "/api/audience/segments"
ROWS = 60
NAMES = ("Zoë", "Bob", "=cmd()", "Mei", "Łukasz", "Ana")
HEADER = ("business_email", "first_name", "phone", "country", "newsletter")
STEPS = {"rows": "Rows", "where": "Where", "columns": "Columns", "people": "Consent", "send": "Send"}


def person_at(at: int) -> dict[str, str]:
    """The people of every table here. Every third one did not agree, every tenth phone is none."""
    return {
        "business_email": f"person{at}@{'acme.com' if at % 2 else 'globex.org'}",
        "first_name": NAMES[at % len(NAMES)],
        "phone": "none" if at % 10 == 9 else f"+49301234{at:04}",
        "country": "DE" if at % 2 else "US",
        "newsletter": "no" if at % 3 == 2 else "Yes",
    }


def table_of_people(person: Person, name: str, rows: int = ROWS) -> str:
    sink = io.StringIO()
    writer = csv.DictWriter(sink, HEADER)
    writer.writeheader()
    writer.writerows(person_at(at) for at in range(rows))
    upload_id = post_file(person, name, sink.getvalue().encode())
    assert wait_until_made(person, upload_id) == "ready"
    return upload_id


def segment_of(person: Person, upload_id: str, name: str, **members: Any) -> str:
    """People in Germany: every second one."""
    only = {"field": "country", "op": "eq", "value": "DE"}
    wish = {"name": name, "uploads": [upload_id], "filter": only, **members}
    return str(asked(person, "POST", SEGMENTS, wish)["segment"]["id"])


def asked(person: Person, method: str, path: str, body: object = None) -> dict[str, Any]:
    sent = None if body is None else json.dumps(body).encode()
    answer = person.api.call(method, path, sent)
    assert answer.status < 300, answer.body
    return dict(answer.json)


def start_export(person: Person, **members: Any) -> str:
    return str(asked(person, "POST", EXPORTS, members)["export"]["export_id"])


def wait_for_export(
    person: Person,
    export_id: str,
    is_so: Callable[[Mapping[str, Any]], bool] | None = None,
    seconds: float = 60,
) -> dict[str, Any]:
    """The export, once it is over or as it is to be."""
    deadline = time.monotonic() + seconds
    while True:
        found: dict[str, Any] = asked(person, "GET", f"{EXPORTS}/{export_id}")["export"]
        if (is_so or is_over)(found):
            return found
        assert time.monotonic() < deadline, (found["status"], found["progress"], found["reason"])
        time.sleep(0.05)


def is_over(export: Mapping[str, Any]) -> bool:
    return export["status"] not in {"queued", "running"}


def all_exports(person: Person, query: str = "") -> list[dict[str, Any]]:
    return list(asked(person, "GET", f"{EXPORTS}{query}")["exports"])


def connect(person: Person, destination: str, name: str, settings: Mapping[str, Any]) -> str:
    wish = {"destination": destination, "name": name, "settings": settings}
    return str(asked(person, "POST", f"{EXPORTS}/connections", wish)["connection"]["id"])


def step(page: Page, name: str) -> None:
    """The step is the one shown, in the address and in the list of steps."""
    expect(page).to_have_url(re.compile(f"[?&]step={name}"))
    now = page.locator('nav[aria-label="Steps of the export"] [aria-current="page"]')
    expect(now).to_contain_text(STEPS[name])


def onward(page: Page, button: str, name: str) -> None:
    page.get_by_role("button", name=button, exact=True).click()
    step(page, name)


def choose_destination(page: Page, title: str) -> None:
    card = page.get_by_role("radio", name=title, exact=True)
    card.click()
    expect(card).to_be_checked()


def column_line(page: Page, name: str) -> Locator:
    lines = page.get_by_role("list", name="Columns in order").get_by_role("listitem")
    return lines.filter(has=page.get_by_role("checkbox", name=name, exact=True))


def take_only(page: Page, names: Sequence[str]) -> None:
    page.get_by_role("button", name="Take none").click()
    for name in names:
        page.get_by_role("checkbox", name=name, exact=True).check()


def started(page: Page) -> str:
    """The id of the export whose page opened."""
    expect(page).to_have_url(re.compile(r"/exports/exp_\w+"), timeout=20_000)
    found = re.search(r"exp_\w+", page.url)
    assert found is not None
    return found[0]


def ended(page: Page, words: str | re.Pattern[str]) -> None:
    expect(page.get_by_role("heading", name=words)).to_be_visible(timeout=40_000)


def downloaded(visitor: Visitor, directory: Path) -> bytes:
    """The file behind the page's download button, as the browser saves it."""
    with visitor.page.expect_download() as download:
        visitor.page.get_by_role("link", name=re.compile("^Download ")).click()
    saved = directory / download.value.suggested_filename
    download.value.save_as(saved)
    return saved.read_bytes()


def lines_of(data: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(data.decode("utf-8-sig"), newline="")))
