"""DuckDB for few people, asked about often: started once, and each query planned once."""

from collections.abc import Mapping
from contextlib import closing
from functools import cache

import duckdb
import numpy as np
import pyarrow as pa


def asked(sql: str, tables: Mapping[str, pa.Table], threads: int | None = None) -> pa.Table:
    """Ask a query over tables in memory. It may be called from several threads."""
    with closing(_engine(threads).cursor()) as database:
        for name, table in tables.items():
            database.register(name, table)
        found = database.execute(sql).fetchnumpy()  # a relation would be planned twice
    return pa.table({
        name: pa.array(np.ma.getdata(column), mask=np.ma.getmaskarray(column))
        for name, column in found.items()
    })  # fmt: skip


@cache
def _engine(threads: int | None) -> duckdb.DuckDBPyConnection:
    engine = duckdb.connect()
    if threads:
        engine.execute(f"SET threads = {threads:d}")
    return engine
