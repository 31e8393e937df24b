"""Which database a test runs on, where that is not both."""

import pytest

on_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
"""For what is decided before any statement is made, and for what runs long without one that others do not try on both."""
