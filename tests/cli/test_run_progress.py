"""What is said about a run while it is at work."""

from datetime import UTC, datetime

import pytest

from muster.cli.output import amount_text
from muster.cli.run_progress import counts_text, share_text, shown_run, whole_text
from muster.client import EnrichmentCounts, EnrichmentProgress, EnrichmentRun, EnrichmentStep


def run(counts, progress=None, status="running", budget=None):
    step = EnrichmentStep(0, "phone", "Phones", None, {}, {}, {}, counts)
    return EnrichmentRun(
        run_id="enr_A",
        upload_id="upl_A",
        upload_name="People",
        name="Phones",
        status=status,
        parent_id=None,
        reason_code=None,
        reason=None,
        created_at=datetime(2026, 1, 1, tzinfo=UTC),
        started_at=None,
        finished_at=None,
        table_version=1,
        new_version=None,
        change_id=None,
        budget=budget,
        cost=counts.cost,
        rows=10,
        filter=None,
        progress=progress,
        providers=(step,),
        targets=(),
        failures=(),
        actions=(),
    )


@pytest.mark.parametrize(
    ("counts", "share", "text"),
    [
        (EnrichmentCounts(), "", "0 found · 0 empty"),
        (EnrichmentCounts(inputs=3000, done=1999, found=1500, empty=499), "66%", "1,500 found · 499 empty"),
        (
            EnrichmentCounts(
                inputs=9, done=9, found=1, empty=1, skipped=1, failed=2, cached=3, left=4, cost=0.25
            ),
            "100%",
            "1 found · 1 empty · 1 skipped · 2 failed · 3 cached · 4 left · cost 0.25",
        ),
    ],
    ids=["not begun", "plain", "everything"],
)
def test_counts_are_said_and_rare_ones_only_where_there_are_any(counts, share, text):
    assert share_text(counts) == share
    assert counts_text(counts) == text


@pytest.mark.parametrize(
    ("progress", "budget", "text"),
    [
        (None, None, "cost 0.41"),
        (EnrichmentProgress(phase="phone"), 5, "cost 0.41 of 5"),
        (
            EnrichmentProgress(phase="phone", rows_per_second=4100.4, seconds_left=62.3),
            None,
            "cost 0.41 · 4,100 rows/s · 1:02 left",
        ),
    ],
    ids=["over", "no rate yet", "at work"],
)
def test_the_whole_has_cost_rate_and_time_left(progress, budget, text):
    assert whole_text(run(EnrichmentCounts(cost=0.41), progress, budget=budget)) == text


@pytest.mark.parametrize(
    ("amount", "text"), [(0, "0"), (5.0, "5"), (0.000001, "0.000001"), (1234.5, "1,234.5"), (10, "10")]
)
def test_amounts_have_the_digits_they_need(amount, text):
    assert amount_text(amount) == text


def test_on_a_terminal_each_provider_has_a_bar_and_the_end_is_shown(capsys, monkeypatch):
    monkeypatch.setattr("sys.stderr.isatty", lambda: True, raising=False)
    monkeypatch.setenv("COLUMNS", "120")
    monkeypatch.setenv("TERM", "xterm")
    with shown_run("Phones") as show:
        show(run(EnrichmentCounts(), EnrichmentProgress(phase="waiting"), "queued"))
        show(run(EnrichmentCounts(inputs=10, done=5, found=5), EnrichmentProgress(phase="phone")))
        show(run(EnrichmentCounts(inputs=10, done=10, found=9, empty=1, cost=0.5), status="done"))
    said = capsys.readouterr().err
    assert "Phones" in said
    assert "100%" in said
    assert "9 found · 1 empty · cost 0.5" in said


def test_elsewhere_a_short_run_is_shown_by_its_outcome_alone(capsys):
    with shown_run("Phones") as show:
        show(run(EnrichmentCounts(inputs=10, done=5, found=5), EnrichmentProgress(phase="phone")))
        show(run(EnrichmentCounts(inputs=10, done=10, found=10), status="done"))
    assert capsys.readouterr().err == ""
