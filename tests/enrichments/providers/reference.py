"""Other tables for `lookup`, in the real engine."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa

from muster.errors import InputError, NotFound
from muster.tables.engine import EngineLimits, connect

Rows = Sequence[Mapping[str, str | None]]


class Tables:
    """Implements `provider.Reference` over rows given by upload id; `_row_id` counts from 0."""

    def __init__(self, scratch: Path, tables: Mapping[str, Rows]) -> None:
        self._scratch = scratch
        self._tables = {
            upload: pa.table(
                {
                    "_row_id": pa.array(range(len(rows)), pa.int64()),
                    **{
                        f"c{at}": pa.array([row.get(name) for row in rows], pa.large_string())
                        for at, name in enumerate(self.columns(rows))
                    },
                }
            )
            for upload, rows in tables.items()
        }
        self._columns = {upload: self.columns(rows) for upload, rows in tables.items()}

    @staticmethod
    def columns(rows: Rows) -> list[str]:
        return list(dict.fromkeys(name for row in rows for name in row))

    def table_sql(self, upload_id: str, columns: Sequence[str]) -> str:
        if upload_id not in self._tables:
            raise NotFound("There is no such upload.")
        known = self._columns[upload_id]
        unknown = [name for name in columns if name not in known]
        if unknown:
            raise InputError("The other table has no such column.", code="column_unknown")
        shown = ", ".join(f"c{known.index(name)} AS v{at}" for at, name in enumerate(columns))
        return f"SELECT _row_id, {shown} FROM {upload_id}"  # noqa: S608

    def query(self, sql: str, tables: Mapping[str, pa.Table]) -> pa.Table:
        limits = EngineLimits(self._scratch, 1 << 30, 2, 1 << 30)
        with connect(limits) as connection:
            for name, table in (self._tables | dict(tables)).items():
                connection.register(name, table)
            answered: Any = connection.sql(sql).to_arrow_table()
            return answered
