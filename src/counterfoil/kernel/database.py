"""One small interface over the two databases: SQLite in a file, and PostgreSQL.

Rows go in as Arrow batches and come out as Arrow tables through ADBC (docs/adr/0005): on
PostgreSQL that is COPY, on SQLite one prepared statement driven from C. Parameters in SQL are `$1`,
`$2`, … in the order in which they first appear.

A `Database` is one connection. The writer's is never in autocommit: everything between two
commits stands or falls together. `Dialect` has what the two spell differently.
"""

import contextlib
import fcntl
import os
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Protocol, Self
from urllib.parse import unquote, urlsplit
from uuid import UUID

import adbc_driver_manager
import adbc_driver_manager.dbapi
import pyarrow as pa

from counterfoil.kernel.errors import StatementRefused, StoreConflict, StoreError, StoreUnavailable

Value = int | str | bytes | None

# Classes of SQLSTATE (ISO/IEC 9075-2 §24.1): constraints; wrong data, wrong statement.
_INTEGRITY_CLASS = "23"
_MISTAKE_CLASSES = ("22", "42")


class Database(Protocol):
    """One connection to a database."""

    @property
    def dialect(self) -> str:
        """`sqlite` or `postgresql`."""

    @property
    def durability(self) -> str:
        """What the database promises of a commit, as it says itself."""

    def ingest(self, table: str, rows: pa.RecordBatch) -> None:
        """Append rows to a table.

        Raises:
            StoreConflict: a constraint refused one of them; roll back, a part may have gone in.
            StoreUnavailable: the database failed; roll back.

        """

    def execute(self, sql: str, parameters: Sequence[Value] = ()) -> int:
        """Run a statement that returns no rows; tell how many it changed."""

    def query(self, sql: str, parameters: Sequence[Value] = ()) -> pa.Table:
        """Run a statement that returns rows."""

    def commit(self) -> None:
        """Make everything since the last commit durable.

        Raises:
            StoreUnavailable: it is unknown whether that happened; read before you go on.

        """

    def rollback(self) -> None:
        """Forget everything since the last commit."""

    def uuid(self, value: UUID) -> str:
        """Spell a 128-bit id as a literal."""

    def close(self) -> None:
        """Give up the connection, and the writer's lock if it has it."""

    def __enter__(self) -> Self:
        """Close at the end of a `with` block."""

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None: ...


@dataclass(frozen=True, slots=True)
class DatabaseURL:
    """Where a database is: `sqlite:///file.db` or `postgresql://user@host/name`."""

    text: str

    @property
    def dialect(self) -> str:
        """`sqlite` or `postgresql`.

        Raises:
            StoreError: it is neither.

        """
        scheme = urlsplit(self.text).scheme
        if scheme in {"postgres", "postgresql"}:
            return "postgresql"
        if scheme == "sqlite":
            return "sqlite"
        raise StoreError(
            f"{self.shown!r} is not a database URL; give sqlite:///file.db or postgresql://…",
            url=self.shown,
        )

    @property
    def path(self) -> Path:
        """The file of an SQLite database."""
        return Path(unquote(urlsplit(self.text).path.removeprefix("/")))

    @property
    def for_sqlalchemy(self) -> str:
        """The same place, for the migrations' driver."""
        if self.dialect == "sqlite":
            return self.text
        return "postgresql+psycopg://" + self.text.partition("://")[2]

    @property
    def shown(self) -> str:
        """The URL without its password, for people and logs."""
        parts = urlsplit(self.text)
        return self.text.replace(f":{parts.password}@", ":…@") if parts.password else self.text


def connect(url: str, *, writes: bool, prepare: Callable[[], None] = lambda: None) -> Database:
    """Open a connection; with `writes`, the only one that may write.

    `prepare` runs once this is the only writer. On SQLite that is before the connection is opened:
    Python's own sqlite3 carries another copy of SQLite, and when one copy closes a file, the
    locks that the other holds on it in this process are gone (sqlite.org/howtocorrupt.html §2.2).
    The two must never have a file open at the same time.

    Raises:
        WriterPresent: another connection already writes.
        StoreUnavailable: the database cannot be reached.
        StoreError: the URL names no database that is known here.

    """
    place = DatabaseURL(url)
    if place.dialect == "sqlite":
        return SQLite(place.path, writes=writes, prepare=prepare)
    return PostgreSQL(place, writes=writes, prepare=prepare)


