"""A reading connection that many threads share, and that is made anew after it was lost.

Each query has the connection for itself and gives back everything that it found, so there is nothing
between two queries that another thread could disturb. Who needs several queries in one transaction
opens a connection of their own.
"""

import threading
from collections.abc import Sequence
from types import TracebackType
from typing import NoReturn, Self
from uuid import UUID

import pyarrow as pa

from counterfoil.kernel.database import Database, Value, connect
from counterfoil.kernel.errors import StoreUnavailable


class SharedReader:
    """A `Database` for reading, for as many threads as there are."""

    def __init__(self, url: str) -> None:
        """Connect.

        Raises:
            StoreUnavailable: the database cannot be reached.

        """
        self._url = url
        self._lock = threading.Lock()
        self._database: Database | None = connect(url, writes=False)
        self._closed = False
        self.dialect = self._database.dialect
        self.durability = "reads only"

    def query(self, sql: str, parameters: Sequence[Value] = ()) -> pa.Table:
        """Run a statement that returns rows.

        Raises:
            StoreUnavailable: the connection is lost; the next query makes another.
            RuntimeError: this has been closed.

        """
        with self._lock:
            if self._closed:
                raise RuntimeError("the database is closed")
            self._database = database = self._database or connect(self._url, writes=False)
            try:
                return database.query(sql, parameters)
            except StoreUnavailable:
                self._database = None
                database.close()
                raise

    def uuid(self, value: UUID) -> str:
        """Spell a 128-bit id as a literal."""
        with self._lock:
            self._database = self._database or connect(self._url, writes=False)
            return self._database.uuid(value)

    def ingest(self, table: str, rows: pa.RecordBatch) -> NoReturn:  # noqa: ARG002
        """Refuse: this reads."""
        raise TypeError("a shared reader does not write")

    def execute(self, sql: str, parameters: Sequence[Value] = ()) -> NoReturn:  # noqa: ARG002
        """Refuse: this reads."""
        raise TypeError("a shared reader does not write")

    def execute_many(self, sql: str, rows: Sequence[Sequence[Value]]) -> NoReturn:  # noqa: ARG002
        """Refuse: this reads."""
        raise TypeError("a shared reader does not write")

    def commit(self) -> NoReturn:
        """Refuse: there is no transaction to end."""
        raise TypeError("a shared reader has no transaction")

    def rollback(self) -> NoReturn:
        """Refuse: there is no transaction to end."""
        raise TypeError("a shared reader has no transaction")

    def close(self) -> None:
        """Give up the connection."""
        with self._lock:
            self._closed = True
            if self._database is not None:
                self._database.close()
            self._database = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()
