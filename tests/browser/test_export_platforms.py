"""Exporting in Studio to advertising platforms: what columns hold, hashes as each platform wants them, what cannot be hashed."""

import hashlib
from pathlib import Path

from playwright.sync_api import expect

from muster.exports.platforms import PLATFORMS
from muster.exports.platforms.fields import PlatformId
from tests.exports.destinations.servers import Meta, serving
from tests.support.browser import Person, Visitor
from tests.support.export_pages import (
    choose_destination,
    column_line,
    connect,
    downloaded,
    ended,
    lines_of,
    onward,
    person_at,
    started,
    table_of_people,
)
from tests.support.table_page import post_file, wait_until_made


def test_people_leave_hashed_for_a_platform(visitor: Visitor, person: Person, tmp_path: Path) -> None:
    body = (
        "business_email,first_name,phone,notes\n"
        " AlexZ@Example.com ,Alex,(800) 555-0100,tall\n"
        "bo@example.com,Bo,none,small\n"
        "not an address,Cy,,lost\n"
    )
    upload = post_file(person, "For Google", body.encode())
    assert wait_until_made(person, upload) in {"ready", "ready_with_errors"}
    page = visitor.go(f"/exports/new?upload={upload}&step=where")
    choose_destination(page, "Download")
    page.get_by_label("Hashing", exact=True).select_option(label="For Google Customer Match")
    page.get_by_label("Country of rows that do not say theirs").fill("us")
    expect(page.get_by_text("United States")).to_be_visible()
    visitor.check_looks("export-hashing", themes=("light",))
    onward(page, "Choose the columns", "columns")
    _say_what_columns_hold(visitor)
    onward(page, "Say who may leave", "people")
    onward(page, "Look before it leaves", "send")
    expect(page.get_by_text("1 cell of phone would stay empty")).to_be_visible()
    expect(
        page.get_by_text("1 row with nothing left to find the person by would be left out")
    ).to_be_visible()
    page.get_by_role("button", name="Start the export").click()
    started(page)
    ended(page, "2 rows in the file")
    expect(page.get_by_role("list", name="Cells that could not be hashed")).to_contain_text("1 cell of phone")
    visitor.check_looks("export-hashed")
    head, first, second = lines_of(downloaded(visitor, tmp_path))
    assert head == ["Email", "First Name", "Phone"]
    assert first == [_hash("alexz@example.com"), _hash("alex"), _hash("+18005550100")]
    assert second == [_hash("bo@example.com"), _hash("bo"), ""]


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _say_what_columns_hold(visitor: Visitor) -> None:
    page = visitor.page
    expect(page.get_by_text("3 of 4 columns leave")).to_be_visible()
    expect(page.get_by_role("checkbox", name="notes")).not_to_be_checked()
    expect(page.get_by_label("Name of first_name outside")).to_have_attribute("placeholder", "First Name")
    page.get_by_role("checkbox", name="notes").check()
    notes = column_line(page, "notes")
    expect(notes.get_by_role("alert")).to_contain_text("Say what it holds, or leave it out")
    expect(page.get_by_role("button", name="Say who may leave")).to_be_disabled()
    visitor.check_looks("export-columns-hashed")
    offered = notes.get_by_label("What notes holds").get_by_role("option")
    known = [offered.nth(at).get_attribute("value") for at in range(1, offered.count())]
    assert known == [str(field) for field in PLATFORMS[PlatformId.GOOGLE].rules]
    page.get_by_role("checkbox", name="notes").uncheck()


def test_people_join_an_audience_of_a_platform(visitor: Visitor, person: Person) -> None:
    upload = table_of_people(person, "For Meta", 10)
    server = Meta("EAAtoken")
    with serving(server.answer) as address:
        connection = connect(
            person, "meta_custom_audiences", "Our page", {"access_token": "EAAtoken", "api_url": address}
        )
        page = visitor.go(f"/exports/new?upload={upload}&connection={connection}&step=where")
        expect(page.get_by_role("radio", name="Meta Custom Audiences", exact=True)).to_be_checked()
        expect(page.get_by_label("Hashing", exact=True)).to_have_count(0)
        expect(
            page.get_by_text("Identifiers leave hashed, as Meta Custom Audiences wants them")
        ).to_be_visible()
        page.get_by_role("textbox", name="Audience id").fill("4711")
        page.get_by_role("button", name="Try it").click()
        expect(page.get_by_text("Meta shows the audience to who asks. No row was sent.")).to_be_visible()
        visitor.check_looks("export-meta", themes=("dark",))
        onward(page, "Choose the columns", "columns")
        expect(page.get_by_text("4 of 5 columns leave")).to_be_visible()
        expect(column_line(page, "phone").get_by_label("What phone holds")).to_have_value("phone")
        onward(page, "Say who may leave", "people")
        onward(page, "Look before it leaves", "send")
        page.get_by_role("button", name="Start the export").click()
        started(page)
        ended(page, "10 rows sent")
    assert server.members == {_hash(person_at(at)["business_email"]) for at in range(10)}
    expect(page.get_by_role("region", name="What it was asked to do")).to_contain_text(
        "Hashed forMeta Custom Audiences"
    )