class WriterPresent(StoreError):
    """Another connection already writes to this database."""

    code = "store.writer-present"
    is_transient = True


class _ADBC:
    """What the two have in common."""

    def __init__(self, connection: adbc_driver_manager.dbapi.Connection) -> None:
        self._connection = connection
        self._cursor = connection.cursor()
        self._closed = False

    def ingest(self, table: str, rows: pa.RecordBatch) -> None:
        with _named_errors():
            self._cursor.adbc_ingest(table, rows, mode="append")

    def execute(self, sql: str, parameters: Sequence[Value] = ()) -> int:
        with _named_errors():
            self._cursor.executemany(sql, [tuple(parameters)] if parameters else None)
            return int(self._cursor.rowcount)

    def query(self, sql: str, parameters: Sequence[Value] = ()) -> pa.Table:
        with _named_errors():
            self._cursor.execute(sql, tuple(parameters) or None)
            return self._cursor.fetch_arrow_table()

    def commit(self) -> None:
        with _named_errors():
            self._connection.commit()

    def rollback(self) -> None:
        with _named_errors():
            self._connection.rollback()

    def close(self) -> None:
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


class SQLite(_ADBC):
    """A file, in WAL mode: one writer, any number of readers beside it.

    The writer holds a lock on a file beside the database, which the system takes back when the
    process ends, however it ends.
    """

    dialect = "sqlite"

    def __init__(self, path: Path, *, writes: bool, prepare: Callable[[], None]) -> None:
        import adbc_driver_sqlite.dbapi

        if not writes and not path.exists():
            raise StoreUnavailable(f"There is no database {path}.", path=str(path))
        self._path = path
        self._checkpointer: _Checkpointer | None = None
        self._lock = _lock_file(path) if writes else None
        try:
            prepare()
            with _named_errors():
                connection = adbc_driver_sqlite.dbapi.connect(str(path), autocommit=not writes)
            super().__init__(connection)
            self._configure(writes=writes)
        except BaseException:
            self._unlock()
            raise

    def _configure(self, *, writes: bool) -> None:
        if not writes:
            self.query("PRAGMA query_only = ON")
            return
        # Journal mode and synchronous are silently kept as they were inside a transaction, so
        # set them outside one and ask again.
        low = self._connection.adbc_connection
        low.set_autocommit(True)
        for pragma in (
            "journal_mode = WAL",
            "synchronous = FULL",
            "cache_size = -65536",
            f"wal_autocheckpoint = {_CHECKPOINT_BY_WRITER_PAGES}",
            "busy_timeout = 5000",
        ):
            self.query(f"PRAGMA {pragma}")
        low.set_autocommit(False)
        if self.durability != "WAL, synchronous=FULL":
            raise StoreError(f"SQLite would not be durable: {self.durability}.")
        self.commit()
        self._checkpointer = _Checkpointer(self._path)

    def ingest(self, table: str, rows: pa.RecordBatch) -> None:
        """Append rows to a table."""
        super().ingest(table, rows)
        if self._checkpointer:
            self._checkpointer.tell(rows.nbytes)

    @property
    def durability(self) -> str:
        """The journal mode and the level of `synchronous`."""
        journal = single(self.query("PRAGMA journal_mode"))
        level = single(self.query("PRAGMA synchronous"))
        return f"{journal.upper()}, synchronous={('OFF', 'NORMAL', 'FULL', 'EXTRA')[level]}"

    def uuid(self, value: UUID) -> str:
        """Spell an id as 16 bytes."""
        return f"X'{value.hex}'"

    def close(self) -> None:
        """Close the file, and let the next writer in."""
        if self._checkpointer:
            self._checkpointer.close()
            self._checkpointer = None
        super().close()
        self._unlock()

    def _unlock(self) -> None:
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None


_CHECKPOINT_BYTES = 8 << 20
_COMMIT_BYTES = 1 << 15
"""What a commit of a single row writes: a few pages."""
_CHECKPOINT_BY_WRITER_PAGES = 16_000


