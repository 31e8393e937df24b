"""Any order of creating, reading, renaming, deleting and restarting leaves the server where a dictionary would be."""

import json
from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    consumes,
    initialize,
    invariant,
    multiple,
    precondition,
    rule,
    run_state_machine_as_test,
)

from tests.support.live import BATCH, Api, LiveServer
from tests.support.live_fixtures import NewServer

values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)  # fmt: skip
names = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), min_size=1, max_size=100)
records = st.lists(
    st.dictionaries(st.text(min_size=1, max_size=8), values, max_size=4).map(
        lambda record: record | {"domain": "example.com"}
    ),
    min_size=1,
    max_size=8,
)


@dataclass(slots=True)
class Model:
    """What one upload should be."""

    name: str
    records: list[Any]
    rejected: int


class Uploads(RuleBasedStateMachine):
    """The rules; `server` is set by the test."""

    server: LiveServer
    ids = Bundle("ids")

    @property
    def api(self) -> Api:
        return self.server.api

    @initialize()
    def begin_empty(self) -> None:
        self.model: dict[str, Model] = {}
        self.gone: set[str] = set()
        self.restarts = 0
        for upload_id in self.api.every_upload():
            assert self.api.delete(upload_id).status == 200

    @rule(target=ids, name=names, sent=records, bad=st.sampled_from(["", "reject", "skip"]))
    def create(self, name: str, sent: list[Any], bad: str) -> Any:
        members = {"on_invalid": bad} if bad else {}
        answer = self.api.create(name, [*sent, {"domain": " "}] if bad else sent, **members)
        if bad == "reject":
            assert (answer.status, answer.json["errors"][0]["row"]) == (400, len(sent))
            return multiple()
        assert answer.status == 200, answer.body
        rejected = 1 if bad else 0
        receipt = answer.json
        assert (receipt["rows_accepted"], receipt["rows_rejected"]) == (len(sent), rejected)
        self.model[receipt["upload_id"]] = Model(name, sent, rejected)
        return receipt["upload_id"]

    @rule(upload_id=ids)
    def get(self, upload_id: str) -> None:
        answer = self.api.get(upload_id)
        expected = self.model[upload_id]
        assert answer.status == 200, answer.body
        assert answer.json["upload_name"] == expected.name
        assert answer.json["records"] == expected.records
        assert answer.json["rows_rejected"] == expected.rejected

    @rule(upload_id=ids, offset=st.integers(0, 9), limit=st.integers(1, 9))
    def get_a_window(self, upload_id: str, offset: int, limit: int) -> None:
        answer = self.api.get(upload_id, f"?offset={offset}&limit={limit}")
        expected = self.model[upload_id].records
        assert answer.json["records"] == expected[offset : offset + limit]
        assert answer.json["total"] == len(expected)

    @rule(upload_id=ids, name=names)
    def rename(self, upload_id: str, name: str) -> None:
        body = json.dumps({"upload_name": name}).encode()
        assert self.api.call("PATCH", f"{BATCH}/{upload_id}", body).status == 200
        self.model[upload_id].name = name

    @rule(upload_id=consumes(ids))
    def delete(self, upload_id: str) -> None:
        assert self.api.delete(upload_id).status == 200
        self.forget(upload_id)

    @rule(upload_id=consumes(ids))
    def delete_in_bulk(self, upload_id: str) -> None:
        ids = [upload_id, *sorted(self.gone)[:1]]
        body = json.dumps({"operation": "delete", "upload_ids": ids}).encode()
        assert self.api.call("POST", f"{BATCH}/bulk", body).status == 200
        self.forget(upload_id)

    def forget(self, upload_id: str) -> None:
        del self.model[upload_id]
        self.gone.add(upload_id)

    @precondition(lambda self: self.gone)
    @rule()
    def what_is_gone_stays_gone(self) -> None:
        for upload_id in sorted(self.gone)[:3]:
            assert self.api.get(upload_id).status == 404
            assert self.api.delete(upload_id).status == 404
            assert self.api.call("GET", f"{BATCH}/{upload_id}/rejects").status == 404

    # Once in a run: it takes as long as hundreds of the others.
    @precondition(lambda self: self.restarts == 0 and len(self.model) > 1)
    @rule(politely=st.booleans())
    def restart(self, politely: bool) -> None:
        self.restarts += 1
        if politely:
            assert self.server.stop() == 0
        else:
            self.server.kill()
        self.server.start()

    @invariant()
    def the_list_is_the_model(self) -> None:
        if hasattr(self, "model"):
            listed = self.api.every_upload()
            assert {key: upload["upload_name"] for key, upload in listed.items()} == {
                key: expected.name for key, expected in self.model.items()
            }


@pytest.mark.timeout(600)
@pytest.mark.parametrize(
    ("database", "examples"),
    [
        ("sqlite", 6),
        ("postgresql", 3),
        pytest.param("sqlite", 30, marks=pytest.mark.soak),
        pytest.param("postgresql", 30, marks=pytest.mark.soak),
    ],
)
def test_the_server_is_where_a_dictionary_would_be(
    new_server: NewServer, database: str, examples: int
) -> None:
    class Bound(Uploads):
        server = new_server(database=database).start()

    run_state_machine_as_test(
        Bound,
        settings=settings(
            max_examples=examples,
            stateful_step_count=25,
            deadline=None,
            print_blob=True,
            database=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
