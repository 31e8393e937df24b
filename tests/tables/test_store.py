"""Pointers and the log of changes: who sees them, and who wins when two write."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from sqlalchemy import insert

from muster.accounts.model import Principal
from muster.db.database import Database
from muster.db.schema import uploads
from muster.errors import Conflict, Forbidden, MusterError, NotFound
from muster.ids import UploadId, new_upload_id
from muster.tables import store
from muster.tables.model import ChangeKind, TableChange, TableId, TablePointer
from muster.tables.store import TableStore

NOW = datetime(2025, 1, 15, 10, 30, tzinfo=UTC)


def add_upload(database: Database, owner: Principal) -> TableId:
    upload_id = new_upload_id(NOW)
    with database.begin() as connection:
        connection.execute(
            insert(uploads).values(
                id=upload_id,
                user_id=owner.user_id,
                name="Spring",
                source="api",
                status="processing",
                created_at=NOW,
                rows_received=1,
                rows_accepted=1,
                rows_rejected=0,
                fields_declared=False,
                size_bytes=1,
                stored_bytes=1,
            )
        )
    return TableId(upload_id)


def pointer_of(table_id: TableId, version: int = 1) -> TablePointer:
    return TablePointer(table_id, version, rows=10, size_bytes=100, updated_at=NOW)


def add_table(database: Database, owner: Principal) -> TableId:
    table_id = add_upload(database, owner)
    with database.begin() as connection:
        store.add(connection, owner.user_id, pointer_of(table_id))
    return table_id


def change_of(table_id: TableId, **members: object) -> TableChange:
    change = TableChange(table_id, "key:abc", NOW, ChangeKind.CELLS, ("email",), 3, 1, 2)
    return replace(change, **members)


def refusal(database: Database, principal: Principal, table_id: str) -> MusterError:
    with database.read() as connection, pytest.raises(MusterError) as refused:
        TableStore(connection, principal).get(table_id)
    return refused.value


@pytest.mark.parametrize("table_id", ["", "x", "upl_1_" + "a" * 22, "../../etc", "upl_1_' OR 1=1 --"])
def test_an_unknown_table_is_not_found(database: Database, ana: Principal, table_id: str) -> None:
    found = refusal(database, ana, table_id)
    assert isinstance(found, NotFound)
    assert found.error_code == "upload_not_found"


def test_a_table_of_someone_else_is_forbidden_made_or_not(
    database: Database, ana: Principal, ben: Principal
) -> None:
    assert isinstance(refusal(database, ben, add_table(database, ana)), Forbidden)
    assert isinstance(refusal(database, ben, add_upload(database, ana)), Forbidden)


def test_an_upload_of_mine_whose_table_is_not_made_yet_says_so(database: Database, ana: Principal) -> None:
    table_id = add_upload(database, ana)
    found = refusal(database, ana, table_id)
    assert isinstance(found, Conflict)
    assert found.error_code == "table_not_ready"
    token = replace(ana, only_upload=UploadId(table_id))
    assert refusal(database, token, table_id).error_code == "table_not_ready"


def test_a_token_of_one_upload_opens_no_other_table(database: Database, ana: Principal) -> None:
    mine, other, unmade = add_table(database, ana), add_table(database, ana), add_upload(database, ana)
    token = replace(ana, only_upload=UploadId(mine))
    with database.read() as connection:
        assert TableStore(connection, token).get(mine).version == 1
    assert isinstance(refusal(database, token, other), Forbidden)
    assert isinstance(refusal(database, token, unmade), Forbidden)


def test_what_was_added_comes_back(database: Database, ana: Principal) -> None:
    table_id = add_table(database, ana)
    with database.read() as connection:
        assert TableStore(connection, ana).get(table_id) == pointer_of(table_id)
        assert store.newest(connection, ana.user_id, table_id) == pointer_of(table_id)
        assert store.versions(connection, [table_id, "upl_1_" + "a" * 22]) == {table_id: 1}


def test_of_two_who_change_the_same_version_the_second_is_told(database: Database, ana: Principal) -> None:
    table_id = add_table(database, ana)
    with database.begin() as connection:
        TableStore(connection, ana).advance(pointer_of(table_id, 2), from_version=1)
    with pytest.raises(Conflict) as refused, database.begin() as connection:
        TableStore(connection, ana).advance(pointer_of(table_id, 3), from_version=1)
    assert refused.value.error_code == "table_changed"
    with database.read() as connection:
        assert TableStore(connection, ana).get(table_id).version == 2


def test_nobody_moves_the_pointer_of_someone_elses_table(
    database: Database, ana: Principal, ben: Principal
) -> None:
    table_id = add_table(database, ana)
    with pytest.raises(Conflict), database.begin() as connection:
        TableStore(connection, ben).advance(pointer_of(table_id, 2), from_version=1)
    with database.begin() as connection:
        assert store.newest(connection, ben.user_id, table_id) is None
        assert not store.remove(connection, ben.user_id, table_id)


def test_a_table_has_one_pointer(database: Database, ana: Principal) -> None:
    table_id = add_table(database, ana)
    with pytest.raises(Conflict), database.begin() as connection:
        store.add(connection, ana.user_id, pointer_of(table_id))


def test_changes_are_listed_newest_first_and_undone_once(database: Database, ana: Principal) -> None:
    table_id = add_table(database, ana)
    with database.begin() as connection:
        tables = TableStore(connection, ana)
        ids = [tables.log(change_of(table_id, to_version=version)) for version in (2, 3, 4)]
    with database.read() as connection:
        tables = TableStore(connection, ana)
        assert [change.to_version for change in tables.changes(table_id, 2)] == [4, 3]
        assert tables.changes(table_id, 10, before=ids[1]) == [change_of(table_id, id=ids[0])]
    with database.begin() as connection:
        TableStore(connection, ana).mark_undone(table_id, ids[2], NOW)
    with pytest.raises(Conflict), database.begin() as connection:
        TableStore(connection, ana).mark_undone(table_id, ids[2], NOW)
    with database.read() as connection:
        assert [change.undone_at for change in TableStore(connection, ana).changes(table_id, 9)] == [
            NOW,
            None,
            None,
        ]


def test_changes_of_someone_else_are_neither_read_nor_written(
    database: Database, ana: Principal, ben: Principal
) -> None:
    table_id = add_table(database, ana)
    with database.begin() as connection:
        change_id = TableStore(connection, ana).log(change_of(table_id))
    with database.begin() as connection:
        tables = TableStore(connection, ben)
        with pytest.raises(Forbidden):
            tables.log(change_of(table_id))
        with pytest.raises(Forbidden):
            tables.changes(table_id, 10)
        with pytest.raises(Forbidden):
            tables.mark_undone(table_id, change_id, NOW)


def test_changes_go_with_their_table(database: Database, ana: Principal) -> None:
    table_id = add_table(database, ana)
    with database.begin() as connection:
        TableStore(connection, ana).log(change_of(table_id))
        assert store.remove(connection, ana.user_id, table_id)
        assert not store.remove(connection, ana.user_id, table_id)
    with database.begin() as connection:
        store.add(connection, ana.user_id, pointer_of(table_id))
        assert TableStore(connection, ana).changes(table_id, 10) == []
