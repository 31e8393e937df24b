"""The benchmark of tables on very small sizes: its inputs are what it says, and a failure never becomes a number."""

import csv
import hashlib
import json
import os
import sys
from dataclasses import replace
from pathlib import Path

import psutil
import pytest

# bench/ holds programs, not a package; they import each other from their own folder, as when run.
sys.path.append(str(Path(__file__).parents[2] / "bench"))

import table
from load import LoadFailure
from node import PeerUnavailable
from servers import Server, free_port, running
from table_child import PeakWatch, run_child
from table_client import TableClient
from table_inputs import COLUMNS, KINDS, csv_file, json_file, windows_1252_file, xlsx_file
from table_peers import measure_peer
from table_plan import FULL, QUICK, Load, Plan, with_rows
from table_report import limits_for, targets
from table_stages import TableFigures
from table_windows import filters, sorts

SMALL_PLAN = Plan(
    name="quick",
    loads=(Load(20_000, 1, 5, 3, 3),),
    planted_every=1_000,
    other_rows=1_000,
    xlsx_rows=100,
    profile_rows=1_000,
    profile_rounds=1,
    batches=1,
    peer_rows=1_000,
    peers=(),
    batch_rows=1_000,
    limit_seconds=60,
)


def test_planted_rows_are_broken_as_said_and_all_others_are_whole(tmp_path: Path) -> None:
    made = csv_file(tmp_path, "planted", 10_000, planted_every=1_000)
    assert made.planted == KINDS * 2
    assert made.identity_missing == 2

    lines = made.path.read_bytes().split(b"\n")
    few, many, quote, utf8, identity = [line for line in lines if b"PLANTED-" in line][: len(KINDS)]
    assert (few.count(b","), many.count(b",")) == (len(COLUMNS) - 2, len(COLUMNS))
    assert b'" Holding,' in quote
    with pytest.raises(UnicodeDecodeError):
        utf8.decode()
    assert identity.startswith(b",PLANTED-identity-")
    assert identity.split(b",")[3] == b""

    clean = csv_file(tmp_path, "clean", 10_000)
    with clean.path.open(encoding="utf-8", newline="") as file:
        header, *rows = csv.reader(file, strict=True)
    assert tuple(header) == COLUMNS
    assert len(set(header)) == len(header)
    assert len(rows) == 10_000
    assert {len(row) for row in rows} == {len(COLUMNS)}
    assert len({row[0] for row in rows}) == 10_000
    whole = [line for line in lines if b"PLANTED-" not in line]
    assert set(whole) <= set(clean.path.read_bytes().split(b"\n"))


def test_columns_do_not_follow_from_each_other(tmp_path: Path) -> None:
    with csv_file(tmp_path, "clean", 5_000).path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    for one, other in (("country", "city"), ("employees", "score"), ("name", "country"), ("city", "note")):
        pairs = {(row[one], row[other]) for row in rows}
        most = len({row[one] for row in rows}) * len({row[other] for row in rows})
        assert len(pairs) > min(most, len(rows)) / 2, (one, other)


def test_the_same_file_comes_out_every_time(tmp_path: Path) -> None:
    def digest(name: str) -> str:
        made = csv_file(tmp_path, name, 30_000, planted_every=7_000)
        return hashlib.sha256(made.path.read_bytes()).hexdigest()

    assert digest("one") == digest("two")


def test_other_formats_hold_the_rows_of_the_clean_csv(tmp_path: Path) -> None:
    with csv_file(tmp_path, "clean", 500).path.open(encoding="utf-8", newline="") as file:
        expected = list(csv.DictReader(file))
    with windows_1252_file(tmp_path, "ansi", 500).path.open(encoding="cp1252", newline="") as file:
        assert list(csv.DictReader(file)) == expected
    lines = json_file(tmp_path, "lines", 500, is_array=False).path.read_text(encoding="utf-8").splitlines()
    array = json.loads(json_file(tmp_path, "array", 500, is_array=True).path.read_text(encoding="utf-8"))
    assert [json.loads(line) for line in lines] == array
    assert [record["email"] for record in array] == [row["email"] for row in expected]
    assert array[0]["employees"] == int(expected[0]["employees"])
    assert xlsx_file(tmp_path, "book", 50).path.read_bytes().startswith(b"PK")


