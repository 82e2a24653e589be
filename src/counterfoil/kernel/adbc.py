"""What the two databases have in common: an ADBC connection, and names for its errors."""

import contextlib
from collections.abc import Iterator, Sequence
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

import adbc_driver_manager
import pyarrow as pa

from counterfoil.kernel.errors import StatementRefused, StoreConflict, StoreError, StoreUnavailable

if TYPE_CHECKING:  # it loads half of Arrow, which only a connection needs
    from adbc_driver_manager import dbapi

Value = int | str | bytes | None

# Classes of SQLSTATE (ISO/IEC 9075-2 §24.1): constraints; wrong data, wrong statement, what is not
# supported, what a trigger raises, and 08P01, which is too many or too few parameters.
_INTEGRITY_CLASS = "23"
_MISTAKE_KINDS = (adbc_driver_manager.ProgrammingError, adbc_driver_manager.NotSupportedError)
_MISTAKES = ("22", "42", "0A", "21", "P0", "08P01")


class WriterPresent(StoreError):
    """Another connection already writes to this database."""

    code = "store.writer-present"
    is_transient = True


class ADBCConnection:
    """What the two have in common."""

    def __init__(self, connection: "dbapi.Connection") -> None:
        self._connection = connection
        self._cursor = connection.cursor()
        self._closed = False

    def ingest(self, table: str, rows: pa.RecordBatch | pa.RecordBatchReader) -> None:
        """Append rows to a table."""
        with named_errors():
            self._cursor.adbc_ingest(table, rows, mode="append")

    def execute(self, sql: str, parameters: Sequence[Value] = ()) -> int:
        """Run a statement that returns no rows; tell how many it changed."""
        with named_errors():
            self._cursor.executemany(sql, [tuple(parameters)] if parameters else None)
            return int(self._cursor.rowcount)

    def query(self, sql: str, parameters: Sequence[Value] = ()) -> pa.Table:
        """Run a statement that returns rows."""
        with named_errors():
            self._cursor.execute(sql, tuple(parameters) or None)
            return self._cursor.fetch_arrow_table()

    def commit(self) -> None:
        """Make everything since the last commit durable."""
        with named_errors():
            self._connection.commit()

    def rollback(self) -> None:
        """Forget everything since the last commit."""
        with named_errors():
            self._connection.rollback()

    def close(self) -> None:
        """Give up the connection."""
        if self._closed:
            return
        self._closed = True
        # A connection that has died cannot be closed politely, and need not be.
        with contextlib.suppress(adbc_driver_manager.Error):
            self._cursor.close()
        with contextlib.suppress(adbc_driver_manager.Error):
            self._connection.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


@contextlib.contextmanager
def named_errors() -> Iterator[None]:
    """Turn the drivers' errors into ours: the two report one event in different classes."""
    try:
        yield
    except adbc_driver_manager.Error as error:
        text, state = str(error), error.sqlstate or ""
        reason = _first_line(text)
        if "file is not a database" in text:
            raise StoreError("The file is not an SQLite database; give another.") from error
        is_conflict = isinstance(error, adbc_driver_manager.IntegrityError)
        if is_conflict or state.startswith(_INTEGRITY_CLASS) or "constraint failed" in text:
            raise StoreConflict(f"The database refused a row: {reason}") from error
        if isinstance(error, _MISTAKE_KINDS) or state.startswith(_MISTAKES):
            raise StatementRefused(f"The database refused a statement: {reason}") from error
        raise StoreUnavailable(
            f"The database failed: {reason} Nothing was acknowledged; ask again."
        ) from error
    except (pa.ArrowException, OverflowError) as error:
        # Without the driver's words, which quote the value.
        raise StatementRefused(
            "The database refused a statement: a parameter is no int64, text, bytes or None."
        ) from error


def _first_line(text: str) -> str:
    # Later lines can quote the row, and a row can be somebody's data.
    return text.splitlines()[0].rstrip(".") + "." if text else "it gave no reason."


def single(table: pa.Table) -> Any:
    """Give the first value of the first row, or None when there is no row."""
    return table.column(0)[0].as_py() if table.num_rows else None
