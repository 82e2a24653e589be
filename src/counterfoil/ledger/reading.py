"""Connections that read, for as many threads as ask."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from counterfoil.kernel.database import Database, connect, prefer_indexes
from counterfoil.kernel.errors import StoreUnavailable

READERS_MAX: Final = 4
"""Connections that are lent at once; whoever else reads waits for one."""


class ReadingConnection:
    """Connections for reading, each lent to one at a time, and made anew after it was lost.

    There is one until several ask at once.
    """

    def __init__(self, url: str) -> None:
        self._url = url
        self._closed = False
        self._idle: list[Database] = [self._connected()]
        self._free = threading.BoundedSemaphore(READERS_MAX)

    def _connected(self) -> Database:
        if self._closed:
            raise RuntimeError("the ledger is closed")
        database = connect(self._url, writes=False)
        prefer_indexes(database)
        return database

    @contextmanager
    def lend(self) -> Iterator[Database]:
        """Lend a connection for as long as the context lasts.

        Raises:
            StoreUnavailable: the connection is lost; ask again.

        """
        with self._free:
            database = self._taken() or self._connected()
            try:
                yield database
            except StoreUnavailable:
                database.close()
                # What the others are worth is not known either.
                while lost := self._taken():
                    lost.close()
                raise
            except BaseException:
                self._idle.append(database)
                raise
            self._idle.append(database)

    def close(self) -> None:
        """Close the connections once nobody reads."""
        for _reader in range(READERS_MAX):
            self._free.acquire()
        self._closed = True
        while database := self._taken():
            database.close()
        self._free.release(READERS_MAX)

    def _taken(self) -> Database | None:
        try:
            return self._idle.pop()  # the one used last: what it has prepared is what is asked
        except IndexError:
            return None
