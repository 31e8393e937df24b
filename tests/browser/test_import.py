"""The import wizard: a foreign file becomes a clean table, step by step, and every step survives a reload."""

import json
import re
from collections.abc import Callable
from typing import Any

from playwright.sync_api import Locator, Page, expect

from muster.records.header_words import HEADER_WORDS
from tests.support.browser import ROOT, NewVisitor, Person, Visitor

FILES = "/api/audience/files"
BATCH = "/api/audience/batch-upload"

_NAMES = ("Jürgen", "Käthe", "Björn", "Änne", "Grete")
_GOOD = [f"kunde{at}@beispiel.example;{_NAMES[at % 5]};Müller & Söhne {at}" for at in range(40)]
_BAD = [
    ";Nils;Ohne Adresse AG",
    "anna@gmial,con;Anna;Bäckerei Groß",
    "otto@gmial,con;Otto;Bäckerei Groß",
    "berta@beispiel.example   ;Berta;Weiß KG",
    "zu;viele;Spalten;in;dieser;Zeile",
]
GERMAN = "\r\n".join(["E-Mail-Adresse;Vorname;Firma", *_GOOD, *_BAD, ""]).encode("cp1252")
ROWS = len(_GOOD) + len(_BAD)


def post_file(person: Person, name: str, body: bytes, query: str = "auto=false") -> str:
    path = f"{FILES}?{query}&upload_name={name}&file_name={name}.csv"
    answer = person.api.call("POST", path, body, headers={"Content-Type": "text/csv"})
    assert answer.status == 202, answer.body
    return str(answer.json["upload_id"])


def rows_of(person: Person, upload_id: str) -> list[dict[str, Any]]:
    answer = person.api.get(upload_id, "?include=records&limit=1000&offset=0")
    assert answer.status == 200, answer.body
    return list(answer.json["records"])


def require_real_addresses(person: Person) -> None:
    rule = {"name": "Real addresses", "field": "email", "test": {"kind": "email"}, "severity": "reject"}
    assert person.api.call("POST", "/api/audience/rules", json.dumps(rule).encode()).status == 201


def step(page: Page, name: str) -> None:
    """The step is the one shown, in the address and in the list of steps."""
    expect(page).to_have_url(re.compile(f"[?&]step={name}"))
    expect(page.locator('nav[aria-label="Steps of the import"] [aria-current="page"]')).to_contain_text(
        name.capitalize()
    )


def field_of(page: Page, column: str) -> Locator:
    return page.get_by_role("combobox", name=f"Field for {column}").or_(
        page.get_by_role("textbox", name=f"Field for {column}")
    )


def choose_field(page: Page, column: str, label: str) -> None:
    field_of(page, column).click()
    page.get_by_role("option", name=label, exact=True).click()


def shows(page: Page, label: str, number: int) -> None:
    """A figure of the sum of rows."""
    box = page.locator("dl > div", has=page.locator("dt", has_text=re.compile(f"^{label}$"))).first
    expect(box.locator("dd")).to_have_text(f"{number:,}")


def test_a_foreign_file_becomes_a_clean_table(
    new_visitor: NewVisitor, new_person: Callable[[], Person]
) -> None:
    person = new_person()
    require_real_addresses(person)
    upload_id = post_file(person, "Messe", GERMAN)
    visitor = new_visitor(person)
    page = visitor.go(f"/uploads/{upload_id}/import")
    _look_at_the_file(visitor)
    _match(visitor)
    _fix_all_alike(visitor)
    _fix_one(page)
    _empty_what_is_over(page)
    page.get_by_role("button", name="Finish").click()

    # Done: the numbers add up to the rows of the file, and the table holds what was mended.
    step(page, "done")
    shows(page, "Received", ROWS)
    shows(page, "In the table", ROWS)
    shows(page, "Set aside", 0)
    visitor.check_looks("import-done")
    page.reload()
    step(page, "done")
    table = rows_of(person, upload_id)
    assert len(table) == ROWS
    mended = {row["email"] for row in table} - {f"kunde{at}@beispiel.example" for at in range(len(_GOOD))}
    assert mended == {
        "nils@beispiel.example",
        "anna@gmail.com",
        "otto@gmail.com",
        "berta@beispiel.example",
        "zu@beispiel.example",
    }
    page.get_by_role("link", name="Open the table").click()
    expect(page).to_have_url(re.compile(f"/uploads/{upload_id}$"))


def _look_at_the_file(visitor: Visitor) -> None:
    """Detected, with reasons; the umlauts are right."""
    page = visitor.page
    step(page, "file")
    expect(page.get_by_label("Encoding")).to_have_value("cp1252")
    expect(page.get_by_label("Columns are separated by")).to_have_value(";")
    expect(page.get_by_role("region", name="The first rows as a table")).to_contain_text("Müller & Söhne 0")
    visitor.check_looks("import-file")
    page.get_by_role("button", name="Match the columns").click()


