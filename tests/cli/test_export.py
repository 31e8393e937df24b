"""`muster export`, `exports` and `suppressions` against a real server: what leaves, and how commands end."""

import csv
import hashlib
import io
import json
import re

import pyarrow.parquet as pq
import pytest

from tests.support.live_commands import environment, live, muster

__all__ = ["environment", "live", "muster"]

PEOPLE = (
    "E-Mail,First name,Phone,Country,News\n"
    "ada@example.com,Ada,+44 113 496 0987,GB,yes\n"
    "grace@example.org,=1+1,030 901820,DE,no\n"
    'bob@example.com,"Bob ""B"", Jr",nonsense,US,YES\n'
)
WEBHOOK = {"url": "https://crm.invalid/in", "secret": "whsec_" + "QUJD" * 8}


@pytest.fixture
def upload_id(muster, tmp_path):
    path = tmp_path / "people.csv"
    path.write_text(PEOPLE)
    return json.loads(muster("upload", path, "--json").stdout)["files"][0]["upload_id"]


def only_export(text):
    (export_id,) = set(re.findall(r"exp_\w+", text))
    return export_id


def rows_of(path):
    with path.open(newline="", encoding="utf-8-sig") as file:
        return list(csv.DictReader(file))


def test_a_file_is_saved_with_the_columns_and_names_that_were_asked_for(muster, upload_id, tmp_path):
    ended = muster(
        "export", upload_id, "--to", "out.csv", "--columns", "first_name,email", "--rename", "email=Mail", "--name", "Mine"
    )  # fmt: skip
    assert ended.returncode == 0, ended.stderr
    export_id = only_export(ended.stdout)
    assert ended.stdout.splitlines()[0] == f"{export_id}  done: 3 of 3 rows"
    assert "saved:         out.csv" in ended.stdout
    rows = rows_of(tmp_path / "out.csv")
    assert [row["first_name"] for row in rows] == ["Ada", "'=1+1", 'Bob "B", Jr']
    assert list(rows[0]) == ["first_name", "Mail"]
    assert f"{export_id}\tMine\tdownload" in muster("exports", "list", "--source", upload_id).stdout
    assert "Mine, to Download: done" in muster("exports", "show", export_id).stdout


def test_the_ending_says_the_format_and_csv_is_raw_when_it_is_asked_to_be(muster, upload_id, tmp_path):
    assert muster("export", upload_id, "--to", "out.parquet").returncode == 0
    assert pq.read_table(tmp_path / "out.parquet").column("first_name").to_pylist()[1] == "=1+1"
    assert muster("export", upload_id, "--to", "out.jsonl").returncode == 0
    lines = (tmp_path / "out.jsonl").read_text().splitlines()
    assert json.loads(lines[1])["email"] == "grace@example.org"
    assert muster("export", upload_id, "--to", "raw.csv", "--raw", "--bom").returncode == 0
    assert (tmp_path / "raw.csv").read_bytes().startswith(b"\xef\xbb\xbf")
    assert rows_of(tmp_path / "raw.csv")[1]["first_name"] == "=1+1"


def test_stdout_has_the_file_and_nothing_else(muster, upload_id):
    ended = muster("export", upload_id, "--to", "-", "--columns", "email")
    assert ended.returncode == 0
    found = list(csv.reader(io.StringIO(ended.stdout, newline="")))
    assert found == [["email"], ["ada@example.com"], ["grace@example.org"], ["bob@example.com"]]
    assert "done: 3 of 3 rows" in ended.stderr


def test_hashes_leave_instead_of_people_and_what_could_not_be_hashed_is_said(muster, upload_id, tmp_path):
    ended = muster("export", upload_id, "--to", "out.csv", "--hash", "google", "--consent", "News")
    assert ended.returncode == 0, ended.stderr
    assert "left out: 1 rows, no_consent" in ended.stderr
    assert "1 cells could not be hashed (phone_invalid)" in ended.stderr
    rows = rows_of(tmp_path / "out.csv")
    assert rows[0]["Email"] == hashlib.sha256(b"ada@example.com").hexdigest()
    assert rows[0]["Phone"] == hashlib.sha256(b"+441134960987").hexdigest()
    assert rows[1]["Phone"] == ""
    export_id = only_export(ended.stdout)
    told = json.loads(muster("exports", "outcomes", export_id, "--json").stdout)["outcomes"]
    assert {(one["position"], one["outcome"], one["code"]) for one in told} == {
        (1, "left_out", "no_consent"),
        (2, "written", "phone_invalid"),
    }


