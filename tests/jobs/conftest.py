"""Fixtures of the job tests; see tests/support/job_fixtures.py."""

from tests.support.job_fixtures import jobs, ledger, new_worker, start_worker, users

__all__ = ["jobs", "ledger", "new_worker", "start_worker", "users"]
