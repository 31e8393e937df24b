"""What tests of the segment pages share: two lists with people in both, segments made by the API, where things are."""

import json
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

from playwright.sync_api import Locator, Page, expect

from tests.support.browser import Person
from tests.support.table_page import BATCH, post_file, wait_until_made

SEGMENTS = "/api/audience/segments"
COUNTRIES = ("US", "DE", "US", "FR")
INDUSTRIES = ("software", "retail", "health")
CRM_ROWS = 200
EVENT = range(170, 230)
"""People at the event, by their number; the first of them are in the CRM as well."""

Man = dict[str, Any]


def man(number: int) -> Man:
    """One of the people."""
    return {
        "email": f"person{number}@example.com",
        "full_name": f"Person {number}",
        "country": COUNTRIES[number % 4],
        "employees": number * 7 % 100,
        "industry": INDUSTRIES[number % 3],
    }


CRM = [man(number) for number in range(CRM_ROWS)]
EVENT_PEOPLE = [{**man(number), "country": "US"} for number in EVENT]
"""Whoever came says to be in the US."""


def csv_of(people: list[Man]) -> bytes:
    lines = [",".join(people[0]), *(",".join(str(value) for value in each.values()) for each in people), ""]
    return "\n".join(lines).encode()


def table_of(person: Person, name: str, people: list[Man]) -> str:
    upload_id = post_file(person, name, csv_of(people))
    assert wait_until_made(person, upload_id) == "ready"
    return upload_id


def how_many(holds: Callable[[Man], bool], people: list[Man] = CRM) -> int:
    return sum(map(holds, people))


def ask(person: Person, method: str, path: str, body: object = None) -> Any:
    sent = None if body is None else json.dumps(body).encode()
    answer = person.api.call(method, path, sent)
    assert answer.status < 300, answer.body
    return answer.json


def equals(field: str, value: object) -> dict[str, Any]:
    return {"field": field, "op": "eq", "value": value}


IN_US = equals("country", "US")


def make(person: Person, upload_id: str, name: str, **members: Any) -> str:
    """A segment of the people in the US, unless told otherwise; its id."""
    body = {"name": name, "uploads": [upload_id], "filter": IN_US, **members}
    return str(ask(person, "POST", SEGMENTS, body)["segment"]["id"])


def one(person: Person, segment_id: str) -> dict[str, Any]:
    return dict(ask(person, "GET", f"{SEGMENTS}/{segment_id}")["segment"])


def edit(person: Person, upload_id: str, row: int, **values: Any) -> None:
    """row: `_row_id`, from 0."""
    ask(person, "PATCH", f"{BATCH}/{upload_id}/rows", {"edits": [{"row": row, "set": values}]})


def builder(uploads: list[str], definition: object = None, dedupe: object = None) -> str:
    """The address of the builder."""
    texts = {"def": definition, "dedupe": dedupe}
    rest = "".join(f"&{name}={quote(json.dumps(each))}" for name, each in texts.items() if each is not None)
    return f"/segments/new?from={','.join(uploads)}{rest}"


def counts(page: Page, words: str) -> None:
    """The live count has come to rest at this."""
    counted = page.get_by_test_id("segment-count")
    expect(counted).to_have_text(words, timeout=20_000)
    expect(counted).to_have_attribute("aria-busy", "false")


def has_size(page: Page, words: str) -> None:
    expect(page.get_by_test_id("segment-size")).to_contain_text(words, timeout=20_000)


def condition(page: Page, field: str) -> Locator:
    return page.get_by_role("group", name=f"Condition on {field}", exact=True)


def list_row(page: Page, name: str) -> Locator:
    """The line of the list that holds this segment."""
    rows = page.get_by_role("table", name="Segments").get_by_role("row")
    return rows.filter(has=page.get_by_role("link", name=name, exact=True))
