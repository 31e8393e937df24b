"""What is made from something and would be lost with it; how one room asks others before it deletes.

Rooms on one floor do not know each other, so the wiring hands each the Dependants of the others.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from muster.accounts.model import Principal
from muster.db.database import Connection
from muster.errors import Issue
from muster.ids import UserId


@dataclass(frozen=True, slots=True)
class Dependant:
    """One thing made from another. kind: a noun for people, such as `segment`; name: what its owner calls it."""

    kind: str
    id: str
    name: str


class Dependants(Protocol):
    """The things of one room that are made from the things of another."""

    def of(self, connection: Connection, user_id: UserId, subject: str) -> Sequence[Dependant]:
        """What is made from `subject`, in the caller's transaction; nothing can join it until that ends."""
        ...

    def remove(
        self, connection: Connection, principal: Principal, subject: str, now: datetime
    ) -> Callable[[], None]:
        """Delete all of it in the caller's transaction. The answer deletes its bytes, after the commit."""
        ...


def told(found: Sequence[Dependant]) -> str:
    """The beginning of a sentence: `Segment "Buyers" and 2 more are`."""
    first, rest = found[0], len(found) - 1
    more = f" and {rest} more are" if rest else " is"
    return f'{first.kind.capitalize()} "{first.name}"{more}'


def named(found: Iterable[Dependant], code: str) -> list[Issue]:
    """One issue for each, which says what it is and what to do with it."""
    return [
        Issue(
            None, each.kind, "", code, f"{each.kind.capitalize()} `{each.name}` ({each.id}) is made from it."
        )
        for each in found
    ]
