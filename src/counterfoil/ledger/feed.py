"""The change feed: every row of the log after a given one, in order, as soon as it is durable.

There is one writer, its numbers have no gaps, and a row is visible when its commit is; so whoever
remembers the last number that it has dealt with misses nothing and gets nothing twice. Followers
sleep until there is something to read; nobody polls a table.
"""

import threading
import time
from collections.abc import Iterator
from typing import Protocol

from counterfoil.kernel.clock import Deadline, seconds
from counterfoil.kernel.database import Database, DatabaseURL, connect, single
from counterfoil.kernel.errors import StoreUnavailable
from counterfoil.ledger import store
from counterfoil.ledger.layout import Records

PART_ROWS = 8192
_HEARTBEAT_MS = 1000


class Bell(Protocol):
    """Tells a follower that the log may have grown."""

    def wait(self, timeout_ms: int) -> None:
        """Sleep until it rings, or the time is up."""

    def close(self) -> None:
        """Stop listening."""


class WriterBell:
    """Rung by the writer in this process."""

    def __init__(self) -> None:
        self._condition = threading.Condition()
        self._count = 0

    def ring(self) -> None:
        """Wake everyone who waits."""
        with self._condition:
            self._count += 1
            self._condition.notify_all()

    def listener(self) -> Bell:
        """Make a bell of one's own that also remembers rings while nobody waits."""
        return _Listener(self)


class _Listener:
    def __init__(self, bell: WriterBell) -> None:
        self._bell = bell
        self._heard = bell._count  # noqa: SLF001  # one class in two parts

    def wait(self, timeout_ms: int) -> None:
        bell = self._bell
        with bell._condition:  # noqa: SLF001
            bell._condition.wait_for(lambda: bell._count != self._heard, seconds(timeout_ms))  # noqa: SLF001
            self._heard = bell._count  # noqa: SLF001

    def close(self) -> None:
        pass


class SQLiteBell:
    """Watches the file's version, which each commit of another process raises."""

    _GLANCE_MS = 10

    def __init__(self, url: str) -> None:
        self._database = connect(url, writes=False)
        self._version = self._read()

    def _read(self) -> int:
        return int(single(self._database.query("PRAGMA data_version")))

    def wait(self, timeout_ms: int) -> None:
        """Sleep until the version changes, or the time is up."""
        deadline = Deadline(timeout_ms)
        while (version := self._read()) == self._version and deadline.left_s:
            time.sleep(seconds(self._GLANCE_MS))
        self._version = version

    def close(self) -> None:
        """Stop watching."""
        self._database.close()


class PostgreSQLBell:
    """Listens to the notification that a trigger on the log sends with each commit."""

    def __init__(self, url: str) -> None:
        import psycopg

        self._lost = psycopg.OperationalError
        try:
            self._connection = psycopg.connect(DatabaseURL(url).text, autocommit=True)
            self._connection.execute("LISTEN counterfoil_transfers")
        except self._lost as error:
            raise StoreUnavailable("The database cannot be listened to; try again.") from error

    def wait(self, timeout_ms: int) -> None:
        """Sleep until a notification comes, or the time is up."""
        try:
            for _ in self._connection.notifies(timeout=seconds(timeout_ms), stop_after=1):
                pass
        except self._lost as error:
            raise StoreUnavailable(
                "The connection that listens is lost; follow again from the last row."
            ) from error

    def close(self) -> None:
        """Stop listening."""
        self._connection.close()


def bell_for(url: str) -> Bell:
    """Make the bell for a ledger whose writer is another process."""
    if DatabaseURL(url).dialect == "sqlite":
        return SQLiteBell(url)
    return PostgreSQLBell(url)


def follow(database: Database, bell: Bell, after: int, stop: threading.Event) -> Iterator[Records]:
    """Yield the rows after a number, in parts, for ever; end when `stop` is set.

    The database connection and the bell are the follower's own, and are closed at the end.
    """
    try:
        while not stop.is_set():
            rows = store.rows_after(database, after, PART_ROWS)
            if len(rows):
                after = int(rows["seq"][-1])
                yield rows
            else:
                bell.wait(_HEARTBEAT_MS)
    finally:
        bell.close()
        database.close()
