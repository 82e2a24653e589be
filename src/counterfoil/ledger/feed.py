"""The change feed: every row of the log after a given one, in order, as soon as it is durable.

There is one writer, its numbers have no gaps, and a row is visible when its commit is; so whoever
remembers the last number that it has dealt with misses nothing and gets nothing twice. Followers
sleep until there is something to read; nobody polls a table. Who keeps up with the writer, in its
process, is handed the rows that were written; who falls behind reads them from the log.
"""

import threading
import time
from collections import deque
from collections.abc import Iterator
from typing import Protocol

from counterfoil.kernel.clock import Deadline, seconds
from counterfoil.kernel.database import Database, DatabaseURL, connect, single
from counterfoil.kernel.errors import StoreUnavailable
from counterfoil.ledger import store
from counterfoil.ledger.layout import Records

PART_ROWS = 8192
KEPT_ROWS = 16 * 8192
"""How many rows the writer keeps for those who follow it: 18 MB, and none while nobody does."""
_HEARTBEAT_MS = 1000


class Bell(Protocol):
    """Tells a follower that the log may have grown."""

    def wait(self, timeout_ms: int) -> None:
        """Sleep until it rings, or the time is up."""

    def recent(self, after: int) -> Records | None:
        """Give the rows after a number, as far as they are at hand; None if the log has to be read.

        They are the follower's to read, and not to change.
        """

    def close(self) -> None:
        """Stop listening."""


class WriterBell:
    """Rung by the writer in this process."""

    def __init__(self) -> None:
        self._condition = threading.Condition()
        self._count = 0
        self._listener_count = 0
        self._kept: deque[Records] = deque()
        self._kept_rows = 0

    def ring(self, rows: Records) -> None:
        """Wake everyone who waits for these rows, which are durable now."""
        with self._condition:
            self._count += 1
            if self._listener_count:
                self._keep(rows.copy())
            self._condition.notify_all()

    def listener(self) -> Bell:
        """Make a bell of one's own that also remembers rings while nobody waits."""
        with self._condition:
            self._listener_count += 1
            return _Listener(self, self._count)

    def wait(self, heard: int, timeout_ms: int) -> int:
        """Wait for a ring after the last one heard; give the number of the latest."""
        with self._condition:
            self._condition.wait_for(lambda: self._count != heard, seconds(timeout_ms))
            return self._count

    def recent(self, after: int) -> Records | None:
        """Give the kept rows after a number, one part at a time."""
        with self._condition:
            if not self._kept or after + 1 < self._kept[0]["seq"][0]:
                return None
            for part in self._kept:
                if part["seq"][-1] > after:
                    start = after + 1 - int(part["seq"][0])
                    return part[start : start + PART_ROWS]
            return self._kept[-1][:0]

    def leave(self) -> None:
        """Keep nothing more when the last listener has gone."""
        with self._condition:
            self._listener_count -= 1
            if not self._listener_count:
                self._kept.clear()
                self._kept_rows = 0

    def _keep(self, rows: Records) -> None:
        if self._kept and int(self._kept[-1]["seq"][-1]) + 1 != int(rows["seq"][0]):
            self._kept.clear()  # the writer built its memory anew in between
            self._kept_rows = 0
        self._kept.append(rows)
        self._kept_rows += len(rows)
        while self._kept_rows > KEPT_ROWS:
            self._kept_rows -= len(self._kept.popleft())


class _Listener:
    def __init__(self, bell: WriterBell, heard: int) -> None:
        self._bell = bell
        self._heard = heard

    def wait(self, timeout_ms: int) -> None:
        self._heard = self._bell.wait(self._heard, timeout_ms)

    def recent(self, after: int) -> Records | None:
        return self._bell.recent(after)

    def close(self) -> None:
        self._bell.leave()


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

    def recent(self, after: int) -> None:
        """Give nothing: another process wrote them."""

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

    def recent(self, after: int) -> None:
        """Give nothing: another process wrote them."""

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
            rows = bell.recent(after)
            if rows is None:
                rows = store.rows_after(database, after, PART_ROWS)
            if len(rows):
                after = int(rows["seq"][-1])
                yield rows
            else:
                bell.wait(_HEARTBEAT_MS)
    finally:
        bell.close()
        database.close()