def _match(visitor: Visitor) -> None:
    """Guessed, and the rule of identity is kept; a choice that is not sent yet survives a reload."""
    page = visitor.page
    step(page, "match")
    expect(page.get_by_text("OK: E-Mail-Adresse is the email")).to_be_visible()
    expect(field_of(page, "E-Mail-Adresse")).to_have_value("Email")
    expect(field_of(page, "Vorname")).to_have_value("First name")
    visitor.check_looks("import-match")
    choose_field(page, "Firma", "Skip this column")
    page.reload()
    expect(field_of(page, "Firma")).to_have_value("Skip this column")
    choose_field(page, "Firma", "Company name")
    page.get_by_role("button", name="Check the rows").click()


def _fix_all_alike(visitor: Visitor) -> None:
    """Every bad row is there by cause; a fix is tried first, then applied."""
    page = visitor.page
    step(page, "check")
    expect(page.get_by_role("navigation", name="Causes")).to_be_visible()
    shows(page, "Received", ROWS)
    shows(page, "In the table", len(_GOOD))
    shows(page, "Set aside", len(_BAD))
    page.get_by_role("button", name=re.compile("not a domain behind the @")).click()
    alike = page.get_by_role("region", name="Fix all alike")
    expect(alike).to_contain_text("Would mend 2 of 2 rows")
    expect(alike).to_contain_text("anna@gmail.com")
    visitor.check_looks("import-check")
    page.reload()
    expect(alike).to_contain_text("Would mend 2 of 2 rows")
    alike.get_by_role("button", name="Apply to all").click()
    expect(page.get_by_text("2 rows joined the table.")).to_be_visible()
    page.get_by_role("button", name=re.compile("blanks around the value")).click()
    alike.get_by_label("What to do").select_option("trim")
    expect(alike).to_contain_text("Would mend 1 of 1 row")
    alike.get_by_role("button", name="Apply", exact=True).click()
    shows(page, "In the table", len(_GOOD) + 3)


def _fix_one(page: Page) -> None:
    """The wrong cell is marked; a correction that is not sent yet survives a reload."""
    page.get_by_role("button", name="Nobody can tell who this is 1").click()
    wrong = page.get_by_role("gridcell", name=re.compile("^wrong:"))
    expect(wrong).to_have_count(1)
    wrong.focus()
    page.keyboard.press("Enter")
    page.keyboard.type("nils@beispiel.example")
    page.keyboard.press("Enter")
    page.reload()
    expect(page.get_by_role("gridcell", name="changed: nils@beispiel.example")).to_be_visible()
    page.get_by_role("button", name="Check 1 changed row").click()
    shows(page, "In the table", len(_GOOD) + 4)


def _empty_what_is_over(page: Page) -> None:
    """A row with too many columns: what is over is marked, and emptied by keyboard alone."""
    page.get_by_role("button", name="Too many columns in the row 1").click()
    expect(page.get_by_role("gridcell", name=re.compile("^wrong:"))).to_have_text(["in", "dieser", "Zeile"])
    page.get_by_role("gridcell", name="wrong: in").focus()
    for _ in range(3):
        page.keyboard.press("F2")
        page.keyboard.press("Delete")
        page.keyboard.press("Enter")
        page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    page.keyboard.type("zu@beispiel.example")
    page.keyboard.press("Tab")
    page.get_by_role("button", name=f"Check row {ROWS}").click()
    expect(page.get_by_role("heading", name="Every row is fine")).to_be_visible()


def test_work_that_rests_is_shown_stopped_and_started_again(visitor: Visitor, person: Person) -> None:
    rows = 300_000
    body = b"email\n" + b"".join(b"person%d@example.org\n" % at for at in range(rows))
    upload_id = post_file(person, "Large", body, "auto=true")
    assert person.api.call("POST", f"{BATCH}/{upload_id}/pause", b"").status == 202
    page = visitor.go(f"/uploads/{upload_id}/import")
    step(page, "check")
    expect(page.get_by_role("heading", name="Paused")).to_be_visible()
    visitor.check_looks("import-paused", themes=("light",))
    page.get_by_role("button", name="Stop").click()
    expect(page.get_by_role("alert")).to_contain_text("You stopped the import")
    page.get_by_role("button", name="Start again").click()
    expect(page.get_by_role("heading", name="Every row is fine")).to_be_visible(timeout=60_000)
    shows(page, "In the table", rows)


