"""The commands that talk to a server: what they print, where, and how they end."""

import json
import os
import signal
import socket
import subprocess
import sys

import pytest

from muster.cli.main import COMMANDS, run
from muster.cli.upload import rejected_line
from muster.client import RejectedRecord
from tests.cli.conftest import clean_environment

SERVER_LIBRARIES = {"alembic", "argon2", "fastapi", "limits", "pydantic_settings", "sqlalchemy", "uvicorn"}
GOOD = '{"email":"a@example.org","n":1.0}'


@pytest.fixture
def people(tmp_path):
    path = tmp_path / "people.ndjson"
    path.write_text(f'{GOOD}\n{{"name":"nobody"}}\nnot json\n{{"email":"b@example.org"}}\n')
    return path


def only_line(text):
    (line,) = text.strip().splitlines()
    return line


def test_a_wrong_key_is_one_clear_line(muster):
    ended = muster("list", MUSTER_API_KEY="muster_wrong")
    assert ended.returncode == 1
    assert ended.stdout == ""
    assert "valid API key" in only_line(ended.stderr)
    assert "--key or MUSTER_API_KEY" in ended.stderr


def test_a_server_that_is_not_there_is_a_clear_line_naming_the_address(muster):
    with socket.create_server(("127.0.0.1", 0)) as free:
        url = f"http://127.0.0.1:{free.getsockname()[1]}"
    ended = muster("list", MUSTER_URL=url)
    assert ended.returncode == 1
    # Waits between attempts vary; a long one is told.
    *waits, last = ended.stderr.strip().splitlines()
    assert all("Trying again in" in line for line in waits)
    assert url in last
    assert "--url or MUSTER_URL" in last


@pytest.mark.parametrize(
    "arguments",
    [
        ["nope"],
        ["list", "--limit", "0"],
        ["list", "--nope"],
        ["upload"],
        ["upload", "not-there.json"],
        ["get"],
        ["delete", "upl_1_A"],
        ["get", "upl_1_A", "--format", "xml"],
    ],
    ids=" ".join,
)
def test_wrong_usage_ends_with_2(muster, arguments):
    ended = muster(*arguments)
    assert ended.returncode == 2, ended.stderr
    assert ended.stdout == ""
    assert "Traceback" not in ended.stderr


def test_the_version_and_help_need_no_server(muster):
    assert muster("--version").stdout.startswith("muster ")
    listed = muster("--help").stdout
    assert all(name in listed for name in COMMANDS)


def test_help_of_one_command_does_not_import_the_servers_libraries():
    code = "import sys; from muster.cli.main import run; run(['list', '--help']); assert 'fastapi' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, timeout=60)


@pytest.mark.parametrize("command", ["serve", "doctor", "admin", "demo"])
def test_without_the_servers_libraries_its_commands_say_what_to_install(command):
    # The bare `pip install muster`: none of the extra's libraries can be found.
    code = f"""
import sys
class NotInstalled:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {SERVER_LIBRARIES}:
            raise ModuleNotFoundError(f"No module named {{name!r}}", name=name)
sys.meta_path.insert(0, NotInstalled())
from muster.cli.main import run
sys.exit(run([{command!r}]))
"""
    ended = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=False
    )
    assert ended.returncode == 1
    assert only_line(ended.stderr) == (
        f"muster: `muster {command}` needs the server: pip install 'muster[server]'"
    )


def test_a_bad_record_refuses_the_file_and_says_how_to_go_on(muster, served, people):
    ended = muster("upload", people)
    assert ended.returncode == 1
    assert "Record 2" in ended.stderr
    assert "--skip-invalid" in ended.stderr
    assert served.fake.uploads == ()
    assert not list(people.parent.glob("*.rejects.ndjson"))


