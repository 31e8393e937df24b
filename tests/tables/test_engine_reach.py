"""The engine opens the files of tables and no others, whatever a query says."""

from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from muster.tables.engine import EngineLimits, connect


def test_only_the_named_directories_can_be_read(tmp_path: Path) -> None:
    inside, outside = tmp_path / "inside", tmp_path / "outside"
    for directory in (inside, outside):
        directory.mkdir()
        pq.write_table(pa.table({"a": [1]}), directory / "x.parquet")
    limits = EngineLimits(tmp_path / "scratch", 2**28, 1, 2**28, (inside,))
    with connect(limits) as engine:
        assert engine.sql(f"FROM read_parquet('{inside / 'x.parquet'}')").fetchall() == [(1,)]
        for path in (outside / "x.parquet", inside / ".." / "outside" / "x.parquet", Path("/etc/passwd")):
            with pytest.raises(duckdb.PermissionException):
                engine.sql(f"FROM read_text('{path}')").fetchall()
        with pytest.raises(duckdb.PermissionException):
            engine.execute(f"COPY (SELECT 1) TO '{outside / 'y.parquet'}'")
        with pytest.raises(duckdb.Error):
            engine.execute("SET enable_external_access = true")


def test_no_variable_of_the_program_can_be_queried(tmp_path: Path) -> None:
    secret = pa.table({"secret": [1]})
    with (
        connect(EngineLimits(tmp_path, 2**28, 1, 2**28)) as engine,
        pytest.raises(duckdb.CatalogException),
    ):
        engine.sql("FROM secret").fetchall()
    assert secret.num_rows == 1