def test_another_delimiter_changes_the_preview_and_survives_a_reload(
    visitor: Visitor, person: Person
) -> None:
    page = visitor.go(f"/uploads/{post_file(person, 'Delimiter', GERMAN)}/import?step=file")
    sample = page.get_by_role("region", name="The first rows as a table")
    expect(sample.get_by_role("columnheader", name="Vorname")).to_be_visible()
    page.get_by_label("Columns are separated by").select_option(",")
    expect(sample.get_by_role("columnheader", name="E-Mail-Adresse;Vorname;Firma")).to_be_visible()
    page.reload()
    expect(sample.get_by_role("columnheader", name="E-Mail-Adresse;Vorname;Firma")).to_be_visible()
    page.get_by_role("button", name="Back to what was found: Semicolon").click()
    expect(sample.get_by_role("columnheader", name="Vorname")).to_be_visible()
    page.get_by_label("Encoding").select_option("mac-roman")
    expect(sample).not_to_contain_text("Müller")
    page.get_by_label("Names of the columns").select_option("none")
    expect(sample.get_by_role("columnheader", name="column 1")).to_be_visible()


def test_a_template_of_one_import_is_offered_in_the_next(visitor: Visitor, person: Person) -> None:
    first = post_file(person, "First", b"Kontakt;Wer;Notiz\na@example.org;Ada;x\nb@example.org;Bo;y\n")
    page = visitor.go(f"/uploads/{first}/import?step=match")
    choose_field(page, "Kontakt", "Email")
    choose_field(page, "Wer", "First name")
    choose_field(page, "Notiz", "Skip this column")
    page.get_by_label("Keep these choices as a template").check()
    page.get_by_label("Name of the template").fill("Fair export")
    page.get_by_role("button", name="Check the rows").click()
    expect(page.get_by_role("heading", name="Every row is fine")).to_be_visible()
    assert set(rows_of(person, first)[0]) == {"email", "first_name"}

    again = post_file(person, "Again", b"Kontakt;Wer;Notiz\nc@example.org;Cy;z\n")
    visitor.go(f"/uploads/{again}/import?step=match")
    expect(page.get_by_text("Remembered from just now (template “Fair export”)")).to_be_visible()
    expect(field_of(page, "Notiz")).to_have_value("Skip this column")

    other = post_file(person, "Other", b"Wer;kontakt;Stadt\nDee;d@example.org;Bonn\n")
    visitor.go(f"/uploads/{other}/import?step=match")
    expect(field_of(page, "kontakt")).not_to_have_value("First name")
    page.get_by_label("Template", exact=True).select_option("Fair export")
    expect(page.get_by_text("1 of its columns is not in this file: Notiz")).to_be_visible()
    expect(field_of(page, "kontakt")).to_have_value("Email")

    page.get_by_role("button", name="Manage templates").click()
    page.get_by_role("button", name="Rename Fair export").click()
    page.get_by_label("New name of Fair export").fill("Fairs")
    page.get_by_role("button", name="Save").click()
    visitor.check_looks("import-templates", themes=("dark",))
    page.get_by_role("button", name="Delete Fairs").click()
    page.get_by_role("button", name="Delete", exact=True).click()
    expect(page.get_by_text("There are none.")).to_be_visible()


def test_a_duplicate_target_is_blocked_with_a_word_until_it_is_joined(
    visitor: Visitor, person: Person
) -> None:
    upload_id = post_file(person, "Twice", b"Mail,Strasse,Nummer\na@example.org,Weg,7\n")
    page = visitor.go(f"/uploads/{upload_id}/import?step=match")
    go_on = page.get_by_role("button", name="Check the rows")
    choose_field(page, "Strasse", "Street")
    choose_field(page, "Nummer", "Street")
    expect(page.get_by_text("Duplicate: “Nummer” becomes this field too.")).to_be_visible()
    expect(go_on).to_be_disabled()
    visitor.check_looks("import-duplicate", themes=("light",))
    page.get_by_role("button", name="Join them").first.click()
    choose_field(page, "Mail", "Skip this column")
    expect(page.get_by_text("Not OK:")).to_be_visible()
    expect(go_on).to_be_disabled()
    choose_field(page, "Mail", "Email")
    go_on.click()
    expect(page.get_by_role("heading", name="Every row is fine")).to_be_visible()
    assert rows_of(person, upload_id) == [{"email": "a@example.org", "street": "Weg 7"}]