@pytest.mark.soak  # of the benchmark itself, and slow
@pytest.mark.timeout(300)  # servers are started, and their workers
def test_a_whole_run_measures_everything_and_writes_what_it_saw(tmp_path: Path) -> None:
    output = tmp_path / "results" / "table.json"
    assert table.main(["--quick", "--output", str(output)], quick=SMALL_PLAN) in {0, 1}

    document = json.loads(output.read_text(encoding="utf-8"))
    load, windows = document["loads"][0], document["windows"][0]
    assert (load["rows"], load["planted"]) == (20_000, 20)
    assert load["muster"][0]["rejected"] == 20
    assert {"server", "worker"} <= load["muster"][0]["peaks"].keys()
    assert load["ratio"] == pytest.approx(
        load["bare"][0]["seconds"] / load["muster"][0]["seconds"], abs=0.002
    )
    assert windows["unfiltered"]["windows"] == 5
    assert windows["filtered"]["windows"] == windows["sorted"]["windows"] == 3
    assert all(windows[name]["p95_ms"] >= windows[name]["median_ms"] > 0 for name in ("later", "at_once"))
    assert document["profile"]["columns"] == 14
    assert len(document["batch_seconds"]) == 1
    assert [figure["rejected"] for figure in document["formats"]] == [0, 0, 0, 10, 0, 0, 0]
    assert os.uname().nodename not in document["machine"].values()


@pytest.mark.soak  # of the benchmark itself, and slow
@pytest.mark.timeout(300)  # servers are started, and their workers
def test_a_file_with_other_rejects_than_planted_fails_the_run(tmp_path: Path) -> None:
    made = csv_file(tmp_path, "planted", 1_000, planted_every=100)
    with running("muster", tmp_path / "muster") as server, TableClient(server, 60) as client:
        assert client.load_file(made).rejected == 10
        with pytest.raises(LoadFailure, match="10 rejected"):
            client.load_file(replace(made, planted=made.planted[:-1]))
        with pytest.raises(LoadFailure, match="1000 are said to be received"):
            client.load_file(replace(made, rows=999))
        with pytest.raises(LoadFailure, match="status 404"):
            client.rows("upl_1700000000_0000000000000000000000", offset=0)


def test_a_server_that_is_not_there_fails_the_run(tmp_path: Path) -> None:
    server = Server("gone", free_port(), "", psutil.Process())
    with TableClient(server, 5) as client, pytest.raises(LoadFailure, match="ConnectionRefused"):
        client.load_file(csv_file(tmp_path, "clean", 10))


@pytest.mark.soak  # of the benchmark itself, and slow
@pytest.mark.timeout(300)  # servers are started, and their workers
def test_a_failed_run_leaves_no_figures(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    output = tmp_path / "table.json"
    hurried = replace(SMALL_PLAN, limit_seconds=0.001)
    assert table.main(["--quick", "--output", str(output)], quick=hurried) == 1
    assert not output.exists()
    assert "no figures" in capsys.readouterr().err


def test_a_child_that_hangs_is_ended_in_time_and_fails_the_run() -> None:
    before = {child.pid for child in psutil.Process().children()}
    with pytest.raises(LoadFailure, match="not over after"):
        run_child((sys.executable, "-c", "import time; time.sleep(60)"), limit_seconds=0.2)
    assert {child.pid for child in psutil.Process().children()} <= before


def test_memory_a_child_takes_and_gives_back_is_still_seen() -> None:
    program = "import time; taken = b'x' * 90_000_000; del taken; time.sleep(0.3); print('done')"
    done = run_child((sys.executable, "-c", program), limit_seconds=20)
    assert (done.exit_code, done.output) == (0, "done\n")
    assert done.peak_bytes >= 90_000_000


def test_memory_of_a_process_counts_from_when_the_watch_begins() -> None:
    taken = bytearray(os.urandom(1) * 200_000_000)
    del taken
    with PeakWatch(psutil.Process()) as watch:
        before = psutil.Process().memory_info().rss
    assert watch.peaks["server"] < before + 50_000_000


def test_a_peer_that_is_not_installed_is_said_to_be_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = csv_file(tmp_path, "clean", 10)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(PeerUnavailable, match="no sqlite3 command"):
        measure_peer("sqlite3", made, made, tmp_path, 5)


def test_no_two_filters_or_sorts_of_a_full_run_are_the_same() -> None:
    for load in FULL.loads:
        asked = [json.dumps(tree) for tree, _ in filters(load.filters)]
        assert len(set(asked)) == load.filters
        assert len(set(sorts(load.sorts))) == load.sorts


def test_a_run_without_figures_meets_no_target() -> None:
    judged = targets(FULL, TableFigures())
    assert len(judged) == 2 * 5 + 3
    assert not any(target.is_met for target in judged)


def test_a_size_is_judged_by_the_next_larger_promise() -> None:
    assert limits_for(100_000) == limits_for(1_000_000)
    assert limits_for(2_000_000).rows == 10_000_000
    assert limits_for(20_000_000).rows == 10_000_000
    assert [load.rows for load in with_rows(FULL, (2_000_000,)).loads] == [2_000_000]


@pytest.mark.parametrize(
    "wrong", [["--rows", "many"], ["--rows", "5"], ["--peers", "excel"], ["--rows", "1000000,"]]
)
def test_wrong_usage_ends_with_2(wrong: list[str]) -> None:
    with pytest.raises(SystemExit) as stopped:
        table.main(wrong, full=QUICK)
    assert stopped.value.code == 2
