"""The test: the ledger's running balance moves as the balance that the bank printed.

The ledger's side is read back from its log, row by row, and owes nothing to what the importer
remembers. A row ties when the ledger's balance, from the account's previous row to this one, moved
as the printed balances did, within the 0.10 koruna to which the bank rounded what it printed. The
roundings of a history add up, so the distance between the two balances may grow larger than that;
the largest is told.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np

from counterfoil.ledger.imports.berka.order import TOLERANCE_MINOR
from counterfoil.ledger.imports.berka.rows import CZK, Row
from counterfoil.ledger.layout import Int64s, Records
from counterfoil.ledger.model import AccountNumber
from counterfoil.money import Money

__all__ = ["TOLERANCE_MINOR", "Miss", "Ties", "compare"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Miss:
    """A row that does not tie."""

    file: str
    line: int
    number: int
    """The bank's own number of the row, `trans_id`."""
    bank_account: int
    """The bank's own number of the account, `account_id`."""
    account: AccountNumber
    day: date
    printed: Money
    """The balance that the bank printed after the row."""
    ledger: Money
    """The ledger's balance after it."""
    gap: Money
    """How far the two moved apart with this row."""


@dataclass(frozen=True, slots=True)
class Ties:
    """What came of the comparison."""

    is_tied: np.ndarray[tuple[int], np.dtype[np.bool_]]
    """One a row, in the order given."""
    misses: tuple[Miss, ...]
    drift_max: Money
    """The largest distance of the two balances in an account whose rows all tie: made of
    roundings alone."""


def compare(rows: Sequence[Row], accounts: Int64s, logged: Records) -> Ties:
    """Compare the printed balance of each row with the ledger's.

    `accounts` has each row's account in the ledger and `logged` its row of the log; all three are
    in the order of the log.
    """
    after = np.where(
        logged["debit_account"] == accounts, logged["debit_balance"], logged["credit_balance"]
    )
    printed = np.array([row.balance for row in rows], np.int64)
    drift = after - printed
    gap = drift - _before(accounts, drift)
    is_tied = np.abs(gap) <= TOLERANCE_MINOR
    misses = tuple(
        _miss(rows[k], int(accounts[k]), int(after[k]), int(gap[k]))
        for k in np.flatnonzero(~is_tied).tolist()
    )
    is_sound = ~np.isin(accounts, accounts[~is_tied])
    drift_max = int(np.abs(drift[is_sound]).max(initial=0))
    return Ties(is_tied, misses, Money(drift_max, CZK))


def _before(accounts: Int64s, values: Int64s) -> Int64s:
    """Give for each place the value at the same account's place before it; 0 for its first."""
    order = np.argsort(accounts, kind="stable")
    shifted = np.zeros_like(values)
    shifted[order[1:]] = values[order[:-1]]
    is_first = np.ones(len(values), np.bool_)
    is_first[1:] = accounts[order[1:]] != accounts[order[:-1]]
    shifted[order[is_first]] = 0
    return shifted


def _miss(row: Row, account: int, after: int, gap: int) -> Miss:
    return Miss(
        file=row.file,
        line=row.line,
        number=row.number,
        bank_account=row.account,
        account=AccountNumber(account),
        day=row.day,
        printed=Money(row.balance, CZK),
        ledger=Money(after, CZK),
        gap=Money(gap, CZK),
    )
