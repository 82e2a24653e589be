"""The oracle's memory: the accounts' rules and the log; every sum is added up from the log anew."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from counterfoil.ledger import AccountNumber, Flags, NewAccount, Transfer

Sums = tuple[int, int, int, int]
"""Debits posted, credits posted, debits pending, credits pending."""


@dataclass
class OracleAccount:
    """An account as it was opened, and what has been forbidden it since."""

    new: NewAccount
    debits_frozen: bool = False
    credits_frozen: bool = False
    is_closed: bool = False


@dataclass(frozen=True)
class Row:
    """A row of the log; `posted` and `pending` are what it adds to the sums of both accounts."""

    seq: int
    asked: Transfer | None
    debit: AccountNumber
    credit: AccountNumber
    amount: int
    flags: Flags
    at: datetime
    posted: int
    pending: int
    subject: int | None

    @property
    def id(self) -> UUID | None:
        """The id that the caller gave it; an expiry has none that anybody could know."""
        return self.asked.id if self.asked else None


class Log:
    """Accounts and rows, and what can be read off them."""

    def __init__(self) -> None:
        self.accounts: dict[AccountNumber, OracleAccount] = {}
        self.rows: list[Row] = []

    def rows_of(self, number: AccountNumber) -> list[Row]:
        """List the rows of one account, in the order of the log."""
        return [row for row in self.rows if number in {row.debit, row.credit}]

    def find(self, id_: UUID | None) -> Row | None:
        """Find the row that was made with an id."""
        return next((row for row in self.rows if id_ is not None and row.id == id_), None)

    def sums(self, number: AccountNumber, before: datetime | None = None) -> Sums:
        """Add up an account's sums, now or just before an instant."""
        sums = [0, 0, 0, 0]
        for row in self.rows_of(number):
            if before is None or row.at < before:
                side = 0 if row.debit == number else 1
                sums[side] += row.posted
                sums[side + 2] += row.pending
        return sums[0], sums[1], sums[2], sums[3]

    def available(self, number: AccountNumber) -> int:
        """Tell what can be debited while debits may not exceed credits."""
        debits, credits_, debits_held, _ = self.sums(number)
        return credits_ - debits - debits_held

    def room(self, number: AccountNumber) -> int:
        """Tell what can be credited while credits may not exceed debits."""
        debits, credits_, _, credits_held = self.sums(number)
        return debits - credits_ - credits_held

    def open_holds(self) -> list[Row]:
        """List the holds that nothing has resolved."""
        return [r for r in self.rows if r.flags & Flags.PENDING and self.resolution(r) is None]

    def resolution(self, hold: Row) -> Row | None:
        """Find what posted, voided or released a hold."""
        return next((row for row in self.rows if row.subject == hold.seq), None)

    def correction(self, corrected: Row) -> Row | None:
        """Find what corrected a transfer."""
        corrections = (row for row in self.rows if row.flags & Flags.CORRECTION)
        return next((row for row in corrections if row.subject == corrected.seq), None)
