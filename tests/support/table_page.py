"""What tests of the table page share: uploads that become tables, and where things are on the page."""

import json
import time
from urllib.parse import quote

from playwright.sync_api import Locator, Page, expect

from tests.support.browser import Person

FILES = "/api/audience/files"
BATCH = "/api/audience/batch-upload"


def warned_of_addresses(person: Person) -> Person:
    """The person, from now on with a rule that warns of addresses without a mailbox."""
    rule = {"name": "Addresses", "field": "email", "test": {"kind": "email"}, "severity": "warn"}
    assert person.api.call("POST", "/api/audience/rules", json.dumps(rule).encode()).status == 201
    return person


def post_file(person: Person, name: str, body: bytes, query: str = "") -> str:
    path = f"{FILES}?upload_name={quote(name)}&file_name=people.csv{query}"
    answer = person.api.call("POST", path, body, headers={"Content-Type": "text/csv"}, timeout=120)
    assert answer.status == 202, answer.body
    return str(answer.json["upload_id"])


def wait_until_made(person: Person, upload_id: str, seconds: float = 120) -> str:
    deadline = time.monotonic() + seconds
    while True:
        status = str(person.api.get(upload_id, "?include=none").json["upload_status"])
        if status not in {"receiving", "uploaded", "processing"}:
            return status
        assert time.monotonic() < deadline, f"still {status} after {seconds} s"
        time.sleep(0.05)


def cell(page: Page, row: int, column: str) -> Locator:
    """A cell on screen. row: from 0."""
    return page.locator(f".ag-row[row-index='{row}'] .ag-cell[col-id='{column}']")


def header(page: Page, column: str) -> Locator:
    return page.locator(f".ag-header-cell[col-id='{column}']")


def shows_count(page: Page, words: str) -> None:
    counted = page.get_by_test_id("row-count")
    expect(counted).to_have_attribute("aria-busy", "false")
    expect(counted).to_have_text(words)
