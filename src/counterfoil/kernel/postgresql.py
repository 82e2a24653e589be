"""PostgreSQL: a server, one writing session, and any number of readers beside it."""

from collections.abc import Callable
from uuid import UUID

import pyarrow as pa

from counterfoil.kernel.adbc import ADBCConnection, WriterPresent, named_errors, single
from counterfoil.kernel.errors import StoreError

_SLICE_ROWS = 512
"""Rows that are sent to the server at a time: an eighth faster than 8,192 (256 to 4,096 tried)."""


class PostgreSQL(ADBCConnection):
    """A PostgreSQL server; the writer holds an advisory lock for as long as its session lives.

    Lock and writes share the session, so that a writer which has lost the one cannot do the other.
    """

    dialect = "postgresql"

    def __init__(self, url: str, shown: str, *, writes: bool, prepare: Callable[[], None]) -> None:
        try:
            import adbc_driver_postgresql.dbapi
        except ModuleNotFoundError as error:
            raise StoreError(
                "PostgreSQL needs its drivers; install counterfoil[postgresql]."
            ) from error
        with named_errors():
            connection = adbc_driver_postgresql.dbapi.connect(url, autocommit=not writes)
        super().__init__(connection)
        if not writes:
            return
        try:
            self._take_lock(shown)
            self.execute("SET synchronous_commit = on")
            self.commit()
            prepare()
        except BaseException:
            self.close()
            raise

    def _take_lock(self, shown: str) -> None:
        got = self.query(
            "SELECT pg_try_advisory_lock(hashtext('counterfoil'), hashtext(current_schema()))"
        )
        if not single(got):
            raise WriterPresent(
                f"Another process already writes to {shown}; stop it first, or open for reading.",
                url=shown,
            )

    def ingest(self, table: str, rows: pa.RecordBatch) -> None:
        """Append rows to a table."""
        # The server reads one slice while the driver encodes the next.
        slices = [rows.slice(at, _SLICE_ROWS) for at in range(0, rows.num_rows, _SLICE_ROWS)]
        super().ingest(table, pa.RecordBatchReader.from_batches(rows.schema, slices))

    @property
    def durability(self) -> str:
        """The settings of `fsync` and `synchronous_commit`."""
        fsync = single(self.query("SELECT current_setting('fsync')"))
        level = single(self.query("SELECT current_setting('synchronous_commit')"))
        return f"fsync={fsync}, synchronous_commit={level}"

    def uuid(self, value: UUID) -> str:
        """Spell an id as PostgreSQL's own type."""
        return f"'{value}'::uuid"
