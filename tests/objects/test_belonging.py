from pathlib import Path

import pytest

from muster.db.database import Database
from muster.db.instance import instance_id
from muster.errors import Conflict
from muster.objects.belonging import claim
from muster.objects.local import LocalStore


def test_a_store_is_claimed_once_and_known_again(tmp_path: Path, database: Database) -> None:
    store = LocalStore(tmp_path / "objects")
    claim(store, instance_id(database))
    claim(store, instance_id(database))
    assert [found.key for found in store.list("")] == ["instance.txt"]


def test_a_store_of_another_database_is_refused_and_left_as_it_is(tmp_path: Path) -> None:
    store = LocalStore(tmp_path / "objects")
    claim(store, "a" * 32)
    with pytest.raises(Conflict) as refused:
        claim(store, "b" * 32)
    assert refused.value.error_code == "objects_of_another_database"
    assert store.get_tail("instance.txt", 100) == b"a" * 32
