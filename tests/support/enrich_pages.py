"""What tests of the enrichment pages share: tables with gaps, runs started by the API, where things are in the wizard."""

import json
import re
import time
from collections.abc import Callable
from typing import Any

from playwright.sync_api import Locator, Page, expect

from tests.support.browser import Person
from tests.support.table_page import post_file, wait_until_made

ENRICHMENTS = "/api/audience/enrichments"
NAMES = ("Ana Silva", "BOB STONE", "Mei Lin", "Jo O'Neil")
DOMAINS = ("acme.com", "globex.co.uk", "gmail.com", "initech.org")
ROWS = 40


def people_csv(rows: int = ROWS) -> bytes:
    """People with an address each; every second one of the company addresses has its domain already."""
    lines = [
        f"Person{at}@{DOMAINS[at % 4]},{NAMES[at % 4]},{'DE' if at % 2 else 'US'},"
        f"{DOMAINS[at % 4] if at % 8 in (0, 1) else ''}"
        for at in range(rows)
    ]
    return "\n".join(["business_email,full_name,country,company_domain", *lines, ""]).encode()


def table_of_people(person: Person, name: str, rows: int = ROWS) -> str:
    upload_id = post_file(person, name, people_csv(rows))
    assert wait_until_made(person, upload_id) == "ready"
    return upload_id


def ask(person: Person, method: str, path: str, body: object = None) -> dict[str, Any]:
    sent = None if body is None else json.dumps(body).encode()
    answer = person.api.call(method, f"{ENRICHMENTS}{path}", sent)
    assert answer.status < 300, answer.body
    return dict(answer.json)


def pretend(**settings: Any) -> dict[str, Any]:
    """A step that answers as it is told, about one column."""
    inputs, outputs = {"key": "business_email"}, {"industry": "industry", "employees": None}
    return {"provider": "pretend", "settings": settings, "inputs": inputs, "outputs": outputs}


def start_run(person: Person, upload_id: str, *steps: dict[str, Any], **members: Any) -> str:
    run = ask(person, "POST", "", {"upload_id": upload_id, "providers": steps, **members})["run"]
    return str(run["run_id"])


def wait_for_run(
    person: Person, run_id: str, is_so: Callable[[dict[str, Any]], bool], seconds: float = 60
) -> dict[str, Any]:
    deadline = time.monotonic() + seconds
    while not is_so(run := ask(person, "GET", f"/{run_id}")["run"]):
        assert time.monotonic() < deadline, (run["status"], run["progress"], run["reason"])
        time.sleep(0.05)
    return dict(run)


def is_over(run: dict[str, Any]) -> bool:
    return run["status"] not in {"queued", "running", "paused"}


def step(page: Page, name: str) -> None:
    """The step is the one shown, in the address and in the list of steps."""
    expect(page).to_have_url(re.compile(f"[?&]step={name}"))
    now = page.locator('nav[aria-label="Steps of the enrichment"] [aria-current="page"]')
    expect(now).to_contain_text(name.capitalize())


def has_order(page: Page, *titles: str) -> None:
    """The providers stand like this."""
    lines = page.get_by_role("list", name="Providers in order").get_by_role("listitem")
    expect(lines.locator("p:first-child")).to_have_text(titles)


def add_provider(page: Page, title: str) -> None:
    page.get_by_role("combobox", name="Add a provider").click()
    page.get_by_role("option", name=title).click()


def row_of(page: Page, table: str, name: str) -> Locator:
    """The line of a table whose head has this name."""
    return (
        page.get_by_role("region", name=table)
        .get_by_role("row")
        .filter(has=page.get_by_role("rowheader", name=re.compile(rf"\b{name}\b")))
    )


def cells_of(page: Page, table: str, name: str) -> list[str]:
    cells = row_of(page, table, name).get_by_role("cell")
    expect(cells.first).to_be_visible()
    return cells.all_inner_texts()