def test_skipping_stores_the_good_records_and_writes_the_others_next_to_the_file(muster, served, people):
    ended = muster("upload", people, "--skip-invalid", "--name", "My people")
    assert ended.returncode == 0, ended.stderr
    (upload,) = served.fake.uploads
    assert upload.upload_name == "My people"
    assert [raw.decode() for raw in upload.records] == [GOOD, '{"email":"b@example.org"}']
    rejects = people.parent / "people.ndjson.rejects.ndjson"
    assert str(rejects) in ended.stderr
    rows = [json.loads(line) for line in rejects.read_text().splitlines()]
    assert sorted((row["_row"], row["_code"]) for row in rows) == [
        (1, "identity_missing"),
        (2, "record_not_json"),
    ]
    assert {row.get("name") or row["_raw"] for row in rows} == {"nobody", "not json"}


def test_with_json_nothing_but_json_is_on_stdout(muster, served, people, tmp_path):
    other = tmp_path / "other.csv"
    other.write_text("email\nc@example.org\n")
    said = json.loads(muster("upload", people, other, "--skip-invalid", "--json").stdout)
    assert [one["rows_accepted"] for one in said["files"]] == [2, 1]
    assert said["files"][0]["rejects_file"].endswith("people.ndjson.rejects.ndjson")
    assert said["files"][1]["rejects_file"] is None
    assert "session_token" not in json.dumps(said)
    ids = [one["upload_ids"][0] for one in said["files"]]
    listed = json.loads(muster("list", "--json").stdout)
    assert [one["upload_id"] for one in listed["uploads"]] == ids[::-1]
    assert listed["total"] == 2
    deleted = json.loads(muster("delete", *ids, "--yes", "--json").stdout)
    assert [one["deleted"] for one in deleted["results"]] == [True, True]
    assert served.fake.uploads == ()


def test_a_failed_upload_with_json_says_so_in_json(muster, people):
    ended = muster("upload", people, "--json")
    said = json.loads(ended.stdout)
    assert ended.returncode == 1
    assert said["files"] == []
    assert said["error"]["errors"][0]["row"] == 2
    assert said["error"]["stored"] == []


def test_retries_are_told_on_stderr_and_leave_json_alone(muster, served, people):
    served.fake.fail_next(503, retry_after_seconds=1)
    ended = muster("upload", people, "--skip-invalid", "--json")
    assert json.loads(ended.stdout)["files"][0]["rows_accepted"] == 2
    assert "Trying again" in ended.stderr


def test_the_list_can_be_read_by_eyes_and_by_cut(muster, served, people):
    muster("upload", people, "--skip-invalid")
    head, row = muster("list").stdout.splitlines()
    assert head.split("\t")[:2] == ["upload_id", "name"]
    assert row.split("\t")[:2] == [served.fake.uploads[0].upload_id, "people.ndjson"]
    assert muster("list", "--name", "nothing like it").stdout.count("\n") == 1


@pytest.fixture
def upload_id(muster, served, people):
    muster("upload", people, "--skip-invalid")
    return served.fake.uploads[0].upload_id


def test_records_are_read_back_byte_for_byte(muster, upload_id, tmp_path):
    assert muster("get", upload_id).stdout == f'{GOOD}\n{{"email":"b@example.org"}}\n'
    assert muster("get", upload_id, "--offset", "1").stdout == '{"email":"b@example.org"}\n'
    said = muster("get", upload_id, "--json", "--limit", "1").stdout
    assert f'"records":[{GOOD}]' in said
    assert muster("get", upload_id, "--format", "csv").stdout.splitlines()[0] == "email,n"
    written = muster("get", upload_id, "-o", tmp_path / "out.ndjson")
    assert written.stdout == ""
    assert (tmp_path / "out.ndjson").read_text() == f'{GOOD}\n{{"email":"b@example.org"}}\n'
    table = muster("get", upload_id, "--format", "table").stdout
    assert table.splitlines()[0] == "email\tn"


def test_a_failed_get_leaves_no_file_behind(muster, tmp_path):
    ended = muster("get", "upl_1700000000_unknown", "-o", tmp_path / "out.ndjson")
    assert ended.returncode == 1
    assert "no such upload" in only_line(ended.stderr)
    assert not [path for path in tmp_path.iterdir() if "out" in path.name]


