"""The client's calls about rules; a part of `Client`."""

import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from ._address import RULES, rule_path
from ._connection import Connection, shaped
from ._rules_model import Rule, Tried, TriedUpload

Cells = Mapping[str, str | int | float | bool | None]


class RulesClient:
    """Rules: kept in an order, applied to every upload from then on, tried before they are kept."""

    _connection: Connection

    def rules(self) -> tuple[Rule, ...]:
        """All rules, in the order they are applied."""
        return shaped(self._connection.json("GET", RULES)["rules"], tuple[Rule, ...])

    def create_rule(
        self,
        name: str,
        test: Mapping[str, Any],
        *,
        field: str | None = None,
        severity: str = "reject",
        otherwise: str = "reject",
        enabled: bool = True,
    ) -> Rule:
        """Keep a rule, behind the others.

        test: `{"kind": "phone", "region": "DE"}` and the like; docs/api/rules.md lists them all. field: the
        column it looks at, for all but the tests that name their own. severity: reject, warn or fix;
        otherwise: reject or warn, for values that `fix` cannot fix. Raises InvalidRequest with an error for
        each mistake.
        """
        wish: dict[str, Any] = {"name": name, "test": test, "severity": severity, "enabled": enabled}
        if field is not None:
            wish["field"] = field
        if severity == "fix":
            wish["otherwise"] = otherwise
        key = {"Idempotency-Key": str(uuid.uuid4())}
        return shaped(self._connection.json("POST", RULES, body=wish, headers=key)["rule"], Rule)

    def update_rule(self, rule_id: str, **members: Any) -> Rule:
        """Change the named members of a rule: name, field, test (as a whole), severity, otherwise, enabled."""
        return shaped(self._connection.json("PATCH", rule_path(rule_id), body=members)["rule"], Rule)

    def delete_rule(self, rule_id: str) -> None:
        """Forget a rule. Tables that are ready do not change."""
        self._connection.call("DELETE", rule_path(rule_id))

    def order_rules(self, rule_ids: Sequence[str]) -> tuple[Rule, ...]:
        """Put the rules in another order; names every rule once."""
        said = self._connection.json("PUT", f"{RULES}/order", body={"rule_ids": [*rule_ids]})
        return shaped(said["rules"], tuple[Rule, ...])

    def try_rule(
        self, rule: Mapping[str, Any], values: Sequence[str | int | float | bool | None]
    ) -> tuple[Tried, ...]:
        """What one rule would say to values; nothing is kept."""
        said = self._connection.json("POST", f"{RULES}/try", body={"rule": rule, "values": [*values]})
        return shaped(said["results"], tuple[Tried, ...])

    def try_records(
        self, records: Sequence[Cells], *, rules: Sequence[Mapping[str, Any]] | None = None
    ) -> tuple[Tried, ...]:
        """What rules would make of records; the kept ones unless `rules` are given."""
        body = {"records": [*records]} | ({} if rules is None else {"rules": [*rules]})
        said = self._connection.json("POST", f"{RULES}/try", body=body)
        return shaped(said["results"], tuple[Tried, ...])

    def try_upload(self, upload_id: str, *, rules: Sequence[Mapping[str, Any]] | None = None) -> TriedUpload:
        """What rules would make of a whole upload; the kept ones unless `rules` are given."""
        body = {"upload_id": upload_id} | ({} if rules is None else {"rules": [*rules]})
        return shaped(self._connection.json("POST", f"{RULES}/try", body=body)["upload"], TriedUpload)
