"""Run SQL on one shared engine connection: a cursor for each query, an end to each that takes too long.

The connection is opened at the first query. Cursors share its memory limit and its threads, so many requests
together use no more than the limits say.
"""

import threading
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager, nullcontext, suppress
from functools import partial
from time import perf_counter

import duckdb
import pyarrow as pa

from muster.errors import Overloaded, StorageFull, Unavailable
from muster.tables.engine import EngineLimits, connect
from muster.tables.stop import Stop
from muster.web.metrics import QUERY_SECONDS

MAX_SECONDS = 30.0
"""How long one query may run while somebody waits for it."""
_STREAM_ROWS = 64 * 1024


class Queries:
    """Reads over Parquet files and Arrow tables; thread-safe."""

    def __init__(self, limits: EngineLimits) -> None:
        self._limits = limits
        self._lock = threading.Lock()
        self._open = ExitStack()
        self._connection: duckdb.DuckDBPyConnection | None = None

    def run(
        self,
        sql: str,
        tables: Mapping[str, pa.Table] | None = None,
        *,
        seconds: float = MAX_SECONDS,
        stop: Stop | None = None,
    ) -> pa.Table:
        """The whole result of one query.

        tables: Arrow tables by the name the query knows them by. stop: ends it before its time.
        Raises Overloaded (`query_too_slow`, `query_too_large`), StorageFull when there is no room to spill,
        Unavailable when a file it reads cannot be read, and what `stop` is given as the reason.
        """
        with self._running(tables, seconds, stop) as cursor:
            return cursor.sql(sql).to_arrow_table()

    def execute(
        self, sql: str, tables: Mapping[str, pa.Table] | None = None, *, seconds: float = MAX_SECONDS
    ) -> None:
        """A statement without a result, such as one that makes a table in memory. Raises what `run` raises."""
        with self._running(tables, seconds) as cursor:
            cursor.execute(sql)

    @contextmanager
    def stream(
        self, sql: str, tables: Mapping[str, pa.Table] | None = None, *, seconds: float = MAX_SECONDS
    ) -> Iterator[Iterator[pa.RecordBatch]]:
        """The result piece by piece, for as long as the block lasts. Raises what `run` raises."""
        with self._running(tables, seconds) as cursor:
            yield iter(cursor.sql(sql).to_arrow_reader(_STREAM_ROWS))

    @contextmanager
    def _running(
        self, tables: Mapping[str, pa.Table] | None, seconds: float, stop: Stop | None = None
    ) -> Iterator[duckdb.DuckDBPyConnection]:
        cursor = self._cursor()
        timer = threading.Timer(seconds, _interrupt, [cursor])
        timer.daemon = True
        started = perf_counter()
        try:
            for name, table in (tables or {}).items():
                cursor.register(name, table)
            timer.start()
            with nullcontext() if stop is None else stop.interrupting(partial(_interrupt, cursor)):
                yield cursor
        except duckdb.InterruptException as error:
            if stop is not None:
                stop.check()
            raise Overloaded(
                f"This query took longer than {seconds:.0f} seconds and was stopped. Use fewer conditions or "
                "sort keys, or narrow the filter, and try again.",
                code="query_too_slow",
            ) from error
        except (duckdb.OutOfMemoryException, duckdb.TransactionException) as error:
            # Of rows that are kept in memory the end of a transaction may be one too many; nobody else writes.
            raise _out_of_memory(error) from error
        except duckdb.IOException as error:
            raise Unavailable(
                "A file of this table cannot be read at the moment. Try again shortly.", retry_after_seconds=2
            ) from error
        finally:
            timer.cancel()
            cursor.close()
            QUERY_SECONDS.observe(perf_counter() - started)

    def close(self) -> None:
        """End the connection; a query after that opens a new one."""
        with self._lock:
            self._connection = None
            self._open.close()

    def _cursor(self) -> duckdb.DuckDBPyConnection:
        with self._lock:
            if self._connection is None:
                self._connection = self._open.enter_context(connect(self._limits))
            return self._connection.cursor()


def _interrupt(cursor: duckdb.DuckDBPyConnection) -> None:
    with suppress(duckdb.Error):  # closed at this very moment
        cursor.interrupt()


def _out_of_memory(error: Exception) -> Overloaded | StorageFull:
    # The engine reports a full spill directory and a full memory by the same class.
    if "max_temp_directory_size" in str(error) or "No space left" in str(error):
        return StorageFull("There is no room on the disk for this query to spill into. Free some space.")
    return Overloaded(
        "This query needs more memory than it may use at the moment. Narrow the filter or sort by fewer "
        "fields, and try again.",
        code="query_too_large",
    )
