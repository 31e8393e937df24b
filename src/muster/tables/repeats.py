"""Rows that say again what an earlier row said, among rows that come piece by piece and are no table yet."""

from collections.abc import Sequence
from contextlib import AbstractContextManager
from types import TracebackType

import pyarrow as pa

from muster.tables.engine import EngineLimits
from muster.tables.queries import Queries


class Repeats(AbstractContextManager["Repeats"]):
    """The texts of several sets of fields, held by the engine, which spills what its memory does not hold.

    `add` every piece to each set, then `find` the repeats of one set after the other. Rows are numbers that
    ascend. Judges as `duplicate_rows` does for a table. What is here is gone when the block ends.
    """

    def __init__(self, limits: EngineLimits) -> None:
        self._queries = Queries(limits)
        self._sets: dict[int, int] = {}  # how many fields each has

    def add(self, number: int, rows: pa.Array, texts: Sequence[pa.Array]) -> None:
        """Rows (int64) and their texts in each field of a set; one with a null among them repeats nothing.

        Raises Overloaded, StorageFull.
        """
        keys = [f"k{place}" for place in range(len(texts))]
        if number not in self._sets:
            self._sets[number] = len(keys)
            self._queries.execute("CREATE TABLE IF NOT EXISTS gone (row_at BIGINT)")
            columns = ", ".join(f"{key} VARCHAR" for key in keys)
            self._queries.execute(f"CREATE TABLE set_{number:d} (row_at BIGINT, {columns})")
        filled = " AND ".join(f"{key} IS NOT NULL" for key in keys)
        self._queries.execute(
            f"INSERT INTO set_{number:d} SELECT * FROM piece WHERE {filled}",  # noqa: S608 - names are ours
            {"piece": pa.table([rows, *texts], names=["row_at", *keys])},
        )

    def find(
        self, number: int, *, ignore_case: bool, remove: bool, examples: int, seconds: float
    ) -> tuple[int, list[tuple[int, str]]]:
        """How many rows of a set repeat an earlier one, and the first of them: row and text of the first field.

        remove: these rows are no longer there for the sets that are asked after this one.
        Raises Overloaded (`query_too_slow`, `query_too_large`), StorageFull.
        """
        if number not in self._sets:
            return 0, []
        keys = [f"k{place}" for place in range(self._sets[number])]
        shown = ", ".join(f"lower({key}) AS {key}" if ignore_case else key for key in keys)
        named = ", ".join(keys)
        # Names are ours, and what users write never becomes part of a query.
        self._queries.execute(
            f"""
            CREATE TABLE later_{number:d} AS
            WITH keyed AS MATERIALIZED (SELECT row_at, {shown} FROM set_{number:d} ANTI JOIN gone USING (row_at)),
            again AS (SELECT {named}, min(row_at) AS first_at FROM keyed GROUP BY ALL HAVING count(*) > 1)
            SELECT row_at FROM keyed JOIN again USING ({named}) WHERE row_at <> first_at
            """,  # noqa: S608
            seconds=seconds,
        )
        later = f"FROM later_{number:d}"
        count = self._queries.run(f"SELECT count(*) AS found {later}", seconds=seconds)["found"][0].as_py()
        first = self._queries.run(
            f"SELECT row_at, k0 {later} JOIN set_{number:d} USING (row_at) ORDER BY row_at LIMIT {examples:d}",
            seconds=seconds,
        )
        if remove:
            self._queries.execute(f"INSERT INTO gone SELECT row_at {later}", seconds=seconds)
        return count, [(row["row_at"], row["k0"]) for row in first.to_pylist()]

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._queries.close()
