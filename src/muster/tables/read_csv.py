"""CSV through the table engine: strict, all text, in input order, or not at all."""

from pathlib import Path

import duckdb
import pyarrow as pa

from muster.tables.engine import EngineLimits, connect


def read_csv_text(
    path: Path, *, columns: int, delimiter: str, quote: str, max_record_bytes: int, limits: EngineLimits
) -> pa.Table | None:
    """The records of a file of clean UTF-8 CSV as columns `c0`, `c1` ... of large_string; empty text is null.

    path: a file without a header whose quotes are doubled. max_record_bytes: no record is longer.
    None when any record is not clean, or the engine cannot read the file for a reason of its own: never a
    part of the rows, as `strict_mode=false` or `ignore_errors` would give.
    """
    names = ",".join(f"'c{number}':'VARCHAR'" for number in range(columns))
    options = (
        "auto_detect=false, header=false, strict_mode=true, all_varchar=true, compression='none', comment='',"
        f" delim=$delimiter, quote=$quote, escape=$quote, max_line_size={max_record_bytes:d}"
    )
    query = f"SELECT * FROM read_csv($path, {options}, columns={{{names}}})"  # noqa: S608 - our own names
    values = {"path": str(path), "delimiter": delimiter, "quote": quote}
    with connect(limits) as connection:
        try:
            return connection.sql(query, params=values).to_arrow_table()
        except duckdb.Error:
            return None
