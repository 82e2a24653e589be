"""A run's tables as files, for other programs: one Parquet file a table."""

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet

from counterfoil.lab.run import Result


def write_parquet(result: Result, folder: Path) -> None:
    """Write each table into the folder as `<name>.parquet`; the folder is made if need be."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, table in result.tables.items():
        pyarrow.parquet.write_table(table, folder / f"{name}.parquet")


def write_table(table: pa.Table, path: Path) -> None:
    """Write one table."""
    pyarrow.parquet.write_table(table, path)
