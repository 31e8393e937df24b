"""The Python client's calls about enrichment, against a real server and its worker."""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from muster.client import Client, Conflict, EnrichmentRun, InvalidRequest, NotFound
from tests.support.live import LiveServer
from tests.support.live_fixtures import copy_seed

WAIT_SECONDS = 90
EXAMPLE = Path(__file__).resolve().parents[2] / "examples" / "python" / "enrich.py"
PEOPLE = [
    {"email": "ada@example.com", "country": "US"},
    {"email": "grace@example.org", "country": "DE"},
    {"email": "bob@example.com", "country": "US"},
    {"domain": "example.net", "country": "FR"},
]
PAID = {
    "provider": "pretend",
    "inputs": {"key": "email"},
    "outputs": {"employees": None},
    "settings": {"hit_share": 1, "price_micros": 100_000, "price_per": "asked"},
}


@pytest.fixture(scope="module")
def worked(tmp_path_factory: pytest.TempPathFactory, sqlite_seed: LiveServer) -> Iterator[LiveServer]:
    """One server with its worker for all tests of this file; none breaks anything."""
    live = LiveServer(home=tmp_path_factory.mktemp("worked"))
    copy_seed(sqlite_seed, live)
    try:
        yield live.start()
    finally:
        live.kill()


@pytest.fixture
def client(worked: LiveServer) -> Iterator[Client]:
    with Client(f"http://127.0.0.1:{worked.port}", api_key=worked.key) as opened:
        yield opened


@pytest.fixture
def upload_id(client: Client, tmp_path: Path) -> str:
    # A name of its own, so that it is not taken for the same upload sent again.
    (upload_id,) = client.upload(PEOPLE, name=tmp_path.name).upload_ids
    assert client.wait(upload_id, timeout_seconds=WAIT_SECONDS).is_ready
    return upload_id


def column(client: Client, upload_id: str, name: str) -> list[str | None]:
    return [row.values[name] for row in client.iter_rows(upload_id)]


def until(look: Callable[[], bool]) -> None:
    deadline = time.monotonic() + WAIT_SECONDS
    while not look():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_what_is_estimated_is_added_with_where_it_came_from_and_taken_back(
    client: Client, upload_id: str
) -> None:
    before = client.estimate_enrichment(upload_id, ["email_domain"])
    assert (before.rows, before.providers[0].inputs_distinct, before.cost.most) == (4, 3, 0)
    assert before.sample[0].values["company_domain"] == "example.com"
    seen: list[EnrichmentRun] = []
    started = client.enrich(upload_id, ["email_domain"], name="Domains")
    run = client.wait_for_enrichment(started.run_id, timeout_seconds=WAIT_SECONDS, on_progress=seen.append)
    assert (run.status, run.name, seen[-1]) == ("done", "Domains", run)
    assert {one.column: one.filled for one in run.targets} == {
        one.column: one.expected for one in before.targets
    }
    domains = column(client, upload_id, "company_domain")
    assert domains == ["example.com", "example.org", "example.com", None]
    cells = {one.column: one for one in client.provenance(upload_id, 0)}
    assert (cells["company_domain"].provider, cells["company_domain"].run_id) == ("email_domain", run.run_id)
    assert list(client.enrichments(upload_id=upload_id, status="done")) == [run]
    client.undo(upload_id, run.change_id)
    assert client.enrichment(run.run_id).status == "undone"
    assert "company_domain" not in [one.name for one in client.rows(upload_id).columns]


