"""Real servers and workers for tests that only mean something against them; see tests/support/."""

from tests.support.job_fixtures import jobs, ledger, new_worker, users
from tests.support.live_fixtures import api, new_server, postgres_seed, server, sqlite_seed

__all__ = [
    "api",
    "jobs",
    "ledger",
    "new_server",
    "new_worker",
    "postgres_seed",
    "server",
    "sqlite_seed",
    "users",
]
