"""One empty object store of each kind, for the suites that hold them all to the same contract."""

from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest

from muster.objects.local import LocalStore
from muster.objects.open import open_store
from muster.objects.store import ObjectStore
from tests.support.s3 import s3_url, why_no_s3

_missing = why_no_s3()
_prefixes = count(1)


@pytest.fixture(scope="session")
def s3_bucket() -> Iterator[str]:
    with s3_url() as url:
        yield url


@pytest.fixture(
    params=["local", "memory", pytest.param("s3", marks=[pytest.mark.skip(_missing)] if _missing else [])]
)
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[ObjectStore]:
    """An empty store of each kind."""
    if request.param == "local":
        yield LocalStore(tmp_path / "objects")
    elif request.param == "memory":
        yield open_store("memory://")
    else:
        bucket: str = request.getfixturevalue("s3_bucket")
        store = open_store(f"{bucket}/test-{next(_prefixes)}-{tmp_path.name}")
        yield store
        for found in store.list(""):
            store.delete(found.key)
