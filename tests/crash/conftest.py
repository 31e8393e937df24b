"""Real servers for tests that only mean something against one; see tests/support/live.py."""

from tests.support.live_fixtures import api, new_server, postgres_seed, server, sqlite_seed

__all__ = ["api", "new_server", "postgres_seed", "server", "sqlite_seed"]