def test_a_preview_shows_rows_and_exports_nothing(muster, upload_id):
    ended = muster("export", upload_id, "--preview", "--columns", "email")
    assert ended.returncode == 0, ended.stderr
    assert ended.stdout.splitlines()[:2] == ["email", "ada@example.com"]
    assert "Nothing was exported" in ended.stderr
    said = json.loads(muster("export", upload_id, "--preview", "--hash", "meta", "--json").stdout)
    assert said["rows_total"] == 3
    assert muster("exports", "list", "--source", upload_id, "--json").stdout == '{"exports":[]}\n'


def test_more_of_an_export_comes_from_a_file_and_options_come_first(muster, upload_id, tmp_path):
    wish = {"filter": {"field": "country", "op": "ne", "value": "US"}, "columns": ["email"], "name": "Theirs",
            "options": {"bom": True}}  # fmt: skip
    (tmp_path / "wish.json").write_text(json.dumps(wish))
    ended = muster("export", upload_id, "--file", "wish.json", "--name", "Mine", "--to", "out.csv", "--json")
    assert ended.returncode == 0, ended.stderr
    said = json.loads(ended.stdout)
    assert (said["name"], said["written"], said["options"]["bom"]) == ("Mine", 2, True)
    assert len(rows_of(tmp_path / "out.csv")) == 2


def test_a_segment_is_exported_by_its_id(muster, upload_id, environment, tmp_path):
    from muster.client import Client

    with Client(environment["MUSTER_URL"], api_key=environment["MUSTER_API_KEY"]) as client:
        body = {
            "name": "Abroad",
            "uploads": [upload_id],
            "filter": {"field": "country", "op": "ne", "value": "US"},
        }
        made = client._connection.json("POST", "/api/audience/segments", body=body)
    ended = muster("export", made["segment"]["id"], "--to", "out.csv", "--columns", "email")
    assert ended.returncode == 0, ended.stderr
    assert [row["email"] for row in rows_of(tmp_path / "out.csv")] == ["ada@example.com", "grace@example.org"]


def test_an_export_is_followed_fetched_and_forgotten(muster, upload_id, tmp_path):
    made = muster("export", upload_id, "--no-wait")
    export_id = only_export(made.stdout)
    assert f"muster exports follow {export_id}" in made.stdout
    followed = muster("exports", "follow", export_id)
    assert followed.returncode == 0, followed.stderr
    assert f"muster exports download {export_id} --output people.csv" in followed.stdout
    assert muster("exports", "download", export_id, "--output", "there.csv").returncode == 0
    assert muster("exports", "download", export_id).stdout == (tmp_path / "there.csv").read_bytes().decode()
    for command in ("retry", "cancel"):
        again = muster("exports", command, export_id)
        assert again.returncode == 1
        assert len(again.stderr.splitlines()) == 1
    assert "Rows dismissed: 0." in muster("exports", "dismiss", export_id, "--all").stdout
    assert muster("exports", "delete", export_id).returncode == 0
    assert muster("exports", "show", export_id).returncode == 1


def test_people_who_must_not_leave_do_not(muster, upload_id, tmp_path):
    added = muster("suppressions", "add", "ada@example.com", "nothing at all", "--reason", "asked")
    assert added.returncode == 1
    assert "Added: 1. On the list already: 0." in added.stdout
    assert "value 2: " in added.stderr
    listed = json.loads(muster("suppressions", "list", "--json").stdout)["suppressions"]
    assert [(one["kind"], one["reason"]) for one in listed] == [("email", "asked")]
    checked = muster("suppressions", "check", "ADA@example.com", "bob@example.com").stdout
    assert "ADA@example.com\temail\tyes\temail" in checked
    assert "bob@example.com\temail\tno\t-" in checked
    ended = muster("export", upload_id, "--to", "out.csv")
    assert "left out: 1 rows, suppressed" in ended.stderr
    assert "ada@example.com" not in (tmp_path / "out.csv").read_text()
    assert "Removed: 1." in muster("suppressions", "remove", "ada@example.com").stdout
    assert muster("suppressions", "add", "example.com", "--kind", "domain").returncode == 0
    (entry,) = json.loads(muster("suppressions", "list", "--json").stdout)["suppressions"]
    assert "Removed: 1." in muster("suppressions", "remove", entry["id"]).stdout


