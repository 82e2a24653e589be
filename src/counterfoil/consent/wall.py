"""The second wall: on PostgreSQL the database itself shows nobody without a basis.

The gate reads through a connection that has become the role `counterfoil_reader`. Row-level security
shows that role a row of somebody's only while, in the same transaction, a live basis for them is
set. Code that forgets the gate and queries that connection gets no rows. On SQLite there are no
roles, and the gate stands alone.

The instant that the wall compares with is the gate's, not the server's: with two clocks a grant
could have ended by one and not by the other, and the gate would hand out an empty history as if
there were none.
"""

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Final, Self
from uuid import UUID

from counterfoil.kernel.database import Database, connect, prefer_indexes
from counterfoil.people import PersonId

READER_ROLE: Final = "counterfoil_reader"

_SET: Final = (
    "SELECT set_config('counterfoil.subjects', $1, true), set_config('counterfoil.bases', $2, true), "
    "set_config('counterfoil.at', $3, true), set_config('counterfoil.self', $4, true)"
)
"""Set for the transaction alone, in one statement: a job does this for each batch."""


class Wall:
    """A reading connection through which personal data is seen on a basis, or not at all.

    It is open for one at a time: whom it shows is a state of the connection.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._lock = threading.RLock()
        self._is_built = database.dialect == "postgresql"
        if self._is_built:
            prefer_indexes(database)
            database.execute(f"SET ROLE {READER_ROLE}")

    @classmethod
    def connect(cls, url: str) -> Self:
        """Open a connection of its own for reading.

        Raises:
            StoreUnavailable: the database cannot be reached.

        """
        return cls(connect(url, writes=False))

    @contextmanager
    def opened_for_each(
        self, shown: Sequence[tuple[PersonId, UUID]], at_us: int
    ) -> Iterator[Database]:
        """Show the data of some people, each on a basis of their own, until the context ends."""
        with self._transaction():
            subjects = ",".join(subject.hex for subject, _basis in shown)
            bases = ",".join(basis.hex for _subject, basis in shown)
            yield self._set(subjects=subjects, bases=bases, at=str(at_us), own="")

    @contextmanager
    def opened_for(self, subject: PersonId, basis: UUID, at_us: int) -> Iterator[Database]:
        """Show one person's data on one basis, until the context ends."""
        with self.opened_for_each([(subject, basis)], at_us) as database:
            yield database

    @contextmanager
    def opened_to(self, person: PersonId) -> Iterator[Database]:
        """Show a person their own data, until the context ends."""
        with self._transaction():
            yield self._set(subjects=person.hex, bases="", at="", own=person.hex)

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        with self._lock:
            if not self._is_built:
                yield
                return
            # The connection is in autocommit; what is set in a transaction of its own ends with it.
            self._database.execute("BEGIN READ ONLY")
            try:
                yield
            finally:
                self._database.execute("ROLLBACK")

    def _set(self, *, subjects: str, bases: str, at: str, own: str) -> Database:
        if self._is_built:
            self._database.query(_SET, (subjects, bases, at, own))
        return self._database

    def close(self) -> None:
        """Give up the connection."""
        self._database.close()
