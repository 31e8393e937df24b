"""Settings: profile, theme, password, and the browsers one is signed in with."""

import re
from collections.abc import Callable

from playwright.sync_api import expect

from tests.support.browser import NewVisitor, Person

_NEW_PASSWORD = "another horse, another battery"


def test_a_wrong_current_password_changes_nothing(
    new_visitor: NewVisitor, new_person: Callable[[], Person]
) -> None:
    somebody = new_person()
    visitor = new_visitor(somebody)
    visitor.expect_refusal(403, "^/api/auth/password$")
    page = visitor.go("/settings")
    page.get_by_role("textbox", name="Current password").fill("not the password")
    page.get_by_role("textbox", name="New password").fill(_NEW_PASSWORD)
    page.get_by_role("button", name="Change password").click()
    expect(page.get_by_text("This is not your current password.")).to_be_visible()
    new_visitor(somebody)  # signs in with the old one


def test_a_new_password_ends_the_other_sessions(
    new_visitor: NewVisitor, new_person: Callable[[], Person]
) -> None:
    somebody = new_person()
    here, there = new_visitor(somebody), new_visitor(somebody)
    page = here.go("/settings")
    expect(page.get_by_text("This browser", exact=True)).to_be_visible()
    page.get_by_role("textbox", name="New password").fill("too short")
    expect(page.get_by_role("button", name="Change password")).to_be_disabled()
    page.get_by_role("textbox", name="Current password").fill(somebody.password)
    page.get_by_role("textbox", name="New password").fill(_NEW_PASSWORD)
    page.get_by_role("button", name="Change password").click()
    expect(page.get_by_text("Password set. 1 other session ended.")).to_be_visible()
    expect(page.get_by_role("button", name=re.compile("^End the session"))).to_have_count(0)
    there.go("/settings")
    expect(there.page).to_have_url(re.compile("/sign-in"))


def test_one_session_is_ended_from_another(new_visitor: NewVisitor, new_person: Callable[[], Person]) -> None:
    somebody = new_person()
    here, there = new_visitor(somebody), new_visitor(somebody)
    page = here.go("/settings")
    expect(page.get_by_role("button", name=re.compile("^End the session"))).to_have_count(1)
    here.check_looks("settings")
    page.get_by_role("button", name=re.compile("^End the session")).click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("Whoever uses it has to sign in again")
    dialog.get_by_role("button", name="End session").click()
    expect(page.get_by_role("button", name=re.compile("^End the session"))).to_have_count(0)
    there.go("/settings")
    expect(there.page).to_have_url(re.compile("/sign-in"))


def test_signing_out_everywhere_ends_this_session_too(
    new_visitor: NewVisitor, new_person: Callable[[], Person]
) -> None:
    somebody = new_person()
    here, there = new_visitor(somebody), new_visitor(somebody)
    page = here.go("/settings")
    page.get_by_role("button", name="Sign out everywhere").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("2 sessions will end, this one too")
    dialog.get_by_role("button", name="Sign out everywhere").click()
    expect(page).to_have_url(re.compile("/sign-in"))
    there.go("/settings")
    expect(there.page).to_have_url(re.compile("/sign-in"))


def test_profile_and_theme_fit_a_narrow_window(new_visitor: NewVisitor, person: Person) -> None:
    visitor = new_visitor(person, width=360, height=740)
    page = visitor.go("/settings")
    expect(page.get_by_text(person.email)).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    visitor.check_looks("settings-360")
    page.get_by_text("Dark", exact=True).click()
    assert page.evaluate("document.documentElement.dataset.mantineColorScheme") == "dark"
