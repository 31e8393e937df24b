"""A clock that stands still until a test moves it."""

from datetime import UTC, datetime, timedelta


class SettableClock:
    """A `muster.clock.Clock`: call it for the moment, an aware datetime in UTC."""

    def __init__(self, now: datetime = datetime(2025, 1, 15, 10, 30, tzinfo=UTC)) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def advance(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)
