"""What the two databases have in common: an ADBC connection, and names for its errors."""

import contextlib
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from functools import lru_cache
from types import TracebackType
from typing import TYPE_CHECKING, Any, Final, Self

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

_PREPARED_MAX: Final = 128
"""Statements that stay prepared on a connection: preparing one takes longer than running it."""
_KINDS: Final = {int: pa.int64(), str: pa.string(), bytes: pa.binary(), type(None): pa.null()}


class WriterPresent(StoreError):
    """Another connection already writes to this database."""

    code = "store.writer-present"
    is_transient = True


class ADBCConnection:
    """What the two have in common."""

    def __init__(self, connection: "dbapi.Connection") -> None:
        self._connection = connection
        self._cursor = connection.cursor()
        self._prepared: OrderedDict[str, dbapi.Cursor] = OrderedDict()
        self._closed = False

    def ingest(self, table: str, rows: pa.RecordBatch | pa.RecordBatchReader) -> None:
        """Append rows to a table."""
        with named_errors():
            self._cursor.adbc_ingest(table, rows, mode="append")

    def execute(self, sql: str, parameters: Sequence[Value] = ()) -> int:
        """Run a statement that returns no rows; tell how many it changed."""
        return self.execute_many(sql, [parameters])

    def execute_many(self, sql: str, rows: Sequence[Sequence[Value]]) -> int:
        """Run a statement once for each row of parameters; tell how many rows it changed in all."""
        with named_errors():
            cursor = self._cursor_of(sql, rows[0])
            cursor.executemany(sql, bound(rows) if rows[0] else None)
            return int(cursor.rowcount)

    def query(self, sql: str, parameters: Sequence[Value] = ()) -> pa.Table:
        """Run a statement that returns rows."""
        with named_errors():
            cursor = self._cursor_of(sql, parameters)
            cursor.execute(sql, bound([parameters]) if parameters else None)
            return cursor.fetch_arrow_table()

    def _cursor_of(self, sql: str, parameters: Sequence[Value]) -> "dbapi.Cursor":
        """Choose the cursor that has this statement prepared; what takes no parameters shares one."""
        if not parameters:
            return self._cursor
        if cursor := self._prepared.get(sql):
            self._prepared.move_to_end(sql)
            return cursor
        if len(self._prepared) >= _PREPARED_MAX:
            self._prepared.popitem(last=False)[1].close()
        cursor = self._prepared[sql] = self._connection.cursor()
        return cursor

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
        for cursor in (self._cursor, *self._prepared.values()):
            with contextlib.suppress(adbc_driver_manager.Error):
                cursor.close()
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


def bound(rows: Sequence[Sequence[Value]]) -> pa.RecordBatch:
    """Make the rows of parameters that a statement is run with, one after the other.

    Raises:
        pyarrow.ArrowException, OverflowError: one is no int64, text, bytes or None.

    """
    kinds = [tuple(map(type, row)) for row in rows]
    row_type = _row_type(*(kinds[0] if len(kinds) == 1 else map(_common, zip(*kinds, strict=True))))
    return pa.RecordBatch.from_struct_array(pa.array(list(map(tuple, rows)), type=row_type))


def _common(kinds: Sequence[type]) -> type:
    return next((kind for kind in kinds if kind is not type(None)), type(None))


@lru_cache(maxsize=1024)
def _row_type(*kinds: type) -> pa.StructType:
    return pa.struct([(str(place), _column_type(kind)) for place, kind in enumerate(kinds)])


def _column_type(kind: type) -> pa.DataType:
    for base in kind.__mro__:  # a value of an enumeration, say, is still text
        if base in _KINDS:
            return _KINDS[base]
    raise pa.ArrowTypeError(kind.__name__)


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