def test_rejects_are_read_with_their_reasons(muster, upload_id):
    row = json.loads(only_line(muster("rejects", upload_id).stdout))
    assert (row["code"], row["record"]) == ("identity_missing", {"name": "nobody"})
    assert json.loads(muster("rejects", upload_id, "--json").stdout)["rejects"] == [row]


def test_deleting_several_tells_of_each_and_fails_if_one_fails(muster, upload_id):
    ended = muster("delete", upload_id, "upl_1700000000_unknown", "--yes")
    assert ended.returncode == 1
    assert f"Deleted {upload_id}." in ended.stdout
    assert "upl_1700000000_unknown: There is no such upload" in ended.stderr


def test_a_closed_pipe_is_no_traceback(served, people, muster, upload_id):
    command = f"{sys.executable} -m muster.cli.main get {upload_id} | true"
    ended = subprocess.run(
        ["sh", "-c", command],
        env={**clean_environment(), **served.environment},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert "Traceback" not in ended.stderr
    assert "BrokenPipe" not in ended.stderr


def test_a_bug_is_one_line_and_the_traceback_comes_when_asked_for(monkeypatch, capsys, people):
    monkeypatch.setitem(COMMANDS, "list", COMMANDS["list"]._replace(name="not_there"))
    assert run(["list"]) == 1
    assert "this is a bug: AttributeError" in only_line(capsys.readouterr().err)
    monkeypatch.setenv("MUSTER_DEBUG", "1")
    assert run(["list"]) == 1
    assert "Traceback" in capsys.readouterr().err


@pytest.mark.parametrize("as_json", [False, True], ids=["lines", "json"])
def test_ctrl_c_says_what_is_stored_and_the_next_run_goes_on(muster, served, tmp_path, as_json):
    path = tmp_path / "pipe.ndjson"
    os.mkfifo(path)
    wanted = ["--json"] if as_json else []
    uploading = subprocess.Popen(
        [sys.executable, "-m", "muster.cli.main", "upload", path.name, *wanted],
        cwd=tmp_path,
        env={**clean_environment(), **served.environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    lines = [b'{"email":"%d@example.org"}\n' % n for n in range(50_001)]
    with path.open("wb") as pipe:
        pipe.writelines(lines)
        pipe.flush()
        # The pipe stays open: the command has stored its first batch and waits for more.
        assert uploading.stderr is not None
        assert "50,000 records done" in uploading.stderr.readline()
        uploading.send_signal(signal.SIGINT)
        out, err = uploading.communicate(timeout=30)
    (stored,) = served.fake.uploads
    assert uploading.returncode == 1
    assert "interrupted" in err
    assert stored.upload_id in err
    assert "50,000 records" in err
    assert "Traceback" not in err
    if as_json:
        assert json.loads(out)["error"]["stored"][0]["upload_id"] == stored.upload_id
    path.unlink()
    path.write_bytes(b"".join(lines))
    again = muster("upload", path, "--json")
    (file,) = json.loads(again.stdout)["files"]
    assert [part["replayed"] for part in file["parts"]] == [True, False]
    assert sum(len(one.records) for one in served.fake.uploads) == 50_001


@pytest.mark.parametrize(
    ("raw", "line"),
    [
        (b'{"a":1.0,"b":"\\n"}', b'{"_row":3,"_code":"c","_reason":"r","a":1.0,"b":"\\n"}\n'),
        (b' { "a" : [1,\n 2] } ', b'{"_row":3,"_code":"c","_reason":"r","a" : [1,  2]}\n'),
        (b"{}", b'{"_row":3,"_code":"c","_reason":"r"}\n'),
        (b"[1]", b'{"_row":3,"_code":"c","_reason":"r","_raw":"[1]"}\n'),
        (b'x"\xff', b'{"_row":3,"_code":"c","_reason":"r","_raw":"x\\"\\\\xff"}\n'),
    ],
    ids=["object", "spread over lines", "empty object", "array", "no text at all"],
)
def test_a_line_of_a_rejects_file_keeps_the_records_bytes(raw, line):
    assert rejected_line(RejectedRecord(3, "c", "r", raw)) == line.replace(b"[1,  2]", b"[1,  2]")
