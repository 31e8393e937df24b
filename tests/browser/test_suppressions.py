"""Suppressions in Studio: people put on the list by pasting or from a file, told line by line; checked, narrowed, removed."""

import csv
import io
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

from playwright.sync_api import Locator, Page, Route, expect

from tests.support.browser import NewVisitor, Person, Visitor

SUPPRESSIONS = "/api/audience/suppressions"
PASTED = """Ada@Example.com
not an address

+44 113 496 0987; grace@example.com
ada@example.com
example.org
0113 496 0999
"""


def ask(person: Person, method: str, path: str = "", body: object = None) -> Any:
    sent = None if body is None else json.dumps(body).encode()
    answer = person.api.call(method, f"{SUPPRESSIONS}{path}", sent)
    assert answer.status < 300, answer.body
    return answer.json


def counts(person: Person) -> dict[str, int]:
    return dict(ask(person, "GET")["counts"])


def is_suppressed(person: Person, *values: str) -> list[bool]:
    results = ask(person, "POST", "/check", {"values": list(values)})["results"]
    return [each["suppressed"] for each in results]


def lines(page: Page) -> list[list[str]]:
    """Of each line shown: its number, the value, what became of it."""
    rows = page.get_by_role("table", name="Lines").locator("tbody tr")
    expect(rows.first).to_be_visible()
    return [row.locator("th, td").all_inner_texts() for row in rows.all()]


def told(page: Page, value: str) -> Locator:
    """What became of a value."""
    row = page.get_by_role("table", name="Lines").get_by_role("row")
    return row.filter(has=page.get_by_role("rowheader", name=value, exact=True))


def check(page: Page, value: str) -> Locator:
    section = page.get_by_role("region", name="Check somebody")
    section.get_by_role("textbox").fill(value)
    section.get_by_role("button", name="Check").click()
    return section


def test_pasted_lines_are_told_one_by_one(new_visitor: NewVisitor, new_person: Callable[[], Person]) -> None:
    person = new_person()
    visitor = new_visitor(person)
    page = visitor.go("/exports/suppressions")
    expect(page.get_by_role("heading", name="Nobody is on the list")).to_be_visible()
    visitor.check_looks("suppressions-empty")
    page.get_by_role("link", name="Add the first people").click()
    submit = page.get_by_role("button", name=re.compile("^Suppress"))
    expect(submit).to_be_disabled()
    page.get_by_role("textbox", name="E-mail addresses").fill(PASTED)
    page.get_by_role("textbox", name="Reason").fill("asked not to be contacted")
    expect(submit).to_have_text("Suppress 7 values")
    visitor.check_looks("suppressions-add")
    submit.click()
    expect(page.get_by_text("6 different values looked at.")).to_be_visible()
    expect(page.get_by_text("4 new entries on the list.")).to_be_visible()
    shown = [(number, value, became.split("\n")[0]) for number, value, became in lines(page)]
    assert shown == [
        ("1", "Ada@Example.com", "Added"),
        ("2", "not an address", "Not usable"),
        ("4", "+44 113 496 0987", "Added"),
        ("4", "grace@example.com", "Added"),
        ("5", "ada@example.com", "Repeated"),
        ("6", "example.org", "Added"),
        ("7", "0113 496 0999", "Not usable"),
    ]
    expect(told(page, "0113 496 0999")).to_contain_text("Begin phone numbers with + and the country code")
    expect(told(page, "ada@example.com")).to_contain_text("The same as in line 1")
    expect(told(page, "example.org")).to_contain_text("Covers everybody there")
    visitor.check_looks("suppressions-told")
    assert counts(person) == {"email": 2, "phone": 1, "domain": 1}
    assert is_suppressed(person, "ada@example.com", "anyone@mail.example.org", "+441134960999") == [
        True,
        True,
        False,
    ]
    page.get_by_role("button", name="Not usable 2").click()
    assert [value for _, value, _ in lines(page)] == ["not an address", "0113 496 0999"]
    _correct(visitor, person)


