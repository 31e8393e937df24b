"""Fixtures of the job tests; see tests/support/job_fixtures.py."""

import pytest

from muster.db.database import Database
from muster.db.migrate import upgrade
from muster.jobs.engine import Engine
from tests.support.copies import Copies
from tests.support.job_fixtures import jobs, ledger, new_worker, start_worker, users
from tests.support.postgres import Cluster

__all__ = ["jobs", "ledger", "new_worker", "start_worker", "users"]


@pytest.fixture(scope="session")
def postgres_copies(postgres_cluster: Cluster) -> Copies:
    """Lends databases a worker has been at: to set up the tables of its own takes longer than most tests.

    Workers on databases that are new to them are in tests/crash and tests/e2e.
    """
    name = postgres_cluster.create()
    database = Database(postgres_cluster.url(name))
    upgrade(database)
    engine = Engine(database, "worker-of-the-template", lambda _job_id: {}, most_crashes=1)
    engine.launch()
    engine.close()
    database.close()
    return Copies(postgres_cluster, name)
