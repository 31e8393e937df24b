"""A table behind the whole application, for tests that speak HTTP."""

from dataclasses import dataclass
from typing import Any

from tests.support.app import BATCH, Person, RunningApp
from tests.tables.making import Cells

LEADS: Cells = {
    "email": ["ana@example.com", "bob@example.com", "cyd@example.org", None, "eve@example.org"],
    "employees": ["10", "9", None, "100", "2"],
    'odd, "name".x': ["", "x\x00y", "😀", "'; DROP TABLE uploads; --", "%"],
}
ODD = 'odd, "name".x'


@dataclass(frozen=True)
class Table:
    """Ana's upload with its table, and Bob who has one of his own."""

    app: RunningApp
    ana: Person
    bob: Person
    id: str
    link: str
    other_link: str

    @property
    def url(self) -> str:
        return f"{BATCH}/{self.id}"

    def rows(self, **query: Any) -> dict[str, Any]:
        answer = self.app.client.get(f"{self.url}/rows", params=query, headers=self.ana.headers)
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    def refused(self, status: int, **query: Any) -> dict[str, Any]:
        answer = self.app.client.get(f"{self.url}/rows", params=query, headers=self.ana.headers)
        assert answer.status_code == status, answer.text
        found: dict[str, Any] = answer.json()
        return found

    def send(self, method: str, path: str, body: Any, **headers: str) -> Any:
        return self.app.client.request(
            method, f"{self.url}{path}", json=body, headers={**self.ana.headers, **headers}
        )

    def edit(self, row: int, **values: Any) -> dict[str, Any]:
        answer = self.send("PATCH", "/rows", {"edits": [{"row": row, "set": values}]})
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found
