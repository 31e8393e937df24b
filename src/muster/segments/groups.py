"""Rows that are the same person: which row stands for each group, and which do not stand for themselves."""

from collections.abc import Hashable
from dataclasses import dataclass
from functools import cached_property

import pyarrow as pa
import pyarrow.compute as pc

from muster.tables.sorted_ids import SortedIds


@dataclass(frozen=True)
class Groups:
    """Groups of more than one row.

    key: the same for the same groups: what follows from them is kept by it. places: `winner` and `place` (both
    BIGINT, see sources.py) of every row of such a group, sorted by `place`. losers: for each source, by its
    position, the row ids that do not stand for their group, sorted.
    """

    key: Hashable
    places: pa.Table
    losers: tuple[pa.Array, ...]

    @property
    def size_bytes(self) -> int:
        """With `members`, which may be made later."""
        size: int = 2 * self.places.nbytes + sum(each.nbytes for each in self.losers)
        return size

    @cached_property
    def members(self) -> pa.Table:
        """The rows of `places` sorted by `winner`, then `place`."""
        by_winner = self.places.sort_by([("winner", "ascending"), ("place", "ascending")])
        return by_winner.combine_chunks()

    @property
    def duplicates(self) -> int:
        """Rows that do not stand for themselves."""
        return sum(map(len, self.losers))

    @property
    def groups(self) -> int:
        rows: int = self.places.num_rows
        return rows - self.duplicates

    def winners(self, places: pa.Array) -> pa.Array:
        """For each place that of the row which stands for its group; the place itself where it is alone."""
        at = pc.index_in(places, value_set=self.places.column("place").combine_chunks())
        found = self.places.column("winner").combine_chunks().take(at)
        return pc.coalesce(found, places)

    def winner(self, place: int) -> int:
        """As `winners`, for one place."""
        at = SortedIds(self.places.column("place")).find(place)
        return place if at is None else int(self.places.column("winner")[at].as_py())

    def rows_of(self, winner: int) -> list[int]:
        """All places of a group, ascending; the winner alone when it has no group."""
        chosen = self.members.filter(pc.equal(self.members.column("winner"), winner))
        return chosen.column("place").to_pylist() or [winner]