def _correct(visitor: Visitor, person: Person) -> None:
    """What was pasted is still there; with the country given the number is one, and the rest is on the list already."""
    page = visitor.page
    page.get_by_role("button", name="Correct what is not usable").click()
    country = page.get_by_role("textbox", name="Country of phone numbers")
    country.fill("7B")
    expect(page.get_by_text("Two letters, such as GB or DE.")).to_be_visible()
    expect(page.get_by_role("button", name="Suppress 7 values")).to_be_disabled()
    country.fill("gb")
    page.get_by_role("button", name="Suppress 7 values").click()
    expect(page.get_by_text("1 new entry on the list.")).to_be_visible()
    expect(told(page, "0113 496 0999")).to_contain_text("Added")
    expect(told(page, "grace@example.com")).to_contain_text("Already there")
    with page.expect_download() as saved:
        page.get_by_role("button", name="Save as CSV").click()
    rows = list(csv.DictReader(io.StringIO(Path(saved.value.path()).read_text(encoding="utf-8-sig"))))
    assert [row["result"] for row in rows] == [
        "already",
        "refused",
        "already",
        "already",
        "repeated",
        "already",
        "added",
    ]
    assert rows[2]["value"] == "'+44 113 496 0987"  # no spreadsheet runs it
    page.get_by_role("link", name="To the list").click()
    expect(page.get_by_role("table", name="Suppressions").get_by_role("row")).to_have_count(6)
    expect(page.get_by_text("asked not to be contacted").first).to_be_visible()
    assert counts(person) == {"email": 2, "phone": 2, "domain": 1}


def test_a_column_of_a_file_is_put_on_the_list_a_thousand_at_a_time(
    new_visitor: NewVisitor, new_person: Callable[[], Person], tmp_path: Path
) -> None:
    """The right column is found; a lost connection leaves nothing out, and nothing is asked twice."""
    person = new_person()
    sheet = tmp_path / "left.csv"
    quoted = [f'"Person, {at}";person{at}@example.net;2025' for at in range(2300)]
    sheet.write_bytes("\r\n".join(["Name;Mail;Year", *quoted, '"No one";;2024', "X;nobody;1"]).encode())
    visitor = new_visitor(person)
    visitor.expect_cut_network()
    page = visitor.go("/exports/suppressions/add")
    choose_file(page, sheet)
    expect(page.get_by_text("2,301 filled lines; line 1 is the heading")).to_be_visible()
    expect(page.get_by_role("combobox", name="Column")).to_have_value("1")
    expect(page.get_by_role("combobox", name="Column").get_by_role("option")).to_have_text(
        ["Name", "Mail", "Year"]
    )
    visitor.check_looks("suppressions-file")
    asked: list[int] = []

    def cut_the_second(route: Route) -> None:
        asked.append(len(route.request.post_data_json["values"]))
        route.abort() if len(asked) == 2 else route.continue_()

    page.route("**/suppressions/check", cut_the_second)
    page.get_by_role("button", name="Suppress 2,301 values").click()
    expect(
        page.get_by_text("Stopped after 1,000 of 2,301 different values; nothing is lost.")
    ).to_be_visible()
    expect(page.get_by_role("alert")).to_contain_text("The server does not answer")
    visitor.check_looks("suppressions-stopped", themes=("light",))
    assert counts(person)["email"] == 1000
    page.get_by_role("button", name="Go on with the rest").click()
    expect(page.get_by_text("2,301 different values looked at.")).to_be_visible(timeout=30_000)
    expect(page.get_by_text("2,300 new entries on the list.")).to_be_visible()
    assert asked == [1000, 1000, 1000, 301]
    assert counts(person) == {"email": 2300, "phone": 0, "domain": 0}
    expect(page.get_by_text("100 of 2,301 values")).to_be_visible()
    page.get_by_role("button", name="Not usable 1").click()
    assert lines(page) == [
        ["2,303", "nobody", "Not usable\nThis is no e-mail address, phone number or domain"]
    ]


def choose_file(page: Page, path: Path) -> None:
    page.get_by_label("File with people").set_input_files(path)


def test_adding_goes_on_while_another_page_is_open(
    new_visitor: NewVisitor, new_person: Callable[[], Person]
) -> None:
    person = new_person()
    visitor = new_visitor(person)
    page = visitor.go("/exports/suppressions/add")
    held: list[Route] = []
    page.route("**/suppressions/check", lambda route: held.append(route))  # noqa: PLW0108 - Playwright marks the function
    page.get_by_role("textbox", name="E-mail addresses").fill("late@example.com")
    page.get_by_role("button", name="Suppress 1 value").click()
    expect(page.get_by_text("0 of 1 different value looked at")).to_be_visible()
    page.get_by_role("link", name="All suppressions").click()
    expect(page.get_by_role("heading", name="Nobody is on the list")).to_be_visible()
    held[0].continue_()
    expect(page.get_by_text("1 new entry on the suppression list.")).to_be_visible()
    expect(page.get_by_role("table", name="Suppressions").locator("tbody tr")).to_have_count(1)
    assert is_suppressed(person, "late@example.com") == [True]


