"""What the client says and hears about enrichment, and runs followed over streams that break."""

import json

import httpx2
import pytest

from muster.client import Client, InvalidRequest, NotFound, ServerError, StillWorking
from muster.client._wait_for_run import wait_for_run

UPLOAD = "upl_1700000000_AbCdEf"
RUN = "enr_AbCdEf"


def run(status="running", found=0, **members):
    return {
        "run_id": RUN,
        "upload_id": UPLOAD,
        "upload_name": "People",
        "name": "Domains",
        "status": status,
        "parent_id": None,
        "reason_code": None,
        "reason": None,
        "created_at": "2026-01-01T00:00:00Z",
        "started_at": None,
        "finished_at": None,
        "table_version": 1,
        "new_version": None,
        "change_id": None,
        "budget": None,
        "cost": 0,
        "rows": 3,
        "filter": None,
        "progress": None,
        "providers": [
            {
                "step": 0,
                "provider": "email_domain",
                "title": "Domain",
                "connection": None,
                "inputs": {"email": "email"},
                "outputs": {"domain": "company_domain"},
                "settings": {},
                "counts": {"rows": 3, "inputs": 3, "done": found, "found": found, "of_tomorrow": 1},
            }
        ],
        "targets": [],
        "failures": [],
        "actions": [],
        "of_tomorrow": {},
        **members,
    }


class Server:
    """Answers one request after the other as it was told to; remembers them all."""

    def __init__(self, *answers):
        self._answers = list(answers)
        self.requests = []

    def answer(self, request):
        request.read()
        self.requests.append(request)
        answer = self._answers.pop(0)
        return answer if isinstance(answer, httpx2.Response) else httpx2.Response(200, json=answer)

    def client(self):
        return Client("http://muster.test", transport=httpx2.MockTransport(self.answer))

    @property
    def asked(self):
        return [(one.method, one.url.path.removeprefix("/api/audience/")) for one in self.requests]

    @property
    def body(self):
        return json.loads(self.requests[-1].content)


def told(status="running", found=0, **members):
    return {"status": "success", "run": run(status, found, **members)}


def stream(*numbers):
    body = "".join(f'id: {number}\nevent: progress\ndata: {{"phase":"x"}}\n\n' for number in numbers)
    return httpx2.Response(200, headers={"Content-Type": "text/event-stream"}, content=body.encode())


def sign_of_life():
    return httpx2.Response(200, headers={"Content-Type": "text/event-stream"}, content=b": still here\n\n")


def over():
    return httpx2.Response(204)


def refused(status, code):
    return httpx2.Response(status, json={"status": "error", "code": code, "message": "No."})


def test_a_plan_of_ids_and_of_whole_steps_is_sent_as_the_server_wants_it():
    server = Server(told("queued"), told("queued"))
    step = {"provider": "phone", "inputs": {"phone": "Tel"}}
    only = '{"field": "country", "op": "eq", "value": "US"}'
    with server.client() as client:
        made = client.enrich(UPLOAD, ["email_domain", step], filter=only, budget=0.5, name="Mine")
        assert server.body == {
            "upload_id": UPLOAD,
            "providers": [{"provider": "email_domain"}, step],
            "filter": json.loads(only),
            "budget": 0.5,
            "name": "Mine",
        }
        client.enrich(UPLOAD, ["phone"], targets=[{"column": "phone_e164", "policy": "overwrite"}])
        assert server.body["targets"] == [{"column": "phone_e164", "policy": "overwrite"}]
    assert not made.is_over
    first, second = (one.headers["Idempotency-Key"] for one in server.requests)
    assert first != second


def test_what_cannot_be_a_plan_or_an_id_is_refused_before_anything_is_sent():
    server = Server()
    with server.client() as client:
        with pytest.raises(TypeError, match="a list"):
            client.enrich(UPLOAD, "phone")
        with pytest.raises(InvalidRequest, match="not JSON"):
            client.enrich(UPLOAD, ["phone"], filter="{")
        for wrong in ("", "a/../b", "enr_1?x=2"):
            with pytest.raises(InvalidRequest) as raised:
                client.enrichment(wrong)
            assert raised.value.code == "bad_id"
            with pytest.raises(InvalidRequest):
                client.delete_provider_connection(wrong)
    assert server.requests == []


def test_an_estimate_has_its_sample_by_row():
    said = {
        "status": "success",
        "upload_id": UPLOAD,
        "version": 1,
        "rows": 3,
        "rows_matching": 3,
        "targets": [],
        "providers": [],
        "cost": {"likely": None, "most": 0.2},
        "budget": None,
        "within_budget": None,
        "sample": [{"_row_id": 7, "values": {"a": "1"}, "providers": {"a": "pretend"}}],
    }
    server = Server(said)
    with server.client() as client:
        found = client.estimate_enrichment(UPLOAD, ["pretend"], sample=5, ask_paid=True)
    assert (found.sample[0].row_id, found.sample[0].values) == (7, {"a": "1"})
    assert (found.cost.likely, found.cost.most) == (None, 0.2)
    assert (server.body["sample"], server.body["ask_paid"]) == (5, True)
    assert "Idempotency-Key" not in server.requests[0].headers


