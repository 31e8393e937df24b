"""The client's calls about people who must not leave; a part of `Client`."""

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any, Literal

from ._address import SUPPRESSIONS, suppression_path
from ._connection import Connection, shaped
from ._exports_client import once
from ._exports_model import CheckedValue, RefusedValue, Suppressed, Suppression
from ._pages import pages

SuppressionKind = Literal["email", "phone", "domain"]

_AT_ONCE = 1000


class SuppressionsClient:
    """The list of people who must not leave."""

    _connection: Connection

    def suppressions(self, kind: SuppressionKind | None = None) -> Iterator[Suppression]:
        """The list of people who must not leave, newest first; whose entries they are cannot be read back."""
        for page in pages(self._connection, SUPPRESSIONS, {"kind": kind, "limit": _AT_ONCE}):
            yield from shaped(page["suppressions"], tuple[Suppression, ...])

    def suppress(
        self,
        values: Iterable[str],
        *,
        kind: SuppressionKind | None = None,
        region: str | None = None,
        reason: str | None = None,
    ) -> Suppressed:
        """Let no export take these people out: e-mail addresses, phone numbers, domains; any number of them.

        kind: what all of them are; told by their shape unless given. region: of phones without `+`, such as US.
        What is none of them is in `refused`; everything else is on the list then.
        """
        added, already = 0, 0
        refused: list[RefusedValue] = []
        for start, said in self._in_turn(
            "POST", SUPPRESSIONS, values, kind=kind, region=region, reason=reason
        ):
            done = shaped(said, Suppressed)
            added, already = added + done.added, already + done.already
            refused += [RefusedValue(start + one.index, one.code, one.message) for one in done.refused]
        return Suppressed(added, already, tuple(refused))

    def check_suppressions(
        self, values: Iterable[str], *, kind: SuppressionKind | None = None, region: str | None = None
    ) -> tuple[CheckedValue, ...]:
        """Which of these people must not leave."""
        found: list[CheckedValue] = []
        for start, said in self._in_turn("POST", f"{SUPPRESSIONS}/check", values, kind=kind, region=region):
            results = shaped(said["results"], tuple[CheckedValue, ...])
            found += [CheckedValue(start + one.index, one.kind, one.suppressed, one.by) for one in results]
        return tuple(found)

    def unsuppress(
        self, values: Iterable[str], *, kind: SuppressionKind | None = None, region: str | None = None
    ) -> int:
        """Take values off the list; returns how many were on it."""
        asked = self._in_turn("DELETE", SUPPRESSIONS, values, kind=kind, region=region)
        return sum(said["removed"] for _, said in asked)

    def delete_suppression(self, entry_id: str) -> None:
        """Take one entry off the list, by its id."""
        self._connection.call("DELETE", suppression_path(entry_id))

    def _in_turn(
        self, method: str, path: str, values: Iterable[str], **members: str | None
    ) -> Iterator[tuple[int, dict[str, Any]]]:
        """Send values as many at a time as the server takes; the place of the first with each answer."""
        if isinstance(values, str):
            raise TypeError('values must be a list, such as ["ada@example.com"]')
        left, start = iter(values), 0
        while some := list(islice(left, _AT_ONCE)):
            body = {"values": some, **{name: value for name, value in members.items() if value is not None}}
            # A DELETE says no key: twice is once.
            headers = once() if method == "POST" else {}
            yield start, self._connection.json(method, path, body=body, headers=headers)
            start += len(some)
