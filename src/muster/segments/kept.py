"""What was worked out and may be asked for again: Arrow tables that know their weight."""

from dataclasses import dataclass

import pyarrow as pa


@dataclass(frozen=True, slots=True)
class KeptTable:
    """A table in memory. What it holds follows from versions that never change, so it is never wrong."""

    table: pa.Table

    @property
    def size_bytes(self) -> int:
        size: int = self.table.nbytes
        return size
