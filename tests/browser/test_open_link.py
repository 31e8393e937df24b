"""The link of one upload, opened without an account: read-only, and nothing but this upload."""

import re
from collections.abc import Callable

from playwright.sync_api import expect

from tests.support.browser import NewVisitor, Person


def shared(person: Person, name: str = "Shared leads") -> tuple[str, str]:
    """An upload and the token that opens it."""
    made = person.api.create(name, [{"email": "reader@example.org", "first_name": "Kim"}])
    assert made.status == 200, made.body
    return made.json["upload_id"], made.json["session_token"]


def test_a_link_opens_its_upload_and_leaves_no_token_behind(new_visitor: NewVisitor, person: Person) -> None:
    upload_id, token = shared(person)
    guest = new_visitor()
    page = guest.go(f"/open#{token}")
    expect(page).to_have_url(f"{guest.url}/uploads/{upload_id}")
    assert token not in page.evaluate("location.href + JSON.stringify({...localStorage, ...sessionStorage})")
    expect(page.get_by_text("Read-only link")).to_be_visible()
    expect(page.get_by_role("navigation", name="Studio")).to_have_count(0)
    expect(page.get_by_role("button", name="Your account")).to_have_count(0)


def test_a_link_leads_nowhere_but_to_its_upload(new_visitor: NewVisitor, person: Person) -> None:
    upload_id, token = shared(person)
    other, _ = shared(person, "Not shared")
    guest = new_visitor()
    page = guest.go(f"/open#{token}")
    expect(page).to_have_url(f"{guest.url}/uploads/{upload_id}")
    for elsewhere in ("/uploads", "/keys", "/settings", f"/uploads/{other}", f"/uploads/{upload_id}/import"):
        guest.go(elsewhere)
        expect(page).to_have_url(f"{guest.url}/uploads/{upload_id}")
    refused = page.evaluate("id => fetch('/api/audience/batch-upload/' + id).then(r => r.status)", upload_id)
    assert refused == 200
    guest.expect_refusal(403, f"/{other}$")
    assert page.evaluate("id => fetch('/api/audience/batch-upload/' + id).then(r => r.status)", other) == 403


def test_a_second_link_replaces_the_first(new_visitor: NewVisitor, person: Person) -> None:
    (_, token), (second, second_token) = shared(person), shared(person, "Second")
    guest = new_visitor()
    page = guest.go(f"/open#{token}")
    expect(page.get_by_text("Read-only link")).to_be_visible()
    guest.go(f"/open#{second_token}")
    expect(page).to_have_url(f"{guest.url}/uploads/{second}")


def test_a_link_that_opens_nothing_says_what_to_do(new_visitor: NewVisitor, person: Person) -> None:
    upload_id, token = shared(person)
    assert person.api.delete(upload_id).status == 200
    guest = new_visitor(width=360, height=740)
    guest.expect_refusal(401, "^/api/auth/open$")
    page = guest.go(f"/open#{token}")
    expect(page.get_by_role("heading", name="This link does not open anything")).to_be_visible()
    expect(page.get_by_text("Ask whoever sent it for a new one")).to_be_visible()
    assert page.evaluate("location.hash") == ""
    guest.check_looks("open-refused")
    page.get_by_role("link", name="Sign in").click()
    expect(page).to_have_url(re.compile("/sign-in"))


def test_an_address_without_a_token_says_that_the_link_is_incomplete(new_visitor: NewVisitor) -> None:
    page = new_visitor().go("/open")
    expect(page.get_by_text("Copy the whole link")).to_be_visible()


def test_somebody_signed_in_stays_so_when_opening_a_link(
    new_visitor: NewVisitor, person: Person, new_person: Callable[[], Person]
) -> None:
    upload_id, token = shared(person)
    visitor = new_visitor(new_person())
    page = visitor.go(f"/open#{token}")
    expect(page).to_have_url(f"{visitor.url}/uploads/{upload_id}")
    expect(page.get_by_role("navigation", name="Studio")).to_be_visible()
    visitor.go("/settings")
    expect(page.get_by_role("heading", level=1, name="Settings")).to_be_visible()