def test_going_back_after_processing_warns_before_the_file_is_read_again(
    visitor: Visitor, person: Person
) -> None:
    upload_id = post_file(person, "Again", b"email,name\na@example.org,Ada Bo\n,Nobody\n", "auto=true")
    page = visitor.go(f"/uploads/{upload_id}/import")
    expect(page.get_by_role("navigation", name="Causes")).to_be_visible()
    page.get_by_role("link", name="Match").click()
    step(page, "match")
    choose_field(page, "name", "Split into several fields…")
    page.get_by_role("button", name="Read the file again").click()
    dialog = page.get_by_role("dialog", name="Read the file again?")
    expect(dialog).to_contain_text(
        "Corrections made since the first reading, here or in the table, are lost."
    )
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    page.get_by_role("button", name="Read the file again").click()
    dialog.get_by_role("button", name="Read it again").click()
    step(page, "check")
    expect(page.get_by_role("navigation", name="Causes")).to_be_visible()
    assert rows_of(person, upload_id) == [{"email": "a@example.org", "first_name": "Ada", "last_name": "Bo"}]


def test_a_file_that_cannot_be_read_says_so_and_offers_another(visitor: Visitor, person: Person) -> None:
    page = visitor.go(f"/uploads/{post_file(person, 'Empty', b' ')}/import")
    expect(page.get_by_role("alert")).to_contain_text("This file is empty")
    expect(page.get_by_role("button", name="Match the columns")).to_be_disabled()
    visitor.check_looks("import-empty", themes=("light",))
    page.get_by_role("link", name="Import another file").click()
    expect(page).to_have_url(re.compile("/uploads$"))


def test_while_the_file_is_still_coming_the_wizard_waits_and_goes_on_by_itself(
    visitor: Visitor, person: Person
) -> None:
    body = b"email\na@example.org\n"
    tus = {"Tus-Resumable": "1.0.0"}
    begun = person.api.call(
        "POST",
        f"{FILES}/tus",
        headers=tus
        | {"Upload-Length": str(len(body)), "Content-Length": "0", "Upload-Metadata": "auto ZmFsc2U="},
    )
    assert begun.status == 201, begun.body
    upload_id = begun.headers["location"].rpartition("/")[2]
    page = visitor.go(f"/uploads/{upload_id}/import")
    expect(page.get_by_role("heading", name=re.compile("Waiting for the rest"))).to_be_visible()
    visitor.check_looks("import-receiving", themes=("light",))
    sent = person.api.call(
        "PATCH",
        f"{FILES}/tus/{upload_id}",
        body,
        headers=tus | {"Upload-Offset": "0", "Content-Type": "application/offset+octet-stream"},
    )
    assert sent.status == 204, sent.body
    expect(page.get_by_role("region", name="The first rows as a table")).to_contain_text("a@example.org")


def test_records_sent_by_a_program_open_at_the_check(visitor: Visitor, person: Person) -> None:
    records = [{"email": "a@example.org"}, {"first_name": "Nobody", "big": 12345678901234567890}]
    upload_id = person.api.create("Batch", records, on_invalid="skip").json["upload_id"]
    page = visitor.go(f"/uploads/{upload_id}/import?step=file")
    step(page, "check")
    expect(page.get_by_role("link", name="Match")).to_have_count(0)
    expect(page.get_by_role("gridcell", name="12345678901234567890")).to_be_visible()


def test_the_upload_of_somebody_else_is_not_shown(visitor: Visitor, new_person: Callable[[], Person]) -> None:
    upload_id = post_file(new_person(), "Private", GERMAN)
    visitor.expect_refusal(403, upload_id)
    page = visitor.go(f"/uploads/{upload_id}/import?step=match")
    expect(page.get_by_role("alert")).to_contain_text("You may not see this")
    expect(page.get_by_text("Private")).to_have_count(0)


def test_a_phone_shows_every_step_without_scrolling_sideways(new_visitor: NewVisitor, person: Person) -> None:
    visitor = new_visitor(person, width=360, height=740)
    bad = post_file(
        person,
        "Phone",
        b"email,first_name,company\na@example.org,Ada,Example\n,Nobody,Example\n",
        "auto=true",
    )
    for name, there in {
        "file": "The first rows as a table",
        "match": "Columns of the file",
        "check": "Table of rows set aside",
        "done": "",
    }.items():
        page = visitor.go(f"/uploads/{bad}/import?step={name}")
        if there:
            expect(page.get_by_label(there)).to_be_visible()
        else:
            expect(page.get_by_role("link", name="Open the table")).to_be_visible()
        assert page.evaluate("document.documentElement.scrollWidth") <= 360
        visitor.check_looks(f"import-{name}-360", themes=("light",))


def test_studio_offers_the_fields_the_server_guesses() -> None:
    written = (ROOT / "studio/src/import/fields.ts").read_text(encoding="utf-8")
    labels = written.partition("FIELD_LABELS")[2].partition("};")[0]
    assert set(re.findall(r"^  (\w+):", labels, re.MULTILINE)) == set(HEADER_WORDS)
