"""Mappings that outlive their upload, over HTTP: remembered, named, fitted to other files."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.app import Answer, Person, RunningApp, running
from tests.uploads.test_mapping_routes import CSV, MAPPINGS, build, decide, see, send


@pytest.fixture
def app(tmp_path: Path, database_url: str) -> Iterator[RunningApp]:
    with running(tmp_path / "data", database_url, jobs_inside=False) as started:
        yield started


@pytest.fixture
def ana(app: RunningApp) -> Person:
    return app.person("ana@example.com")


@pytest.fixture
def ben(app: RunningApp) -> Person:
    return app.person("ben@example.com")


def test_the_next_export_with_the_same_headers_is_read_as_decided_before(
    app: RunningApp, ana: Person, ben: Person
) -> None:
    first = send(app, ana, b"Kundenfeld,Contact\nx,a@example.org\n")
    steps = [{"from": "Kundenfeld", "to": ["loyalty"]}, {"from": "Contact", "to": "email"}]
    assert decide(app, ana, first, {"mapping": {"columns": steps}}).status == 202
    # Another order, another spelling: the same export.
    later = b"contact,KUNDENFELD\nb@example.org,y\n"
    shown = see(app, ana, send(app, ana, later)).json
    assert shown["mapping_by"] == "remembered"
    assert [column["field"] for column in shown["columns"]] == ["email", "loyalty"]
    second = send(app, ana, later, auto=True)
    assert build(app, ana, second)["fields"] == ["email", "loyalty"]
    assert see(app, ana, second).json["decision"]["by"] == "remembered"
    others = send(app, ben, later, auto=True)
    assert "loyalty" not in build(app, ben, others)["fields"], "what ana decided is hers"


def test_a_template_fits_other_files_or_says_why_not(app: RunningApp, ana: Person, ben: Person) -> None:
    first = send(app, ana, CSV.encode())
    steps = [{"from": "E-Mail", "to": "email"}, {"from": "Nachname", "to": ["a", "b"], "separator": "-"}]
    wish = {"mapping": {"columns": steps}, "template": " CRM "}
    assert decide(app, ana, first, wish).status == 202
    fits = send(app, ana, b"id,nachname,e_mail\n1,A-B,a@example.org\n")
    assert (
        decide(app, ben, send(app, ben, CSV.encode()), {"use_template": "CRM"}).json["code"]
        == "template_not_found"
    )
    assert decide(app, ana, fits, {"use_template": "CRM"}).status == 202
    assert build(app, ana, fits)["fields"] == ["id", "a", "b", "email"]
    lacks = send(app, ana, b"id,email\n1,a@example.org\n")
    answer = decide(app, ana, lacks, {"use_template": "CRM"})
    assert (answer.status, answer.json["code"]) == (400, "template_misfits")
    assert [issue["field"] for issue in answer.json["errors"]] == ["E-Mail", "Nachname"] or [
        issue["field"] for issue in answer.json["errors"]
    ] == ["Nachname"]
    assert see(app, ana, lacks).json["decision"] is None


def test_templates_are_listed_renamed_and_deleted_by_their_owner_only(
    app: RunningApp, ana: Person, ben: Person
) -> None:
    for name in ("one", "two"):
        wish = {"mapping": {"columns": []}, "template": name}
        assert decide(app, ana, send(app, ana, f"email,{name}\na@b.org,1\n".encode()), wish).status == 202
    listed = app.ask("GET", MAPPINGS, ana.headers).json
    assert (listed["total"], listed["next_cursor"]) == (4, None)
    assert sorted(str(each["name"]) for each in listed["mappings"]) == ["None", "None", "one", "two"]
    page = app.ask("GET", f"{MAPPINGS}?limit=3", ana.headers).json
    rest = app.ask("GET", f"{MAPPINGS}?limit=3&cursor={page['next_cursor']}", ana.headers).json
    assert len({each["id"] for each in page["mappings"] + rest["mappings"]}) == 4
    assert app.ask("GET", MAPPINGS, ben.headers).json["total"] == 0
    one = next(each["id"] for each in listed["mappings"] if each["name"] == "one")
    told = {"Content-Type": "application/json"}
    for method, body in (("PATCH", b'{"name": "mine"}'), ("DELETE", b"")):
        assert app.ask(method, f"{MAPPINGS}/{one}", told, [body]).status == 401
        assert app.ask(method, f"{MAPPINGS}/{one}", {**ben.headers, **told}, [body]).status == 403
        assert app.ask(method, f"{MAPPINGS}/map_{'0' * 22}", {**ana.headers, **told}, [body]).status == 404
        assert app.ask(method, f"{MAPPINGS}/%00", {**ana.headers, **told}, [body]).status == 404

    def rename(body: bytes) -> Answer:
        return app.ask("PATCH", f"{MAPPINGS}/{one}", {**ana.headers, **told}, [body])

    assert rename(b'{"name": "two"}').json["code"] == "template_name_taken"
    assert rename(b'{"name": "a\\u0000"}').status == 400
    assert rename(b"[]").status == 400
    assert rename('{"name": "drei 😀"}'.encode()).json["name"] == "drei 😀"
    assert app.ask("DELETE", f"{MAPPINGS}/{one}", ana.headers).status == 200
    assert app.ask("DELETE", f"{MAPPINGS}/{one}", ana.headers).status == 404
    assert app.ask("GET", MAPPINGS, ana.headers).json["total"] == 3


def test_naming_what_was_remembered_keeps_it_remembered(app: RunningApp, ana: Person) -> None:
    assert decide(app, ana, send(app, ana, CSV.encode()), {"mapping": {}}).status == 202
    (kept,) = app.ask("GET", MAPPINGS, ana.headers).json["mappings"]
    told = {**ana.headers, "Content-Type": "application/json"}
    assert app.ask("PATCH", f"{MAPPINGS}/{kept['id']}", told, [b'{"name": "CRM"}']).status == 200
    names = [each["name"] for each in app.ask("GET", MAPPINGS, ana.headers).json["mappings"]]
    assert sorted(map(str, names)) == ["CRM", "None"]
