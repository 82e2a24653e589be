"""SQLite: a file in WAL mode, one writer, and any number of readers beside it."""

import contextlib
import logging
import os
import threading
from collections.abc import Callable
from pathlib import Path
from uuid import UUID

import pyarrow as pa

from counterfoil.kernel.adbc import ADBCConnection, WriterPresent, named_errors, single
from counterfoil.kernel.errors import StoreError, StoreUnavailable
from counterfoil.kernel.filelock import Held, hold


class SQLite(ADBCConnection):
    """A file, in WAL mode: one writer, any number of readers beside it.

    The writer holds a lock on a file beside the database, which the system takes back when the
    process ends, however it ends.
    """

    dialect = "sqlite"

    def __init__(self, path: Path, *, writes: bool, prepare: Callable[[], None]) -> None:
        import adbc_driver_sqlite.dbapi

        self._closed = True
        if not writes and not path.exists():
            raise StoreUnavailable(f"There is no database {path}.", path=str(path))
        self._path = path
        self._checkpointer: _Checkpointer | None = None
        self._lock = _lock_file(path) if writes else None
        try:
            prepare()
            with named_errors():
                connection = adbc_driver_sqlite.dbapi.connect(str(path), autocommit=not writes)
            super().__init__(connection)
            self._configure(writes=writes)
        except BaseException:
            self.close()
            raise

    def _configure(self, *, writes: bool) -> None:
        # First of all: whoever opens or closes the file as its only connection locks it whole for
        # a moment, and nobody beside it may fail for that (sqlite.org/wal.html §2.4).
        self.query("PRAGMA busy_timeout = 5000")
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
            "secure_delete = ON",  # a key that was destroyed is not to be found in the file
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


_log = logging.getLogger(__name__)

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
        try:
            database = SQLite(self._path, writes=False, prepare=lambda: None)
        except StoreError as error:  # out of file handles, say: the writer then does it all
            _log.warning("The write-ahead log is emptied by commits only: %s", error.message)
            return
        with database:
            while True:
                self._due.wait()
                self._due.clear()
                if self._closing:
                    return
                # Disk full, say: the writer meets the same, and it has somebody to tell.
                with contextlib.suppress(StoreError):
                    database.query("PRAGMA wal_checkpoint(PASSIVE)")


def _lock_file(path: Path) -> int:
    try:
        lock = os.open(f"{path}-writer", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise StoreUnavailable(
            f"{path} cannot be opened for writing: {error.strerror}. Give a file in a folder that "
            "exists and may be written to.",
            path=str(path),
        ) from error
    try:
        hold(lock)
    except Held as error:
        raise WriterPresent(
            f"Process {error.holder or 'another'} already writes to {path}; stop it first, or open "
            "for reading.",
            path=str(path),
        ) from error
    except OSError as error:
        raise StoreUnavailable(
            f"{path} cannot be locked for writing: {error.strerror}.", path=str(path)
        ) from error
    return lock
