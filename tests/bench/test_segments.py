"""The benchmarks of segments and exports on small sizes: figures only where every count and every cell is right."""

import json
import sys
from pathlib import Path

import pytest

# bench/ holds programs, not a package; they import each other from their own folder, as when run.
sys.path.append(str(Path(__file__).parents[2] / "bench"))

from load import LoadFailure
from segment_inputs import asks, audience
from segment_peers import Truth, expected, measure_peer
from segment_report import targets
from segment_stages import Figures
from table_inputs import Input

import exports
import segments


@pytest.mark.soak
def test_every_figure_of_segments_is_of_a_right_count(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    output = tmp_path / "segments.json"
    segments.main(["--rows", "20000", "--peers", "sqlite", "--output", str(output)])
    told = json.loads(output.read_text())
    [size] = told["sizes"]
    assert size["rows"] == 20_000
    assert len(size["previews"]) == 30
    assert len(size["dedupe"]) == len(size["bare"]) == 5
    assert [each["name"] for each in told["targets"]] == ["0.02 M rows: preview of five conditions, median"]
    assert told["peers"][0]["peer"] == "sqlite"
    assert "20,000 rows" in capsys.readouterr().out


def test_a_tool_that_counts_otherwise_gives_no_figure(tmp_path: Path) -> None:
    sent, asked = audience(tmp_path, 20_000), asks(2)
    truth = expected(sent, asked)
    wrong = Truth(truth.rows, (truth.counts[0] + 1, truth.counts[1]), truth.addresses, truth.without)
    with pytest.raises(LoadFailure, match="sqlite counts something else"):
        measure_peer("sqlite", sent, asked, wrong, tmp_path, 60)


def test_a_million_is_judged_by_three_promises_and_ten_by_one() -> None:
    million = Figures(1_000_000, previews=[101.0], kept_rows=1.9, dedupe=[0.3], bare=[0.2])
    ten = Figures(10_000_000, previews=[499.0], dedupe=[9.0], bare=[1.0])
    judged = targets([million, ten])
    assert [(each.value, each.limit, each.is_met) for each in judged] == [
        (101.0, 100.0, False),
        (1.9, 2.0, True),
        (pytest.approx(1.5), 1.5, True),
        (499.0, 500.0, True),
    ]


def test_a_file_that_lacks_a_row_or_changes_a_cell_is_no_figure(tmp_path: Path) -> None:
    sent = exports.people(tmp_path, 1_000)
    same = tmp_path / "same.csv"
    same.write_bytes(sent.path.read_bytes().replace(b"\n", b"\r\n"))
    exports.compare(sent, same)
    lines = sent.path.read_bytes().splitlines(keepends=True)
    for broken in (lines[:-1], [lines[0], lines[2], lines[1], *lines[3:]], [*lines[:-1], lines[-1].upper()]):
        path = tmp_path / "broken.csv"
        path.write_bytes(b"".join(broken))
        with pytest.raises(LoadFailure, match="not what was uploaded"):
            exports.compare(sent, path)
    with pytest.raises(LoadFailure, match="not what was uploaded"):
        exports.compare(Input("people", sent.path, 999, ()), same)
