"""Where the values of a row came from, over HTTP."""

from muster.accounts import users
from muster.accounts.model import Scope
from muster.tables.manifest import load_manifest
from muster.tables.model import TableId
from muster.tables.publish import newest
from tests.support.app import BATCH, UNKNOWN_UPLOAD, bearer
from tests.tables.enriching import enrich
from tests.tables.served import Table


def test_over_http_only_the_owner_asks_and_gets_every_cell_that_was_not_sent(table: Table) -> None:
    owner = users.by_command_line(table.ana.user)
    room = table.app.house.tables
    with room.db.read() as connection:
        pointer = newest(connection, owner.user_id, TableId(table.id))
    assert pointer is not None
    before = load_manifest(room, pointer.table_id, pointer.version)
    enrich(room, owner, before, {"domain": ["example.com", "example.com", None, None, None]})
    table.edit(1, employees=7)
    url = f"{table.url}/rows/1/provenance"
    no_scope = bearer(table.app.key(table.ana.user, [Scope.SEGMENTS_READ]))
    refused = [({}, 401), (table.bob.headers, 403), (bearer(table.link), 403), (no_scope, 403)]
    for headers, status in refused:
        assert table.app.client.get(url, headers=headers).status_code == status
    answer = table.app.client.get(url, headers=table.ana.headers).json()
    assert (answer["upload_id"], answer["version"], answer["row_id"]) == (table.id, 3, 1)
    nothing = dict.fromkeys(("provider", "run_id", "at", "confidence", "cost", "cached"))
    assert answer["cells"] == [
        {"column": "employees", "edited": True, **nothing},
        {
            "column": "domain",
            "edited": False,
            "provider": "pretend",
            "run_id": answer["cells"][1]["run_id"],
            "at": "2025-01-15T10:30:00Z",
            "confidence": 0.9,
            "cost": 0.002001,
            "cached": True,
        },
    ]
    columns = table.rows()["columns"]
    assert [column["origin"] for column in columns] == ["upload"] * 3 + ["enrichment:pretend"]
    for path, status in (
        (f"{table.url}/rows/5/provenance", 404),
        (f"{table.url}/rows/x/provenance", 400),
        (f"{BATCH}/{UNKNOWN_UPLOAD}/rows/0/provenance", 404),
    ):
        assert table.app.client.get(path, headers=table.ana.headers).status_code == status
