"""The client's calls about probable matches; a part of `Client`."""

import time
import uuid
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from ._address import MATCHES, match_path
from ._connection import Connection, shaped
from ._errors import StillWorking
from ._matches_model import Match, MatchPair

_PAIRS_AT_ONCE: Final = 1000
_POLL_SECONDS: Final = 0.5

Known = Mapping[str, Any]
"""`{"a": {"upload_id": ..., "row": 1}, "b": {...}, "same": True}`."""


class MatchesClient:
    """Rows that are probably the same person: start a match, look at its pairs, settle them by hand."""

    _connection: Connection

    def match_rows(
        self,
        uploads: Sequence[str],
        compare: Mapping[str, str],
        *,
        threshold: float = 0.95,
        labels: Sequence[Known] = (),
        wait: bool = True,
    ) -> Match:
        """Match rows by probability. compare: column to kind (name, email, phone, text, exact), two or more.

        labels: pairs you know, on which precision and recall are measured. Raises Conflict when the server lacks the
        extra for it.
        """
        body = {
            "uploads": list(uploads),
            "compare": [{"column": column, "kind": kind} for column, kind in compare.items()],
            "threshold": threshold,
            "labels": list(labels),
        }
        key = {"Idempotency-Key": str(uuid.uuid4())}
        said = self._connection.json("POST", MATCHES, body=body, headers=key)
        match = shaped(said["match"], Match)
        return self.wait_for_match(match.id) if wait else match

    def match(self, match_id: str) -> Match:
        """One match. Raises NotFound."""
        return shaped(self._connection.json("GET", match_path(match_id))["match"], Match)

    def wait_for_match(self, match_id: str, *, timeout: float | None = None) -> Match:
        """The match once it is over, whatever came of it. Raises StillWorking after `timeout` seconds."""
        until = None if timeout is None else time.monotonic() + timeout
        while not (match := self.match(match_id)).is_over:
            if until is not None and time.monotonic() + _POLL_SECONDS > until:
                message = f"{match_id} is still being worked on. It goes on; ask for it again later."
                raise StillWorking(message, code="still_working")
            time.sleep(_POLL_SECONDS)
        return match

    def match_pairs(self, match_id: str, *, low: float = 0.0, high: float = 1.0) -> Iterator[MatchPair]:
        """Pairs between two probabilities with their evidence, the least probable first, fetched as asked for."""
        offset = 0
        while True:
            asked: dict[str, Any] = {"from": low, "to": high, "offset": offset, "limit": _PAIRS_AT_ONCE}
            said = self._connection.json("GET", match_path(match_id, "/pairs"), params=asked)
            names = [column["name"] for column in said["columns"]]
            for pair in said["pairs"]:
                ends = {
                    end: {**pair[end], "values": dict(zip(names, pair[end]["values"], strict=False))}
                    for end in ("a", "b")
                }
                yield shaped({**pair, **ends}, MatchPair)
            offset += _PAIRS_AT_ONCE
            if offset >= said["total"]:
                return

    def settle_pairs(self, match_id: str, decisions: Sequence[Known]) -> Match:
        """Say of pairs whether they are the same; the last word on a pair counts."""
        body = {"decisions": list(decisions)}
        said = self._connection.json("POST", match_path(match_id, "/decisions"), body=body)
        return shaped(said["match"], Match)

    def delete_match(self, match_id: str) -> None:
        """Forget it. Raises Conflict as long as segments use it."""
        self._connection.call("DELETE", match_path(match_id))