def test_a_destination_is_connected_tried_and_forgotten_and_its_secret_is_never_shown(muster, tmp_path):
    assert (
        "object_store\tBucket or directory\tcsv, ndjson, parquet, xlsx"
        in muster("exports", "destinations").stdout
    )
    (tmp_path / "settings.json").write_text(json.dumps(WEBHOOK))
    added = muster("exports", "connections", "add", "http", "CRM", "--settings", "settings.json")
    assert added.returncode == 0, added.stderr
    (connection_id,) = set(re.findall(r"xcn_\w+", added.stdout))
    tried = muster("exports", "connections", "try", connection_id)
    assert tried.returncode == 1
    renamed = muster("exports", "connections", "change", connection_id, "--name", "Ours", "--json")
    assert json.loads(renamed.stdout)["name"] == "Ours"
    listed = muster("exports", "connections", "list", "--json").stdout
    assert "QUJD" not in added.stdout + renamed.stdout + listed + tried.stdout
    assert muster("exports", "connections", "delete", connection_id).returncode == 0
    assert json.loads(muster("exports", "connections", "list", "--json").stdout) == {"connections": []}


def test_a_schedule_is_made_run_and_forgotten(muster, upload_id, tmp_path):
    (tmp_path / "nightly.json").write_text(json.dumps({"upload_id": upload_id, "since": "last"}))
    added = muster(
        "exports", "schedules", "add", "nightly.json", "--every", "1440", "--starts-at", "2999-01-01T02:00:00Z", "--name", "N"
    )  # fmt: skip
    assert added.returncode == 0, added.stderr
    (schedule_id,) = set(re.findall(r"xsc_\w+", added.stdout))
    assert "next at 2999-01-01 02:00Z" in added.stdout
    assert (
        f"{schedule_id}  N, every 1,440 minutes, off"
        in muster("exports", "schedules", "off", schedule_id).stdout
    )
    export_id = only_export(muster("exports", "schedules", "run", schedule_id).stdout)
    followed = muster("exports", "follow", export_id)
    assert followed.returncode == 0, followed.stderr
    assert "3 joined, 0 changed, 0 left" in followed.stderr
    assert f"last export: {export_id} done" in muster("exports", "schedules", "show", schedule_id).stdout
    assert muster("exports", "schedules", "on", schedule_id).returncode == 0
    assert schedule_id in muster("exports", "schedules", "list").stdout
    assert muster("exports", "schedules", "delete", schedule_id).returncode == 0
    assert json.loads(muster("exports", "schedules", "list", "--json").stdout) == {"schedules": []}


def test_what_cannot_be_exported_is_said_on_one_line(muster, upload_id, tmp_path):
    ended = muster("export", upload_id, "--columns", "nonsense", "--to", "out.csv")
    assert ended.returncode == 1
    assert len(ended.stderr.splitlines()) == 1
    assert not (tmp_path / "out.csv").exists()
    assert muster("export", "seg_0123456789abcdefghijkl").returncode == 1


@pytest.mark.parametrize(
    "arguments",
    [
        ["export"],
        ["export", "upl_1_A", "--format", "docx"],
        ["export", "upl_1_A", "--hash", "md5"],
        ["export", "upl_1_A", "--region", "US"],
        ["export", "upl_1_A", "--to", "a.csv", "--destination", "http"],
        ["export", "upl_1_A", "--to", "a.csv", "--no-wait"],
        ["export", "upl_1_A", "--to", "a.csv", "--preview"],
        ["export", "upl_1_A", "--to", "-", "--json"],
        ["export", "upl_1_A", "--columns", ","],
        ["export", "upl_1_A", "--rename", "a=b"],
        ["export", "upl_1_A", "--columns", "a", "--rename", "b=c"],
        ["export", "upl_1_A", "--columns", "a", "--rename", "a"],
        ["export", "upl_1_A", "--settings", "[]"],
        ["export", "upl_1_A", "--file", "wrong.json"],
        ["exports", "dismiss", "exp_A"],
        ["exports", "dismiss", "exp_A", "1", "--all"],
        ["exports", "connections", "change", "xcn_A"],
        ["exports", "connections", "add", "http", "X", "--settings", "not-there.json"],
        ["exports", "schedules", "add", "empty.json", "--every", "1"],
        ["exports", "schedules", "add", "empty.json", "--every", "60", "--starts-at", "tomorrow"],
        ["exports", "schedules", "add", "empty.json", "--every", "60", "--starts-at", "2026-01-01"],
        ["exports", "schedules", "add", "wrong.json", "--every", "60"],
        ["suppressions", "add"],
        ["suppressions", "check", "a", "--kind", "pet"],
    ],
    ids=" ".join,
)
def test_wrong_usage_ends_with_2(muster, tmp_path, arguments):
    (tmp_path / "wrong.json").write_text('{"colums": []}')
    (tmp_path / "empty.json").write_text("{}")
    ended = muster(*arguments)
    assert ended.returncode == 2, ended.stderr
