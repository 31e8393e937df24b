"""The table engine: how a DuckDB connection is opened. Only files of this room import DuckDB.

Every connection is `:memory:` over Parquet and Arrow: the engine owns no file, so it never needs recovery.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import duckdb


@dataclass(frozen=True, slots=True)
class EngineLimits:
    """What one connection may use. scratch: directory it may spill into, up to max_scratch_bytes."""

    scratch: Path
    memory_bytes: int
    threads: int
    max_scratch_bytes: int


@contextmanager
def connect(limits: EngineLimits) -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection with limits and without reach: no extensions, no network, no settings from a query."""
    limits.scratch.mkdir(parents=True, exist_ok=True)
    connection = duckdb.connect(
        ":memory:",
        config={
            "threads": limits.threads,
            "memory_limit": f"{limits.memory_bytes}B",
            "temp_directory": str(limits.scratch),
            "max_temp_directory_size": f"{limits.max_scratch_bytes}B",
            "autoinstall_known_extensions": False,
            "autoload_known_extensions": False,
            "arrow_large_buffer_size": True,
            "preserve_insertion_order": True,
        },
    )
    try:
        connection.execute("SET enable_progress_bar = false")
        yield connection
    finally:
        connection.close()
