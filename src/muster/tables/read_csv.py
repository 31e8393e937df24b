"""CSV through the table engine: strict, all text, in input order, or not at all."""

import secrets
from collections.abc import Iterable
from contextlib import ExitStack
from io import BufferedWriter

import duckdb
import pyarrow as pa

from muster.tables.engine import EngineLimits, connect


class CsvEngine:
    """Reads CSV with one connection, opened when first needed; `close` when done. Not thread-safe.

    What it reads lies in one file, written over again and again: a new one each time costs a tenth of reading it.
    """

    def __init__(self, limits: EngineLimits) -> None:
        self._limits = limits
        self._path = limits.scratch / f"segment-{secrets.token_hex(6)}.csv"
        self._open = ExitStack()
        self._file: BufferedWriter | None = None
        self._connection: duckdb.DuckDBPyConnection | None = None

    def take(self, pieces: Iterable[bytes | memoryview]) -> None:
        """Clean UTF-8 without a header, whose quotes are doubled: what is read from now on."""
        if self._file is None:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            self._file = self._path.open("wb")
        self._file.seek(0)
        self._file.writelines(pieces)
        self._file.truncate()

    def read(self, *, columns: int, delimiter: str, quote: str, max_record_bytes: int) -> pa.Table | None:
        """The records of what was taken as columns `c0`, `c1` ... of large_string; empty is null.

        max_record_bytes: no record is longer.
        None when any record is not clean, or the engine cannot read them for a reason of its own: never a
        part of the rows, as `strict_mode=false` or `ignore_errors` would give.
        """
        try:
            return self._relation(columns, delimiter, quote, max_record_bytes, "*").to_arrow_table()
        except duckdb.Error as error:
            if isinstance(error, duckdb.OutOfMemoryException):
                self._disconnect()  # what it holds is not given back otherwise
            return None

    def faults(self, *, columns: int, delimiter: str, quote: str, max_record_bytes: int) -> list[int]:
        """Offsets of records the engine would reject, ascending; hints only: some may be missing or wrong."""
        try:
            self._relation(
                columns,
                delimiter,
                quote,
                max_record_bytes,
                "count(COLUMNS(*))",  # of columns nobody asks for the encoding is not looked at
                ", store_rejects=true, rejects_limit=0, rejects_table='faults', rejects_scan='scans'",
            ).fetchall()
            connection = self._opened()
            found = connection.execute("SELECT DISTINCT line_byte_position FROM faults ORDER BY 1").fetchall()
            connection.execute("DROP TABLE faults; DROP TABLE scans")
        except duckdb.Error:
            self._disconnect()  # what is left of the tables of rejects goes with it
            return []
        return [offset for (offset,) in found if offset is not None]

    def _relation(
        self,
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
        values = {"path": str(self._path), "delimiter": delimiter, "quote": quote}
        return self._opened().sql(query, params=values)

    def _opened(self) -> duckdb.DuckDBPyConnection:
        if self._connection is None:
            self._connection = self._open.enter_context(connect(self._limits))
            # The file has another content each time.
            self._connection.execute("SET enable_external_file_cache = false")
        return self._connection

    def _disconnect(self) -> None:
        self._connection = None
        self._open.close()

    def close(self) -> None:
        """End the connection and remove the file; reading again makes them anew."""
        self._disconnect()
        if self._file is not None:
            self._file.close()
            self._file = None
        self._path.unlink(missing_ok=True)
