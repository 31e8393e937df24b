"""How segments go in Studio, and the uploads they are made from: what goes with them is named first."""

import re

from playwright.sync_api import expect

from tests.support.browser import Person, Visitor
from tests.support.segment_pages import CRM, SEGMENTS, ask, has_size, how_many, make, one, table_of

IN_US = how_many(lambda each: each["country"] == "US")


def test_what_goes_with_a_segment_is_named_before_it_goes(visitor: Visitor, person: Person) -> None:
    crm = table_of(person, "CRM", CRM)
    segment_id = make(person, crm, "Sent nightly")
    # What it would have sent by then would be named as well.
    schedule = {
        "name": "Nightly file",
        "every_minutes": 1440,
        "enabled": False,
        "export": {"segment_id": segment_id},
    }
    ask(person, "POST", "/api/audience/exports/schedules", schedule)
    visitor.expect_refusal(409, f"/{segment_id}$")
    page = visitor.go(f"/segments/{segment_id}")
    has_size(page, f"{IN_US} rows")
    page.get_by_role("button", name="More about Sent nightly").click()
    page.get_by_role("menuitem", name="Delete").click()
    dialog = page.get_by_role("dialog", name="Delete Sent nightly?")
    expect(dialog).to_contain_text(f"The segment of {IN_US} rows goes with its history")
    dialog.get_by_role("button", name="Delete this segment").click()
    expect(dialog.get_by_role("listitem")).to_contain_text("Schedule Nightly file")
    assert one(person, segment_id)["name"] == "Sent nightly"
    visitor.check_looks("segment-delete-refused")
    dialog.get_by_role("button", name="Delete it with this").click()
    expect(page).to_have_url(re.compile("/segments$"))
    assert person.api.call("GET", f"{SEGMENTS}/{segment_id}").status == 404
    visitor.expect_refusal(404, f"/{segment_id}$")
    page.goto(f"{visitor.url}/segments/{segment_id}")
    expect(page.get_by_role("alert")).to_contain_text("segment_not_found", timeout=20_000)


def test_an_upload_goes_only_with_the_segments_made_from_it(visitor: Visitor, person: Person) -> None:
    upload = table_of(person, "In use", CRM)
    segment_id = make(person, upload, "Made from it")
    visitor.expect_refusal(409, f"/{upload}$")
    page = visitor.go("/uploads?q=In+use")
    page.get_by_role("button", name="More about In use").click()
    page.get_by_role("menuitem", name="Delete").click()
    dialog = page.get_by_role("dialog", name="Delete In use?")
    dialog.get_by_role("button", name="Delete this upload").click()
    expect(dialog.get_by_role("listitem")).to_contain_text("Made from it")
    assert one(person, segment_id)["count"] == IN_US
    dialog.get_by_role("button", name="Delete it with this").click()
    expect(dialog).to_have_count(0)
    assert person.api.call("GET", f"{SEGMENTS}/{segment_id}").status == 404