def test_runs_are_read_page_after_page():
    server = Server(
        {"status": "success", "runs": [run("done")], "next_cursor": "c1", "total": 2},
        {"status": "success", "runs": [run("failed")], "next_cursor": None, "total": 2},
    )
    with server.client() as client:
        found = list(client.enrichments(upload_id=UPLOAD, status=["done", "failed"]))
    assert [one.status for one in found] == ["done", "failed"]
    first, second = (dict(one.url.params) for one in server.requests)
    assert first == {"upload_id": UPLOAD, "status": "done,failed", "limit": "100"}
    assert second == {**first, "cursor": "c1"}


def test_runs_are_steered_and_asked_about_again():
    server = Server(*[told("paused") for _ in range(4)])
    with server.client() as client:
        client.pause_enrichment(RUN)
        client.resume_enrichment(RUN)
        client.cancel_enrichment(RUN)
        client.retry_enrichment(RUN, codes=["timeout"], step=0, budget=2)
    assert server.body == {"codes": ["timeout"], "step": 0, "budget": 2}
    assert server.asked == [
        ("POST", f"enrichments/{RUN}/{what}") for what in ("pause", "resume", "cancel", "retry-failed")
    ]


@pytest.mark.parametrize(
    ("values", "body"),
    [(None, {"all": True}), (["ada@example.com"], {"values": ["ada@example.com"]}), ([], {"values": []})],
    ids=["everything", "one", "none"],
)
def test_no_values_are_never_all_values(values, body):
    server = Server({"status": "success", "erased": 3})
    with server.client() as client:
        assert client.erase_enrichment_cache(values) == 3
    assert server.body == body


def test_a_value_tells_where_it_came_from():
    cell = {
        "column": "company_domain",
        "edited": False,
        "provider": "email_domain",
        "run_id": RUN,
        "at": "2026-01-01T00:00:00Z",
        "confidence": 0.5,
        "cost": 0.002,
        "cached": True,
    }
    server = Server({"status": "success", "cells": [cell]})
    with server.client() as client:
        (found,) = client.provenance(UPLOAD, 7)
    assert (found.provider, found.confidence, found.cached) == ("email_domain", 0.5, True)
    assert server.asked == [("GET", f"batch-upload/{UPLOAD}/rows/7/provenance")]


def test_an_answer_of_something_else_is_said_to_be_that():
    with Server({"status": "success", "run": {"run_id": 1}}).client() as client, pytest.raises(ServerError):
        client.enrichment(RUN)


def test_waiting_tells_of_the_run_and_returns_it_as_it_is_then():
    server = Server(stream(1, 2, 3), told("running", 1), over(), told("done", 3))
    seen = []
    with server.client() as client:
        found = client.wait_for_enrichment(RUN, on_progress=seen.append)
    # Three events at once are one piece of news.
    assert [one.providers[0].counts.found for one in seen] == [1, 3]
    assert (found.status, found.is_over) == ("done", True)


def test_whoever_does_not_want_to_know_asks_only_for_the_end():
    server = Server(stream(1, 2, 3), over(), told("stopped"))
    with server.client() as client:
        assert client.wait_for_enrichment(RUN).status == "stopped"
    assert len(server.requests) == 3


def test_without_streams_the_run_itself_is_asked_for_until_it_is_over():
    server = Server(refused(406, "not_acceptable"), told("running"), told("paused"), told("cancelled"))
    seen = []
    with server.client() as client:
        found = wait_for_run(
            client._connection, RUN, timeout_seconds=None, on_progress=seen.append, poll_seconds=0
        )
    assert found.status == "cancelled"
    assert [one.status for one in seen] == ["running", "paused", "cancelled"]


@pytest.mark.parametrize(
    "answers",
    [
        [sign_of_life() for _ in range(1000)],
        [refused(406, "not_acceptable"), *[told() for _ in range(9)]],
    ],
    ids=["signs of life", "asking"],
)
def test_waiting_ends_when_its_time_is_over_while_the_run_goes_on(answers):
    with Server(*answers).client() as client, pytest.raises(StillWorking) as raised:
        client.wait_for_enrichment(RUN, timeout_seconds=0.02)
    assert raised.value.code == "still_working"


def test_waiting_for_nothing_is_said_at_once():
    with Server(refused(404, "not_found")).client() as client, pytest.raises(NotFound):
        client.wait_for_enrichment(RUN)
