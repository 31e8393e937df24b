"""Segments behind the whole application, for tests that speak HTTP."""

from dataclasses import dataclass
from typing import Any

from muster.jobs import store as job_store
from muster.jobs.model import JobState
from muster.jobs.read import newest_job
from muster.segments.refresh_job import refresh_kind
from tests.support.app import BATCH, Person, RunningApp, build_now
from tests.support.inline_run import InlineRun

SEGMENTS = "/api/audience/segments"
IDENTITY = "/api/audience/identity"
PEOPLE = [
    {"email": "ana@example.com", "country": "US", "employees": 10, "phone": "+12125550100"},
    {"email": "bob@example.com", "country": "US", "employees": 250},
    {"email": "Ana@Example.com", "country": "DE", "employees": 12},
    {"email": "cyd@example.org", "country": "US", "employees": "12"},
    {"email": "eve@example.org", "employees": 9, "phone": "n/a"},
]
US = {"field": "country", "op": "eq", "value": "US"}


@dataclass(frozen=True)
class Served:
    """Ana's two uploads, and Bob who has one of his own."""

    app: RunningApp
    ana: Person
    bob: Person
    upload: str
    other: str
    bobs: str

    def ask(
        self, method: str, path: str, body: object = None, *, who: Person | None = None, **options: Any
    ) -> Any:
        """The answer; `expect`: its status, `headers`, `params`."""
        expect = options.pop("expect", {200})
        headers = {**(who or self.ana).headers, **options.pop("headers", {})}
        answer = self.app.client.request(method, path, json=body, headers=headers, **options)
        assert answer.status_code in (expect if isinstance(expect, set) else {expect}), answer.text
        return answer.json()

    def make(self, name: str = "US", **members: Any) -> dict[str, Any]:
        body = {"name": name, "uploads": [self.upload], "filter": US, **members}
        made: dict[str, Any] = self.ask("POST", SEGMENTS, body, expect=201)["segment"]
        return made

    def one(self, segment_id: str) -> dict[str, Any]:
        found: dict[str, Any] = self.ask("GET", f"{SEGMENTS}/{segment_id}")["segment"]
        return found

    def members(self, segment_id: str, **params: Any) -> list[int]:
        found = self.ask("GET", f"{SEGMENTS}/{segment_id}/members", params=params)
        return [row["_row_id"] for row in found["rows"]]

    def edit(self, row: int, **values: Any) -> None:
        self.ask("PATCH", f"{BATCH}/{self.upload}/rows", {"edits": [{"row": row, "set": values}]})

    def work(self, segment_id: str) -> None:
        """Do what a worker would, here and now: count the segment, then note that the job is done."""
        room = self.app.house.segments
        with room.db.read() as connection:
            job = newest_job(connection, self.ana.user.id, segment_id)
        assert job is not None
        refresh_kind(room).run(InlineRun(job))
        with room.db.begin() as connection:
            assert job_store.finish(connection, job.id, JobState.DONE, None, room.clock())


def serve(app: RunningApp) -> Served:
    ana, bob = app.person("ana@example.com"), app.person("bob@example.com")
    ids = []
    for person, name in ((ana, "crm"), (ana, "event"), (bob, "bob's")):
        upload_id = app.upload(person, name, records=PEOPLE if name != "event" else PEOPLE[1:3])["upload_id"]
        build_now(app, person, upload_id)
        ids.append(upload_id)
    return Served(app, ana, bob, *ids)
