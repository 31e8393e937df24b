"""What leads into a table and out of its past: links that name a row by its id, and the change that an undo takes back."""

import json
import re
from collections.abc import Callable

from playwright.sync_api import expect

from tests.support.browser import NewVisitor, Person, Visitor
from tests.support.table_page import BATCH, cell, post_file, wait_until_made


def test_a_link_names_a_row_by_its_id_also_behind_rows_that_are_gone(
    new_visitor: NewVisitor, new_person: Callable[[], Person]
) -> None:
    person = new_person()
    unique = {"name": "Once", "test": {"kind": "unique", "fields": ["email"]}, "severity": "reject"}
    assert person.api.call("POST", "/api/audience/rules", json.dumps(unique).encode()).status == 201
    # The rows with the ids 1, 2 and 5 repeat an address: they are taken out once the whole table is known.
    addresses = ["ana", "ana", "ana", "bob", "cyd", "bob", "dan", "eve"]
    lines = "".join(f"{name}@example.com,{at}\n" for at, name in enumerate(addresses))
    upload_id = post_file(person, "Repeats", f"email,number\n{lines}".encode())
    assert wait_until_made(person, upload_id) == "ready_with_errors"
    shown = person.api.call("GET", f"{BATCH}/{upload_id}/rows").json["rows"]
    assert [row["_row_id"] for row in shown] == [0, 3, 4, 6, 7]

    visitor = new_visitor(person)
    for row_id, place, name in ((7, 5, "eve"), (3, 2, "bob"), (0, 1, "ana")):
        page = visitor.go(f"/uploads/{upload_id}?row_id={row_id}&panel=row")
        expect(page.get_by_role("dialog", name=f"Row {place}")).to_contain_text(f"{name}@example.com")
        expect(page).to_have_url(re.compile(rf"[?&]row={place}\b"))
        assert "row_id" not in page.url
    for gone in (5, 99):
        page = visitor.go(f"/uploads/{upload_id}?row_id={gone}&panel=row")
        expect(page.get_by_text(f"Row {gone + 1} is no longer in this table.")).to_be_visible()
        expect(cell(page, 4, "email")).to_have_text("eve@example.com")
        expect(page.get_by_role("dialog")).to_have_count(0)


def test_the_history_offers_to_undo_what_the_server_would(visitor: Visitor, person: Person) -> None:
    upload_id = post_file(person, "Mended", b"email,first_name\nana@example.com,Ana\n,Nobody\n")
    assert wait_until_made(person, upload_id) == "ready_with_errors"
    edit = {"edits": [{"row": 0, "set": {"first_name": "Zoe"}}]}
    assert person.api.call("PATCH", f"{BATCH}/{upload_id}/rows", json.dumps(edit).encode()).status == 200
    mend = {"field": "", "actions": [{"field": "email", "action": "set", "value": "nobody@example.com"}]}
    mended = person.api.call("POST", f"{BATCH}/{upload_id}/rejects/fix", json.dumps(mend).encode())
    assert (mended.status, mended.json["accepted"]) == (200, 1), mended.body

    page = visitor.go(f"/uploads/{upload_id}?panel=history")
    changes = page.get_by_role("dialog", name="History").get_by_role("listitem")
    expect(changes.nth(0)).to_contain_text("Corrected rejects added")
    expect(changes.nth(0).get_by_role("button", name="Undo")).to_have_count(0)
    changes.nth(1).get_by_role("button", name="Undo").click()
    expect(changes.nth(1)).to_contain_text("taken back")
    rows = person.api.call("GET", f"{BATCH}/{upload_id}/rows?columns=first_name").json["rows"]
    assert [row["values"] for row in rows] == [["Ana"], ["Nobody"]]
    expect(page.get_by_role("dialog", name="History").get_by_role("button", name="Undo")).to_have_count(0)
