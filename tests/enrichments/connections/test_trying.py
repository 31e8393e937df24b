"""Trying a connection: one call, what came of it, and what it cannot do."""

import threading
from dataclasses import replace
from typing import Any, ClassVar

import pyarrow as pa

from muster.accounts.model import Principal
from muster.enrichments.connection_routes import CONNECTIONS
from muster.enrichments.connection_try import AT_ONCE
from muster.enrichments.provider import Call, Input, Output, Provider, ProviderManifest, Terms, Where, answers
from muster.enrichments.room import EnrichmentsRoom
from muster.wiring import House
from tests.enrichments.connections.conftest import HUSH, ClientOf, app_of, made
from tests.support.enrich_server import KEY, Service, company_of


def test_a_connection_is_tried_with_one_call(client_of: ClientOf, ana: Principal, calm: Service) -> None:
    client = client_of(ana)
    auth = {"kind": "bearer", "token": KEY}
    url = f"{calm.url}/v1/secret/companies/{{domain}}"
    kept = made(client, url=url, auth=auth, price=0.25, price_per="found")
    path = f"{CONNECTIONS}/{kept['id']}/try"
    found = company_of("company-1.example")
    assert found is not None
    assert client.post(path, json={"input": {"domain": "  COMPANY-1.example "}}).json() == {
        "status": "success",
        "outcome": "found",
        "reason": None,
        "values": {"company": found["company"]["name"]},
        "confidence": 1,
        "cost": 0.25,
    }
    assert calm.stats.asked == {"company-1.example": 1}
    missing = next(f"n{n}.example" for n in range(100) if company_of(f"n{n}.example") is None)
    answer = client.post(path, json={"input": {"domain": missing}}).json()
    assert (answer["outcome"], answer["values"], answer["confidence"], answer["cost"]) == (
        "empty",
        {"company": None},
        None,
        0,
    )
    assert calm.stats.calls == 2


WRONG_INPUTS: list[tuple[Any, str, str]] = [
    ({"input": {}}, "input_missing", "/input/domain"),
    ({"input": {"domain": None}}, "input_missing", "/input/domain"),
    ({"input": {"domain": "  "}}, "input_missing", "/input/domain"),
    ({"input": {"domain": "x", "country": "DE"}}, "input_unknown", "/input/country"),
    ({"input": {"domain": 5}}, "body_invalid", "/input/domain"),
    ({"input": {"domain": "x" * 10_001}}, "body_invalid", "/input/domain"),
    ({"input": ["x"]}, "body_invalid", "/input"),
    ({}, "body_invalid", "/input"),
    ({"input": {"domain": "x"}, "y": 1}, "body_invalid", ""),
]


def test_a_wrong_input_is_told_and_nobody_is_called(
    client_of: ClientOf, ana: Principal, calm: Service
) -> None:
    client = client_of(ana)
    kept = made(client, url=f"{calm.url}/v1/companies/{{domain}}")
    for body, code, pointer in WRONG_INPUTS:
        answer = client.post(f"{CONNECTIONS}/{kept['id']}/try", json=body)
        assert (answer.status_code, answer.json()["code"]) == (400, code), body
        assert answer.json()["errors"][0]["pointer"] == pointer, body
    assert calm.stats.calls == 0


def test_a_service_that_refuses_or_fails_is_told_as_such(
    client_of: ClientOf, ana: Principal, calm: Service, room: EnrichmentsRoom, house: House
) -> None:
    client = client_of(ana)
    refusing = made(client, "refusing", url=f"{calm.url}/v1/secret/companies/{{domain}}")
    answer = client.post(f"{CONNECTIONS}/{refusing['id']}/try", json={"input": {"domain": "a"}})
    assert (answer.status_code, answer.json()["code"]) == (400, "provider_refused")
    assert HUSH not in answer.text
    broken = made(client, "broken", url=f"{calm.url}/hostile/malformed?d={{domain}}", price=1)
    told = client.post(f"{CONNECTIONS}/{broken['id']}/try", json={"input": {"domain": "a"}}).json()
    assert (told["outcome"], told["reason"], told["cost"]) == ("failed", "answer_invalid", 0)
    strict = client_of(ana, app=app_of(replace(room, allow_private_addresses=False), house))
    answer = strict.post(f"{CONNECTIONS}/{broken['id']}/try", json={"input": {"domain": "a"}})
    assert (answer.status_code, answer.json()["code"]) == (400, "address_refused")
    off = client_of(ana, app=app_of(replace(room, allow_network=False), house))
    told = off.post(f"{CONNECTIONS}/{broken['id']}/try", json={"input": {"domain": "a"}}).json()
    assert (told["outcome"], told["reason"]) == ("failed", "network_off")
    assert calm.stats.calls == 2


class Gate(Provider):
    """Lets nobody through until it is opened."""

    manifest: ClassVar = ProviderManifest(
        "gate", "1", "Gate", "", Where.NETWORK, 10,
        Terms((Input("domain", "Domain", ""),), (Output("name", "Name", "", "name"),)), connection=True,
    )  # fmt: skip

    def __init__(self) -> None:
        self.inside = threading.Semaphore(0)
        self.opened = threading.Event()

    def enrich(self, batch: pa.RecordBatch, call: Call) -> pa.RecordBatch:
        self.inside.release()
        assert self.opened.wait(60)
        return answers(self.manifest.terms.gives, batch.num_rows, {"name": ["x"]})


def test_only_a_few_tries_run_at_once(
    client_of: ClientOf, ana: Principal, room: EnrichmentsRoom, house: House
) -> None:
    gate = Gate()
    client = client_of(ana, app=app_of(replace(room, providers={"gate": gate}), house))
    kept = client.post(CONNECTIONS, json={"provider": "gate", "name": "x", "settings": {}}).json()[
        "connection"
    ]
    path, body = f"{CONNECTIONS}/{kept['id']}/try", {"input": {"domain": "a"}}
    codes: list[int] = []
    threads = [
        threading.Thread(target=lambda: codes.append(client.post(path, json=body).status_code))
        for _ in range(AT_ONCE)
    ]
    for thread in threads:
        thread.start()
    for _ in threads:
        assert gate.inside.acquire(timeout=60)
    refused = client.post(path, json=body)
    assert (refused.status_code, refused.json()["code"]) == (503, "overloaded")
    gate.opened.set()
    for thread in threads:
        thread.join()
    assert codes == [200] * AT_ONCE
    assert client.post(path, json=body).status_code == 200