class _Checkpointer:
    """Moves pages from the write-ahead log into the file, on a connection and thread of its own.

    A commit that had to do this itself would wait for it: every tenth took five times as long. The
    writer still does it when the log has grown to 16,000 pages, because only a checkpoint that no
    commit overtakes lets the log start again from its beginning (sqlite.org/wal.html §6).
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._bytes = 0
        self._due = threading.Event()
        self._closing = False
        self._thread = threading.Thread(
            target=self._run, name="counterfoil-checkpoint", daemon=True
        )
        self._thread.start()

    def tell(self, count: int) -> None:
        """Say that so many bytes of rows have been written."""
        self._bytes += count + _COMMIT_BYTES
        if self._bytes >= _CHECKPOINT_BYTES:
            self._bytes = 0
            self._due.set()

    def close(self) -> None:
        """End the thread."""
        self._closing = True
        self._due.set()
        self._thread.join()

    def _run(self) -> None:
        with SQLite(self._path, writes=False, prepare=lambda: None) as database:
            while True:
                self._due.wait()
                self._due.clear()
                if self._closing:
                    return
                # Disk full, say: the writer meets the same, and it has somebody to tell.
                with contextlib.suppress(StoreError):
                    database.query("PRAGMA wal_checkpoint(PASSIVE)")


def _lock_file(path: Path) -> int:
    lock = os.open(f"{path}-writer", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        holder = os.read(lock, 20).decode() or "another"
        os.close(lock)
        raise WriterPresent(
            f"Process {holder} already writes to {path}; stop it first, or open for reading.",
            path=str(path),
        ) from error
    os.ftruncate(lock, 0)
    os.pwrite(lock, str(os.getpid()).encode(), 0)
    return lock


class PostgreSQL(_ADBC):
    """A PostgreSQL server; the writer holds an advisory lock for as long as its session lives.

    Lock and writes share the session, so that a writer which has lost the one cannot do the other.
    """

    dialect = "postgresql"

    def __init__(self, url: DatabaseURL, *, writes: bool, prepare: Callable[[], None]) -> None:
        try:
            import adbc_driver_postgresql.dbapi
        except ModuleNotFoundError as error:
            raise StoreError(
                "PostgreSQL needs its drivers; install counterfoil[postgresql]."
            ) from error
        with _named_errors():
            connection = adbc_driver_postgresql.dbapi.connect(url.text, autocommit=not writes)
        super().__init__(connection)
        if not writes:
            return
        try:
            self._take_lock(url)
            self.execute("SET synchronous_commit = on")
            self.commit()
            prepare()
        except BaseException:
            self.close()
            raise

    def _take_lock(self, url: DatabaseURL) -> None:
        got = self.query(
            "SELECT pg_try_advisory_lock(hashtext('counterfoil'), hashtext(current_schema()))"
        )
        if not single(got):
            raise WriterPresent(
                f"Another process already writes to {url.shown}; stop it first, or open for "
                "reading.",
                url=url.shown,
            )

    @property
    def durability(self) -> str:
        """The settings of `fsync` and `synchronous_commit`."""
        fsync = single(self.query("SELECT current_setting('fsync')"))
        level = single(self.query("SELECT current_setting('synchronous_commit')"))
        return f"fsync={fsync}, synchronous_commit={level}"

    def uuid(self, value: UUID) -> str:
        """Spell an id as PostgreSQL's own type."""
        return f"'{value}'::uuid"


@contextlib.contextmanager
def _named_errors() -> Iterator[None]:
    """Turn the drivers' errors into ours: the two report one event in different classes."""
    try:
        yield
    except adbc_driver_manager.Error as error:
        text, state = str(error), error.sqlstate or ""
        reason = _first_line(text)
        if state.startswith(_INTEGRITY_CLASS) or "constraint failed" in text:
            raise StoreConflict(f"The database refused a row: {reason}") from error
        if isinstance(error, adbc_driver_manager.ProgrammingError) or state[:2] in _MISTAKE_CLASSES:
            raise StatementRefused(f"The database refused a statement: {reason}") from error
        raise StoreUnavailable(
            f"The database failed: {reason} Nothing was acknowledged; ask again."
        ) from error


def _first_line(text: str) -> str:
    # Later lines can quote the row, and a row can be somebody's data.
    return text.splitlines()[0].rstrip(".") + "." if text else "it gave no reason."


def single(table: pa.Table) -> Any:
    """Give the first value of the first row, or None when there is no row."""
    return table.column(0)[0].as_py() if table.num_rows else None