def test_a_file_that_is_no_text_is_refused_before_anything_is_sent(
    visitor: Visitor, person: Person, tmp_path: Path
) -> None:
    before = counts(person)
    page = visitor.go("/exports/suppressions/add")
    for name, content, words in (
        ("book.csv", b"PK\x03\x04" + bytes(40), "Save a workbook as CSV"),
        ("empty.txt", b"\r\n \r\n", "is empty"),
    ):
        (tmp_path / name).write_bytes(content)
        choose_file(page, tmp_path / name)
        expect(page.get_by_role("alert")).to_contain_text(words)
    (tmp_path / "wide.txt").write_bytes("wide@example.com\r\n".encode("utf-16"))
    choose_file(page, tmp_path / "wide.txt")
    expect(page.get_by_role("alert")).to_have_count(0)
    expect(page.get_by_text("1 filled line", exact=True)).to_be_visible()
    page.get_by_role("button", name="Take it away").click()
    expect(page.get_by_role("textbox", name="E-mail addresses")).to_be_visible()
    assert counts(person) == before


def test_the_list_is_narrowed_checked_and_shortened(
    new_visitor: NewVisitor, new_person: Callable[[], Person]
) -> None:
    person = new_person()
    for at in range(60):
        ask(person, "POST", "", {"values": [f"p{at}@example.com"], "reason": f"wish {at}"})
    ask(person, "POST", "", {"values": ["example.org", "+441134960987"]})
    visitor = new_visitor(person)
    page = visitor.go("/exports/suppressions")
    rows = page.get_by_role("table", name="Suppressions").locator("tbody tr")
    expect(rows).to_have_count(50)
    expect(page.get_by_text("50 of 62 entries, the newest first")).to_be_visible()
    visitor.check_looks("suppressions")
    page.get_by_role("button", name="Show older").click()
    expect(rows).to_have_count(62)

    page.get_by_role("link", name="Domains 1").click()
    expect(page).to_have_url(re.compile(r"\?kind=domain$"))
    expect(rows).to_have_count(1)
    page.reload()
    expect(rows).to_have_count(1)
    expect(rows.first).to_contain_text("none given")
    page.get_by_role("link", name="All 62").click()
    expect(rows).to_have_count(50)

    expect(check(page, "stranger@example.com")).to_contain_text("is not on the list")
    assert "stranger" not in page.url
    expect(check(page, "someone@mail.example.org")).to_contain_text("its domain is on the list")
    expect(check(page, "gibberish")).to_contain_text("is no e-mail address")
    section = check(page, "P7@example.com")
    expect(section).to_contain_text("is on the list and never leaves")
    visitor.check_looks("suppressions-checked")
    section.get_by_role("button", name="Remove from the list").click()
    expect(section).to_contain_text("“P7@example.com” is not on the list.")
    section = check(page, "sub.example.org")
    section.get_by_role("button", name="Remove from the list").click()
    expect(section).to_contain_text("a domain above it is on the list")
    assert counts(person) == {"email": 59, "phone": 1, "domain": 1}

    page.get_by_role("link", name="Phone numbers 1").click()
    expect(rows).to_have_count(1)
    rows.first.get_by_role("button", name=re.compile("^Remove the phone number")).click()
    dialog = page.get_by_role("dialog", name="Remove this entry?")
    expect(dialog).to_contain_text("This person may leave with exports again")
    dialog.get_by_role("button", name="Remove entry").click()
    expect(page.get_by_text("No entry of this kind.")).to_be_visible()
    assert is_suppressed(person, "+441134960987", "example.org") == [False, True]


def test_suppressions_fit_a_narrow_window(new_visitor: NewVisitor, new_person: Callable[[], Person]) -> None:
    person = new_person()
    ask(person, "POST", "", {"values": ["ada@example.com", "example.org"], "reason": "no" * 150})
    visitor = new_visitor(person, width=360, height=740)
    page = visitor.go("/exports/suppressions")
    expect(page.get_by_role("list", name="Suppressions").get_by_role("listitem")).to_have_count(2)
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    visitor.check_looks("suppressions-narrow", themes=("light",))
    page.get_by_role("link", name="Add people").click()
    page.get_by_role("textbox", name="E-mail addresses").fill("x" * 990 + "@example.com\nada@example.com")
    page.get_by_role("button", name="Suppress 2 values").click()
    expect(page.get_by_text("Longer than 1000 characters")).to_be_visible()
    expect(told(page, "ada@example.com")).to_contain_text("Already there")
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    visitor.check_looks("suppressions-narrow-told", themes=("light",))


def test_everybody_has_a_list_of_their_own(
    new_visitor: NewVisitor, new_person: Callable[[], Person], person: Person
) -> None:
    ask(person, "POST", "", {"values": ["mine@example.com"]})
    page = new_visitor(new_person()).go("/exports/suppressions")
    expect(page.get_by_role("heading", name="Nobody is on the list")).to_be_visible()
