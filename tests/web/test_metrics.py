"""What Prometheus sees, and who else may."""

import re
from pathlib import Path

import pytest

from muster.accounts.model import Role, Scope
from tests.support.app import BATCH, UNKNOWN_UPLOAD, RunningApp, bearer, build_now, running


def values(page: str) -> dict[str, float]:
    """Every sample by its name with labels."""
    found = {}
    for line in page.splitlines():
        if line and not line.startswith("#"):
            name, value = line.rsplit(" ", 1)
            found[name] = float(value)
    return found


def scrape(app: RunningApp) -> dict[str, float]:
    answer = app.ask("GET", "/metrics", client=("127.0.0.1", 5000))
    assert answer.status == 200
    assert answer.headers["content-type"].startswith("text/plain; version=0.0.4")
    return values(answer.body.decode())


def test_an_upload_shows_in_every_number_that_counts_it(tmp_path: Path) -> None:
    with running(tmp_path / "data") as app:
        before = scrape(app)
        ana = app.person("ana@example.com")
        app.upload(ana, on_invalid="skip", records=[{"email": "a@example.com"}] * 5 + [{}] * 2)
        app.client.get(f"{BATCH}/{UNKNOWN_UPLOAD}", headers=ana.headers)
        after = scrape(app)

        def grew(name: str) -> float:
            return after.get(name, 0) - before.get(name, 0)

        assert grew('muster_records_total{outcome="accepted"}') == 5
        assert grew('muster_records_total{outcome="rejected"}') == 2
        assert grew(f'muster_requests_total{{method="POST",route="{BATCH}",status="200"}}') == 1
        assert grew(f'muster_requests_total{{method="GET",route="{BATCH}/{{upload_id}}",status="404"}}') == 1
        assert grew('muster_body_bytes_total{form="wire"}') > 0
        assert grew('muster_body_bytes_total{form="stored"}') > 0
        for stage in ("check", "compress", "store", "commit"):
            assert grew(f'muster_stage_seconds_count{{stage="{stage}"}}') == 1, stage
        assert after["muster_uploads_stored"] == 1
        assert after["muster_records_stored"] == 5
        assert after["muster_store_bytes"] > 0
        assert after["muster_body_bytes_in_flight"] == 0


def test_work_that_waits_and_tables_that_are_there_show(tmp_path: Path) -> None:
    with running(tmp_path / "data") as app:
        ana = app.person("ana@example.com")
        receipt = app.upload(ana)
        waiting = scrape(app)
        assert waiting['muster_jobs{state="queued"}'] == 1
        assert waiting["muster_jobs_waited_seconds"] > 0
        assert (waiting["muster_tables_stored"], waiting["muster_table_bytes"]) == (0, 0)

        build_now(app, ana, receipt["upload_id"])
        asked = waiting["muster_table_query_seconds_count"]
        path = f"{BATCH}/{receipt['upload_id']}/rows?exact_total=true"
        sorted_path = f"{path}&sort=email"
        assert app.ask("GET", sorted_path, ana.headers).status == 200
        done = scrape(app)
        assert done['muster_jobs{state="queued"}'] == 0
        assert done['muster_jobs{state="done"}'] == 1
        assert done["muster_jobs_waited_seconds"] == 0
        assert done["muster_tables_stored"] == 1
        assert done["muster_table_bytes"] > 0
        assert done["muster_table_query_seconds_count"] > asked


def test_what_clients_make_up_adds_no_labels(app: RunningApp) -> None:
    def labels() -> set[str]:
        return {name for name in scrape(app) if name.startswith("muster_requests_total")}

    app.ask("GET", "/api/x")
    app.ask("BREW", "/api/x")
    before = labels()
    for number in range(20):
        app.ask("GET", f"/api/made-up-{number}?{number}")
        app.ask(f"BREW{number}", f"/{number}")
    assert labels() == before
    assert any('route="none"' in name for name in before)


@pytest.mark.parametrize(
    ("address", "headers", "status"),
    [
        ("127.0.0.1", {}, 200),
        ("::1", {}, 200),
        ("192.0.2.7", {}, 401),
        ("testclient", {}, 401),
        # A proxy on this machine speaks for somebody else.
        ("127.0.0.1", {"X-Forwarded-For": "192.0.2.7"}, 401),
        ("127.0.0.1", {"Forwarded": "for=192.0.2.7"}, 401),
        # And whoever says to be local is not.
        ("192.0.2.7", {"X-Forwarded-For": "127.0.0.1"}, 401),
    ],
)
def test_strangers_do_not_see_the_numbers(
    app: RunningApp, address: str, headers: dict[str, str], status: int
) -> None:
    assert app.ask("GET", "/metrics", headers, client=(address, 5000)).status == status


def test_from_elsewhere_the_numbers_need_the_scope_admin(app: RunningApp) -> None:
    owner = app.person("metrics-owner@example.com", Role.OWNER)
    member = app.person("metrics-member@example.com")
    narrow = app.key(owner.user, set(Scope) - {Scope.ADMIN})
    for headers, status in ((owner.headers, 200), (member.headers, 403), (bearer(narrow), 403)):
        assert app.client.get("/metrics", headers=headers).status_code == status


def test_the_setting_opens_the_numbers_to_everybody(tmp_path: Path) -> None:
    with running(tmp_path / "data", metrics_public=True) as app:
        assert app.client.get("/metrics").status_code == 200


def test_the_page_names_nobody(app: RunningApp) -> None:
    ana = app.person("somebody@example.com")
    upload = app.upload(ana, "secret name")["upload_id"]
    app.client.get(f"{BATCH}/{upload}", headers=ana.headers)
    page = app.ask("GET", "/metrics", client=("127.0.0.1", 5000)).body.decode()
    for secret in ("somebody", "secret name", upload, ana.user.id, ana.key):
        assert secret not in page
    assert re.search(r"^# HELP muster_requests_total ", page, re.M)
