"""CSV through the table engine: strict, all text, in input order, or not at all."""

from contextlib import ExitStack
from pathlib import Path

import duckdb
import pyarrow as pa

from muster.tables.engine import EngineLimits, connect


class CsvEngine:
    """Reads CSV files with one connection, opened when first needed; `close` when done. Not thread-safe."""

    def __init__(self, limits: EngineLimits) -> None:
        self._limits = limits
        self._open = ExitStack()
        self._connection: duckdb.DuckDBPyConnection | None = None

    @property
    def scratch(self) -> Path:
        """The directory its files have to lie in."""
        return self._limits.scratch

    def read(
        self, path: Path, *, columns: int, delimiter: str, quote: str, max_record_bytes: int
    ) -> pa.Table | None:
        """The records of a file of clean UTF-8 CSV as columns `c0`, `c1` ... of large_string; empty is null.

        path: a file without a header whose quotes are doubled. max_record_bytes: no record is longer.
        None when any record is not clean, or the engine cannot read the file for a reason of its own: never a
        part of the rows, as `strict_mode=false` or `ignore_errors` would give.
        """
        try:
            return self._relation(path, columns, delimiter, quote, max_record_bytes, "*").to_arrow_table()
        except duckdb.Error as error:
            if isinstance(error, duckdb.OutOfMemoryException):
                self.close()  # what it holds is not given back otherwise
            return None

    def faults(
        self, path: Path, *, columns: int, delimiter: str, quote: str, max_record_bytes: int
    ) -> list[int]:
        """Offsets of records the engine would reject, ascending; hints only: some may be missing or wrong."""
        try:
            self._relation(
                path,
                columns,
                delimiter,
                quote,
                max_record_bytes,
                "count(COLUMNS(*))",  # of columns nobody asks for the encoding is not looked at
                ", store_rejects=true, rejects_limit=0, rejects_table='faults', rejects_scan='scans'",
            ).fetchall()
            found = (
                self._opened().execute("SELECT DISTINCT line_byte_position FROM faults ORDER BY 1").fetchall()
            )
        except duckdb.Error:
            return []
        finally:
            self.close()  # the tables of rejects belong to the connection
        return [offset for (offset,) in found if offset is not None]

    def _relation(
        self,
        path: Path,
        columns: int,
        delimiter: str,
        quote: str,
        max_record_bytes: int,
        wanted: str,
        more: str = "",
    ) -> duckdb.DuckDBPyRelation:
        names = ",".join(f"'c{number}':'VARCHAR'" for number in range(columns))
        options = (
            "auto_detect=false, header=false, strict_mode=true, all_varchar=true, compression='none', comment='',"
            f" delim=$delimiter, quote=$quote, escape=$quote, max_line_size={max_record_bytes:d}{more}"
        )
        query = f"SELECT {wanted} FROM read_csv($path, {options}, columns={{{names}}})"  # noqa: S608 - our own names
        values = {"path": str(path), "delimiter": delimiter, "quote": quote}
        return self._opened().sql(query, params=values)

    def _opened(self) -> duckdb.DuckDBPyConnection:
        if self._connection is None:
            self._connection = self._open.enter_context(connect(self._limits))
        return self._connection

    def close(self) -> None:
        """End the connection; reading again opens another."""
        self._connection = None
        self._open.close()
