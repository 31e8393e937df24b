"""`muster demo` for real: a server of its own, the example data, and an end without leftovers."""

import csv
import os
import re
import signal
import socket
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import psutil
import pytest

from muster.cli.demo import organisations
from muster.client import Client
from muster.errors import InputError
from tests.cli.conftest import clean_environment

ORGANISATIONS = Path(__file__).resolve().parents[2] / "examples" / "organisations.json"


@pytest.fixture
def port():
    with socket.create_server(("127.0.0.1", 0)) as free:
        return free.getsockname()[1]


def command(tmp_path, port, *more):
    return {
        "args": [
            *(sys.executable, "-m", "muster.cli.main", "demo", "--data", str(ORGANISATIONS)),
            *("--port", str(port), "--data-dir", str(tmp_path / "data"), *more),
        ],
        "cwd": tmp_path,
        "env": clean_environment(),
        "text": True,
    }


def walked(tmp_path, port):
    return subprocess.run(**command(tmp_path, port, "--once"), capture_output=True, timeout=120, check=False)


def is_free(port):
    with socket.socket() as one:
        one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        return one.connect_ex(("127.0.0.1", port)) != 0


def test_a_port_that_is_taken_is_a_clear_line_and_nothing_is_uploaded(tmp_path, port):
    with socket.create_server(("127.0.0.1", port)):
        ended = walked(tmp_path, port)
    assert ended.returncode == 1
    assert f"port {port}" in ended.stderr
    assert "Traceback" not in ended.stderr
    assert "Receipt" not in ended.stdout


def test_without_its_data_the_demo_says_where_to_run_it(tmp_path, port):
    with pytest.raises(InputError, match="clone of the repository"):
        organisations(tmp_path / "organisations.json")
    (tmp_path / "other.json").write_text('{"some": "thing"}')
    with pytest.raises(InputError, match="does not hold"):
        organisations(tmp_path / "other.json")


def test_every_example_organisation_becomes_a_record_with_a_domain():
    records = organisations(ORGANISATIONS)
    assert len(records) > 10_000
    assert all(record["domain"].strip() for record in records)
    assert set(records[0]) == {"name", "domain", "country", "alpha_two_code", "web_page"}


@pytest.mark.timeout(300)  # three starts of a server, on whatever machine this is
def test_the_walk_runs_as_often_as_you_like_stores_once_and_leaves_nothing_behind(tmp_path, port):
    # One test, since each start of a server takes seconds and each run builds on the one before.
    first = walked(tmp_path, port)
    assert first.returncode == 0, first.stderr
    assert "10,251 of 10,251 records stored" in first.stdout
    assert "University of Iceland\thi.is\tIceland" in first.stdout
    assert "Country and state codes\tcountry\t201\t" in first.stdout
    assert re.search(r"^Done in .* cost 0. Added:$", first.stdout, re.M)
    assert re.search(r"^company_domain\tCompany domain\t10\d{3}$", first.stdout, re.M)
    assert "https://www.qatar.cmu.edu/\tcmu.edu\tqatar\tQatar\tQatar\tQAT" in first.stdout
    assert re.search(rf"http://localhost:{port}/enrichments/enr_\w+$", first.stdout, re.M)
    left = left_behind(first.stdout, port)
    assert "Nordic organisations (demo), " + left.segment_id + ": 138 of 9,961 organisations" in first.stdout
    assert "138 rows = 138 written + 0 failed + 0 left out" in first.stdout
    assert "Aarhus School of Architecture\ta-aarhus.dk\tDenmark" in first.stdout
    check_file(tmp_path, left)
    assert re.search(r"All this took \d+\.\d s", first.stdout)
    assert f"export MUSTER_URL=http://localhost:{port}" in first.stdout
    assert is_free(port)
    (stored,) = set(re.findall(r"upl_\w+", first.stdout))
    left.path.unlink()  # somebody tidied up; it is fetched again, not made again
    # Ctrl-C reaches the whole process group, a service manager's SIGTERM the demo alone.
    for stop in (lambda demo: os.killpg(demo.pid, signal.SIGINT), lambda demo: demo.terminate()):
        said = stopped(tmp_path, port, stop)
        assert stored in said
        assert "not stored twice" in said
        assert "An earlier run of the demonstration enriched it already" in said
        assert "An earlier demonstration kept a segment of it" in said
        assert left_behind(said, port) == left
        check_file(tmp_path, left)
        assert "Stopped." in said


@dataclass(frozen=True)
class Left:
    """What the end of the walk says it left behind."""

    segment_id: str
    export_id: str
    path: Path


def left_behind(said, port):
    segment = re.search(rf"^the segment: +http://localhost:{port}/segments/(seg_\w+)$", said, re.M)
    export = re.search(rf"^the export of it: +http://localhost:{port}/exports/(exp_\w+)$", said, re.M)
    file = re.search(r"^The file: (.*\.csv) \(", said, re.M)
    assert segment
    assert export
    assert file
    return Left(segment[1], export[1], Path(file[1]))


def check_file(tmp_path, left):
    """The file has every Nordic organisation once, as plain Python finds them in the example."""
    assert left.path == tmp_path / "data" / "nordic-organisations-demo.csv"
    with left.path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    nordic = {"Denmark", "Finland", "Iceland", "Norway", "Sweden"}
    known = {record["name"] for record in organisations(ORGANISATIONS) if record["country"] in nordic}
    assert len(rows) == 138
    assert len({(row["Domain"], row["Country"]) for row in rows}) == 138
    assert {row["Country"] for row in rows} == nordic
    assert {row["Organisation"] for row in rows} <= known


def stopped(tmp_path, port, stop):
    """Run the demo until it says that its server runs, look at the data, stop it; what it said."""
    demo = subprocess.Popen(
        **command(tmp_path, port), stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True
    )
    try:
        assert demo.stdout is not None
        lines = []
        while "Ctrl-C" not in (line := demo.stdout.readline()):
            assert line or demo.poll() is None, lines
            lines.append(line)
        key = re.search(r"MUSTER_API_KEY=(muster_\w+)", "".join(lines))
        assert key
        with Client(f"http://127.0.0.1:{port}", api_key=key[1]) as client:
            (page,) = client.list()
            assert [one.rows_accepted for one in page.uploads] == [10_251]
            assert [(one.name, one.count) for one in client.segments()] == [
                ("Nordic organisations (demo)", 138)
            ]
            assert [(one.status, one.written) for one in client.exports()] == [("done", 138)]
        (server,) = psutil.Process(demo.pid).children()
        stop(demo)
        rest, errors = demo.communicate(timeout=60)
        assert demo.returncode == 0, errors
        assert "Traceback" not in errors
        assert not server.is_running()
        assert is_free(port)
        return "".join(lines) + rest
    finally:
        if demo.poll() is None:
            os.killpg(demo.pid, signal.SIGKILL)
            demo.wait()