def test_a_budget_stops_a_run_and_the_rest_is_asked_about_again(client: Client, upload_id: str) -> None:
    with pytest.raises(InvalidRequest) as raised:
        client.enrich(upload_id, [PAID])
    assert raised.value.code == "budget_missing"
    salted = {**PAID, "settings": {**PAID["settings"], "salt": upload_id}}  # type: ignore[dict-item]
    started = client.enrich(upload_id, [salted], budget=0.2)
    stopped = client.wait_for_enrichment(started.run_id, timeout_seconds=WAIT_SECONDS)
    assert (stopped.status, stopped.reason_code, stopped.cost) == ("stopped", "budget_reached", 0.2)
    assert stopped.providers[0].counts.left == 1
    again = client.retry_enrichment(stopped.run_id, budget=1)
    done = client.wait_for_enrichment(again.run_id, timeout_seconds=WAIT_SECONDS)
    assert (done.status, done.parent_id, done.cost) == ("done", stopped.run_id, 0.1)
    with pytest.raises(Conflict) as nothing:
        client.retry_enrichment(done.run_id)
    assert nothing.value.code == "nothing_to_retry"


def test_kept_answers_are_counted_and_forgotten_by_person(client: Client, upload_id: str) -> None:
    started = client.enrich(upload_id, ["pretend"])
    client.wait_for_enrichment(started.run_id, timeout_seconds=WAIT_SECONDS)
    kept = client.enrichment_cache()
    assert kept.answers == sum(kept.by_provider.values()) > 0
    assert client.erase_enrichment_cache(["ada@example.com"]) >= 1
    assert client.erase_enrichment_cache(["ada@example.com"]) == 0
    client.erase_enrichment_cache()
    assert client.enrichment_cache().answers == 0


def test_a_run_is_paused_resumed_and_cancelled(client: Client, upload_id: str) -> None:
    slow = {"provider": "pretend", "settings": {"latency_ms": 60_000}}
    run_id = client.enrich(upload_id, [slow]).run_id
    until(lambda: client.enrichment(run_id).status == "running")
    client.pause_enrichment(run_id)
    until(lambda: client.enrichment(run_id).status == "paused")
    assert client.resume_enrichment(run_id).status != "paused"
    client.cancel_enrichment(run_id)
    ended = client.wait_for_enrichment(run_id, timeout_seconds=WAIT_SECONDS)
    assert (ended.status, ended.actions, ended.new_version) == ("cancelled", (), None)
    story = list(client.enrichment_events(run_id))
    assert story[-1].kind == "done"
    assert list(client.enrichment_events(run_id, after=story[-1].number)) == []


def test_providers_say_what_they_need_give_and_take(client: Client, upload_id: str) -> None:
    found = {one.id: one for one in client.providers()}
    assert found["email_domain"].needs[0].name == "email"
    assert found["pretend"].cached_days is not None
    assert not found["email_hygiene"].network
    other = {"upload_id": upload_id, "keys": [{"column": "email"}], "gives": {"country": "home"}}
    assert [one.column for one in client.provider_terms("lookup", other).gives] == ["home"]


def test_the_example_that_enriches_a_file_does(client: Client, worked: LiveServer, tmp_path: Path) -> None:
    people, result = tmp_path / "people.csv", tmp_path / "enriched.csv"
    people.write_text("E-Mail,Country\nada@example.com,US\ngrace@exmaple.org,DE\n")
    ended = subprocess.run(
        [sys.executable, EXAMPLE, people, result],
        env={**os.environ, "MUSTER_URL": client.base_url, "MUSTER_API_KEY": worked.key},
        capture_output=True,
        text=True,
        timeout=90,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr
    assert "company_domain: 2 rows filled" in ended.stdout
    assert "company_domain of the first row is from email_domain" in ended.stdout
    header, first, *_ = result.read_text().splitlines()
    assert "company_domain" in header
    assert ",example.com" in first


def test_a_mistake_in_a_plan_is_named_with_its_place(client: Client, upload_id: str) -> None:
    with pytest.raises(InvalidRequest) as raised:
        client.estimate_enrichment(upload_id, [{"provider": "email_domain", "inputs": {"email": "emial"}}])
    (error,) = raised.value.errors
    assert (raised.value.code, error.pointer) == ("plan_invalid", "/providers/0/inputs/email")
    with pytest.raises(NotFound):
        client.enrichment("enr_" + "A" * 22)
