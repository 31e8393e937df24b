"""Time as an argument: rooms take a `Clock`, tests hand them a fixed one."""

from collections.abc import Callable
from datetime import UTC, datetime

Clock = Callable[[], datetime]


def utc_now() -> datetime:
    """The current moment, timezone-aware, in UTC."""
    return datetime.now(UTC)


def rfc3339(moment: datetime) -> str:
    """`2025-01-15T10:30:00.123456Z`; without the fraction when it is zero. `moment` must be aware."""
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")
