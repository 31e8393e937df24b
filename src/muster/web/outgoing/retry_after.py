"""When a service wants to be asked again (`Retry-After`: RFC 9110, 10.2.3)."""

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime


def seconds_to_wait(header: str | None, now: datetime) -> float | None:
    """From seconds or from a date; 0 for a date that is over, None for a header that is missing or says neither."""
    text = (header or "").strip()
    if text.isascii() and text.isdigit():
        return float(text[:10])  # longer than a life either way
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    if moment.tzinfo is None:  # `-0000`; such dates are in UTC
        moment = moment.replace(tzinfo=UTC)
    return max(0.0, (moment - now).total_seconds())
