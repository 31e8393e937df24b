"""Speeds and times left: arithmetic with a clock that is given."""

from dataclasses import replace

from muster.jobs.model import Progress
from muster.jobs.progress import Meter

START = Progress("reading", 0, 1000, "bytes")


def test_nothing_is_said_of_speed_before_anything_can_be_known() -> None:
    said = Meter().measure(START, 100.0)
    assert (said["rows_per_second"], said["seconds_left"]) == (None, None)
    assert (said["phase"], said["done"], said["total"], said["unit"]) == ("reading", 0, 1000, "bytes")


def test_speed_and_time_left_follow_from_two_reports() -> None:
    meter = Meter()
    meter.measure(START, 100.0)
    said = meter.measure(replace(START, done=250, rows_accepted=90, rows_rejected=10), 102.0)
    assert (said["rows_per_second"], said["seconds_left"]) == (50, 6.0)


def test_only_the_last_seconds_count() -> None:
    meter = Meter()
    for second in range(30):
        meter.measure(replace(START, done=second), float(second))
    said = meter.measure(replace(START, done=129), 30.0)
    assert said["seconds_left"] == round((1000 - 129) / 10.9, 1)


def test_an_unknown_total_has_no_time_left() -> None:
    meter = Meter()
    meter.measure(replace(START, total=None), 0.0)
    assert meter.measure(replace(START, total=None, done=5), 1.0)["seconds_left"] is None


def test_a_standstill_has_no_time_left_and_divides_by_nothing() -> None:
    meter = Meter()
    meter.measure(START, 0.0)
    assert meter.measure(START, 1.0)["seconds_left"] is None


def test_a_new_phase_counts_anew() -> None:
    meter = Meter()
    meter.measure(replace(START, done=900), 0.0)
    meter.measure(replace(START, done=1000), 1.0)
    assert meter.measure(Progress("profiling", 0, 4, "rows"), 2.0)["seconds_left"] is None


def test_more_than_announced_is_not_a_negative_time() -> None:
    meter = Meter()
    meter.measure(START, 0.0)
    assert meter.measure(replace(START, done=2000), 1.0)["seconds_left"] == 0.0
