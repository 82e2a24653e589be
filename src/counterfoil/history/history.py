"""What can be read of a person's payments: the latest, a period, and what is there now."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

import pyarrow as pa

from counterfoil.consent import Category, OwnReader, PersonalReader, TableReader
from counterfoil.history.table import table_of
from counterfoil.kernel.clock import from_us, to_us
from counterfoil.kernel.database import Database, single
from counterfoil.ledger import AccountNumber, Balances, Movements, Posting
from counterfoil.ledger.reader import Reads
from counterfoil.people import PersonId, accounts_of, accounts_of_each

_INSTANT: Final = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Payment:
    """One posting on one of a person's accounts."""

    account: AccountNumber
    posting: Posting


@dataclass(frozen=True, slots=True)
class Funds:
    """What is on one of a person's accounts now."""

    account: AccountNumber
    balances: Balances


class History:
    """The readers of payments, over a ledger that is open for writing or beside a writer."""

    def __init__(self, ledger: Reads) -> None:
        self._ledger = ledger

    def payments(self, since: datetime, until: datetime) -> PersonalReader[Payment]:
        """Read the payments of a half-open period, holds included, account by account in order."""

        def of_account(database: Database, account: AccountNumber) -> Sequence[Posting]:
            return self._ledger.statement(account, since, until, through=database).postings

        def of_each(database: Database, persons: Sequence[PersonId]) -> list[list[Payment]]:
            owners = accounts_of_each(database, persons)
            numbers = [AccountNumber(account) for _person, account in owners]
            moved = self._ledger.movements(numbers, since, until, through=database)
            found: dict[PersonId, list[Payment]] = {person: [] for person in persons}
            owner = {account: person for person, account in owners}
            for account, posting in moved.postings():
                found[owner[account]].append(Payment(account, posting))
            return [found[person] for person in persons]

        return _reader("payments", of_account, of_each)

    def table(self, since: datetime, until: datetime) -> TableReader:
        """Read the payments of a half-open period as a table, for jobs: see `history.table`."""

        def fetch(database: Database, persons: Sequence[PersonId]) -> pa.Table:
            owners = accounts_of_each(database, persons)
            numbers = [AccountNumber(account) for _person, account in owners]
            moved = self._ledger.movements(numbers, since, until, through=database)
            return table_of(moved, persons, owners)

        return TableReader("payments-table", Category.PAYMENTS, fetch, "at")

    def own(self, until: datetime) -> OwnReader[Movements]:
        """Read all that has happened on one's own accounts before an instant, as it was written."""

        def fetch(database: Database, person: PersonId) -> list[Movements]:
            accounts = list(_accounts(database, person))
            return [self._ledger.movements(accounts, from_us(0), until, through=database)]

        return OwnReader("own-payments", fetch)

    def latest(self, count: int) -> PersonalReader[Payment]:
        """Read the latest payments of each account, latest first."""

        def of_account(database: Database, account: AccountNumber) -> Sequence[Posting]:
            return self._ledger.latest(account, count, through=database)

        return _reader("latest-payments", of_account)

    def payment(self, seq: int) -> PersonalReader[Payment]:
        """Read the posting of one row of the log on each account that it is on."""

        def of_account(database: Database, account: AccountNumber) -> Sequence[Posting]:
            at_us = single(database.query("SELECT at FROM transfers WHERE seq = $1", (seq,)))
            if at_us is None:
                return []
            at = from_us(at_us)
            within = self._ledger.statement(account, at, at + _INSTANT, through=database)
            return [one for one in within.postings if one.seq == seq]

        return _reader("payment", of_account)

    def funds(self) -> PersonalReader[Funds]:
        """Read what is on a person's accounts now."""

        def fetch(database: Database, person: PersonId) -> list[Funds]:
            return [
                Funds(account, self._ledger.balances(account))
                for account in _accounts(database, person)
            ]

        return PersonalReader("funds", Category.PAYMENTS, fetch)


def _reader(
    name: str,
    of_account: Callable[[Database, AccountNumber], Sequence[Posting]],
    of_each: Callable[[Database, Sequence[PersonId]], Sequence[Sequence[Payment]]] | None = None,
) -> PersonalReader[Payment]:
    def fetch(database: Database, person: PersonId) -> list[Payment]:
        return [
            Payment(account, posting)
            for account in _accounts(database, person)
            for posting in of_account(database, account)
        ]

    def instant_us(payment: Payment) -> int:
        return to_us(payment.posting.at)

    return PersonalReader(name, Category.PAYMENTS, fetch, instant_us, of_each)


def _accounts(database: Database, person: PersonId) -> Iterator[AccountNumber]:
    """Give a person's accounts, as far as the connection shows them."""
    return map(AccountNumber, accounts_of(database, person))
