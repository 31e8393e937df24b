"""`muster upload` of files, and the commands around the table they become, against a real server."""

import json
import os
import re
import signal

import pytest

from tests.support.live_commands import environment, live, muster, started, wait_for_connection
from tests.support.sticky_door import StickyDoor

__all__ = ["environment", "live", "muster"]

PEOPLE = """E-Mail,First Name,Country,Employees
ada@example.com,Ada,US,12
,Nobody,US,7
grace@example.org,Grace,DE,300
bob@example.net,Bob,US,45
"""


@pytest.fixture
def people(tmp_path):
    path = tmp_path / "people.csv"
    path.write_text(PEOPLE)
    return path


@pytest.fixture
def upload_id(muster, people):
    return json.loads(muster("upload", people, "--json").stdout)["files"][0]["upload_id"]


def test_a_file_is_followed_until_it_is_a_table_and_the_sum_is_shown(muster, people):
    ended = muster("upload", people, "--name", "My people")
    assert ended.returncode == 0, ended.stderr
    assert "4 rows received = 3 accepted + 1 rejected" in ended.stdout
    (upload_id,) = set(re.findall(r"upl_\w+", ended.stdout))
    assert f"muster rejects {upload_id} --format csv > fix.csv" in ended.stdout
    assert f"muster retry {upload_id} fix.csv" in ended.stdout
    assert "My people" in muster("list", "--limit", "1").stdout


def test_what_the_summary_says_to_type_works(muster, upload_id, tmp_path):
    fix = tmp_path / "fix.csv"
    fix.write_text(muster("rejects", upload_id, "--format", "csv").stdout)
    unchanged = muster("retry", upload_id, fix)
    assert unchanged.returncode == 1
    assert "0 of 1 rows joined" in unchanged.stdout
    assert "Row 1: Give at least one of" in unchanged.stderr
    fix.write_text(fix.read_text().replace(",,Nobody", ",new@example.com,Nobody"))
    done = muster("retry", upload_id, fix)
    assert done.returncode == 0, done.stderr
    assert "4 rows received = 4 accepted + 0 rejected" in done.stdout
    assert "new@example.com" in muster("rows", upload_id).stdout


def test_rows_are_filtered_sorted_and_counted(muster, upload_id):
    us = '{"field": "country", "op": "eq", "value": "US"}'
    ended = muster(
        "rows", upload_id, "--filter", us, "--sort=-employees", "--columns", "first_name,employees"
    )
    assert ended.stdout.splitlines() == ["row\tfirst_name\temployees", "3\tBob\t45", "0\tAda\t12"]
    assert "2 of " in ended.stderr
    said = json.loads(muster("rows", upload_id, "--limit", "1", "--json").stdout)
    assert [row["values"]["email"] for row in said["rows"]] == ["ada@example.com"]


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--filter", '{"field": "contry", "op": "is_empty"}'], "country"),
        (["--filter", "{"], "not JSON"),
        (["--sort", "nothing"], "no such field"),
    ],
    ids=["unknown field", "no JSON", "unknown sort"],
)
def test_a_question_that_cannot_be_asked_says_what_is_wrong_on_one_line(muster, upload_id, options, said):
    ended = muster("rows", upload_id, *options)
    assert ended.returncode == 1
    (line,) = ended.stderr.splitlines()
    assert said in line


def test_the_profile_has_a_line_for_each_column(muster, upload_id):
    lines = [line.split("\t") for line in muster("profile", upload_id).stdout.splitlines()]
    assert [line[0] for line in lines] == ["column", "email", "first_name", "country", "employees"]
    assert lines[4][4:6] == ["12", "300"]
    assert lines[3][6] == "US (2)"


@pytest.mark.parametrize(
    ("name", "begins"),
    [("all.xlsx", b"PK"), ("all.parquet", b"PAR1"), ("all.csv", b"email,"), ("all", b"email,")],
)
def test_results_take_their_format_from_the_name_of_the_file(muster, upload_id, tmp_path, name, begins):
    ended = muster("results", upload_id, "-o", tmp_path / name)
    assert ended.returncode == 0, ended.stderr
    assert (tmp_path / name).read_bytes().startswith(begins)


def test_without_waiting_the_command_ends_and_follow_shows_the_rest(muster, people):
    ended = muster("upload", people, "--no-wait")
    assert ended.returncode == 0
    (upload_id,) = set(re.findall(r"upl_\w+", ended.stdout))
    assert f"muster follow {upload_id}" in ended.stdout
    followed = muster("follow", upload_id)
    assert followed.returncode == 0
    assert "3 accepted + 1 rejected" in followed.stdout


def test_a_preview_stops_before_anything_is_decided_and_process_goes_on(muster, people, tmp_path):
    people.write_text(PEOPLE.replace("Employees", "Heads"))
    ended = muster("upload", people, "--no-auto")
    assert ended.returncode == 0
    assert "delimiter\t,\t" in ended.stdout
    assert "E-Mail\temail\t" in ended.stdout
    (upload_id,) = set(re.findall(r"upl_\w+", ended.stdout))
    assert json.loads(muster("follow", upload_id, "--json").stdout)["status_reason"] == "awaiting_mapping"
    mapping = tmp_path / "mapping.json"
    mapping.write_text('{"columns": [{"from": "E-Mail", "to": "email"}], "keep_others": false}')
    assert muster("process", upload_id, "--mapping", mapping).returncode == 0
    assert muster("follow", upload_id).returncode == 0
    assert muster("rows", upload_id).stdout.splitlines()[0] == "row\temail"


