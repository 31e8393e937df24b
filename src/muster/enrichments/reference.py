"""The other tables of a user, for providers that look things up in them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pyarrow as pa

from muster.accounts.model import Principal
from muster.errors import Conflict
from muster.tables.engine import relation_sql
from muster.tables.layout import Layout
from muster.tables.model import ROW_ID
from muster.tables.reading import ReadingRoom
from muster.tables.window import newest_layout, refuse_unknown_columns

_SECONDS = 600.0


@dataclass(frozen=True, slots=True)
class UserTables:
    """Implements `provider.Reference` for one user. own_id: the table that is being enriched."""

    reading: ReadingRoom
    principal: Principal
    own_id: str

    def table_sql(self, upload_id: str, columns: Sequence[str]) -> str:
        if upload_id == self.own_id:
            raise Conflict("A table cannot be looked up in itself.", code="lookup_in_itself")
        shape = self._shape(upload_id)
        refuse_unknown_columns(shape, [(name, f"/settings/columns/{at}") for at, name in enumerate(columns)])
        physical = [shape.columns[name].physical for name in columns]
        source = relation_sql(shape.manifest, physical, self.reading.tables.cache.path)
        shown = ", ".join(f"{name} AS v{at}" for at, name in enumerate(physical))
        return f"SELECT {ROW_ID}, {shown} FROM ({source})"  # noqa: S608 - names are ours

    def query(self, sql: str, tables: Mapping[str, pa.Table]) -> pa.Table:
        return self.reading.queries.run(sql, tables, seconds=_SECONDS)

    def _shape(self, upload_id: str) -> Layout:
        return newest_layout(self.reading, self.principal, upload_id)
