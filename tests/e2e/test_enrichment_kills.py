"""Twenty thousand rows against a real service with bad weather, undisturbed and with the worker killed: the same
table, every different input answered for once, the pace never exceeded, the cost to the cent."""

import json
import random
import time
from typing import Any

import pytest

from tests.crash.test_build_kill import workers_of
from tests.e2e.test_tables import at_rest, eventually, rows, send_file
from tests.support.enrich_server import Service, company_of, enrich_server
from tests.support.live import Api, LiveServer
from tests.support.live_fixtures import NewServer

ENRICHMENTS = "/api/audience/enrichments"
ROWS = 20_000
ROWS_OF_A_DOMAIN = 2.5
PACE = {"calls": 1_000, "seconds": 1}
CONCURRENCY = 16
PRICE_MICROS = 3_000
WEATHER = {
    "latency": 0.004, "burst_every": 1_500, "burst_calls": 30, "retry_after": "1", "fail_every": 397, "hang_every": 2_903,
}  # fmt: skip


def content(rows: int = ROWS) -> bytes:
    domains = round(rows / ROWS_OF_A_DOMAIN)
    dice = random.Random(5)  # noqa: S311
    lines = ["email,domain"]
    lines += [f"p{at}@x.example,firm{dice.randrange(domains)}.example" for at in range(rows)]
    return "\n".join(lines).encode()


def connected(api: Api, service: Service) -> str:
    settings = {
        "url": f"{service.url}/v1/companies/{{domain}}",
        "needs": [{"name": "domain", "title": "Domain"}],
        "outputs": [
            {"name": "company", "path": "$.company.name"},
            {"name": "employees", "path": "$.company.employees", "kind": "number"},
        ],
        "price": PRICE_MICROS / 1e6,
        "price_per": "found",
        "rate": PACE,
        "concurrency": CONCURRENCY,
        # A busy machine is not bad weather.
        "timeout_seconds": 5,
        "retries": 8,
    }
    kept = {"provider": "http_json", "name": service.url, "settings": settings}
    made = api.call("POST", f"{ENRICHMENTS}/connections", json.dumps(kept).encode())
    assert made.status == 201, made.body
    connection_id: str = made.json["connection"]["id"]
    return connection_id


def started(api: Api, upload_id: str, connection_id: str) -> str:
    step = {"provider": "http_json", "connection": connection_id}
    body = {"upload_id": upload_id, "providers": [step], "budget": 1_000}
    answer = api.call("POST", ENRICHMENTS, json.dumps(body).encode())
    assert answer.status == 202, answer.body
    run_id: str = answer.json["run"]["run_id"]
    return run_id


def run_of(api: Api, run_id: str) -> dict[str, Any]:
    found: dict[str, Any] = api.call("GET", f"{ENRICHMENTS}/{run_id}").json["run"]
    return found


def over(api: Api, run_id: str) -> dict[str, Any]:
    def look() -> dict[str, Any] | None:
        found = run_of(api, run_id)
        return found if found["status"] not in {"queued", "running", "paused"} else None

    found: dict[str, Any] = eventually(look, f"the end of {run_id}", 180)
    return found


def column_values(api: Api, upload_id: str, rows_in_all: int = ROWS) -> list[list[str | None]]:
    found: list[list[str | None]] = []
    for offset in range(0, rows_in_all, 1_000):
        page = rows(api, upload_id, offset=offset, limit=1_000, columns="domain,company,employees")
        found += [row["values"] for row in page["rows"]]
    return found


def expected(domain: str) -> list[str | None]:
    told = company_of(domain)
    if told is None:
        return [domain, None, None]
    return [domain, told["company"]["name"], str(told["company"]["employees"])]


def check(api: Api, service: Service, upload_id: str, run: dict[str, Any], rows_in_all: int = ROWS) -> None:
    """What must hold however often it was killed."""
    assert run["status"] == "done", run
    assert run["failures"] == []
    values = column_values(api, upload_id, rows_in_all)
    assert len(values) == rows_in_all
    counts = run["providers"][0]["counts"]
    wrong = [row for row in values if row != expected(str(row[0]))]
    assert not wrong, (len(wrong), wrong[:10], counts)
    distinct = {str(domain) for domain, _, _ in values}
    found = sum(company_of(domain) is not None for domain in distinct)
    assert (counts["inputs"], counts["done"], counts["failed"]) == (len(distinct), len(distinct), 0)
    assert (counts["found"], counts["empty"]) == (found, len(distinct) - found)
    assert round(run["cost"] * 1e6) == found * PRICE_MICROS
    stats = service.stats
    assert set(stats.answered) == distinct
    # The service's own clock: what it was held up for itself does not count against us.
    assert stats.most_in(PACE["seconds"] - stats.longest_stall) <= PACE["calls"]


def prepared(new_server: NewServer, database: str, rows: int = ROWS) -> tuple[LiveServer, str]:
    server = new_server(
        database=database, jobs=True, environment={"MUSTER_ALLOW_PRIVATE_ADDRESSES": "true"}
    ).start()
    upload_id = send_file(server.api, content(rows), "people.csv")
    at_rest(server.api, upload_id)
    return server, upload_id


@pytest.mark.timeout(300)
def test_every_different_input_is_answered_once_whatever_the_weather(new_server: NewServer) -> None:
    server, upload_id = prepared(new_server, "sqlite")
    with enrich_server() as service:
        service.weather(**WEATHER)
        connection_id = connected(server.api, service)
        run = over(server.api, started(server.api, upload_id, connection_id))
        check(server.api, service, upload_id, run)
        assert set(service.stats.answered.values()) == {1}
        calls = service.stats.calls
        second = send_file(server.api, content(), "again.csv")
        at_rest(server.api, second)
        again = over(server.api, started(server.api, second, connection_id))
        assert (again["cost"], again["providers"][0]["counts"]["asked"]) == (0, 0)
        assert service.stats.calls == calls
        assert column_values(server.api, second) == column_values(server.api, upload_id)


@pytest.mark.timeout(300)
@pytest.mark.parametrize(
    ("database", "kills", "rows"),
    [
        ("sqlite", 2, 8_000),
        pytest.param("sqlite", 5, ROWS, marks=pytest.mark.soak),
        pytest.param("postgresql", 5, ROWS, marks=pytest.mark.soak),
    ],
)
def test_kills_of_the_worker_neither_lose_a_row_nor_pay_twice(
    new_server: NewServer, database: str, kills: int, rows: int
) -> None:
    server, upload_id = prepared(new_server, database, rows)
    dice = random.Random(3)  # noqa: S311
    with enrich_server() as service:
        service.weather(**WEATHER)
        run_id = started(server.api, upload_id, connected(server.api, service))
        for _ in range(kills):
            before = service.stats.calls

            def is_asking(before: int = before) -> bool:
                is_over = run_of(server.api, run_id)["status"] not in {"queued", "running"}
                return is_over or service.stats.calls > before + 300

            eventually(is_asking, "calls after a kill")
            time.sleep(
                dice.uniform(0, 0.5)
            )  # at any point of its work; what it does meanwhile is the question
            for worker in workers_of(server):
                worker.kill()
        run = over(server.api, run_id)
        check(server.api, service, upload_id, run, rows)
        # Answered twice is at most what was under way, or not yet in the cache, when it died.
        twice = sum(times - 1 for times in service.stats.answered.values())
        assert twice <= kills * PACE["calls"], twice