def test_a_file_nobody_can_read_ends_with_1_and_the_reason(muster, tmp_path):
    broken = tmp_path / "broken.xlsx"
    broken.write_bytes(b"PK\x03\x04 but then no workbook")
    ended = muster("upload", broken)
    assert ended.returncode == 1
    assert "failed: " in ended.stderr
    assert "Traceback" not in ended.stderr


def test_a_failed_file_does_not_keep_the_others_from_being_uploaded(muster, people, tmp_path):
    broken = tmp_path / "broken.xlsx"
    broken.write_bytes(b"PK\x03\x04 but then no workbook")
    ended = muster("upload", broken, people, "--json")
    assert ended.returncode == 1
    assert [one["status"] for one in json.loads(ended.stdout)["files"]] == ["failed", "ready_with_errors"]


def test_an_empty_file_is_refused_at_once(muster, tmp_path):
    (tmp_path / "empty.csv").write_bytes(b"")
    ended = muster("upload", tmp_path / "empty.csv")
    assert ended.returncode == 1
    assert "empty" in ended.stderr


def test_work_is_steered_by_commands(muster, upload_id):
    assert muster("reprocess", upload_id).returncode == 0
    assert muster("follow", upload_id).returncode == 0
    refused = muster("pause", upload_id)
    assert refused.returncode == 1
    assert "Traceback" not in refused.stderr


def test_rules_are_tried_added_listed_and_deleted(muster, upload_id):
    tried = muster("rules", "try", "--test", '{"kind": "phone", "region": "DE"}', "030 901820", "12")
    assert "030 901820\taccepted" in tried.stdout
    assert "+4930901820" in tried.stdout
    added = muster("rules", "add", "Addresses", "--test", "email", "--field", "email")
    assert added.returncode == 0, added.stderr
    (rule_id,) = re.findall(r"rul_\w+", added.stdout)
    try:
        assert rule_id in muster("rules", "list").stdout
        assert (
            "4 rows = 3 would be accepted + 1 rejected"
            in muster("rules", "try", "--upload", upload_id).stdout
        )
        assert "no JSON" in muster("rules", "add", "X", "--test", "{").stderr.replace("not JSON", "no JSON")
    finally:
        assert muster("rules", "delete", rule_id).returncode == 0


@pytest.mark.parametrize(
    "arguments",
    [
        ["upload", "people.csv", "--skip-invalid", "--no-auto"],
        ["rejects", "upl_1_A", "-o", "x"],
        ["rejects", "upl_1_A", "--format", "csv", "--json"],
        ["retry", "upl_1_A", "not-there.csv"],
        ["rules", "try"],
        ["rules", "try", "--test", "email"],
        ["rows", "upl_1_A", "--limit", "0"],
    ],
    ids=" ".join,
)
def test_wrong_usage_ends_with_2(muster, people, arguments):
    assert muster(*arguments).returncode == 2


def test_ctrl_c_while_the_server_works_leaves_it_working(muster, environment, tmp_path):
    path = tmp_path / "many.ndjson"
    path.write_bytes(b'{"email":"a@example.com"}\n' * 400_000)
    no_wait = muster("upload", path, "--no-wait").stdout
    (upload_id,) = set(re.findall(r"upl_\w+", no_wait))
    muster("pause", upload_id)
    following = started(environment, tmp_path, "follow", upload_id)
    # It follows as soon as it holds a connection; before that Ctrl-C would end it without a word about the work.
    wait_for_connection(following.pid, environment["MUSTER_URL"])
    following.send_signal(signal.SIGINT)
    _, err = following.communicate(timeout=30)
    assert following.returncode == 1
    assert f"muster cancel {upload_id}" in err
    assert "Traceback" not in err
    muster("resume", upload_id)
    assert "400,000 accepted" in muster("follow", upload_id).stdout


def test_ctrl_c_while_a_file_is_sent_keeps_what_arrived_and_the_same_command_goes_on(
    muster, environment, tmp_path
):
    path = tmp_path / "big.csv"
    with path.open("wb") as file:
        file.write(b"email,note\n")
        while file.tell() < 150_000_000:
            file.write(b"a@example.com,%s\n" % os.urandom(500_000).hex().encode())
    # Through a door that lets 70 MB pass and then nothing more, so that Ctrl-C always comes in the middle.
    with StickyDoor(int(environment["MUSTER_URL"].rpartition(":")[2]), 70_000_000) as door:
        through = {**environment, "MUSTER_URL": f"http://127.0.0.1:{door.port}"}
        sending = started(through, tmp_path, "upload", path.name, "--no-auto")
        assert door.is_full.wait(60)
        sending.send_signal(signal.SIGINT)
        _, err = sending.communicate(timeout=30)
        assert sending.returncode == 1
        assert "Run the same command again" in err
        assert "Traceback" not in err
        door.open()
        sending = started(through, tmp_path, "upload", path.name, "--no-auto", "--json")
        out, err = sending.communicate(timeout=90)
    assert sending.returncode == 0, err
    assert "going on where the last run stopped" in err
    (said,) = json.loads(out)["files"]
    assert said["resumed_bytes"] >= 64 * 1024 * 1024
    assert said["size_bytes"] == path.stat().st_size
