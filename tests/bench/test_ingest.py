"""The benchmark's harness on very small sizes: it must refuse to turn a failure into a number."""

import gzip
import json
import os
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import psutil
import pytest

# bench/ holds programs, not a package; they import each other from their own folder, as when run.
sys.path.append(str(Path(__file__).parents[2] / "bench"))

import bodies
import ingest
from load import ExpectReceipt, LoadFailure, Request, http_request, percentile, run_load
from memory import MemoryWatch
from node import PeerUnavailable
from plan import Cell, Memory, Plan, Reads, Tail, only
from report import Figures, Target, targets
from servers import UPLOADS, Server, free_port, running

SMALL_PLAN = Plan(
    name="quick",
    servers=("floor", "naive"),
    cells=(Cell("small", 2, 2, 0.1, ("floor", "naive")), Cell("wide", 1, 1, 0.1, ("naive",))),
    tail=Tail(("floor",), 1, 0.1, 0.5),
    memory=Memory(("floor",), 20),
    reads=Reads(1, 1, 1),
    small_rows=200,
    wide_rows=20,
    limit_seconds=20,
)


@pytest.fixture(scope="module")
def naive(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with running("naive", tmp_path_factory.mktemp("bench") / "naive") as server:
        yield server


def _once(server: Server, body: bytes, rows: int, headers: dict[str, str] | None = None) -> None:
    asked = {"Content-Type": "application/json"} | (headers or {})
    request = http_request(server.port, "POST", UPLOADS, ExpectReceipt(rows), headers=asked, body=body)
    run_load(request, clients=1, requests=1, seconds=5, limit_seconds=10)


def test_an_answer_that_is_not_2xx_fails_the_run(naive: Server) -> None:
    body = b'{"upload_name":"x","records":[{"email":" "}]}'
    with pytest.raises(LoadFailure, match="status 422"):
        _once(naive, body, rows=1)


def test_a_receipt_for_another_number_of_rows_fails_the_run(naive: Server) -> None:
    body = b'{"upload_name":"x","records":[{"email":"a@b.example"}]}'
    with pytest.raises(LoadFailure, match="expected a receipt for 2 rows"):
        _once(naive, body, rows=2)


def test_a_server_that_is_not_there_fails_the_run() -> None:
    request = http_request(free_port(), "POST", UPLOADS, ExpectReceipt(1), body=b"{}")
    with pytest.raises(LoadFailure, match="cannot connect"):
        run_load(request, clients=3, requests=3, seconds=5, limit_seconds=5)


def test_an_answer_that_never_comes_fails_the_run_in_time(naive: Server) -> None:
    unfinished = b"POST " + UPLOADS.encode() + b" HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n{"
    request = Request(naive.port, unfinished, ExpectReceipt(1))
    with pytest.raises(LoadFailure, match="not over after"):
        run_load(request, clients=1, requests=1, seconds=0.1, limit_seconds=0.3)


def test_a_peer_that_cannot_be_installed_is_said_to_be_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("MUSTER_BENCH_CACHE", str(tmp_path))
    monkeypatch.setenv("PIP_NO_INDEX", "1")  # neither Node nor anything to install it from
    with pytest.raises(PeerUnavailable, match="failed"), running("node", tmp_path / "scratch"):
        pass


def test_the_bodies_are_the_same_in_every_run_and_fit_one_request() -> None:
    small, wide, tiny = bodies.small(), bodies.wide(200), bodies.tiny()
    assert (small.rows, tiny.rows) == (50_000, 10)
    assert 0.99 * bodies.WIRE_LIMIT_BYTES < len(small.content) <= bodies.WIRE_LIMIT_BYTES
    assert not small.content.isascii()
    assert wide.content == bodies.wide(200).content
    for body in (small, wide, tiny):
        text = gzip.decompress(body.content) if body.is_gzipped else body.content
        sent = json.loads(text)
        assert len(text) == body.decoded_bytes
        assert sent["records"] == json.loads(body.records)
        assert len(sent["records"]) == body.rows
        assert all(record.get("business_email") or record["email"] for record in sent["records"])
    assert {len(record) for record in json.loads(wide.records)} == {bodies.WIDE_FIELDS}
    assert {len(record) for record in json.loads(small.records)} == {4}


def test_a_body_over_the_limit_of_one_request_is_never_sent() -> None:
    with pytest.raises(ValueError, match="one request may carry"):
        bodies.small(60_000)


def test_a_whole_run_measures_every_server_and_writes_what_it_saw(tmp_path: Path) -> None:
    output = tmp_path / "results" / "ingest.json"
    given = ["--quick", "--servers", "floor,naive", "--output", str(output)]
    assert ingest.main(given, quick=SMALL_PLAN) == 1  # Muster took no part, so its targets are missed

    document = json.loads(output.read_text(encoding="utf-8"))
    measured = [(figure["server"], figure["body"], figure["clients"]) for figure in document["posts"]]
    assert measured == [("floor", "small", 2), ("naive", "small", 2), ("naive", "wide", 1)]
    for figure in document["posts"]:
        assert figure["p95_ms"] >= figure["p50_ms"] > 0
        assert all(turn["requests"] >= figure["clients"] for turn in figure["rounds"])
    assert document["tails"][0]["loaded"]["requests"] > 0
    assert document["memory"][0]["processes"][0]["role"] == "server"
    assert {target["met"] for target in document["targets"]} == {False}
    assert document["inputs"]["small"]["rows"] == 200
    assert os.uname().nodename not in document["machine"].values()


def test_a_failed_run_leaves_no_figures(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    output = tmp_path / "ingest.json"
    hurried = replace(SMALL_PLAN, limit_seconds=0.001)
    assert ingest.main(["--quick", "--servers", "floor", "--output", str(output)], quick=hurried) == 1
    assert not output.exists()
    assert "no figures" in capsys.readouterr().err


def test_an_unknown_server_is_wrong_usage() -> None:
    with pytest.raises(SystemExit) as stopped:
        ingest.main(["--servers", "floor,flor"])
    assert stopped.value.code == 2


def test_memory_a_process_takes_and_gives_back_is_still_seen() -> None:
    server = Server("self", 0, "", psutil.Process())
    with MemoryWatch(server) as watch:
        taken = bytearray(os.urandom(1) * 60_000_000)
        del taken
    assert watch.growths[0].growth_bytes >= 50_000_000


@pytest.mark.parametrize(
    ("percent", "expected"),
    [(50, 5), (95, 10), (99, 10), (100, 10), (10, 1), (0, 1)],
)
def test_a_percentile_is_one_of_the_values(percent: float, expected: int) -> None:
    assert percentile([10, 9, 8, 7, 6, 5, 4, 3, 2, 1], percent) == expected


@pytest.mark.parametrize(
    ("value", "is_minimum", "is_met"),
    [(3.0, True, True), (2.99, True, False), (3.0, False, True), (3.01, False, False), (None, False, False)],
)
def test_a_target_is_met_at_its_limit_and_never_by_not_measuring(
    value: float | None, is_minimum: bool, is_met: bool
) -> None:
    assert Target("x", value, 3, is_minimum, "x").is_met is is_met


def test_a_run_without_figures_meets_no_target() -> None:
    assert not any(target.is_met for target in targets(Figures()))


def test_leaving_servers_out_leaves_no_cell_without_one() -> None:
    kept = only(SMALL_PLAN, ("floor",))
    assert [cell.servers for cell in kept.cells] == [("floor",)]
    assert kept.servers == kept.tail.servers == kept.memory.servers == ("floor",)
