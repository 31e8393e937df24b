"""What services write into Retry-After."""

from datetime import UTC, datetime

import pytest

from muster.web.outgoing.retry_after import seconds_to_wait

NOW = datetime(2025, 1, 15, 10, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("0", 0),
        ("120", 120),
        (" 3 ", 3),
        ("Wed, 15 Jan 2025 10:31:00 GMT", 60),
        ("Wed, 15 Jan 2025 10:31:00 -0000", 60),
        ("Wed, 15 Jan 2025 11:31:00 +0100", 60),
        ("Wed, 15 Jan 2025 10:00:00 GMT", 0),
        ("Wednesday, 15-Jan-25 10:30:05 GMT", 5),
        ("9" * 500, 9_999_999_999),
        (None, None),
        ("", None),
        ("soon", None),
        ("-5", None),
        ("1.5", None),
        ("٣", None),
        ("Wed, 99 Jan 2025 10:31:00 GMT", None),
    ],
)
def test_seconds_and_dates_are_read_and_nonsense_is_nothing(
    header: str | None, seconds: float | None
) -> None:
    assert seconds_to_wait(header, NOW) == seconds
