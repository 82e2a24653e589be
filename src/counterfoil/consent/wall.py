"""The second wall: on PostgreSQL the database itself shows nobody without a basis.

The gate reads through a connection that has become the role `counterfoil_reader`. Row-level security
shows that role a row of somebody's only while, in the same transaction, a live basis for them is
set. Code that forgets the gate and queries that connection gets no rows. On SQLite there are no
roles, and the gate stands alone.

The instant that the wall compares with is the gate's, not the server's: with two clocks a grant
could have ended by one and not by the other, and the gate would hand out an empty history as if
there were none.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Self
from uuid import UUID

from counterfoil.kernel.database import Database, connect, prefer_indexes
from counterfoil.people import PersonId

READER_ROLE = "counterfoil_reader"


class Wall:
    """A reading connection through which personal data is seen on a basis, or not at all."""

    def __init__(self, database: Database) -> None:
        self._database = database
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
    def opened_for(
        self, subjects: Sequence[PersonId], bases: Sequence[UUID], at_us: int
    ) -> Iterator[Database]:
        """Show the data of some people on some bases, until the context ends."""
        with self._opened(
            {"subjects": _hex(subjects), "bases": _hex(bases), "at": str(at_us), "self": ""}
        ) as database:
            yield database

    @contextmanager
    def opened_to(self, person: PersonId) -> Iterator[Database]:
        """Show a person their own data, until the context ends."""
        own = _hex([person])
        with self._opened({"subjects": own, "bases": "", "at": "", "self": own}) as database:
            yield database

    @contextmanager
    def _opened(self, settings: dict[str, str]) -> Iterator[Database]:
        if not self._is_built:
            yield self._database
            return
        # The connection is in autocommit; a transaction of its own makes SET LOCAL end with it.
        self._database.execute("BEGIN READ ONLY")
        try:
            for name, value in settings.items():
                # Hex digits, commas and digits only: nothing of it comes from outside.
                self._database.execute(f"SET LOCAL counterfoil.{name} = '{value}'")
            yield self._database
        finally:
            self._database.execute("ROLLBACK")

    def close(self) -> None:
        """Give up the connection."""
        self._database.close()


def _hex(ids: Sequence[UUID]) -> str:
    return ",".join(one.hex for one in ids)
