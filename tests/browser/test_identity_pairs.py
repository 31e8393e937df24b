"""Probable matches in Studio: what a plain install says, and, where the extra `identity` is there, pairs settled by hand."""

import json
import re
import time
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from muster.segments.probable import is_installed
from tests.support.browser import NewVisitor, Person, Visitor
from tests.support.table_page import post_file, wait_until_made

MATCHES = "/api/audience/identity/matches"
needs_extra = pytest.mark.skipif(
    not is_installed(),
    reason="the extra is not installed: `scripts/setup.sh identity`, then .venv-identity/bin/pytest",
)
SYLLABLES = ("an", "be", "ka", "lo", "mi", "ra", "so", "tu", "vel", "wen", "zor", "dal")


def people_csv() -> bytes:
    """600 people; of every tenth there is a second row, with another ending of the address or a slip in the name."""

    def word(number: int, syllables: int) -> str:
        return "".join(SYLLABLES[number // 7**at % len(SYLLABLES)] for at in range(syllables))

    lines = ["email,full_name,city"]
    for at in range(600):
        first, last, host = word(at * 5 + 1, 2), word(at * 13 + 2, 3), word(at * 3, 2)
        lines.append(f"{first}.{last}{at}@{host}.com,{first} {last},city {at * 31 % 60}")
        if at % 20 == 0:
            lines.append(f"{first}.{last}{at}@{host}.org,{first} {last},city {at * 31 % 60}")
        elif at % 10 == 0:
            lines.append(f"{first}.{last}{at}@{host}.com,{first} {last[:-1]}x,city {at * 31 % 60}")
    return "\n".join([*lines, ""]).encode()


def ask(person: Person, method: str, path: str, body: object = None) -> Any:
    sent = None if body is None else json.dumps(body).encode()
    answer = person.api.call(method, path, sent)
    assert answer.status < 300, answer.body
    return answer.json


@pytest.fixture(scope="module")
def people(person: Person) -> str:
    upload_id = post_file(person, "Newsletter", people_csv())
    assert wait_until_made(person, upload_id) == "ready"
    return upload_id


@pytest.fixture
def match(person: Person, people: str) -> str:
    """The id of a finished match, for tests that settle its pairs."""
    compare = [{"column": "email", "kind": "email"}, {"column": "full_name", "kind": "name"}]
    made = ask(person, "POST", MATCHES, {"uploads": [people], "compare": compare})["match"]
    deadline = time.monotonic() + 120
    while (now := ask(person, "GET", f"{MATCHES}/{made['id']}")["match"])["status"] == "computing":
        assert time.monotonic() < deadline, now
        time.sleep(0.1)
    assert now["status"] == "ready", now
    return str(made["id"])


def decisions(person: Person, match_id: str) -> list[bool | None]:
    found = ask(person, "GET", f"{MATCHES}/{match_id}/pairs?limit=1000")["pairs"]
    return [pair["decision"] for pair in found]


def pairs(page: Page) -> Any:
    return page.get_by_role("list", name="Pairs, the least certain first").locator(":scope > li")


def test_the_first_match_is_explained_and_planned_in_the_address(visitor: Visitor, people: str) -> None:
    page = visitor.go("/identity/matches")
    expect(page.get_by_role("heading", name="Find people spelled differently")).to_be_visible()
    visitor.check_looks("matches-empty")
    page.get_by_role("link", name="New match").click()
    expect(page.get_by_role("button", name="Start matching")).to_be_disabled()
    page.get_by_role("combobox", name="Uploads").click()
    page.get_by_role("option", name=re.compile("^Newsletter")).click()
    page.keyboard.press("Escape")
    expect(page.get_by_label("Compare email as")).to_have_value("email")
    expect(page.get_by_label("Compare full_name as")).to_have_value("name")
    page.get_by_role("button", name="Do not compare city").click()
    page.get_by_label("Compare full_name as").select_option("text")
    page.reload()
    expect(page.get_by_label("Compare full_name as")).to_have_value("text")
    expect(page.get_by_label("Compare city as")).to_have_count(0)
    page.get_by_role("button", name="Do not compare email").click()
    expect(page.get_by_text("Compare at least 2 columns")).to_be_visible()
    expect(page.get_by_role("button", name="Start matching")).to_be_disabled()


@pytest.mark.skipif(is_installed(), reason="the extra `identity` is installed here")
def test_without_the_extra_the_page_says_how_to_get_it(
    new_visitor: NewVisitor, person: Person, people: str
) -> None:
    visitor = new_visitor(person, width=360, height=740)
    visitor.expect_refusal(409, "/identity/matches$")
    page = visitor.go(f"/identity/matches/new?uploads={people}")
    page.get_by_role("button", name="Start matching").click()
    told = page.get_by_role("alert")
    expect(told).to_contain_text("This server cannot find probable matches yet")
    expect(told).to_contain_text('pip install "muster[server,identity]"')
    expect(told.get_by_role("region", name="Command that installs it")).to_have_text(
        'pip install "muster[server,identity]"'
    )
    expect(told.get_by_text("This server cannot find probable matches yet")).to_be_in_viewport()
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    visitor.check_looks("match-extra-missing")
    told.get_by_role("button", name="It is installed, try again").click()
    expect(told).to_contain_text("req_")


@needs_extra
def test_a_match_is_started_and_followed_to_its_numbers(
    visitor: Visitor, person: Person, people: str
) -> None:
    page = visitor.go(f"/identity/matches/new?uploads={people}")
    page.get_by_role("button", name="Start matching").click()
    expect(page).to_have_url(re.compile("/identity/matches/mat_"))
    expect(page.get_by_role("heading", name="How right it is")).to_be_visible(timeout=120_000)
    match_id = page.url.rsplit("/", 1)[1]
    found = ask(person, "GET", f"{MATCHES}/{match_id}")["match"]
    sums = page.get_by_role("region", name="In sum")
    expect(sums.locator("dd")).to_have_text(
        [f"{found[name]:,}" for name in ("rows", "pairs", "pairs_above", "clusters")]
    )
    expect(page.get_by_text("planted typing errors")).to_be_visible()
    lines = page.get_by_role("region", name="Every threshold").get_by_role("row")
    expect(lines).to_have_count(1 + len(found["curve"]))
    expect(lines.filter(has_text="this match")).to_contain_text("95%")
    visitor.check_looks("match")
    page.get_by_role("link", name="See the groups").click()
    expect(page.get_by_role("list", name="Groups")).to_contain_text("Newsletter, row")
    page.go_back()
    page.get_by_role("button", name="Delete").click()
    page.get_by_role("dialog").get_by_role("button", name="Delete the match").click()
    expect(page.get_by_role("heading", name="Probable matches")).to_be_visible()
    assert person.api.call("GET", f"{MATCHES}/{match_id}").status == 404


@needs_extra
def test_pairs_are_settled_by_keyboard_and_found_again(visitor: Visitor, person: Person, match: str) -> None:
    page = visitor.go(f"/identity/matches/{match}?pairs=all")
    first, second, third = (pairs(page).nth(at) for at in range(3))
    expect(first).to_contain_text("likely the same person")
    expect(first.get_by_role("row")).to_have_count(3)
    first.focus()
    page.keyboard.press("u")
    expect(second).to_be_focused()
    page.keyboard.press("d")
    expect(second).to_contain_text("you said different, not joined")
    expect(third).to_be_focused()
    page.keyboard.press("s")
    expect(third).to_contain_text("you said the same, joined")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("ArrowUp")
    expect(second).to_be_focused()
    visitor.check_looks("match-pairs")
    page.get_by_label("Settled", exact=True).select_option(label="Settled by hand")
    page.reload()
    expect(pairs(page)).to_have_count(2)
    expect(page).to_have_url(re.compile("show=settled"))
    assert decisions(person, match)[:3] == [None, False, True]
    page.get_by_label("Settled", exact=True).select_option(label="Not settled yet")
    expect(pairs(page).first).to_contain_text("not settled")
    pairs(page).first.get_by_role("button", name="Different").click()
    # It stays where it is, so that nothing moves under the hand.
    expect(pairs(page).first).to_contain_text("you said different")


@needs_extra
def test_a_decision_that_does_not_arrive_is_taken_back_on_the_screen(visitor: Visitor, match: str) -> None:
    visitor.expect_cut_network()
    page = visitor.go(f"/identity/matches/{match}?pairs=all")
    expect(pairs(page).first).to_contain_text("not settled")
    page.route("**/decisions", lambda route: route.abort())
    pairs(page).first.get_by_role("button", name="Same person").click()
    expect(page.get_by_text("This pair is not settled")).to_be_visible()
    expect(pairs(page).first).to_contain_text("not settled")


@needs_extra
def test_a_match_that_a_segment_uses_is_not_deleted(
    new_visitor: NewVisitor, person: Person, people: str, match: str
) -> None:
    dedupe = {"by": "match", "match": match}
    made = {"name": f"Once each, {match}", "uploads": [people], "dedupe": dedupe}
    ask(person, "POST", "/api/audience/segments", made)
    visitor = new_visitor(person, width=360, height=740)
    visitor.expect_refusal(409, f"/matches/{match}$")
    page = visitor.go(f"/identity/matches/{match}")
    expect(page.get_by_role("heading", name="How right it is")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    page.get_by_role("button", name="Delete").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("button", name="Delete the match").click()
    expect(dialog.get_by_role("alert")).to_contain_text("match_in_use")
    expect(dialog.get_by_role("alert")).to_contain_text("Once each")


@needs_extra
def test_nobody_sees_the_match_of_another(
    new_visitor: NewVisitor, new_person: Callable[[], Person], match: str
) -> None:
    stranger = new_visitor(new_person())
    stranger.expect_refusal(403, f"/matches/{match}$")
    page = stranger.go(f"/identity/matches/{match}")
    expect(page.get_by_role("alert")).to_contain_text("match_not_yours")
