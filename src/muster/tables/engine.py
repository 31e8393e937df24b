"""The table engine: how a DuckDB connection is opened. Only files of this room import DuckDB.

Every connection is `:memory:` over Parquet and Arrow: the engine owns no file, so it never needs recovery.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import duckdb

from muster.tables.model import ROW_ID, ROW_NUMBER, Column, Manifest, Part


@dataclass(frozen=True, slots=True)
class EngineLimits:
    """What one connection may use. scratch: directory it may spill into, up to max_scratch_bytes.

    directories: the only ones, besides scratch, whose files it may read.
    """

    scratch: Path
    memory_bytes: int
    threads: int
    max_scratch_bytes: int
    directories: tuple[Path, ...] = ()


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
        connection.execute("SET python_enable_replacements = false")
        readable = [str(directory.absolute()) for directory in (limits.scratch, *limits.directories)]
        connection.execute(f"SET allowed_directories = {readable!r}")
        # From here on the engine opens nothing else, whatever a query says.
        connection.execute("SET enable_external_access = false")
        yield connection
    finally:
        connection.close()


_TWIN_TYPES = {"n": "DOUBLE", "b": "BOOLEAN", "d": "DATE", "t": "TIMESTAMP"}


def relation_sql(manifest: Manifest, columns: Iterable[str], path_of: Callable[[str], Path]) -> str:
    """A SELECT that gives the rows of a version as they are now: `_row_id`, then `columns` in their order.

    columns: physical names, `c3` for the text and `c3_n` for its typed twin; `_row` may be among them.
    path_of: the local file of an object, `FileCache.path`. Only the files these columns lie in are read.
    Edited values stand in the place of the original ones, text and twin alike; hidden rows are left out.
    The order of rows is not promised: sort by `_row_id` where it matters.
    Raises KeyError for a column the version does not have.
    """
    wanted = list(dict.fromkeys(name for name in columns if name != ROW_ID))
    group_of = {name: column.group for column in manifest.columns for name in _names_of(column)}
    group_of[ROW_NUMBER] = 0
    groups = sorted({group_of[name] for name in wanted}) or [0]
    overlays = {overlay.column: overlay for overlay in manifest.overlays}
    sources: list[str] = []
    for group in groups:
        inside = [name for name in wanted if group_of[name] == group]
        source = f"({_group_sql(manifest.groups[group].parts, inside, path_of)}) g{group}"
        sources.append(
            source if not sources else f"JOIN {source} ON g{group}.{ROW_ID} = g{groups[0]}.{ROW_ID}"
        )
    base = f"g{groups[0]}.{ROW_ID}"
    for column in sorted({name.split("_")[0] for name in wanted} & overlays.keys()):
        file = files_sql([path_of(overlays[column].key)])
        sources.append(f"LEFT JOIN {file} o_{column} ON o_{column}.{ROW_ID} = {base}")
    if manifest.hidden_key is not None:
        sources.append(
            f"ANTI JOIN {files_sql([path_of(manifest.hidden_key)])} hidden ON hidden.{ROW_ID} = {base}"
        )
    shown = [f"{base} AS {ROW_ID}"]
    for name in wanted:
        value = f"g{group_of[name]}.{name}"
        edited = name.split("_")[0] if name != ROW_NUMBER else ""
        if edited in overlays:
            member = "value" if name == edited else "typed"
            value = f"CASE WHEN o_{edited}.{ROW_ID} IS NULL THEN {value} ELSE o_{edited}.{member} END"
        shown.append(f"{value} AS {name}")
    # Names are ours (`c3`, `c3_n`), paths are quoted: nothing anyone sent is in here.
    return f"SELECT {', '.join(shown)} FROM {' '.join(sources)}"  # noqa: S608


def _names_of(column: Column) -> tuple[str, ...]:
    return (column.physical,) if column.typed is None else (column.physical, column.typed)


def _group_sql(parts: Sequence[Part], names: Sequence[str], path_of: Callable[[str], Path]) -> str:
    """The columns of one group from all its parts; null where a part lacks one."""
    somewhere = {ROW_ID, ROW_NUMBER}.union(*(part.columns for part in parts))
    selected = [ROW_ID, *(name if name in somewhere else f"{_null(name)} AS {name}" for name in names)]
    if not parts:
        nothing = [f"{_null(name)} AS {name}" for name in (ROW_ID, *names)]
        return f"SELECT {', '.join(nothing)} WHERE false"
    present = [name for name in names if name in somewhere and name != ROW_NUMBER]
    is_ragged = any(name not in part.columns for part in parts for name in present)
    files = files_sql([path_of(part.key) for part in parts], by_name=is_ragged)
    return f"SELECT {', '.join(selected)} FROM {files}"  # noqa: S608


def _null(name: str) -> str:
    if name in {ROW_ID, ROW_NUMBER}:
        return "NULL::BIGINT"
    _, _, twin = name.partition("_")
    return f"NULL::{_TWIN_TYPES.get(twin, 'VARCHAR')}"


def files_sql(paths: Sequence[Path], *, by_name: bool = False) -> str:
    """What stands after FROM to read Parquet files one after the other. by_name: columns that some lack are null."""
    listed = ", ".join("'" + str(path).replace("'", "''") + "'" for path in paths)
    return f"read_parquet([{listed}]{', union_by_name = true' if by_name else ''})"
