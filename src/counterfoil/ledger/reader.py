"""Reading a ledger: what every open one answers, and one that only reads, beside its writer."""

import threading
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from datetime import datetime
from types import TracebackType
from typing import Self
from uuid import UUID

from counterfoil.kernel import schema
from counterfoil.kernel.database import Database, connect
from counterfoil.ledger import feed, verify
from counterfoil.ledger.layout import Records
from counterfoil.ledger.model import (
    Account,
    AccountId,
    AccountNumber,
    Balances,
    Posting,
    RecordedTransfer,
    Statement,
    TransferId,
)
from counterfoil.ledger.movements import Movements, movements
from counterfoil.ledger.queries import Queries, TrialLine
from counterfoil.ledger.reading import ReadingConnection
from counterfoil.ledger.replay import Replay
from counterfoil.ledger.snapshot import catch_up, drop_stored_marks, load_state
from counterfoil.ledger.state import State
from counterfoil.ledger.verify import Progress, Verification


class Reads:
    """What every open ledger answers."""

    _queries: Queries
    _connection: ReadingConnection
    _url: str

    def _reading(self) -> AbstractContextManager[State]:
        raise NotImplementedError

    def balances(self, account: AccountNumber) -> Balances:
        """Tell an account's four sums now; see `Queries.balances`."""
        return self._queries.balances(account)

    def balances_at(self, account: AccountNumber, at: datetime) -> Balances:
        """Tell an account's four sums just before an instant."""
        return self._queries.balances_at(account, at)

    def statement(
        self,
        account: AccountNumber,
        since: datetime,
        until: datetime,
        *,
        through: Database | None = None,
    ) -> Statement:
        """Draw up an account's statement from `since` up to, and without, `until`.

        With `through`, rows are read over that connection, which may be allowed to see less.
        """
        return self._queries.statement(account, since, until, through)

    def movements(
        self,
        accounts: Sequence[AccountNumber],
        since: datetime,
        until: datetime,
        *,
        through: Database | None = None,
    ) -> Movements:
        """Read many accounts' rows from `since` up to, and without, `until`, as arrays."""
        return movements(self._reading, self._connection, accounts, since, until, through)

    def latest(
        self, account: AccountNumber, count: int = 50, *, through: Database | None = None
    ) -> list[Posting]:
        """List an account's latest postings, latest first, read over `through` if it is given."""
        return self._queries.latest(account, count, through)

    def account(self, account: AccountNumber) -> Account:
        """Describe an account."""
        return self._queries.account(account)

    def account_by_id(self, id: AccountId) -> Account:  # noqa: A002  # the field's name
        """Describe the account that was opened with an id."""
        return self._queries.account_by_id(id)

    def transfer(self, id: TransferId) -> RecordedTransfer:  # noqa: A002
        """Find a transfer by the id that its caller gave it."""
        return self._queries.transfer(id)

    def transfers_by_reference(self, reference: UUID) -> list[RecordedTransfer]:
        """Find the transfers with a reference, in the order of the log."""
        return self._queries.transfers_by_reference(reference)

    def trial_balance(self) -> list[TrialLine]:
        """Add up all accounts by currency and kind."""
        return self._queries.trial_balance()

    @property
    def seq(self) -> int:
        """The number of the log's last row."""
        with self._reading() as state:
            return state.seq

    @property
    def account_count(self) -> int:
        """How many accounts have been opened; their numbers are 1 to this."""
        with self._reading() as state:
            return state.account_count

    def verify(self, progress: Progress | None = None) -> Verification:
        """Rebuild every balance from the log and compare; name the first difference."""
        with connect(self._url, writes=False) as database:
            return verify.verify(self._reading, database, progress)


class LedgerReader(Reads):
    """A ledger open for reading, beside its writer or without one.

    It keeps the accounts in memory, as the writer does, and takes in what is new before each
    answer: it never shows a transfer that is not durable.
    """

    def __init__(self, url: str) -> None:
        self._url = url
        self._lock = threading.Lock()
        self._connection = ReadingConnection(url)
        try:
            with self._connection.lend() as database:
                schema.require_current(database)
                loaded = load_state(database)
        except BaseException:
            self._connection.close()
            raise
        self._state, self._last_change = loaded.state, loaded.last_change
        self._replay = Replay(self._state)
        self._queries = Queries(self._reading, self._connection)

    @classmethod
    def open(cls, url: str) -> Self:
        """Open for reading a ledger that exists.

        Raises:
            SchemaMismatch: there is no ledger there, or one of another version.
            StoreUnavailable: the database cannot be reached.
            LedgerDamaged: its log contradicts itself.

        """
        return cls(url)

    @contextmanager
    def _reading(self) -> Iterator[State]:
        with self._lock:
            with self._connection.lend() as database:
                self._last_change = catch_up(database, self._state, self._last_change, self._replay)
                drop_stored_marks(database, self._state)
            yield self._state

    def follow(self, after: int = 0, stop: threading.Event | None = None) -> Iterator[Records]:
        """Yield every row of the log after a number, in parts, as they become durable."""
        database = connect(self._url, writes=False)
        return feed.follow(database, feed.bell_for(self._url), after, stop or threading.Event())

    def close(self) -> None:
        """Close the connection."""
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
